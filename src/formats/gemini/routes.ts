import type Router from '@koa/router';
import type { Context } from 'koa';
import { failed, RelayError } from '../../errors.ts';
import type { Call, Chunk, EmbedResponse } from '../../gemini/call.ts';
import { sessionOf } from '../../gemini/conversation.ts';
import { askForModels } from '../../gemini/offered-models.ts';
import { withNeededSignatures } from '../../gemini/signature-stand-ins.ts';
import type { GenerateContentRequest, JsonObject } from '../../gemini/types.ts';
import { readJsonBody } from '../../http/body.ts';
import type { JsonBodyOptions } from '../../http/body.ts';
import { addressesOf } from '../../http/dialect.ts';
import { tellNearest } from '../../http/nearest-address.ts';
import { answerHolder } from '../../http/held-bytes.ts';
import { LongAnswer } from '../../http/long-answer.ts';
import { oneOf } from '../../http/query.ts';
import { originOf, recordOf, sendAnswer, sendJson, signalOf } from '../../http/respond.ts';
import { sendStream } from '../../http/stream.ts';
import { isObject, writeJson } from '../../json.ts';
import type { FormatParts } from '../format.ts';
import { tellModel } from '../model-headers.ts';
import { createAddressReader, GEMINI_PATHS, SHARED_PATHS } from './address.ts';
import type { AskedCall, Verb } from './address.ts';
import { GEMINI } from './endpoints.ts';
import { OPAQUE_FIELDS } from './field-names.ts';
import { serveKept } from './kept/routes.ts';
import { needsLiveDoor, needsSocket } from './live/refusals.ts';
import { findModel, listModels, pageOf } from './models.ts';
import {
  readCountRequest,
  readEmbedRequest,
  readEmbedRequests,
  readGenerateRequest,
  readPredictRequests,
} from './request.ts';
import { createArrayEncoder, createSseEncoder } from './stream.ts';
import { wholeAnswer } from './whole-answer.ts';

const ADDRESSES = addressesOf(GEMINI);

type Handler = (ctx: Context, parts: FormatParts, asked: AskedCall) => Promise<void>;

export const mountGemini = (router: Router, parts: FormatParts): void => {
  const addressOf = createAddressReader(decodePath);
  const serve = (ctx: Context): Promise<void> => {
    const address = addressOf(ctx.req.url ?? '');
    ctx.state.notes.route = address.route;
    switch (address.kind) {
      case 'call':
        allowOnly(ctx, 'POST');
        return ANSWERS[address.verb](ctx, parts, address);
      case 'kept':
        return serveKept(ctx, parts, address);
      case 'models':
        allowOnly(ctx, 'GET');
        return sendModels(ctx, parts);
      case 'model':
        return sendModel(ctx, parts, address.model);
      case 'socket':
        allowOnly(ctx, 'GET');
        throw parts.live.isOpen() ? needsSocket() : needsLiveDoor();
      case 'unserved':
        throw new RelayError('UNIMPLEMENTED', `${address.feature} is not available through this relay.`, {
          reason: 'unsupported_endpoint',
          retryable: false,
        });
      case 'unknown':
        throw unknownPath(ctx);
    }
  };
  for (const path of [...GEMINI_PATHS, SHARED_PATHS]) router.all(path, serve);
};

const generate: Handler = async (ctx, parts, { model, alt }) => {
  const isSse = isEvents(alt);
  const call = toCall(ctx, parts, model, readGenerateRequest(await readJsonBody(ctx, GENERATE_BODY)), isSse);
  const answer = parts.upstream.generate(call, signalOf(ctx));
  // Google's servers answer so, too: one event.
  if (isSse) return sendStream(ctx, answer, createSseEncoder(), parts.heartbeatMs);
  return sendAnswer(ctx, withCandidates(await wholeAnswer(await answer, answerHolder(ctx))));
};

const streamGenerate: Handler = async (ctx, parts, { model, alt }) => {
  const encoder = isEvents(alt) ? createSseEncoder() : createArrayEncoder();
  const call = toCall(ctx, parts, model, readGenerateRequest(await readJsonBody(ctx, GENERATE_BODY)), true);
  const answer = parts.upstream.generate(call, signalOf(ctx));
  // Returned, not awaited: what waits here would keep the client's body for as long as the stream lasts.
  return sendStream(ctx, answer, encoder, parts.heartbeatMs);
};

const countTokens: Handler = async (ctx, parts, { model }) => {
  const call = toCall(ctx, parts, model, readCountRequest(await readJsonBody(ctx, OTHER_BODY)), false);
  const { estimated, ...count } = await parts.upstream.countTokens(call, signalOf(ctx));
  sendJson(ctx, writeJson(count), estimated === true ? { 'x-relay-estimate': 'true' } : undefined);
};

const embed: Handler = async (ctx, parts, { model }) => {
  const request = readEmbedRequest(await readJsonBody(ctx, OTHER_BODY));
  const { embeddings, ...rest } = await embedAll(ctx, parts, model, [request]);
  sendJson(ctx, writeJson({ embedding: embeddings[0], ...rest }));
};

const batchEmbed: Handler = async (ctx, parts, { model }) => {
  const requests = readEmbedRequests(await readJsonBody(ctx, OTHER_BODY));
  const answer = new LongAnswer(ctx, MOST_VECTOR_BYTES);
  const rests: Omit<EmbedResponse, 'embeddings'>[] = [];
  await answer.add('{"embeddings":[');
  for (let start = 0; start < requests.length; start += EMBED_BATCH) {
    const batch = requests.slice(start, start + EMBED_BATCH);
    const { embeddings, ...rest } = await embedAll(ctx, parts, model, batch);
    rests.push(rest);
    for (const [at, embedding] of embeddings.entries()) {
      await answer.add(`${start + at === 0 ? '' : ','}${writeJson(embedding)}`);
    }
  }
  const rest = writeJson(joinRests(rests));
  await answer.add(rest === '{}' ? ']}' : `],${rest.slice(1)}`);
  await answer.send();
};

/** As many as Google takes in one call. */
const EMBED_BATCH = 100;
/** As of the OpenAI format, whose lists are as long. */
const MOST_VECTOR_BYTES = 144 * 1024 * 1024;

/** What stands beside the vectors: of several calls, what can be summed up. */
const joinRests = (rests: readonly Omit<EmbedResponse, 'embeddings'>[]): JsonObject => {
  const [only] = rests;
  if (rests.length === 1 && only) return only;
  const counts = rests.map(({ usageMetadata }) => (isObject(usageMetadata) ? usageMetadata['promptTokenCount'] : NaN));
  const promptTokenCount = counts.reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : NaN), 0);
  return Number.isNaN(promptTokenCount) ? {} : { usageMetadata: { promptTokenCount } };
};

const predict: Handler = async (ctx, parts, { model }) => {
  const requests = readPredictRequests(await readJsonBody(ctx));
  const { embeddings, ...rest } = await embedAll(ctx, parts, model, requests);
  sendJson(ctx, writeJson({ predictions: embeddings.map((one) => ({ embeddings: one })), ...rest }));
};

const embedAll = (
  ctx: Context,
  parts: FormatParts,
  name: string,
  requests: readonly JsonObject[],
): Promise<EmbedResponse> => {
  const resolved = parts.catalogue.resolve(name, 'embed');
  const { name: model } = resolved;
  tellModel(ctx, resolved);
  return parts.upstream.embed(
    {
      model,
      requests,
      payloads: ctx.state.payloads,
      origin: originOf(ctx, 'gemini', sessionOf(ctx.req.headers)),
      record: recordOf(ctx),
    },
    signalOf(ctx),
  );
};

const ANSWERS = {
  generateContent: generate,
  streamGenerateContent: streamGenerate,
  countTokens,
  embedContent: embed,
  batchEmbedContents: batchEmbed,
  predict,
} satisfies Record<Verb, Handler>;

const sendModels = async (ctx: Context, parts: FormatParts): Promise<void> => {
  const query = { pageSize: oneOf(ctx, 'pageSize'), pageToken: oneOf(ctx, 'pageToken') };
  const live = await askForModels(parts.upstream, ctx.state.caller, signalOf(ctx));
  const models = listModels(parts.catalogue, live, ctx.state.caller);
  sendJson(ctx, JSON.stringify(pageOf(models, query)));
};

const sendModel = async (ctx: Context, parts: FormatParts, name: string): Promise<void> => {
  if (ctx.method === 'POST' && name.includes(':')) throw unknownPath(ctx);
  allowOnly(ctx, 'GET');
  const live = await askForModels(parts.upstream, ctx.state.caller, signalOf(ctx));
  sendJson(ctx, JSON.stringify(findModel(parts.catalogue, live, name, ctx.state.caller)));
};

const GENERATE_BODY: JsonBodyOptions = { raw: OPAQUE_FIELDS, payloads: 'data-member' };
const OTHER_BODY: JsonBodyOptions = { raw: OPAQUE_FIELDS };

const toCall = (
  ctx: Context,
  parts: FormatParts,
  name: string,
  request: GenerateContentRequest,
  stream: boolean,
): Call => {
  const resolved = parts.catalogue.resolve(name, 'generate');
  tellModel(ctx, resolved);
  ctx.state.notes.stream = stream;
  const contents = withNeededSignatures(request.contents ?? [], resolved.model);
  if (request.contents && contents !== request.contents) parts.signatures.counts.bypass += 1;
  return {
    model: resolved.name,
    row: resolved.model,
    request: contents === request.contents ? request : { ...request, contents },
    stream,
    origin: originOf(ctx, 'gemini', sessionOf(ctx.req.headers, request)),
    record: recordOf(ctx),
    native: true,
    payloads: ctx.state.payloads,
  };
};

/** A blocked prompt comes without candidates, and Vercel's SDK fails on an answer that has no such list. */
const withCandidates = ({ json, value }: Chunk): string => {
  if (value.candidates !== undefined) return json;
  const inside = json.slice(json.indexOf('{') + 1);
  return `{"candidates":[]${inside.trim() === '}' ? '' : ','}${inside}`;
};

/** Whether the answer is to come as events, not as JSON. */
const isEvents = (alt: string): boolean => {
  if (alt === 'sse') return true;
  // Google's old clients write `json;enum-encoding=int`.
  if (alt === '' || alt === 'json' || alt.startsWith('json;')) return false;
  throw failed('invalid_value', 'alt: "sse" for server-sent events, "json" or nothing for JSON.', { param: 'alt' });
};

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    throw unknownPath();
  }
};

const allowOnly = (ctx: Context, method: 'GET' | 'POST'): void => {
  const asked = ctx.req.method;
  if (asked === method || (method === 'GET' && asked === 'HEAD')) return;
  throw failed('method_not_allowed', `This address takes ${method} only. ${ADDRESSES}`, {
    headers: { allow: method === 'GET' ? 'GET, HEAD' : method },
  });
};

const unknownPath = (ctx?: Context): RelayError => {
  const nearest = ctx ? tellNearest(ctx.method, ctx.path, GEMINI.endpoints) : '';
  const message = ['There is nothing at this address.', nearest, ADDRESSES].filter(Boolean).join(' ');
  return failed('unsupported_endpoint', message);
};
