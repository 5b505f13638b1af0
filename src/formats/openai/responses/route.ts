import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { JsonObject } from '../../../gemini/types.ts';
import { readJsonBody } from '../../../http/body.ts';
import { sendJson, sendStream, signalOf } from '../../../http/respond.ts';
import type { FormatParts } from '../../format.ts';
import { under } from '../paths.ts';
import { callNeeds, decodeWith } from '../prepare.ts';
import { decodeResponses, type DecodedResponses } from './decode.ts';
import { writeEcho } from './echo.ts';
import { createResponseStream, gatherResponse, type Reply } from './encode.ts';
import type { ResponsesReading } from './reading.ts';
import { readResponsesRequest, remoteImageUrls, type ResponsesRequest } from './request.ts';
import { inItsWords } from './words.ts';

export const mountResponses = (router: Router, parts: FormatParts): void => {
  const create: Middleware = async (ctx) => {
    const body = await readJsonBody(ctx, { payloads: 'data-url' });
    const request = readResponsesRequest(body);
    const { call, reading } = await prepare(ctx, request, parts);
    const reply = createReply(ctx, request, body as JsonObject, reading, parts);
    const answer = parts.upstream.generate(call, signalOf(ctx)).catch(inItsWords);
    // Returned, not awaited: a function that waits keeps its variables, and a stream of minutes the client's whole body.
    if (call.stream) return sendStream(ctx, answer, createResponseStream(reply, reading), parts.heartbeatMs);
    sendJson(ctx, await gatherResponse(await answer, reply, reading));
  };
  router.post(under('/responses'), create);
};

const prepare = (ctx: Context, request: ResponsesRequest, parts: FormatParts): Promise<DecodedResponses> =>
  decodeWith(ctx, parts, remoteImageUrls(request), (needs) => decodeResponses(request, needs));

const createReply = (
  ctx: Context,
  request: ResponsesRequest,
  body: JsonObject,
  reading: ResponsesReading,
  parts: FormatParts,
): Reply => {
  const { system } = parts;
  return {
    id: system.newId('resp_'),
    createdAt: Math.floor(system.now() / 1000),
    echo: writeEcho(request, body),
    isCodex: /codex/i.test(ctx.get('originator')) || /^codex/i.test(ctx.get('user-agent')),
    newId: (prefix) => system.newId(prefix),
    keep: () => undefined,
    ...callNeeds(reading, parts),
  };
};
