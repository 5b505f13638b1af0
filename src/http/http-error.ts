import { HTTP_STATUS, RelayError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';

/** What `ctx.throw` and Koa's packages throw (http-errors), as an error of ours; everything else as it is. */
export const fromHttpError = (thrown: unknown): unknown => {
  if (!isHttpError(thrown)) return thrown;
  const { status, expose, message, headers } = thrown;
  // A plain 500 is a fault of ours like any other.
  if (!expose && status === 500) return thrown;
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  return new RelayError(codeOf(status), expose ? message : `${STATUS_CODES[status] ?? 'Error'}.`, {
    status,
    ...(headers && { headers: lowerCased(headers) }),
    ...(!expose && { cause: thrown }),
  });
};

interface HttpError extends Error {
  readonly status: number;
  /** Whether the message is meant for the client. */
  readonly expose: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Not every error with a `status`: the one of a call to Google is none of our answer. */
const isHttpError = (thrown: unknown): thrown is HttpError =>
  thrown instanceof Error &&
  'expose' in thrown &&
  typeof thrown.expose === 'boolean' &&
  'status' in thrown &&
  typeof thrown.status === 'number' &&
  thrown.status >= 400 &&
  thrown.status <= 599;

const codeOf = (status: number): ErrorCode => {
  for (const code of CODES) if (HTTP_STATUS[code] === status) return code;
  return status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE';
};

/** Each with a status of its own, the usual one first where two share it. */
const CODES = [
  'INVALID_ARGUMENT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'ABORTED',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNIMPLEMENTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
] as const satisfies readonly ErrorCode[];

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
