/** Errors in Anthropic's words: one envelope, and the types that its SDKs and Claude Code decide on. */
import { HTTP_STATUS } from '../../errors.ts';
import type { ErrorCode, RelayError } from '../../errors.ts';
import type { RenderedError } from '../format.ts';
import { exactRetryHeaders } from '../retry-headers.ts';

interface Rendering {
  readonly type: string;
  readonly status: number;
}

const RENDERINGS = {
  INVALID_ARGUMENT: { type: 'invalid_request_error', status: 400 },
  FAILED_PRECONDITION: { type: 'invalid_request_error', status: 400 },
  OUT_OF_RANGE: { type: 'invalid_request_error', status: 400 },
  UNAUTHENTICATED: { type: 'authentication_error', status: 401 },
  PERMISSION_DENIED: { type: 'permission_error', status: 403 },
  NOT_FOUND: { type: 'not_found_error', status: 404 },
  // A conflict inside Google's service: it has no room at this moment.
  ABORTED: { type: 'overloaded_error', status: 529 },
  ALREADY_EXISTS: { type: 'invalid_request_error', status: 400 },
  RESOURCE_EXHAUSTED: { type: 'rate_limit_error', status: 429 },
  // 499 is for the log: a client that still reads this did not cancel anything.
  CANCELLED: { type: 'api_error', status: 500 },
  UNKNOWN: { type: 'api_error', status: 500 },
  INTERNAL: { type: 'api_error', status: 500 },
  DATA_LOSS: { type: 'api_error', status: 500 },
  UNIMPLEMENTED: { type: 'not_found_error', status: 404 },
  UNAVAILABLE: { type: 'overloaded_error', status: 529 },
  DEADLINE_EXCEEDED: { type: 'timeout_error', status: 504 },
} as const satisfies Record<ErrorCode, Rendering>;

/** Statuses that say more than their code does. */
const BY_STATUS: ReadonlyMap<number, string> = new Map([
  [403, 'permission_error'],
  [413, 'request_too_large'],
]);

export const renderAnthropicError = (error: RelayError, requestId: string): RenderedError => {
  const headers = {
    ...error.headers,
    'content-type': 'application/json; charset=utf-8',
    'request-id': requestId,
    ...exactRetryHeaders(error),
  };
  return { status: renderingOf(error).status, headers, body: anthropicErrorJson(error, requestId) };
};

/** The envelope in one line, as it also stands in a stream. */
export const anthropicErrorJson = (error: RelayError, requestId: string): string =>
  JSON.stringify({
    type: 'error',
    error: { type: renderingOf(error).type, message: messageOf(error), ...detailsOf(error) },
    request_id: requestId,
  });

const renderingOf = (error: RelayError): Rendering => {
  if (error.reason === 'unsupported_country_region_territory') return { type: 'permission_error', status: 403 };
  const general: Rendering = RENDERINGS[error.code];
  // Trouble with the owner's account, or with the way to Google, is no lack of room: it does not pass by waiting.
  if (error.code === 'UNAVAILABLE' && (error.retryable === false || error.status !== HTTP_STATUS.UNAVAILABLE)) {
    return { type: 'api_error', status: error.status };
  }
  if (error.status === HTTP_STATUS[error.code]) return general;
  return { type: BY_STATUS.get(error.status) ?? general.type, status: error.status };
};

/** By this, and not by the status, its SDK sees that it has to send the whole conversation. */
const detailsOf = ({ reason }: RelayError): object =>
  reason === 'thread_not_found' ? { details: { error_code: reason } } : {};

/** Claude Code reads both numbers from this sentence, and makes room. */
const messageOf = ({ reason, message }: RelayError): string => {
  if (reason !== 'context_length_exceeded') return message;
  const [tokens, maximum] = message.match(/\d+/g) ?? [];
  return tokens === undefined || maximum === undefined
    ? `prompt is too long. ${message}`
    : `prompt is too long: ${tokens} tokens > ${maximum} maximum`;
};
