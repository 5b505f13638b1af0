/** Errors in the words of Google's APIs: one envelope, the details Google's own where it gave any. */
import type { ErrorCode, RelayError } from '../../errors.ts';
import type { RenderedError } from '../format.ts';
import { retryHeaders } from '../retry-headers.ts';

/** The canonical names are Google's own; only what has no place in an answer changes. */
const STATUS = {
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  FAILED_PRECONDITION: 'FAILED_PRECONDITION',
  OUT_OF_RANGE: 'OUT_OF_RANGE',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  PERMISSION_DENIED: 'PERMISSION_DENIED',
  NOT_FOUND: 'NOT_FOUND',
  ABORTED: 'ABORTED',
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  RESOURCE_EXHAUSTED: 'RESOURCE_EXHAUSTED',
  // 499 is for the log: a client that still reads this did not cancel anything.
  CANCELLED: 'INTERNAL',
  UNKNOWN: 'UNKNOWN',
  INTERNAL: 'INTERNAL',
  DATA_LOSS: 'DATA_LOSS',
  UNIMPLEMENTED: 'UNIMPLEMENTED',
  UNAVAILABLE: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
} satisfies Record<ErrorCode, string>;

export const renderGeminiError = (error: RelayError): RenderedError => {
  const headers = {
    ...error.headers,
    'content-type': 'application/json; charset=utf-8',
    ...retryHeaders(error),
  };
  return { status: httpStatus(error), headers, body: `${geminiErrorJson(error)}\n` };
};

/** The envelope in one line, as it also stands in a stream. */
export const geminiErrorJson = (error: RelayError): string => {
  const details = detailsOf(error);
  return JSON.stringify({
    error: {
      code: httpStatus(error),
      message: error.message,
      status: STATUS[error.code],
      ...(details.length > 0 && { details }),
    },
  });
};

const httpStatus = (error: RelayError): number => (error.status === 499 ? 500 : error.status);

/** Google's details as they came; where there are none, what the relay knows in the same forms. */
const detailsOf = (error: RelayError): readonly unknown[] => {
  if (error.details.length > 0) return error.details;
  if (error.code === 'UNAUTHENTICATED' || error.reason === undefined) return [];
  const details: unknown[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: error.reason.toUpperCase(),
      domain: 'gemini-cli-relay',
    },
  ];
  if (error.param !== undefined) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: error.param, description: error.message }],
    });
  }
  if (error.retryAfterMs !== undefined) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${Math.ceil(error.retryAfterMs / 1000)}s`,
    });
  }
  return details;
};
