import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { readJsonBody } from '../../../http/body.ts';
import { sendAnswer, signalOf } from '../../../http/respond.ts';
import { sendStream } from '../../../http/stream.ts';
import type { FormatParts } from '../../format.ts';
import { under } from '../paths.ts';
import { createChatStream, gatherChat } from './encode.ts';
import { isResponsesBody } from '../responses/request.ts';
import { prepareChat, prepareFromResponses } from './prepare.ts';
import { readChatRequest } from './request.ts';

/** Some clients (PHP, n8n) send these as the text of their JSON. */
const BODY = { payloads: 'data-url', inText: new Set(['messages', 'tools']) } as const;

export const mountChat = (router: Router, parts: FormatParts): void => {
  const chat: Middleware = async (ctx) => {
    const body = await readJsonBody(ctx, BODY);
    const preparing = isResponsesBody(body)
      ? prepareFromResponses(ctx, body, parts)
      : prepareChat(ctx, readChatRequest(body), 'chatcmpl-', parts);
    const { call, reading, reply } = preparing instanceof Promise ? await preparing : preparing;
    const answer = parts.upstream.generate(call, signalOf(ctx));
    // Returned, not awaited: a function that waits keeps its variables, and a stream of minutes the client's whole body.
    if (call.stream) return sendStream(ctx, answer, createChatStream(reply, reading), parts.heartbeatMs);
    return sendAnswer(ctx, await gatherChat(await answer, reply, reading));
  };
  router.post(under('/chat/completions'), chat);
};
