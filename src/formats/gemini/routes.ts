import type Router from '@koa/router';
import type { Context } from 'koa';
import { RelayError } from '../../errors.ts';
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
import { originOf, recordOf, sendAnswer, sendJson, sendStream, signalOf } from '../../http/respond.ts';
import { writeJson } from '../../json.ts';
import type { FormatParts } from '../format.ts';
import { tellModel } from '../model-headers.ts';
import { createAddressReader, GEMINI_PATHS, SHARED_PATHS, type Address, type Verb } from './address.ts';
import { GEMINI, LIVE } from './endpoints.ts';
import { OPAQUE_FIELDS } from './field-names.ts';
import { serveKept } from './kept/routes.ts';
import { needsLiveDoor, needsSocket } from './live/refusals.ts';
import { findModel, listModels, pageOf } from './models.ts';
import { readCountRequest, readEmbedRequest, readEmbedRequests, readGenerateRequest } from './request.ts';
import { createArrayEncoder, createSseEncoder } from './stream.ts';
import { wholeAnswer } from './whole-answer.ts';

const ADDRESSES = addressesOf(GEMINI);

type Handler = (ctx: Context, parts: FormatParts, model: string) => Promise<void>;

export const mountGemini = (router: Router, parts: FormatParts): void => {
  const addressOf = createAddressReader(decodePath);
  const serve = (ctx: Context): Promise<void> => {
    const address = addressOf(ctx.path);
    ctx.state.notes.route = routeOf(address);
    switch (address.kind) {
      case 'call':
        allowOnly(ctx, 'POST');
        return ANSWERS[address.verb](ctx, parts, address.model);
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

const generate: Handler = async (ctx, parts, model) => {
  const isSse = readAlt(ctx) === 'sse';
  const call = await readCall(ctx, parts, model, readGenerateRequest, isSse);
  const answer = parts.upstream.generate(call, signalOf(ctx));
  // Google's servers answer so, too: one event.
  if (isSse) return sendStream(ctx, answer, createSseEncoder(), parts.heartbeatMs);
  return sendAnswer(ctx, withCandidates(await wholeAnswer(await answer, answerHolder(ctx))));
};

const streamGenerate: Handler = async (ctx, parts, model) => {
  const createEncoder = readAlt(ctx) === 'sse' ? createSseEncoder : createArrayEncoder;
  const call = await readCall(ctx, parts, model, readGenerateRequest, true);
  const answer = parts.upstream.generate(call, signalOf(ctx));
  // Returned, not awaited: what waits here would keep the client's body for as long as the stream lasts.
  return sendStream(ctx, answer, createEncoder(), parts.heartbeatMs);
};

const countTokens: Handler = async (ctx, parts, model) => {
  const call = await readCall(ctx, parts, model, readCountRequest, false);
  const { estimated, ...count } = await parts.upstream.countTokens(call, signalOf(ctx));
  sendJson(ctx, writeJson(count), estimated === true ? { 'x-relay-estimate': 'true' } : {});
};

const embed: Handler = async (ctx, parts, model) => {
  const request = readEmbedRequest(await readJsonBody(ctx, OTHER_BODY));
  const { embeddings, ...rest } = await embedAll(ctx, parts, model, [request]);
  sendJson(ctx, writeJson({ embedding: embeddings[0], ...rest }));
};

const batchEmbed: Handler = async (ctx, parts, model) => {
  const requests = readEmbedRequests(await readJsonBody(ctx, OTHER_BODY));
  sendJson(ctx, writeJson(await embedAll(ctx, parts, model, requests)));
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
} satisfies Record<Verb, Handler>;

const sendModels = async (ctx: Context, parts: FormatParts): Promise<void> => {
  const query = { pageSize: oneOf(ctx, 'pageSize'), pageToken: oneOf(ctx, 'pageToken') };
  const live = await askForModels(parts.upstream, signalOf(ctx));
  const models = listModels(parts.catalogue, live, ctx.state.caller);
  sendJson(ctx, JSON.stringify(pageOf(models, query)));
};

const sendModel = async (ctx: Context, parts: FormatParts, name: string): Promise<void> => {
  if (ctx.method === 'POST' && name.includes(':')) throw unknownPath(ctx);
  allowOnly(ctx, 'GET');
  const live = await askForModels(parts.upstream, signalOf(ctx));
  sendJson(ctx, JSON.stringify(findModel(parts.catalogue, live, name, ctx.state.caller)));
};

const GENERATE_BODY: JsonBodyOptions = { raw: OPAQUE_FIELDS, payloads: 'data-member' };
const OTHER_BODY: JsonBodyOptions = { raw: OPAQUE_FIELDS };

const readCall = (
  ctx: Context,
  parts: FormatParts,
  name: string,
  read: (body: unknown) => GenerateContentRequest,
  stream: boolean,
): Promise<Call> => {
  const options = read === readGenerateRequest ? GENERATE_BODY : OTHER_BODY;
  return readJsonBody(ctx, options).then((body) => toCall(ctx, parts, name, read(body), stream));
};

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

const MODELS = '/v1beta/models';
const MODEL = `${MODELS}/{model}`;

/** As the log names it, whatever the spelling. */
const routeOf = (address: Address): string => {
  switch (address.kind) {
    case 'call':
      return `${MODEL}:${address.verb}`;
    case 'kept':
      return address.route;
    case 'models':
      return MODELS;
    case 'model':
      return MODEL;
    case 'socket':
      return LIVE;
    case 'unserved':
    case 'unknown':
      return 'unmatched';
  }
};

const readAlt = (ctx: Context): 'sse' | 'json' => {
  const alt = oneOf(ctx, 'alt') || oneOf(ctx, '$alt');
  if (alt === 'sse') return 'sse';
  // Google's old clients write `json;enum-encoding=int`.
  if (alt === '' || alt === 'json' || alt.startsWith('json;')) return 'json';
  throw new RelayError('INVALID_ARGUMENT', 'alt: "sse" for server-sent events, "json" or nothing for JSON.', {
    reason: 'invalid_value',
    param: 'alt',
  });
};

const oneOf = (ctx: Context, name: string): string => {
  if (ctx.querystring === '') return '';
  const value = ctx.query[name] ?? '';
  return typeof value === 'string' ? value : (value[0] ?? '');
};

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    throw unknownPath();
  }
};

const allowOnly = (ctx: Context, method: 'GET' | 'POST'): void => {
  if (ctx.method === method || (method === 'GET' && ctx.method === 'HEAD')) return;
  throw new RelayError('NOT_FOUND', `This address takes ${method} only. ${ADDRESSES}`, {
    status: 405,
    reason: 'method_not_allowed',
    headers: { allow: method === 'GET' ? 'GET, HEAD' : method },
  });
};

const unknownPath = (ctx?: Context): RelayError => {
  const nearest = ctx ? tellNearest(ctx.method, ctx.path, GEMINI.endpoints) : '';
  const message = ['There is nothing at this address.', nearest, ADDRESSES].filter(Boolean).join(' ');
  return new RelayError('NOT_FOUND', message, { reason: 'unsupported_endpoint' });
};
