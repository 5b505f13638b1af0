/** Thought signatures as clients bring them back: each keeps them in another field. */
import { isSignature } from '../../../gemini/signatures.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';

/** The first valid one of several places. */
export const echoedSignature = (...places: readonly unknown[]): string | undefined =>
  places.flatMap((place) => (isObject(place) ? candidates(place) : [])).find(isSignature);

/** OpenRouter's form: `{type: "reasoning.encrypted", id, data}` beside the calls, bound to one by its id. */
export const detailSignatures = (message: JsonObject): ReadonlyMap<string, string> => {
  const details = message['reasoning_details'];
  const found = new Map<string, string>();
  if (!Array.isArray(details)) return found;
  for (const detail of details as readonly unknown[]) {
    if (!isObject(detail) || detail['type'] !== 'reasoning.encrypted') continue;
    const { id, data } = detail;
    if (typeof id === 'string' && isSignature(data) && !found.has(id)) found.set(id, data);
  }
  return found;
};

/** Thoughts in words among them: those are not replayed. */
export const hasOtherDetails = ({ reasoning_details: details }: JsonObject): boolean =>
  Array.isArray(details) && details.some((detail) => !isObject(detail) || detail['type'] !== 'reasoning.encrypted');

/** Google's own name for it, LiteLLM's, and the bare field of clients that flatten. */
const candidates = (place: JsonObject): readonly unknown[] => {
  const google = isObject(place['extra_content']) ? place['extra_content']['google'] : undefined;
  return [google, place['provider_specific_fields'], place].flatMap((holder) =>
    isObject(holder) ? [holder['thought_signature'], holder['thoughtSignature']] : [],
  );
};
