/** All between a client's body, read, and the call to the model; the same for every format. */
import type { Context } from 'koa';
import type { CallNeeds } from '../conversation/calls.ts';
import type { RemoteImageData } from '../conversation/media-part.ts';
import type { AnswerReading } from '../conversation/reading.ts';
import type { Call, CallRecord, Origin } from '../gemini/call.ts';
import { sessionOf } from '../gemini/conversation.ts';
import { estimateInput } from '../gemini/estimate.ts';
import type { normalizeSchema } from '../gemini/json-schema.ts';
import type { Catalogue, ResolvedModel } from '../gemini/catalogue.ts';
import type { SignatureLook } from '../gemini/shared-signatures.ts';
import type { SignatureCache } from '../gemini/signatures.ts';
import type { JsonObject } from '../gemini/types.ts';
import { setHeader, tellIgnored } from '../http/head.ts';
import { fetchedBytes } from '../http/fetched-bytes.ts';
import { answerHolder } from '../http/held-bytes.ts';
import { originOf, signalOf } from '../http/respond.ts';
import type { Payloads } from '../engine/payloads.ts';
import type { FormatParts } from './format.ts';
import { tellModel } from './model-headers.ts';
import { fetchImages, type RemoteImageUrl } from './remote-images.ts';

export interface DecodeNeeds {
  readonly catalogue: Catalogue;
  readonly normalizeSchema: typeof normalizeSchema;
  readonly signatures: SignatureCache;
  /** Remote images by URL, fetched before (`wanted`). */
  readonly images: RemoteImageData;
  readonly origin: Origin;
  readonly record: CallRecord;
  /** What was left out of the body when it was read. */
  readonly payloads?: Payloads | undefined;
}

export interface DecodeOptions {
  /** Where others were asked already. */
  readonly look?: SignatureLook | undefined;
  /** Then nobody needs room for a call. */
  readonly isCount?: boolean;
}

/** A request, read, and how it becomes a call. */
export interface Decoding<Request extends JsonObject, Decoded> extends DecodeOptions {
  /** The API's name in the log. */
  readonly format: string;
  readonly request: Request;
  readonly wanted: readonly RemoteImageUrl[];
  readonly decode: (request: Request, needs: DecodeNeeds) => Decoded;
}

/**
 * Fetches the images that are wanted, decodes, and notes what client and log are to know of it. A promise only where
 * something is waited for.
 */
export const decodeWith = <
  Request extends JsonObject,
  Decoded extends { readonly call: Call; readonly reading: AnswerReading },
>(
  ctx: Context,
  parts: FormatParts,
  { format, request, wanted, decode, isCount, look = parts.shared?.signatures.look() }: Decoding<Request, Decoded>,
): Decoded | Promise<Decoded> => {
  const needs = {
    catalogue: parts.catalogue,
    normalizeSchema: parts.normalizeSchema,
    signatures: look?.signatures ?? parts.signatures,
    origin: originOf(ctx, format, sessionOf(ctx.req.headers, request)),
    record: ctx.state.record,
    payloads: ctx.state.payloads,
    images: NO_IMAGES,
  };
  const told = (decoded: Decoded): Decoded => {
    const { resolved, ignored } = decoded.reading;
    tellModel(ctx, resolved);
    setHeader(ctx, 'x-relay-upstream-model', resolved.id);
    tellIgnored(ctx, ignored);
    return decoded;
  };
  const lookedUp = async (): Promise<Decoded> => {
    if (wanted.length > 0) {
      // What is wrong with the rest of a request is said before anything is fetched for it.
      decode(request, { ...needs, images: new Map(wanted.map(({ url }) => [url, PIXEL])) });
      needs.images = await fetchImages(wanted, {
        images: parts.images,
        signal: signalOf(ctx),
        caller: ctx.state.caller.id,
        bytes: fetchedBytes(ctx),
      });
    }
    const decoded = decode(request, needs);
    if (look?.lacks() !== true) return decoded;
    // Another relay may have seen the signatures that this one lacks. Room for the call is asked for in the same breath.
    if (isCount !== true) parts.shared?.reserve(decoded.call, estimateInput(decoded.call.request));
    return (await look.fetch()) ? decode(request, needs) : decoded;
  };
  return wanted.length > 0 || look ? lookedUp().then(told) : told(decode(request, needs));
};

const NO_IMAGES: RemoteImageData = new Map();
const PIXEL = { mimeType: 'image/png', data: 'AAAA' };

/** Of the model that signs: the one that was asked, or who stood in for it. */
export const familyOf = ({ model }: ResolvedModel, { standIn }: CallRecord, catalogue: Catalogue): string =>
  standIn === undefined ? model.family : catalogue.resolve(standIn).model.family;

/** How the calls of an answer get their ids, and keep their signatures; and where what is kept of it is counted. */
export const callNeeds = (
  ctx: Context,
  { resolved }: Pick<AnswerReading, 'resolved'>,
  { catalogue, system, signatures }: FormatParts,
  idPrefix = 'call_',
): CallNeeds => ({
  hold: answerHolder(ctx),
  newCallId: () => system.newId(idPrefix),
  remember: (call, signature) => {
    // Whoever has answered by now: another door or another model than was thought of at first.
    const { record } = ctx.state;
    const { account = '' } = record;
    signatures.remember(call, signature, { family: familyOf(resolved, record, catalogue), account });
  },
});
