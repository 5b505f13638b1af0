/** What can be wrong with an answer of Google's, said in the same words wherever it is noticed. */
import type { RelayError } from '../errors.ts';
import { failed } from '../errors.ts';

export const TRY_AGAIN = { fix: 'Try again.' } as const;

export const emptyAnswer = (): RelayError =>
  failed('upstream_empty_response', 'Google sent an empty answer.', TRY_AGAIN);

export const promptBlocked = (reason: string, message: string | undefined): RelayError =>
  failed('content_filter', `Google refused this prompt (${reason})${message === undefined ? '' : `: ${message}`}.`, {
    fix: 'The same prompt will be refused again: change it.',
  });

export const incompleteAnswer = (cause?: unknown): RelayError =>
  failed('upstream_incomplete', "Google's answer broke off before its end.", { ...TRY_AGAIN, cause });

export const malformedCall = (finishReason: string): RelayError =>
  finishReason === 'MISSING_THOUGHT_SIGNATURE'
    ? failed(
        'upstream_missing_signature',
        'The model misses the thought signature of an earlier tool call (MISSING_THOUGHT_SIGNATURE).',
        { fix: 'Begin the conversation anew, or send the signatures back with the calls.' },
      )
    : failed(
        'upstream_malformed_function_call',
        `The model wrote a tool call that Google could not read (${finishReason}).`,
        { fix: 'Try again, or simplify the tools.' },
      );

export const badResponse = (message: string, cause?: unknown): RelayError =>
  failed('upstream_bad_response', message, { cause });

/** What answers there is not Google. */
export const foreignAnswer = (message: string, cause?: unknown): RelayError =>
  failed('upstream_bad_response', message, {
    fix: 'Most often a proxy answers in its place: look at HTTPS_PROXY, and at the endpoint that is set.',
    cause,
  });
