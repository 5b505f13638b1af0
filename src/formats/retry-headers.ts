/** When to come back, and whether at all, in the headers that SDKs read. */
import type { RelayError } from '../errors.ts';

/** No client should sit out a longer wait. SDKs that take it for none repeat at once, unless they are told not to. */
const LONGEST_RETRY_MS = 60_000;

export const isLong = ({ retryAfterMs = 0 }: RelayError): boolean => retryAfterMs > LONGEST_RETRY_MS;

export const retryHeaders = (error: RelayError): Record<string, string> => ({
  ...(error.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
  ...((error.retryable === false || isLong(error)) && { 'x-should-retry': 'false' }),
});

/** The SDKs of OpenAI and Anthropic read milliseconds before they read seconds. */
export const exactRetryHeaders = (error: RelayError): Record<string, string> => ({
  ...retryHeaders(error),
  ...(error.retryAfterMs !== undefined &&
    !isLong(error) && { 'retry-after-ms': String(Math.ceil(error.retryAfterMs)) }),
});
