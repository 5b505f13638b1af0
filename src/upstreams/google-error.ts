/**
 * Google's answer of failure as our error: what the client is told, how often to try, when to come back. Decides on
 * `reason` and other fields wherever there is one; on words only where Google gives nothing else.
 */
import { HTTP_STATUS, RelayError, changed, failed } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { badResponse, foreignAnswer, TRY_AGAIN } from '../errors/answers.ts';
import { accountTrouble } from './account-trouble.ts';
import { findFailure, readFailure } from './google-error-body.ts';
import type { GoogleFailure } from './google-error-body.ts';
import { isPerDay, parseDuration, publicDetails, readDetails, soberWait } from './google-details.ts';
import type { Findings } from './google-details.ts';
import { createNewDay } from './new-day.ts';
import { sanitise } from './sanitise.ts';
import type { Reply } from './transport.ts';

const EXCERPT_BYTES = 64 * 1024;

/** The error in a reply that is no success, and Google's own reasons for it; reads the body, at most a part of it. */
export const replyToFailure = async (
  reply: Reply,
  now: number,
): Promise<{ readonly error: RelayError; readonly reasons: readonly string[] }> => {
  if (reply.status < 400) {
    reply.discard();
    const message = `Google answered with status ${reply.status}, which the relay does not follow.`;
    return { error: badResponse(message), reasons: [] };
  }
  const retryAfter = reply.headers['retry-after'];
  const failure = readFailure(await reply.excerpt(EXCERPT_BYTES));
  // Google says in JSON whom it refuses; a page is a firewall's or a gateway's.
  if (!failure && (reply.status === 401 || reply.status === 403)) {
    const refused = `Something on the way to Google answered ${reply.status}, in no words of Google's.`;
    return { error: onTheWay(refused), reasons: [] };
  }
  return {
    error: toGoogleError(reply.status, failure, now, typeof retryAfter === 'string' ? retryAfter : undefined),
    reasons: failure ? readDetails(failure, now).reasons : [],
  };
};

const onTheWay = (problem: string): RelayError => changed(foreignAnswer(problem), { doorCause: 'network' });

export const replyToError = async (reply: Reply, now: number): Promise<RelayError> =>
  (await replyToFailure(reply, now)).error;

/** The error object inside an answer that began as a success; undefined where there is none. */
export const valueToError = (value: unknown, now: () => number): RelayError | undefined => {
  const failure = findFailure(value);
  if (!failure) return undefined;
  const named = failure.status && Object.hasOwn(HTTP_STATUS, failure.status) ? failure.status : undefined;
  const status = failure.code ?? (named === undefined ? undefined : HTTP_STATUS[named as ErrorCode]);
  // No status that could be passed on, and a 500 would say that the relay has failed.
  if (status === undefined && failure.message === '') return badResponse('Google sent an error that cannot be read.');
  const error = toGoogleError(status ?? 502, failure, now(), undefined);
  // A response's 401 has had its second chance where it came; this one comes too late for that.
  return status === 401 ? unauthorized(error) : error;
};

const UNAUTHORIZED_TRIES = 2;

const unauthorized = (error: RelayError): RelayError =>
  new RelayError(error.code, error.problem, {
    fix: error.fix,
    told: error.told,
    reason: 'upstream_auth_error',
    tries: UNAUTHORIZED_TRIES,
  });

/** A 401 inside of an answer. */
export const isUnauthorized = (error: RelayError): boolean =>
  error.reason === 'upstream_auth_error' && error.tries === UNAUTHORIZED_TRIES;

const NOTHING: GoogleFailure = { code: undefined, status: undefined, message: '', details: [] };

/** Above this, waiting is the client's decision. */
const SHORT_WAIT_MS = 10_000;

/** Code Assist names its quota of the day and its limit of the minute alike; the minute's is back within one. */
const LONGEST_LIMIT_MS = 60_000;

/** Code Assist's words for a quota begin with the same ones: "You have exhausted your capacity on this model. Your quota …". */
const CAPACITY = /exhausted your capacity|capacity exceeded|MODEL_CAPACITY_EXHAUSTED|no capacity/i;

/** Prepaid credits that are used up and a spending cap that is reached have no reason field (AI Studio's projects). */
const UNPAID = /credits are depleted|spending cap/i;

const toGoogleError = (
  status: number,
  failure: GoogleFailure = NOTHING,
  now: number,
  retryAfter: string | undefined,
): RelayError => {
  const findings = readDetails(failure, now);
  const retryAfterMs = findings.retryAfterMs ?? parseRetryAfter(retryAfter, now);
  const trouble = accountTrouble(status, failure, findings);
  if (trouble) return trouble;

  const message = sanitise(failure.message) || `Google answered with status ${status} and no explanation.`;
  const details = publicDetails(failure.details);
  const delay = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (status) {
    case 400:
      return refusedRequest(failure, message, details);
    case 403:
      // What belongs to somebody else; trouble of the relay's own is told above.
      return new RelayError('PERMISSION_DENIED', message, { details });
    case 404:
      // Google names what it does not find. A page says that the address is wrong, not that a thing is gone.
      if (failure === NOTHING) return new RelayError('NOT_FOUND', message, { fix: WRONG_ADDRESS });
      return failed('model_not_found', message, { details, isOfAccount: OF_THE_ACCOUNT.test(message) });
    case 407:
      return onTheWay('A proxy on the way to Google asks for a user name and password (407).');
    case 408:
    case 504:
      return failed('upstream_timeout', message, {
        ...TRY_AGAIN,
        tries: 3,
        doorCause: 'server_error',
        details,
        ...delay,
      });
    case 409:
      return new RelayError('ABORTED', message, { details });
    case 413:
      return failed('request_too_large', message, { details });
    case 429:
    case 499:
    case 503:
      return exhausted(status, { failure, findings, message, details, retryAfterMs, now });
    case 500:
      return failed('server_error', message, { ...TRY_AGAIN, details, ...delay });
    case 501:
      return new RelayError('UNIMPLEMENTED', message, { details });
    case 502:
      return new RelayError('UNAVAILABLE', message, {
        ...{ ...TRY_AGAIN, status: 502, reason: 'server_error', details, ...delay },
      });
    default:
      if (status >= 500) {
        return new RelayError('UNAVAILABLE', message, {
          ...{ ...TRY_AGAIN, status: 502, reason: 'server_error', tries: 1, details },
        });
      }
      return new RelayError('INVALID_ARGUMENT', message, { status: status >= 400 ? status : 502, details });
  }
};

/** Another account may have the model all the same: "… is no longer available to new users." */
const OF_THE_ACCOUNT = /available to new|not (?:have access|available) to (?:it|your)|not have access/i;

/** What can be done where Google's own words do not say it. */
const ELSEWHERE = 'Let the relay call from another country (HTTPS_PROXY), or set UPSTREAM=vertex.';
const WRONG_ADDRESS = 'The owner of the relay has to check its endpoint and proxy: `npm run health`.';
const OTHER_MODEL = 'Try again, or take another model.';
const QUOTA_FIXES = {
  daily_quota: 'The quota of the day is used up: come back tomorrow, or take another model.',
  no_quota: 'This plan has no quota for the model: take another one.',
  billing: undefined,
} as const;

const refusedRequest = (failure: GoogleFailure, message: string, details: readonly unknown[]): RelayError => {
  if (failure.status === 'FAILED_PRECONDITION') {
    // Both are about where the project is, and have no reason field.
    if (/location is not supported/i.test(message)) {
      return failed('unsupported_country_region_territory', message, { fix: ELSEWHERE, details });
    }
    if (/free tier is not available/i.test(message)) {
      return failed('unsupported_country_region_territory', message, { details, doorCause: 'billing' });
    }
    return new RelayError('FAILED_PRECONDITION', message, { details });
  }
  if (/input token count/i.test(message) && /exceed/i.test(message)) {
    return failed('context_length_exceeded', message, { fix: 'Shorten the conversation.', details });
  }
  return new RelayError(failure.status === 'OUT_OF_RANGE' ? 'OUT_OF_RANGE' : 'INVALID_ARGUMENT', message, { details });
};

interface Exhaustion {
  readonly failure: GoogleFailure;
  readonly findings: Findings;
  readonly message: string;
  readonly details: readonly unknown[];
  readonly retryAfterMs: number | undefined;
  readonly now: number;
}

/** 429, 503 and 499 share their reasons: a quota for the day, a limit for the minute, or Google itself short of capacity. */
const exhausted = (
  status: number,
  { failure, findings, message, details, retryAfterMs, now }: Exhaustion,
): RelayError => {
  const { reasons, quotaIds, hasNoQuota, metadata } = findings;
  const delay = retryAfterMs === undefined ? {} : { retryAfterMs };
  const isNamed = reasons.length > 0 || quotaIds.length > 0;

  const outOfCapacity = isNamed
    ? reasons.some((reason) => reason.startsWith('MODEL_CAPACITY_'))
    : CAPACITY.test(failure.message) && !/quota/i.test(failure.message);
  if (outOfCapacity) {
    return failed('overloaded', message, { fix: OTHER_MODEL, details, ...delay });
  }

  const isDaily =
    quotaIds.some(isPerDay) ||
    reasons.includes('INSUFFICIENT_G1_CREDITS_BALANCE') ||
    (reasons.includes('QUOTA_EXHAUSTED') && (retryAfterMs ?? Infinity) > LONGEST_LIMIT_MS) ||
    (!isNamed && CAPACITY.test(failure.message) && (retryAfterMs ?? 0) > LONGEST_LIMIT_MS);
  const isUnpaid = UNPAID.test(failure.message);
  if (isDaily || hasNoQuota || isUnpaid) {
    const doorCause = isUnpaid ? 'billing' : hasNoQuota ? 'no_quota' : 'daily_quota';
    const fix = QUOTA_FIXES[doorCause];
    if (isUnpaid) return failed('insufficient_quota', message, { fix, details, ...delay, doorCause });
    // Beside such a quota Google tells a wait of seconds, in which nothing changes.
    const toldMs = hasNoQuota || quotaIds.some(isPerDay) ? 0 : (retryAfterMs ?? 0);
    const waitMs = toldMs > LONGEST_LIMIT_MS ? toldMs : createNewDay()(now) - now;
    return failed('insufficient_quota', message, { fix, details, retryAfterMs: waitMs, doorCause });
  }

  if (status === 503) return failed('overloaded', message, { fix: OTHER_MODEL, details, ...delay });
  if (status === 499) return failed('server_error', message, { tries: 2, details, ...delay });

  const perMinute =
    quotaIds.some((id) => id.includes('PerMinute')) || (metadata.quota_limit ?? '').includes('PerMinute');
  const waitMs = retryAfterMs ?? (perMinute ? 60_000 : undefined);
  return failed('rate_limit_exceeded', message, {
    ...(waitMs === undefined ? { tries: 2 } : waitMs > SHORT_WAIT_MS && { tries: 1 }),
    details,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
};

/** Seconds, or a date. */
const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined || header.trim() === '') return undefined;
  if (/^\s*\d{1,9}(?:\.\d+)?\s*$/.test(header)) return parseDuration(`${header.trim()}s`);
  const date = Date.parse(header);
  return soberWait(Number.isNaN(date) ? undefined : Math.max(0, date - now));
};
