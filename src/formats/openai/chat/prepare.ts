import type { Context } from 'koa';
import { originOf, signalOf } from '../../../http/respond.ts';
import type { FormatParts } from '../../format.ts';
import { decodeChat, type ChatReading, type DecodedChat } from './decode.ts';
import type { Reply } from './encode.ts';
import { fetchImages } from './remote-images.ts';
import { remoteImageUrls, type ChatRequest } from './request.ts';

export interface Prepared extends DecodedChat {
  readonly reply: Reply;
}

/** All between the client's body and the call to the model: its images, the call itself, headers, the reply's own facts. */
export const prepareChat = async (
  ctx: Context,
  request: ChatRequest,
  idPrefix: string,
  parts: FormatParts,
): Promise<Prepared> => {
  const needs = {
    catalogue: parts.catalogue,
    signatures: parts.signatures,
    account: parts.account(),
    origin: originOf(ctx, 'openai'),
  };
  const wanted = remoteImageUrls(request);
  // What is wrong with the rest of a request is said before anything is fetched for it.
  if (wanted.length > 0) decodeChat(request, { ...needs, images: new Map(wanted.map(({ url }) => [url, PIXEL])) });
  const images = await fetchImages(wanted, parts.images, signalOf(ctx));
  const decoded = decodeChat(request, { ...needs, images });
  const { reading } = decoded;
  ctx.state.notes.model = reading.resolved.name;
  ctx.set('x-relay-upstream-model', reading.resolved.id);
  if (reading.ignored.length > 0) ctx.set('x-relay-ignored', reading.ignored.join(', '));
  const call = { ...decoded.call, payloads: ctx.state.payloads };
  return { call, reading, reply: createReply(ctx, reading, idPrefix, parts) };
};

const PIXEL = { mimeType: 'image/png', data: 'AAAA' };

const createReply = (
  ctx: Context,
  { resolved }: ChatReading,
  idPrefix: string,
  { system, signatures, account }: FormatParts,
): Reply => ({
  id: system.newId(idPrefix),
  createdAt: Math.floor(system.now() / 1000),
  newCallId: () => system.newId('call_'),
  remember: (call, signature) => {
    signatures.remember(call, signature, { family: resolved.model.family, account: account() });
  },
  finished: (usage) => {
    const { notes } = ctx.state;
    notes.promptTokens = usage.prompt_tokens;
    notes.outputTokens = usage.completion_tokens;
  },
});
