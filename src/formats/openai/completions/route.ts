import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { readJsonBody } from '../../../http/body.ts';
import { sendAnswer, signalOf } from '../../../http/respond.ts';
import { sendStream } from '../../../http/stream.ts';
import type { FormatParts } from '../../format.ts';
import { prepareChat } from '../chat/prepare.ts';
import { under } from '../paths.ts';
import { createCompletionStream, gatherCompletion } from './encode.ts';
import { readCompletionRequest } from './request.ts';

export const mountCompletions = (router: Router, parts: FormatParts): void => {
  const complete: Middleware = async (ctx) => {
    const request = readCompletionRequest(await readJsonBody(ctx));
    const { call, reading, reply } = await prepareChat(ctx, request, 'cmpl-', parts);
    const answer = parts.upstream.generate(call, signalOf(ctx));
    // Returned, as in a chat: what waits here would keep the client's body.
    if (call.stream) return sendStream(ctx, answer, createCompletionStream(reply, reading), parts.heartbeatMs);
    return sendAnswer(ctx, await gatherCompletion(await answer, reply, reading));
  };
  router.post(under('/completions'), complete);
};
