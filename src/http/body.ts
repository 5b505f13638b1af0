import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import { failed, RelayError } from '../errors.ts';
import { isObject, JsonError, parseJson } from '../json.ts';
import { readLarge, type LargeJson } from '../json/large.ts';
import { fixSurrogates } from '../json/text.ts';
import { LONG_BYTES, turn } from '../engine/turns.ts';
import { liftPayloads, SHORTEST_PAYLOAD } from '../engine/payloads.ts';
import type { LiftedBody, PayloadForm, Payloads } from '../engine/payloads.ts';
import { readAtOnce } from './body-at-once.ts';
import { readInPlace } from './body-in-place.ts';
import { LARGE_LIMITS, refuseTooMany, takeWorkMemory, workOf } from './body-work.ts';
import { release } from '../engine/body-buffer.ts';
import { giveBack } from './held-bytes.ts';
import { inflateBody, isEncoding, type Encoding } from './inflate.ts';
import { SMALL_BYTES } from './memory-budget.ts';
import { describeIssue } from './zod-issue.ts';
import type * as Zod from 'zod';

export interface JsonBodyOptions {
  /** Members of these names stay RawJson where they hold an object or an array. */
  readonly raw?: ReadonlySet<string>;
  /** Members of the body that are read where they come as a string of JSON. */
  readonly inText?: ReadonlySet<string>;
  /** Long payloads of this form stay bytes; a name stands for each in the body, and `ctx.state.payloads` has them. */
  readonly payloads?: PayloadForm;
  /** Bodies that are compressed with gzip or zstd are read as well. */
  readonly compressed?: boolean;
  /** In place of MAX_BODY_BYTES. */
  readonly maxBytes?: number;
}

/** The JSON object that the client sent, read without loss. RelayErrors with a precise 4xx for anything else. */
export const readJsonBody = async (ctx: Context, options: JsonBodyOptions = {}): Promise<unknown> => {
  const encoding = encodingOf(ctx.state.requestHeaders, options.compressed === true);
  const sent = readAtOnce(ctx, options.maxBytes) ?? (await readInPlace(ctx, options.maxBytes));
  const bytes = encoding === undefined ? sent : await inflateBody(ctx, sent, encoding);
  ctx.state.notes.bytesIn = bytes.length;
  if (bytes.length === 0) throw invalidJson('the body is empty');
  // Nothing in it is a payload, and what it takes is not told of (`body-work.ts`).
  const isSmall = bytes.length < Math.min(SHORTEST_PAYLOAD, SMALL_BYTES);
  const body = isSmall ? parseText(decode([bytes]), options) : await readLong(ctx, bytes, options);
  if (!isObject(body)) throw noObject();
  return body;
};

/** One that may hold payloads, or takes memory and time worth telling of. */
const readLong = async (ctx: Context, bytes: Buffer, options: JsonBodyOptions): Promise<unknown> => {
  const isLarge = bytes.length > LONG_BYTES;
  // Reading, understanding and passing on a large body each hold up the others for a while: not all at one stretch.
  if (isLarge) await turn();
  const lifted = options.payloads && (await liftPayloads(bytes, options.payloads, () => newPrefix(ctx)));
  let body = lifted && (await readWithout(ctx, lifted, options));
  if (body === undefined) {
    const work = workOf([bytes], ctx);
    const room = takeWorkMemory(ctx, work);
    if (room) await room;
    if (work.isHeavy) {
      const large = await readWhole(ctx, bytes, options);
      if (!large.holdsBytes) letGo(ctx, bytes);
      body = large.value;
    } else {
      if (isLarge) ctx.state.payloads = NO_PAYLOADS;
      body = parseText(decodeWhole(ctx, bytes), options);
    }
  }
  if (isLarge) await turn();
  return body;
};

/** As it came, and as it reads: for what goes on as it is. Empty for no body at all. */
export const readJsonBytes = async (ctx: Context): Promise<{ readonly bytes: Buffer; readonly body: unknown }> => {
  encodingOf(ctx.state.requestHeaders, false);
  const bytes = readAtOnce(ctx) ?? (await readInPlace(ctx, undefined));
  ctx.state.notes.bytesIn = bytes.length;
  if (bytes.length === 0) return { bytes, body: {} };
  const work = workOf([bytes], ctx);
  await takeWorkMemory(ctx, work);
  const body = work.isHeavy ? (await readWhole(ctx, bytes, {})).value : parseText(decode([bytes]), {});
  if (!isObject(body)) throw noObject();
  return { bytes, body };
};

/** A large body is written in slices, also where the engine reads it: its own writer holds it three times more. */
const NO_PAYLOADS: Payloads = { prefix: '', texts: [], longStrings: new Map() };

/** Of the names that stand for payloads. */
export const newPrefix = (ctx: Context): string => ctx.state.server.system.newId('RelayPayload');

/** The body with its long payloads left out; undefined where it is no JSON: then the whole is read. */
const readWithout = async (
  ctx: Context,
  { rest, payloads }: LiftedBody,
  options: JsonBodyOptions,
): Promise<unknown> => {
  const work = workOf(rest, ctx);
  await takeWorkMemory(ctx, work);
  try {
    const body = work.isHeavy
      ? (await readWhole(ctx, Buffer.concat(rest), options)).value
      : parseText(decode(rest), options);
    ctx.state.payloads = { ...payloads, longStrings: ctx.state.payloads?.longStrings };
    return body;
  } catch {
    // The places in messages would be wrong.
    return undefined;
  }
};

/** A large body, with turns of the event loop in between. */
const readWhole = async (ctx: Context, bytes: Buffer, { raw, inText }: JsonBodyOptions): Promise<LargeJson> => {
  if (!isUtf8(bytes)) throw notUtf8();
  try {
    const large = await readLarge(bytes, { ...LARGE_LIMITS, raw, inText });
    ctx.state.payloads = { prefix: '', texts: [], longStrings: large.written };
    return large;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    await refuseTooMany(bytes);
    throw invalidJson(error.message);
  }
};

const decodeWhole = (ctx: Context, bytes: Buffer): string => {
  const text = decode([bytes]);
  if (bytes.length > LONG_BYTES) letGo(ctx, bytes);
  return text;
};

/** The bytes of a large body are needed no more: they go back at once, not with the next collection. */
const letGo = (ctx: Context, bytes: Buffer): void => {
  release(bytes);
  giveBack(ctx);
};

const BYTE_ORDER_MARK = '\ufeff';

const decode = (pieces: readonly Buffer[]): string => {
  let text = '';
  for (const piece of pieces) {
    if (!isUtf8(piece)) throw notUtf8();
    text += piece.toString();
  }
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

/** The body as the schema reads it; the first thing that is wrong with it becomes a 400 that names the field. */
export const parseWith = <T>(schema: Zod.ZodType<T>, body: unknown): T => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { message, param, reason } = describeIssue(result.error.issues, body);
  throw new RelayError('INVALID_ARGUMENT', message, { reason, ...(param !== '' && { param }) });
};

const parseText = (text: string, options: JsonBodyOptions): unknown => {
  try {
    return parseJson(fixSurrogates(text), options);
  } catch (error) {
    if (error instanceof JsonError) throw invalidJson(error.message);
    throw error;
  }
};

const notUtf8 = (): RelayError => invalidJson('the body is not valid UTF-8');

const noObject = (): RelayError => failed('invalid_json', 'The request body must be a JSON object.');

const invalidJson = (problem: string): RelayError =>
  failed('invalid_json', `The request body is no valid JSON: ${problem}.`);

/** Undefined for a body as it is. Throws for what is certainly no JSON, and where it cannot be read. */
const encodingOf = (headers: IncomingHttpHeaders, mayBeCompressed: boolean): Encoding | undefined => {
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  const name = encoding?.trim().toLowerCase() ?? '';
  let found: Encoding | undefined;
  if (name !== '' && name !== 'identity') {
    if (!mayBeCompressed)
      throw unsupported('Send the body without a content-encoding: compressed bodies are not read.');
    if (!isEncoding(name)) {
      throw unsupported(
        'Send the body without a content-encoding, or with gzip or zstd: other compressed bodies are not read here.',
      );
    }
    found = name;
  }
  if (type !== undefined && OTHER_TYPES.test(type)) {
    throw unsupported('This address reads JSON: send the header content-type: application/json.');
  }
  return found;
};

/** Types that are certainly no JSON. A missing or odd type is let through: many clients send none. */
const OTHER_TYPES =
  /^\s*(?:multipart\/|image\/|audio\/|video\/|text\/html|application\/x-www-form-urlencoded)|[/+]xml\b/i;

const unsupported = (message: string): RelayError => failed('unsupported_media_type', message);
