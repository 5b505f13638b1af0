/**
 * What Google means by closing a line: a code of WebSocket's and a sentence are all that it says, and one code stands for
 * many things. So it is read off the words, as nowhere else, and becomes the error that the same words are over HTTP.
 */
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import { INTERNAL, INVALID_DATA, POLICY } from '../../gemini/live.ts';
import { valueToError } from '../google-error.ts';

export interface LineClose {
  readonly code: number;
  readonly reason: string;
}

/** Status by code and words: the first row that fits. */
const MEANINGS: readonly (readonly [code: number, words: RegExp, status: number])[] = [
  [INVALID_DATA, /./, 400],
  [POLICY, /not found|not supported for bidi/i, 404],
  [POLICY, /not implemented|not supported|not enabled/i, 501],
  [POLICY, /unregistered callers|permission|denied|blocked|leaked/i, 403],
  [POLICY, /./, 400],
  [INTERNAL, /quota|exhausted|rate limit|billing/i, 429],
  [INTERNAL, /unavailable|overloaded/i, 503],
  [INTERNAL, /deadline/i, 504],
  [INTERNAL, /./, 500],
];

/** Over HTTP a wrong key has a reason field. */
const INVALID_KEY = /API key (?:not valid|expired|not found)/i;

export const closeToError = ({ code, reason }: LineClose, now: () => number): RelayError => {
  const status = MEANINGS.find(([itsCode, words]) => itsCode === code && words.test(reason))?.[2];
  const details = INVALID_KEY.test(reason)
    ? [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }]
    : [];
  const error =
    status === undefined ? undefined : valueToError({ error: { code: status, message: reason, details } }, now);
  return (
    error ??
    failed('upstream_closed', `Google closed the line of the Live API (${code}${reason === '' ? '' : `: ${reason}`}).`)
  );
};
