/** Files, caches, batches, interactions and operations: passed on to the door that has them, for who made them. */
import type { Context } from 'koa';
import { failed } from '../../../errors.ts';
import type { RelayError } from '../../../errors.ts';
import { tokensOfLetters } from '../../../gemini/estimate.ts';
import { needsKeyDoor } from '../../../gemini/kept.ts';
import type { Passage } from '../../../gemini/kept.ts';
import { mentionedIn, notThere, shortName } from '../../../gemini/resources.ts';
import { readJsonBytes } from '../../../http/body.ts';
import { tellIgnored } from '../../../http/head.ts';
import { sendPassed } from '../../../http/pass.ts';
import { isObject, writeJson } from '../../../json.ts';
import { askerOf } from '../../asker.ts';
import type { FormatParts } from '../../format.ts';
import type { Deed, KeptAddress } from './address.ts';
import { passageOf } from './passage.ts';
import { answerHeaders } from './headers.ts';
import { sendList } from './list.ts';
import { upload } from './upload.ts';

type Handler = (ctx: Context, parts: FormatParts, address: KeptAddress) => Promise<void>;

export const serveKept: Handler = (ctx, parts, address) => {
  const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
  const deed = Object.entries(address.deeds).find(([allowed]) => allowed === method)?.[1];
  if (deed === undefined) throw wrongMethod(address);
  if (!parts.keeper.isOpen(address.kinds)) {
    throw needsKeyDoor(WHAT[address.collection] ?? 'Batches, videos and operations', address.kinds);
  }
  return HANDLERS[deed](ctx, parts, address);
};

const create: Handler = async (ctx, parts, address) => {
  const { bytes, body } = await readJsonBytes(ctx);
  const { names, letters } = mentionedIn(body);
  const model = address.model ?? modelIn(body);
  const agent = address.collection === 'interactions' && isObject(body) ? body['agent'] : undefined;
  const asked = model ?? agent;
  if (typeof asked === 'string') ctx.state.notes.model = asked;
  const sent = address.collection === 'interactions' ? storing(ctx, parts, bytes, body) : [bytes];
  const creation = {
    made: address.made,
    names,
    model,
    agent: typeof agent === 'string' ? agent : undefined,
    kinds: address.kinds,
    // What a batch takes is counted by nobody: Google works on it later.
    tokens: address.collection === 'interactions' ? Math.ceil(tokensOfLetters(letters)) : 0,
  };
  const passage = { ...passageOf(ctx, address, sent), model: spelledIn(body, address) };
  const passed = await parts.keeper.create(passage, creation, askerOf(ctx));
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

const WHAT: Readonly<Record<string, string>> = {
  files: 'Files',
  cachedContents: 'Cached contents',
  interactions: 'Interactions',
};

const modelIn = (body: unknown): string | undefined =>
  isObject(body) && typeof body['model'] === 'string'
    ? body['model'].replace(/^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\//, '')
    : undefined;

/** A cache is made for a model, which is spelled one way in one place and another way in another. */
const spelledIn = (body: unknown, { collection }: KeptAddress): Passage['model'] =>
  collection === 'cachedContents' && isObject(body) && typeof body['model'] === 'string'
    ? { name: body['model'], named: (name) => writeJson({ ...body, model: name }) }
    : undefined;

/** As it came, but where its owner wants nothing to be stored. */
const storing = (ctx: Context, { storesInteractions }: FormatParts, bytes: Buffer, body: unknown): Passage['body'] => {
  if (storesInteractions || !isObject(body) || body['store'] === false) return [bytes];
  if (body['background'] === true) {
    throw failed(
      'unsupported_value',
      'background: this relay lets Google store no interactions (STORE_INTERACTIONS=false).',
      {
        param: 'background',
      },
    );
  }
  // Said or not: without the field Google stores.
  tellIgnored(ctx, ['store']);
  return writeJson({ ...body, store: false });
};

const get: Handler = async (ctx, parts, address) => {
  const passed = await parts.keeper.ask(nameOf(address), passageOf(ctx, address), askerOf(ctx), address.made);
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

const change: Handler = async (ctx, parts, address) => {
  const { bytes, body } = await readJsonBytes(ctx);
  // A body may name others' files where it could not make anything new.
  const { names } = mentionedIn(body);
  for (const name of names) if (name !== address.name) throw notThere(name);
  const passage = passageOf(ctx, address, [bytes]);
  const passed = await parts.keeper.ask(nameOf(address), passage, askerOf(ctx), address.made);
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

/** Vertex's way to ask how far an operation is. */
const look: Handler = async (ctx, parts, address) => {
  const { body } = await readJsonBytes(ctx);
  const named = isObject(body) ? body['operationName'] : undefined;
  if (typeof named !== 'string' || named === '') {
    throw failed('missing_required_parameter', 'operationName is required: the name that the operation has.', {
      param: 'operationName',
    });
  }
  const name = shortName(named);
  const passage = {
    method: 'GET',
    path: `/${address.version}/${name}`,
    headers: passageOf(ctx, address).headers,
  } as const;
  const passed = await parts.keeper.ask(name, passage, askerOf(ctx), address.made);
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

const remove: Handler = async (ctx, parts, address) => {
  const passed = await parts.keeper.remove(nameOf(address), passageOf(ctx, address), askerOf(ctx));
  await sendPassed(ctx, { ...passed, headers: answerHeaders(ctx, passed) });
};

const nameOf = ({ name, path }: KeptAddress): string => name ?? path;

const HANDLERS = {
  upload,
  create,
  list: sendList,
  get,
  look,
  change,
  delete: remove,
} satisfies Record<Deed, Handler>;

const wrongMethod = ({ deeds, route }: KeptAddress): RelayError => {
  const allowed = Object.keys(deeds);
  return failed('method_not_allowed', `${route} takes ${allowed.join(', ')} only.`, {
    headers: {
      allow: allowed.includes('GET')
        ? ['GET, HEAD', ...allowed.filter((m) => m !== 'GET')].join(', ')
        : allowed.join(', '),
    },
  });
};
