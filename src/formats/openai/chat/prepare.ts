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
  const decoded = decodeWith(ctx, parts, { format: 'openai', request, wanted, decode: decodeChat });
  if (decoded instanceof Promise) return decoded.then((done) => withHead(ctx, done, idPrefix, parts));
  return withHead(ctx, decoded, idPrefix, parts);
};

/** The same for a body of the Responses API. */
export const prepareFromResponses = (ctx: Context, body: unknown, parts: FormatParts): Prepared | Promise<Prepared> => {
  const request = readFromResponses(body);
  const wanted = imagesOfResponses(request);
  const decoded = decodeWith(ctx, parts, { format: 'openai', request, wanted, decode: decodeFromResponses });
  if (decoded instanceof Promise) return decoded.then((done) => withHead(ctx, done, 'chatcmpl-', parts));
  return withHead(ctx, decoded, 'chatcmpl-', parts);
};

const withHead = (ctx: Context, { call, reading }: DecodedChat, idPrefix: string, parts: FormatParts): Prepared => {
  const id = parts.system.newId(idPrefix);
  const createdAt = Math.floor(parts.system.now() / 1000);
  return { call, reading, reply: { id, createdAt, ...callNeeds(ctx, reading, parts) } };
};
