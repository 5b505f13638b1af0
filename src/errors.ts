import { REASONS, meaningOf } from './reasons.ts';
import type { DoorCause, Meaning, Reason } from './reasons.ts';

/** Google's canonical codes, the neutral language of failure, each with the HTTP status it has by itself. */
export const HTTP_STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  UNKNOWN: 500,
  INTERNAL: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type ErrorCode = keyof typeof HTTP_STATUS;

export interface ErrorDetails {
  /** HTTP status, where it is not the one that the code has by itself (502, 413, …). */
  readonly status?: number;
  /** The precise cause: clients and layers decide on it, never on the message. What it means stands in reasons.ts. */
  readonly reason?: Reason;
  /** Path of the field at fault in the client's own request: `messages[2].content[0].image_url`. */
  readonly param?: string;
  /** When to come back, where known. */
  readonly retryAfterMs?: number;
  /** The next three: where this error is not as its reason mostly is. */
  readonly retryable?: boolean;
  readonly tries?: number;
  readonly doorCause?: DoorCause;
  /** What this account does not have another may. */
  readonly isOfAccount?: boolean;
  /** What to do about it, apart from what happened: both are told to clients, one under the other where there is room. */
  readonly fix?: string | undefined;
  /** Google's own words beside ours, which may name somebody: not for those who present no key. */
  readonly told?: string | undefined;
  /** Google's own error details, passed on to native clients. */
  readonly details?: readonly unknown[];
  /** Further answer headers (`allow`, …), lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log alone. */
  readonly cause?: unknown;
}

/** The one error. `message` is fit for the client: what happened, what to do next, what Google says; `cause` is for the log. */
export class RelayError extends Error {
  /** What happened, alone. */
  readonly problem: string;
  readonly fix: string | undefined;
  readonly told: string | undefined;
  readonly code: ErrorCode;
  readonly status: number;
  readonly reason: Reason | undefined;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean | undefined;
  readonly tries: number;
  /** What is wrong with the door that it came from, if anything is. */
  readonly doorCause: DoorCause | undefined;
  readonly isOfAccount: boolean;
  readonly details: readonly unknown[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, problem: string, more: ErrorDetails = {}) {
    const message = inFull(problem, more.fix);
    super(more.told ? `${message} Google says: ${more.told}` : message, { cause: more.cause });
    const { retryable, tries, doorCause }: Partial<Meaning> = more.reason === undefined ? {} : meaningOf(more.reason);
    this.name = 'RelayError';
    this.problem = problem;
    this.fix = more.fix;
    this.told = more.told;
    this.code = code;
    this.status = more.status ?? HTTP_STATUS[code];
    this.reason = more.reason;
    this.param = more.param;
    this.retryAfterMs = more.retryAfterMs;
    this.retryable = more.retryable ?? retryable;
    this.tries = more.tries ?? tries ?? 1;
    this.doorCause = more.doorCause ?? doorCause;
    this.isOfAccount = more.isOfAccount === true;
    this.details = more.details ?? [];
    this.headers = more.headers ?? {};
  }
}

/** What is wrong and what to do about it, in one text. */
export const inFull = (problem: string, fix: string | undefined): string =>
  fix === undefined ? problem : `${problem}${/[\p{L}\p{N}]$/u.test(problem) ? '.' : ''} ${fix}`;

/** An error of this reason: code, status and all else follow from it. */
export const failed = (reason: Reason, problem: string, more: Omit<ErrorDetails, 'reason'> = {}): RelayError => {
  const { status } = meaningOf(reason);
  return new RelayError(CODES[reason].code, problem, { ...(status !== undefined && { status }), ...more, reason });
};

const CODES: Readonly<Record<Reason, { readonly code: ErrorCode }>> = REASONS;

/** The same error, but for what is given. */
export const changed = (error: RelayError, changes: ErrorDetails = {}): RelayError => {
  const { code, problem, param, reason, retryAfterMs, retryable, doorCause } = error;
  return new RelayError(code, problem, {
    status: error.status,
    tries: error.tries,
    fix: error.fix,
    told: error.told,
    details: error.details,
    headers: error.headers,
    cause: error.cause,
    isOfAccount: error.isOfAccount,
    ...(param !== undefined && { param }),
    ...(reason !== undefined && { reason }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(retryable !== undefined && { retryable }),
    ...(doorCause !== undefined && { doorCause }),
    ...changes,
  });
};

/** The same error, with the field of the client's request that it is about. */
export const withParam = (error: RelayError, param: string): RelayError => changed(error, { param });

/** What is not a RelayError is a fault of ours: the client gets a fixed sentence, the log gets the cause. */
export const toRelayError = (thrown: unknown): RelayError =>
  thrown instanceof RelayError
    ? thrown
    : failed('internal_error', 'The relay failed on this request; its log has the details under this request id.', {
        cause: thrown,
      });
