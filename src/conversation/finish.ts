/** Why an answer ended: Google's words for it in the few kinds that clients tell apart. */
import type { Finish } from './answer.ts';

const FILTERED: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'LANGUAGE',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'MODEL_ARMOR',
]);

/** At a limit of tokens, the request's own or one of Google's after which the rest may be asked for. */
const CUT: ReadonlySet<string> = new Set(['MAX_TOKENS', 'CONTINUATION']);

/**
 * Gemini ends a step with calls by STOP. A reason we do not know is an end: agents loop for ever on anything else.
 */
export const finishKind = (reason: string, calls: number): Finish['kind'] => {
  if (CUT.has(reason)) return 'length';
  if (FILTERED.has(reason)) return 'filtered';
  return calls > 0 ? 'calls' : 'stop';
};
