import type { Context } from 'koa';
import { setHeader } from '../../../http/head.ts';
import { originOf, recordOf, signalOf } from '../../../http/respond.ts';
import type { FormatParts } from '../../format.ts';
import { tellModel } from '../../model-headers.ts';
import { decodeChat, type ChatNeeds, type ChatReading, type DecodedChat } from './decode.ts';
import type { Reply } from './encode.ts';
import { fetchImages } from '../../remote-images.ts';
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
    normalizeSchema: parts.normalizeSchema,
    signatures: parts.signatures,
    account: parts.account(),
    origin: originOf(ctx, 'openai'),
    record: recordOf(ctx),
    payloads: ctx.state.payloads,
    images: NO_IMAGES,
  };
  const wanted = remoteImageUrls(request);
  if (wanted.length > 0) {
    // What is wrong with the rest of a request is said before anything is fetched for it.
    decodeChat(request, { ...needs, images: new Map(wanted.map(({ url }) => [url, PIXEL])) });
    needs.images = await fetchImages(wanted, parts.images, signalOf(ctx));
  }
  const { call, reading } = decodeChat(request, needs);
  const { resolved, ignored } = reading;
  tellModel(ctx, resolved);
  setHeader(ctx, 'x-relay-upstream-model', resolved.id);
  if (ignored.length > 0) setHeader(ctx, 'x-relay-ignored', ignored.join(', '));
  return { call, reading, reply: createReply(reading, idPrefix, parts) };
};

const NO_IMAGES: ChatNeeds['images'] = new Map();
const PIXEL = { mimeType: 'image/png', data: 'AAAA' };

const createReply = (
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
});
