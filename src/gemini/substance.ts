/** Whether an answer says anything, before anybody reads it. */
import { isObject } from '../json.ts';
import type { Chunk } from './call.ts';
import { isPartial } from './partial-args.ts';
import type { Part } from './types.ts';

export interface Findings {
  /** Something to pass on, be it a thought. */
  substance: boolean;
  /** Something to pass on that is no thought. */
  visible: boolean;
  blocked: boolean;
  finish: string | undefined;
}

/** A glance without a reading: stops at the first thing that a client will see. */
export const lookThrough = (batch: readonly Chunk[]): Findings => {
  const findings: Findings = { substance: false, visible: false, blocked: false, finish: undefined };
  for (const chunk of batch) {
    const { more } = chunk;
    if (more) {
      findings.substance = true;
      findings.visible ||= more.place.kind === 'text';
    }
    // Nothing behind it changes what is done, and the first batch may hold a whole answer.
    if (findings.visible) break;
    if (more) continue;
    const { value } = chunk;
    if (value.promptFeedback?.blockReason) findings.blocked = true;
    for (const candidate of value.candidates ?? []) {
      findings.finish ??= candidate.finishReason;
      for (const part of candidate.content?.parts ?? []) {
        if (isEmpty(part)) continue;
        findings.substance = true;
        if (part.thought !== true) findings.visible = true;
      }
    }
  }
  return findings;
};

/** `{text: ""}`, with or without a signature; a call without a name, which nobody can run. */
const isEmpty = (part: Part): boolean => {
  const { text, functionCall } = part;
  if (text === '') return true;
  if (functionCall !== undefined && isObject(functionCall)) return !functionCall.name && !isPartial(functionCall);
  return text === undefined && Object.keys(part).every((key) => key === 'thought' || key === 'thoughtSignature');
};

const MALFORMED: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'MALFORMED_RESPONSE',
]);

/** The model meant to call a function and failed at it: without other content there is no answer. */
export const isMalformedCall = (reason: string): boolean => MALFORMED.has(reason);
