import type { Part } from '../gemini/types.ts';
import type { PastAnswer } from './past-answers.ts';
import type { PastCall } from './past-calls.ts';

/**
 * What a conversation consists of, whatever language its client speaks. Order is as sent. A message of several blocks
 * may become several turns: neighbours of one side are put together.
 */
export type Turn =
  /** The leading ones are the system instruction; a later one keeps its place, as text on the user's side. */
  | { readonly kind: 'system'; readonly texts: readonly string[] }
  | { readonly kind: 'user'; readonly parts: readonly Part[] }
  /** What is said comes before what is called. Signatures are in the parts and calls that they belong to. */
  | { readonly kind: 'model'; readonly parts: readonly Part[]; readonly calls: readonly PastCall[] }
  | { readonly kind: 'answer'; readonly answer: PastAnswer };

/** A signature that names no part belongs to the last text. */
export const withTextSignature = (parts: readonly Part[], signature: string | undefined): readonly Part[] => {
  const last = parts.findLastIndex((part) => part.text !== undefined);
  const part = parts[last];
  if (!part || signature === undefined || part.thoughtSignature !== undefined) return parts;
  return parts.with(last, { ...part, thoughtSignature: signature });
};
