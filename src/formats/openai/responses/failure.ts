import type { RelayError } from '../../../errors.ts';
import { openAiError } from '../errors.ts';
import type { ResponseState } from './wire.ts';

/** What clients decide on once a stream has begun: to wait, to stop, to make room, or to try again. */
const CODES: ReadonlySet<string> = new Set(['rate_limit_exceeded', 'insufficient_quota', 'context_length_exceeded']);

export const toFailure = (error: RelayError): Pick<ResponseState, 'status' | 'error'> => {
  if (error.reason === 'response_cancelled') return { status: 'cancelled' };
  const { code, message } = openAiError(error);
  return { status: 'failed', error: { code: code !== null && CODES.has(code) ? code : 'server_error', message } };
};
