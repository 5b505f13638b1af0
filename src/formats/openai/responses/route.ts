import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Answer } from '../../../gemini/call.ts';
import { readJsonBody } from '../../../http/body.ts';
import { MAX_VALUES, takeMoreWorkMemory } from '../../../http/body-work.ts';
import { estimateInput } from '../../../gemini/estimate.ts';
import type { SignatureLook } from '../../../gemini/shared-signatures.ts';
import { frameConnectionOf, type FrameConnection } from '../../../http/sockets/frame-request.ts';
import { sendAnswer, sendEvents, sendJson, signalOf } from '../../../http/respond.ts';
import { sendStream } from '../../../http/stream.ts';
import type { FormatParts } from '../../format.ts';
import { tellModel } from '../../model-headers.ts';
import { under } from '../paths.ts';
import { decodeWith } from '../../prepare.ts';
import type { DecodeOptions } from '../../prepare.ts';
import { CallMeasure } from './call-measure.ts';
import { compactionJson } from './compaction.ts';
import { decodeResponses, type DecodedResponses } from './decode.ts';
import { createResponseStream, emptyResponse, gatherResponse } from './encode.ts';
import { readFrame } from './frame.ts';
import { resolveItems, type PastResponses, type RoomForKept } from './history.ts';
import { createKeptAnswers, MOST_KEPT_BYTES } from './kept.ts';
import { PlannedResponse, type PlanNeeds } from './plan.ts';
import { recall } from './recall.ts';
import { readResponsesRequest, remoteImageUrls, type ResponsesRequest } from './request.ts';
import { RunningAnswers } from './running.ts';
import { NOTHING_ELSEWHERE, shareRunning } from './running-elsewhere.ts';
import { createSharedAnswers, keptHereAlone } from './shared-answers.ts';
import { createSocketAnswers } from './socket-answers.ts';
import { mountStored } from './stored-routes.ts';
import { inItsWords } from './words.ts';

const BODY = { payloads: 'data-url', compressed: true } as const;

export const mountResponses = (router: Router, parts: FormatParts): void => {
  const { upstream, system } = parts;
  const kept = createKeptAnswers(
    {
      get ageMs() {
        return parts.keepResponsesMs;
      },
      bytes: MOST_KEPT_BYTES,
    },
    system,
  );
  const shared = parts.shared ? createSharedAnswers(kept, parts.shared.state, system) : keptHereAlone(kept);
  const running = new RunningAnswers();
  const elsewhere = parts.shared ? shareRunning(running, parts.shared.state, system) : NOTHING_ELSEWHERE;
  const onSockets = createSocketAnswers(system);
  const needs: PlanNeeds = { parts, kept, sharedAnswers: shared, onSockets, running };

  /** What it goes on from, and what it refers to, where another relay has that. */
  const recallShared = (
    ctx: Context,
    request: ResponsesRequest,
    isCall: boolean,
  ): Promise<SignatureLook> | undefined => {
    if (!parts.shared) return undefined;
    const connection = frameConnectionOf(ctx);
    const isOnSocket = (id: string): boolean =>
      connection !== undefined && onSockets.find(connection, id) !== undefined;
    return recall(ctx, request, {
      ...{ shared: parts.shared, answers: shared, catalogue: parts.catalogue, isOnSocket, isCall },
    });
  };

  /** What who asks may go on from. */
  const pastOf = (ctx: Context, connection: FrameConnection | undefined): PastResponses => {
    const holder = ctx.state.caller.id;
    if (!connection)
      return { find: (id) => kept.find(id, holder), findItem: (itemId) => kept.findItem(itemId, holder) };
    return {
      find: (id) => onSockets.find(connection, id) ?? kept.find(id, holder),
      findItem: (itemId) => onSockets.findItem(connection, itemId) ?? kept.findItem(itemId, holder),
    };
  };

  const create: Middleware = async (ctx) => {
    const sent = await readJsonBody(ctx, BODY);
    const connection = frameConnectionOf(ctx);
    const { body, isWarmUp } = connection ? readFrame(sent) : { body: sent, isWarmUp: false };
    const request = readResponsesRequest(body);
    const look = parts.shared && (await recallShared(ctx, request, !isWarmUp));
    const resolving = resolveItems(request, () => ({ past: pastOf(ctx, connection), room: roomForKept(ctx) }));
    const items = resolving instanceof Promise ? await resolving : resolving;
    const asked = { request, body, previous: items.previous, connection };
    if (isWarmUp) {
      const resolved = parts.catalogue.resolve(request.model);
      const measure = parts.shared && new CallMeasure(0, []);
      const response = new PlannedResponse(ctx, { ...asked, resolved, measure }, needs);
      await response.noteInput(items.own);
      tellModel(ctx, resolved);
      sendEvents(ctx, emptyResponse(response));
      return undefined;
    }
    const whole = items.all === request.items ? request : { ...request, items: items.all };
    const preparing = prepare(ctx, whole, parts, { look });
    const { call, reading } = preparing instanceof Promise ? await preparing : preparing;
    // Google first: what follows is made while it thinks, and costs nobody anything.
    const answer = upstream.generate(call, signalOf(ctx));
    // Whoever sends the answer meets its failure; it may fail before that, and so may what is made meanwhile.
    answer.catch(() => undefined);
    const measure = look && new CallMeasure(estimateInput(call.request), look.places());
    const plan = new PlannedResponse(ctx, { ...asked, resolved: reading.resolved, measure }, needs);
    const encoder = call.stream ? createResponseStream(plan, reading) : undefined;
    const noted = plan.noteInput(items.own);
    if (noted) await noted;
    if (encoder) {
      plan.run(encoder);
      // Returned, not awaited: a function that waits keeps its variables, and a stream of minutes the client's whole body.
      return sendStream(ctx, answer.catch(inItsWords), encoder, parts.heartbeatMs);
    }
    const gather = (arriving: Answer): string | Promise<string> => gatherResponse(arriving, plan, reading);
    return sendAnswer(ctx, await answer.then(gather, inItsWords));
  };

  const count: Middleware = async (ctx) => {
    const { request, look } = await readWhole(ctx, false);
    const { call } = await prepare(ctx, request, parts, { look, isCount: true });
    const { totalTokens } = await upstream.countTokens(call, signalOf(ctx)).catch(inItsWords);
    sendJson(ctx, JSON.stringify({ object: 'response.input_tokens', input_tokens: totalTokens }));
  };

  const compact: Middleware = async (ctx) => {
    const { request, look } = await readWhole(ctx, true);
    const items = [...request.items, { param: 'input', item: { type: 'compaction_trigger' } }];
    const { call, reading } = await prepare(ctx, { ...request, items, stream: false, store: false }, parts, { look });
    const unkept = { previous: undefined, connection: undefined, measure: undefined };
    const plan = new PlannedResponse(ctx, { request, body: {}, resolved: reading.resolved, ...unkept }, needs);
    const answer = await upstream.generate(call, signalOf(ctx)).catch(inItsWords);
    sendJson(ctx, compactionJson(await gatherResponse(answer, plan, reading)));
  };

  /** A request that makes no answer to come back to. */
  const readWhole = async (
    ctx: Context,
    isCall: boolean,
  ): Promise<{ readonly request: ResponsesRequest; readonly look: SignatureLook | undefined }> => {
    const request = readResponsesRequest(await readJsonBody(ctx, BODY));
    const look = await recallShared(ctx, request, isCall);
    const { all } = await resolveItems(request, () => ({
      past: pastOf(ctx, frameConnectionOf(ctx)),
      room: roomForKept(ctx),
    }));
    return { request: { ...request, items: all }, look };
  };

  router.post(under('/responses'), create);
  router.post(under('/responses/input_tokens'), count);
  router.post(under('/responses/compact'), compact);
  mountStored(router, { kept, shared, running, elsewhere });
};

const prepare = (
  ctx: Context,
  request: ResponsesRequest,
  parts: FormatParts,
  options: DecodeOptions,
): DecodedResponses | Promise<DecodedResponses> =>
  decodeWith(ctx, parts, {
    format: 'openai',
    request,
    wanted: remoteImageUrls(request),
    decode: decodeResponses,
    ...options,
  });

const roomForKept = (ctx: Context): RoomForKept => ({
  mostBytes: ctx.state.server.limits.maxBodyBytes,
  mostValues: MAX_VALUES,
  take: (bytes) => takeMoreWorkMemory(ctx, bytes),
});
