/** Thought signatures as clients bring them back: each keeps them in another field. */
import type { Ignored } from '../../../conversation/ignored.ts';
import { isSignature } from '../../../gemini/signatures.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject, listOf } from '../../../json.ts';

/** The first valid one of several places. */
export const echoedSignature = (...places: readonly JsonObject[]): string | undefined => {
  for (const place of places) {
    const { extra_content: extra, provider_specific_fields: provider } = place;
    const found =
      (isObject(extra) ? signatureIn(extra['google']) : undefined) ?? signatureIn(provider) ?? ownSignature(place);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Where `echoedSignature` looks. */
export const SIGNATURE_FIELDS = [
  ...['extra_content', 'provider_specific_fields', 'thought_signature', 'thoughtSignature'],
] as const;

/** What else these holders bring: nothing but signatures is read of them. */
export const noteBesideSignatures = (place: JsonObject, param: string, ignored: Ignored): void => {
  const { extra_content: extra, provider_specific_fields: provider } = place;
  if (isObject(extra)) {
    ignored.restOfEach(extra, GOOGLE, `${param}.extra_content`);
    if (isObject(extra['google'])) ignored.restOfEach(extra['google'], SIGNATURES, `${param}.extra_content.google`);
  }
  if (isObject(provider)) ignored.restOfEach(provider, SIGNATURES, `${param}.provider_specific_fields`);
};

const GOOGLE: ReadonlySet<string> = new Set(['google']);
const SIGNATURES: ReadonlySet<string> = new Set(['thought_signature', 'thoughtSignature', 'thought_signatures']);

/** OpenRouter's form: `{type: "reasoning.encrypted", id, data}` beside the calls, bound to one by its id. */
export const detailSignatures = (message: JsonObject): ReadonlyMap<string, string> => {
  const details = message['reasoning_details'];
  if (!Array.isArray(details)) return NO_DETAILS;
  const found = new Map<string, string>();
  for (const detail of details as readonly unknown[]) {
    if (!isObject(detail) || detail['type'] !== 'reasoning.encrypted') continue;
    const { id, data } = detail;
    if (typeof id === 'string' && isSignature(data) && !found.has(id)) found.set(id, data);
  }
  return found;
};

export const NO_DETAILS: ReadonlyMap<string, string> = new Map();

/**
 * LiteLLM's forms, which belong to a message and name no part: its thinking blocks, each with a signature, and a list of
 * signatures alone. The first valid one: a step has one that counts.
 */
export const messageSignature = (message: JsonObject): string | undefined => {
  const provider = message['provider_specific_fields'];
  const blocks = message['thinking_blocks'];
  const candidates = [
    ...(isObject(provider) ? listOf(provider['thought_signatures']) : []),
    ...listOf(message['thought_signatures']),
    ...listOf(blocks).map((block) => (isObject(block) ? block['signature'] : undefined)),
  ];
  return candidates.find(isSignature);
};

/** Thoughts in words among them: those are not replayed. */
export const hasOtherDetails = ({ reasoning_details: details }: JsonObject): boolean =>
  Array.isArray(details) && details.some((detail) => !isObject(detail) || detail['type'] !== 'reasoning.encrypted');

/** Google's own name for it, LiteLLM's, and the bare field of clients that flatten. */
const ownSignature = (holder: JsonObject): string | undefined => {
  const { thought_signature: plain, thoughtSignature: camel } = holder;
  if (isSignature(plain)) return plain;
  return isSignature(camel) ? camel : undefined;
};

const signatureIn = (holder: unknown): string | undefined => (isObject(holder) ? ownSignature(holder) : undefined);
