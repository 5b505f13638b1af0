/** Bytes of files on their way to Google: never held, in one request or in many. */
import type { Context } from 'koa';
import { failed } from '../../../errors.ts';
import type { RelayError } from '../../../errors.ts';
import { FILE } from '../../../gemini/kept-kinds.ts';
import type { Made } from '../../../gemini/kept-kinds.ts';
import type { Passage, Passed } from '../../../gemini/kept.ts';
import { readJsonBytes } from '../../../http/body.ts';
import { bodyPieces } from '../../../http/body-pieces.ts';
import { sendPassed } from '../../../http/pass.ts';
import { isObject } from '../../../json.ts';
import type { FormatParts } from '../../format.ts';
import type { KeptAddress } from './address.ts';
import { answerHeaders } from './headers.ts';
import { askerOf, passageOf } from './asker.ts';

/** An upload in several requests is made at the first, and belongs to who began it. */
export const upload = async (ctx: Context, parts: FormatParts, address: KeptAddress): Promise<void> => {
  const passed = await passedUpload(ctx, parts, address);
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

const passedUpload = async (ctx: Context, parts: FormatParts, address: KeptAddress): Promise<Passed> => {
  const { headers } = ctx.req;
  const id = ctx.query['upload_id'];
  if (typeof id === 'string') {
    return parts.keeper.ask(uploadName(id), streamed(ctx, address), askerOf(ctx), FILE);
  }
  const protocol = String(headers['x-goog-upload-protocol'] ?? ctx.query['uploadType'] ?? '').toLowerCase();
  const command = String(headers['x-goog-upload-command'] ?? 'start').toLowerCase();
  switch (protocol) {
    case 'resumable':
      if (command !== 'start') {
        throw refusal('x-goog-upload-command', `'${command}' goes to the address that "start" was answered with.`);
      }
      return begin(ctx, parts, address);
    case 'multipart':
    case 'raw':
    case 'media':
      return parts.keeper.create(streamed(ctx, address), { made: FILE, names: [] }, askerOf(ctx));
    case '':
      throw refusal('x-goog-upload-protocol', 'this header is required: "resumable", "multipart" or "raw".');
    default:
      throw refusal(
        'x-goog-upload-protocol',
        `'${protocol.slice(0, 40)}' is not known: "resumable", "multipart" or "raw".`,
      );
  }
};

/** An upload of several requests. */
const begin = async (ctx: Context, { keeper, system }: FormatParts, address: KeptAddress): Promise<Passed> => {
  const { bytes, body } = await readJsonBytes(ctx);
  const asker = askerOf(ctx);
  const creation = { made: NOTHING, names: [], claims: claimIn(body) };
  const begun = await keeper.create(passageOf(ctx, address, [bytes]), creation, asker);
  const id = uploadIdIn(begun);
  if (id === undefined) throw failed('upstream_bad_response', 'Google began an upload without an address for it.');
  await keeper.keep({
    name: uploadName(id),
    door: asker.record.door ?? '',
    owner: asker.caller.id,
    endsAt: system.now() + UPLOAD_LASTS_MS,
  });
  return begun;
};

/** Google goes on with one for so long. */
const UPLOAD_LASTS_MS = 7 * 24 * 3_600_000;
const NOTHING: Made = { names: {}, ends: [], lastsMs: 0 };

const streamed = (ctx: Context, address: KeptAddress): Passage => {
  const passage = passageOf(ctx, address, bodyPieces(ctx));
  const length = ctx.req.headers['content-length'];
  // Nothing is sent in one piece: with a body in pieces comes no length, and Google would wait for its end.
  if (length === '0') return { ...passage, body: '', headers: { ...passage.headers, 'content-length': '0' } };
  return length === undefined ? passage : { ...passage, headers: { ...passage.headers, 'content-length': length } };
};

const uploadName = (id: string): string => `uploads/${id}`;

const uploadIdIn = ({ headers }: Passed): string | undefined => {
  const address = headers['x-goog-upload-url'] ?? headers['location'];
  const id = typeof address === 'string' ? URL.parse(address)?.searchParams.get('upload_id') : undefined;
  return id ?? undefined;
};

/** The name that the client chose for the file. */
const claimIn = (body: unknown): string | undefined => {
  const file = isObject(body) ? body['file'] : undefined;
  return isObject(file) && typeof file['name'] === 'string' && file['name'] !== '' ? file['name'] : undefined;
};

const refusal = (param: string, problem: string): RelayError =>
  failed('invalid_value', `${param}: ${problem}`, { param });
