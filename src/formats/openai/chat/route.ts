import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { readJsonBody } from '../../../http/body.ts';
import { originOf, sendJson, sendStream, signalOf } from '../../../http/respond.ts';
import type { FormatParts } from '../../format.ts';
import { under } from '../paths.ts';
import { decodeChat, type ChatReading } from './decode.ts';
import { createChatStream, gatherChat, type Reply } from './encode.ts';
import { fetchImages } from './remote-images.ts';
import { readChatRequest, remoteImageUrls } from './request.ts';

export const mountChat = (router: Router, parts: FormatParts): void => {
  const chat: Middleware = async (ctx) => {
    const signal = signalOf(ctx);
    const request = readChatRequest(await readJsonBody(ctx));
    const { call, reading } = decodeChat(request, {
      catalogue: parts.catalogue,
      signatures: parts.signatures,
      account: ACCOUNT,
      images: await fetchImages(remoteImageUrls(request), parts.images, signal),
      origin: originOf(ctx, 'openai'),
    });
    ctx.state.notes.model = reading.resolved.name;
    ctx.set('x-relay-upstream-model', reading.resolved.id);
    if (reading.ignored.length > 0) ctx.set('x-relay-ignored', reading.ignored.join(', '));
    const answer = parts.upstream.generate(call, signal);
    const reply = createReply(ctx, reading, parts);
    if (call.stream) await sendStream(ctx, answer, createChatStream(reply, reading), parts.heartbeatMs);
    else sendJson(ctx, await gatherChat(await answer, reply, reading));
  };
  router.post(under('/chat/completions'), chat);
};

/** One relay has one owner and one Google account: signatures need no other name for it. */
const ACCOUNT = 'owner';

const createReply = (ctx: Context, reading: ChatReading, { system, signatures }: FormatParts): Reply => ({
  id: system.newId('chatcmpl-'),
  createdAt: Math.floor(system.now() / 1000),
  newCallId: () => system.newId('call_'),
  remember: (call, signature) => {
    signatures.remember(call, signature, { family: reading.resolved.model.family, account: ACCOUNT });
  },
  finished: (usage) => {
    const { notes } = ctx.state;
    notes.promptTokens = usage.prompt_tokens;
    notes.outputTokens = usage.completion_tokens;
  },
});
