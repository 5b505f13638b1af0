import type { Context } from 'koa';
import type { FormatParts } from '../../format.ts';
import { callNeeds, decodeWith } from '../../prepare.ts';
import { decodeChat, type DecodedChat } from './decode.ts';
import type { CompletionHead } from './encode.ts';
import { remoteImageUrls as imagesOfResponses } from '../responses/request.ts';
import { decodeFromResponses, readFromResponses } from './from-responses.ts';
import { remoteImageUrls, type ChatRequest } from './request.ts';

export interface Prepared extends DecodedChat {
  readonly reply: CompletionHead;
}

/**
 * All between the client's body and the call to the model: its images, the call itself, headers, the reply's own facts. A
 * promise only where something is waited for.
 */
export const prepareChat = (
  ctx: Context,
  request: ChatRequest,
  idPrefix: string,
  parts: FormatParts,
): Prepared | Promise<Prepared> => {
  const wanted = remoteImageUrls(request);
  const decoded = decodeWith(ctx, 'openai', parts, wanted, (needs) => decodeChat(request, needs), { body: request });
  return withHead(ctx, decoded, idPrefix, parts);
};

/** The same for a body of the Responses API. */
export const prepareFromResponses = (ctx: Context, body: unknown, parts: FormatParts): Prepared | Promise<Prepared> => {
  const request = readFromResponses(body);
  const wanted = imagesOfResponses(request);
  const decoded = decodeWith(ctx, 'openai', parts, wanted, (needs) => decodeFromResponses(request, needs), {
    body: request,
  });
  return withHead(ctx, decoded, 'chatcmpl-', parts);
};

const withHead = (
  ctx: Context,
  decoded: DecodedChat | Promise<DecodedChat>,
  idPrefix: string,
  parts: FormatParts,
): Prepared | Promise<Prepared> => {
  if (decoded instanceof Promise)
    return decoded.then((done) => ({ ...done, reply: createHead(ctx, done, idPrefix, parts) }));
  return { ...decoded, reply: createHead(ctx, decoded, idPrefix, parts) };
};

const createHead = (ctx: Context, { reading }: DecodedChat, idPrefix: string, parts: FormatParts): CompletionHead => ({
  id: parts.system.newId(idPrefix),
  createdAt: Math.floor(parts.system.now() / 1000),
  ...callNeeds(ctx, reading, parts),
});
