/** `/v1/files`: what OpenAI clients upload first, kept by Google for two days, and used in requests by its id. */
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { mediaTypeOfName } from '../../conversation/media-types.ts';
import { missing, refusal } from '../../errors/refusal.ts';
import { badResponse } from '../../errors/answers.ts';
import { needsKeyDoor } from '../../gemini/kept.ts';
import type { Asker, Keeper, Passage } from '../../gemini/kept.ts';
import { keptPage } from '../../gemini/kept-page.ts';
import { FILE } from '../../gemini/kept-kinds.ts';
import { fileNameIn, notThere } from '../../gemini/resources.ts';
import { beginUpload } from '../../gemini/uploads.ts';
import { readMultipart } from '../../http/multipart.ts';
import type { Field, FilePart } from '../../http/multipart.ts';
import { tellIgnored } from '../../http/head.ts';
import { sendPassed } from '../../http/pass.ts';
import { sendJson } from '../../http/respond.ts';
import { isObject, parsePlain } from '../../json.ts';
import { askerOf } from '../asker.ts';
import type { FormatParts } from '../format.ts';
import { isAscending } from './order.ts';
import { under } from './paths.ts';

/** What Google says of one file is short. */
const LONGEST_BYTES = 64 * 1024;
const LARGEST_PAGE = 100;

export const mountFiles = (router: Router, { keeper, system }: FormatParts): void => {
  const open = (ctx: Context): Asker => {
    if (!keeper.isOpen()) throw needsKeyDoor('Files');
    return askerOf(ctx);
  };

  const create: Middleware = async (ctx) => {
    const asker = open(ctx);
    let uploading: Promise<Said> | undefined;
    try {
      const fields = await readMultipart(ctx, { files: 1 }, async (part) => {
        if (part.name !== 'file') throw refusal('unknown_parameter', part.name, `Unknown parameter: '${part.name}'.`);
        uploading = upload(part, { keeper, asker, now: system.now() });
        await uploading;
      });
      const file = await uploading;
      if (!file) throw missing('file');
      const purpose = readFields(ctx, fields);
      await keeper.keep({
        name: file.name,
        door: asker.record.door ?? '',
        owner: asker.caller.id,
        endsAt: endOf(file) ?? system.now() + FILE.lastsMs,
        note: purpose,
      });
      sendJson(ctx, JSON.stringify(toFileObject(file, purpose)));
    } catch (error) {
      // Nobody would know of it.
      await uploading?.then(({ name }) => takeBack(name, { ctx, keeper, asker })).catch(() => undefined);
      throw error;
    }
  };

  const list: Middleware = async (ctx) => {
    const asker = open(ctx);
    const passageOf = (name: string) => ({ method: 'GET', path: `/v1beta/${name}`, headers: {} }) as const;
    const page = keptPage(keeper, { ...restOf(await keeper.own('files', asker), ctx), passageOf }, asker);
    const data: FileObject[] = [];
    for await (const { resource, passed } of page.items) {
      data.push(toFileObject(readFile(await passed.text(LONGEST_BYTES)), resource.note));
    }
    const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    sendJson(ctx, JSON.stringify({ object: 'list', data, ...ends, has_more: page.left() > 0 }));
  };

  const retrieve: Middleware = async (ctx) => {
    const asker = open(ctx);
    const name = nameIn(ctx);
    const passed = await keeper.ask(name, { method: 'GET', path: `/v1beta/${name}`, headers: {} }, asker);
    const file = readFile(await passed.text(LONGEST_BYTES));
    const own = await keeper.own('files', asker);
    sendJson(ctx, JSON.stringify(toFileObject(file, own.find((one) => one.name === name)?.note)));
  };

  const content: Middleware = async (ctx) => {
    const asker = open(ctx);
    const name = nameIn(ctx);
    const path = `/v1beta/${name}:download?alt=media`;
    const { status, headers, body } = await keeper.ask(name, { method: 'GET', path, headers: {} }, asker);
    const type = headers['content-type'];
    await sendPassed(ctx, { status, headers: typeof type === 'string' ? { 'content-type': type } : {}, body });
  };

  const remove: Middleware = async (ctx) => {
    const asker = open(ctx);
    const name = nameIn(ctx);
    await keeper.remove(name, removalOf(name), asker);
    sendJson(ctx, JSON.stringify({ id: idOf(name), object: 'file', deleted: true }));
  };

  router.post(under('/files'), create);
  router.get(under('/files'), list);
  router.get(under('/files/:file'), retrieve);
  router.delete(under('/files/:file'), remove);
  router.get(under('/files/:file/content'), content);
};

/** A file in Google's words. */
interface Said {
  readonly name: string;
  readonly [field: string]: unknown;
}

interface FileObject {
  readonly id: string;
}

const upload = async (
  { filename = 'file', mediaType, bytes }: FilePart,
  { keeper, asker, now }: { readonly keeper: Keeper; readonly asker: Asker; readonly now: number },
): Promise<Said> => {
  // Most clients name no type, or the one that says nothing.
  const mimeType = mediaType === 'application/octet-stream' ? (mediaTypeOfName(filename) ?? mediaType) : mediaType;
  const begun = await beginUpload(
    keeper,
    {
      method: 'POST',
      path: '/upload/v1beta/files',
      headers: {
        'content-type': 'application/json',
        'x-goog-upload-protocol': 'resumable',
        'x-goog-upload-command': 'start',
        'x-goog-upload-header-content-type': mimeType,
      },
      body: JSON.stringify({ file: { displayName: filename.slice(0, LONGEST_NAME), mimeType } }),
    },
    undefined,
    asker,
    now,
  );
  // Its length is known to nobody before its end.
  const sent = await keeper.ask(
    begun.name,
    {
      method: 'POST',
      path: `/upload/v1beta/files${begun.search}`,
      headers: {
        'content-type': 'application/octet-stream',
        'x-goog-upload-command': 'upload, finalize',
        'x-goog-upload-offset': '0',
      },
      body: bytes,
    },
    asker,
    FILE,
  );
  return readFile(await sent.text(LONGEST_BYTES));
};

/** Google takes no more. */
const LONGEST_NAME = 512;

const removalOf = (name: string): Passage => ({ method: 'DELETE', path: `/v1beta/${name}`, headers: {} });

const TAKE_BACK_MS = 10_000;

/** In a time of its own: the client may have left, and that has ended the request's. */
const takeBack = async (
  name: string,
  { ctx, keeper, asker }: { readonly ctx: Context; readonly keeper: Keeper; readonly asker: Asker },
): Promise<void> => {
  const over = new AbortController();
  const clock = ctx.state.server.deadlines(TAKE_BACK_MS);
  const deadline = clock.start(() => {
    over.abort();
  });
  try {
    await keeper.remove(name, removalOf(name), { ...asker, signal: over.signal });
  } finally {
    clock.stop(deadline);
  }
};

const readFile = (text: string): Said => {
  const value = parsePlain(text);
  const file = isObject(value) && isObject(value['file']) ? value['file'] : value;
  if (isObject(file) && typeof file['name'] === 'string') return { ...file, name: file['name'] };
  throw badResponse('Google said of a file what cannot be read.');
};

const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];
const USUAL = 'user_data';

const readFields = (ctx: Context, fields: readonly Field[]): string => {
  const purpose = fields.find(({ name }) => name === 'purpose')?.value;
  if (purpose === undefined) {
    throw missing('purpose');
  }
  if (!PURPOSES.includes(purpose)) {
    throw refusal('invalid_value', 'purpose', `'purpose' must be one of ${PURPOSES.join(', ')}.`);
  }
  const others = fields.filter(({ name }) => name !== 'purpose').map(({ name }) => name.replaceAll(/[^\w[\].-]/g, ''));
  // Google keeps a file for two days, no longer and no shorter.
  tellIgnored(ctx, others);
  return purpose;
};

const STATUS: Readonly<Record<string, string>> = { ACTIVE: 'processed', FAILED: 'error' };

const toFileObject = (file: Said, purpose = USUAL) => ({
  id: idOf(file.name),
  object: 'file',
  bytes: Number(file['sizeBytes'] ?? 0),
  created_at: secondsOf(file['createTime']) ?? 0,
  expires_at: secondsOf(file['expirationTime']),
  filename: typeof file['displayName'] === 'string' ? file['displayName'] : file.name.replace('files/', ''),
  purpose,
  status: STATUS[String(file['state'])] ?? 'uploaded',
});

const endOf = (file: Said): number | undefined => {
  const seconds = secondsOf(file['expirationTime']);
  return seconds === undefined ? undefined : seconds * 1000;
};

const secondsOf = (time: unknown): number | undefined => {
  const ms = typeof time === 'string' ? Date.parse(time) : NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
};

const idOf = (name: string): string => name.replace('files/', 'file-');

const nameIn = (ctx: Context): string => {
  const { file } = ctx['params'] as { readonly file?: string };
  const id = file ?? '';
  const name = fileNameIn(id.replace(/^file-/, 'files/'));
  if (name === undefined) throw notThere(id.slice(0, 100));
  return name;
};

const restOf = <Item extends { readonly name: string; readonly note?: string | undefined }>(
  all: readonly Item[],
  ctx: Context,
): { readonly rest: readonly Item[]; readonly size: number } => {
  const oneOf = (name: string): string | undefined => {
    const value = ctx.query[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const limit = Number(oneOf('limit') ?? LARGEST_PAGE);
  if (!Number.isInteger(limit) || limit < 1)
    throw refusal('invalid_value', 'limit', "'limit' must be a whole number from 1 on.");
  const purpose = oneOf('purpose');
  const wanted = all.filter(({ note = USUAL }) => purpose === undefined || note === purpose);
  const inOrder = isAscending(ctx.query) ? wanted.toReversed() : wanted;
  const after = oneOf('after');
  const start = after === undefined ? 0 : inOrder.findIndex(({ name }) => idOf(name) === after) + 1;
  if (after !== undefined && start === 0)
    throw refusal('invalid_value', 'after', `'after': there is no '${after.slice(0, 100)}' here.`);
  return { rest: inOrder.slice(start), size: Math.min(limit, LARGEST_PAGE) };
};
