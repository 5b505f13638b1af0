import type { FinishReason } from './wire.ts';

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
]);

const MALFORMED: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']);

export const isFiltered = (reason: string): boolean => FILTERED.has(reason);

/** The model meant to call a function and failed at it: without other content there is no answer. */
export const isMalformedCall = (reason: string): boolean => MALFORMED.has(reason);

/**
 * A cut or filtered answer says so even when it holds calls, so that nobody runs half a plan. Gemini ends a step with
 * calls by STOP. A reason we do not know is an end: agents loop for ever on anything else.
 */
export const toFinishReason = (reason: string, calls: number, legacyFunctions: boolean): FinishReason => {
  if (reason === 'MAX_TOKENS') return 'length';
  if (isFiltered(reason)) return 'content_filter';
  if (calls > 0) return legacyFunctions ? 'function_call' : 'tool_calls';
  return 'stop';
};
