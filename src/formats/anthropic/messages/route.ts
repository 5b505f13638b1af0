import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { RelayError } from '../../../errors.ts';
import type { Call } from '../../../gemini/call.ts';
import { estimateTokens } from '../../../gemini/estimate.ts';
import { readJsonBody } from '../../../http/body.ts';
import { setHeader } from '../../../http/head.ts';
import { sendAnswer, sendJson, signalOf } from '../../../http/respond.ts';
import { sendStream } from '../../../http/stream.ts';
import type { FormatParts } from '../../format.ts';
import { under } from '../paths.ts';
import { createMessageStream, gatherMessage } from './encode.ts';
import { generateInRounds } from './own-rounds.ts';
import { prepareCount, prepareMessage } from './prepare.ts';
import { readCountRequest, readMessagesRequest } from './request.ts';

const BODY = { payloads: 'data-member' } as const;

export const mountMessages = (router: Router, parts: FormatParts): void => {
  const messages: Middleware = async (ctx) => {
    nameRequest(ctx, '/v1/messages');
    const request = readMessagesRequest(await readJsonBody(ctx, BODY));
    const preparing = prepareMessage(ctx, request, parts);
    const { call, reading, reply } = preparing instanceof Promise ? await preparing : preparing;
    const { own, names } = reading;
    const signal = signalOf(ctx);
    const answer = own
      ? generateInRounds(call, { own, names, upstream: parts.upstream, signal, hold: reply.hold })
      : parts.upstream.generate(call, signal);
    // Returned, not awaited: a function that waits keeps its variables, and a stream of minutes the client's whole body.
    if (call.stream) return sendStream(ctx, answer, createMessageStream(reply, reading), parts.heartbeatMs);
    return sendAnswer(ctx, await gatherMessage(await answer, reply, reading));
  };
  const count: Middleware = async (ctx) => {
    nameRequest(ctx, '/v1/messages/count_tokens');
    const request = readCountRequest(await readJsonBody(ctx, BODY));
    const { call } = await prepareCount(ctx, request, parts);
    const { tokens, isEstimate } = await countTokens(call, signalOf(ctx), parts);
    sendJson(ctx, `{"input_tokens":${tokens}}`, isEstimate ? { 'x-relay-estimate': 'true' } : undefined);
  };
  router.post(under('/messages'), messages);
  router.post(under('/messages/count_tokens'), count);
};

/** Under the usual address in the log, and by Anthropic's header for the client. */
const nameRequest = (ctx: Context, route: string): void => {
  ctx.state.notes.route = route;
  setHeader(ctx, 'request-id', ctx.state.requestId);
};

/** Clients ask before each step how full the context is. */
const LONGEST_COUNT_MS = 2000;

/** Google's own count where it comes in time. Without any, Claude Code takes its context for full. */
const countTokens = async (
  call: Call,
  signal: AbortSignal,
  { upstream, system }: FormatParts,
): Promise<{ readonly tokens: number; readonly isEstimate: boolean }> => {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const late = system.sleep(LONGEST_COUNT_MS, either).then(() => undefined);
  const counted = upstream.countTokens(call, either);
  try {
    const first = await Promise.race([counted, late]);
    if (first) return { tokens: first.totalTokens, isEstimate: first.estimated === true };
  } catch (error) {
    if (signal.aborted || !(error instanceof RelayError)) throw error;
  } finally {
    // Whichever has not come is not waited for, nor is its end anybody's fault.
    stop.abort();
    for (const rest of [counted, late]) rest.catch(() => undefined);
  }
  return { tokens: estimateTokens(call.request), isEstimate: true };
};
