/** All between the client's body, read, and the call to the model. */
import type { Context } from 'koa';
import type { FormatParts } from '../../format.ts';
import { callNeeds, decodeWith, familyOf, type DecodeNeeds } from '../../prepare.ts';
import { ANTHROPIC } from '../endpoints.ts';
import { linkedImages } from './blocks-in.ts';
import { decodeMessages, textKey, type DecodedMessages } from './decode.ts';
import type { MessageHead } from './encode.ts';
import type { MessagesRequest } from './request.ts';

export interface Prepared extends DecodedMessages {
  readonly reply: MessageHead;
}

/** A promise only where something is waited for. */
export const prepareMessage = (
  ctx: Context,
  request: MessagesRequest,
  parts: FormatParts,
): Prepared | Promise<Prepared> => {
  const wanted = linkedImages(request.messages);
  const decoded = decodeWith(ctx, parts, { format: ANTHROPIC.name, request, wanted, decode: decodeMessages });
  if (decoded instanceof Promise) return decoded.then((done) => ({ ...done, reply: createHead(ctx, done, parts) }));
  return { ...decoded, reply: createHead(ctx, decoded, parts) };
};

/** For counting: what is only linked to is not worth a fetch. */
export const prepareCount = (
  ctx: Context,
  request: MessagesRequest,
  parts: FormatParts,
): DecodedMessages | Promise<DecodedMessages> => {
  const linked = linkedImages(request.messages);
  const images = new Map(linked.map(({ url }) => [url, PIXEL]));
  const decode = (counted: MessagesRequest, needs: DecodeNeeds): DecodedMessages =>
    decodeMessages(counted, { ...needs, images });
  return decodeWith(ctx, parts, { format: ANTHROPIC.name, request, wanted: [], decode, isCount: true });
};

/** Google counts every small picture alike. */
const PIXEL = {
  mimeType: 'image/png',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
};

const createHead = (ctx: Context, { call, reading }: DecodedMessages, parts: FormatParts): MessageHead => {
  const { system, signatures, catalogue } = parts;
  const { record } = call;
  const family = () => familyOf(reading.resolved, record, catalogue);
  return {
    id: system.newId('msg_'),
    requestId: ctx.state.requestId,
    family,
    ...callNeeds(ctx, reading, parts, 'toolu_'),
    newSearchId: () => system.newId('srvtoolu_'),
    newReference: () => system.newId('text_'),
    rememberText: (reference, signature) => {
      signatures.remember(textKey(reference), signature, { family: family(), account: record.account ?? '' });
    },
  };
};
