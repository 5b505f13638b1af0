/** Errors in OpenAI's words: one envelope of four keys, and the headers that its SDKs steer their retries by. */
import { HTTP_STATUS } from '../../errors.ts';
import type { ErrorCode, RelayError } from '../../errors.ts';
import type { RenderedError } from '../format.ts';
import { exactRetryHeaders, isLong } from '../retry-headers.ts';

interface Rendering {
  readonly type: string;
  /** Where the error has no precise reason of its own. */
  readonly code: string | null;
  /** Where the code's own status would tell these clients something wrong. */
  readonly status?: number;
}

const RENDERINGS = {
  INVALID_ARGUMENT: { type: 'invalid_request_error', code: null },
  FAILED_PRECONDITION: { type: 'invalid_request_error', code: null },
  OUT_OF_RANGE: { type: 'invalid_request_error', code: null },
  UNAUTHENTICATED: { type: 'invalid_request_error', code: 'invalid_api_key' },
  PERMISSION_DENIED: { type: 'invalid_request_error', code: 'permission_denied' },
  NOT_FOUND: { type: 'invalid_request_error', code: null },
  // A conflict inside Google's service, not with anything of the client's.
  ABORTED: { type: 'server_error', code: 'overloaded', status: 503 },
  ALREADY_EXISTS: { type: 'invalid_request_error', code: null },
  RESOURCE_EXHAUSTED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  // 499 is for the log: a client that still reads this did not cancel anything.
  CANCELLED: { type: 'server_error', code: 'server_error', status: 500 },
  UNKNOWN: { type: 'server_error', code: 'server_error' },
  INTERNAL: { type: 'server_error', code: 'server_error' },
  DATA_LOSS: { type: 'server_error', code: 'server_error' },
  // OpenAI's SDKs repeat every status from 500 on, and this will not come by waiting.
  UNIMPLEMENTED: { type: 'invalid_request_error', code: 'unsupported_endpoint', status: 404 },
  UNAVAILABLE: { type: 'server_error', code: 'overloaded' },
  DEADLINE_EXCEEDED: { type: 'server_error', code: 'timeout' },
} as const satisfies Record<ErrorCode, Rendering>;

/** Whoever is told this stops, and asks for nothing more today. */
const SPENT = 'insufficient_quota';

/** Reasons that say more to these clients than their code does. */
const REASONS: ReadonlyMap<string, Partial<Rendering> & { readonly param?: string }> = new Map([
  [SPENT, { type: SPENT }],
  ['unsupported_country_region_territory', { type: 'request_forbidden', status: 403 }],
  ['context_length_exceeded', { param: 'messages' }],
  ['content_filter', { param: 'messages' }],
  ['model_not_found', { param: 'model' }],
  // The limit of a key is to these clients what one of OpenAI's is.
  ['key_limit_exceeded', { code: 'rate_limit_exceeded' }],
  // A fault of the relay's own is to these clients what a fault of Google's is.
  ['internal_error', { code: 'server_error' }],
  // OpenAI has no code for a body that is no JSON.
  ['invalid_json', { code: null }],
]);

/** The advice where Google names no time: quotas are counted by the minute. */
const USUAL_WAIT = '20s';

export const renderOpenAiError = (error: RelayError): RenderedError => ({
  status: statusOf(error),
  headers: {
    ...error.headers,
    'content-type': 'application/json; charset=utf-8',
    ...exactRetryHeaders(error),
    ...(reasonOf(error) === SPENT && { 'x-should-retry': 'false' }),
  },
  body: openAiErrorJson(error),
});

/** The envelope in one line, as it also stands in a stream. */
export const openAiErrorJson = (error: RelayError): string => JSON.stringify({ error: openAiError(error) });

export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export const openAiError = (error: RelayError): OpenAiError => {
  const reason = reasonOf(error);
  const special = reason === undefined ? undefined : REASONS.get(reason);
  const general: Rendering = RENDERINGS[error.code];
  const code = special?.code === undefined ? (reason ?? general.code) : special.code;
  return {
    message: messageOf(error),
    type: special?.type ?? general.type,
    param: error.param ?? special?.param ?? null,
    code,
  };
};

/** What a key may use in a day or a month and has used: Codex waits in silence as long as any other limit says. */
const reasonOf = (error: RelayError): string | undefined =>
  error.reason === 'key_limit_exceeded' && isLong(error) ? SPENT : error.reason;

const statusOf = (error: RelayError): number => {
  const special = error.reason === undefined ? undefined : REASONS.get(error.reason);
  const general: Rendering = RENDERINGS[error.code];
  if (special?.status !== undefined) return special.status;
  return error.status === HTTP_STATUS[error.code] ? (general.status ?? error.status) : error.status;
};

/** Clients look for "try again in 12s" in the message of a rate limit, and wait that long. */
const messageOf = (error: RelayError): string => {
  const { code, message, retryAfterMs, retryable } = error;
  if (code !== 'RESOURCE_EXHAUSTED' || /try again in \d/i.test(message)) return message;
  // What is used up for the day is not there in 34 s, whatever Google's delay says.
  if (reasonOf(error) === SPENT) return message;
  // It would be too large then as well.
  if (retryAfterMs === undefined && retryable === false) return message;
  const wait = retryAfterMs === undefined ? USUAL_WAIT : spellWait(retryAfterMs);
  return `${message.trimEnd()}${/[.!?]\s*$/.test(message) ? '' : '.'} Please try again in ${wait}.`;
};

const spellWait = (ms: number): string => (ms < 1000 ? `${Math.ceil(ms)}ms` : `${Math.ceil(ms / 100) / 10}s`);
