/** How a session is ended in the words of WebSockets: by the codes that Google uses, and with a short reason. */
import type { ErrorCode, RelayError } from '../../../errors.ts';
import { INTERNAL, INVALID_DATA, POLICY } from '../../../gemini/live.ts';
import type { Reason } from '../../../reasons.ts';

export interface Close {
  readonly code: number;
  readonly reason: string;
}

const NORMAL = 1000;
export const GOING_AWAY = 1001;
/** They say what was not said, and are never sent. */
const [NO_CODE, BROKEN] = [1005, 1006];

const CODES = {
  INVALID_ARGUMENT: INVALID_DATA,
  FAILED_PRECONDITION: INVALID_DATA,
  OUT_OF_RANGE: INVALID_DATA,
  UNAUTHENTICATED: POLICY,
  PERMISSION_DENIED: POLICY,
  NOT_FOUND: POLICY,
  ABORTED: POLICY,
  ALREADY_EXISTS: POLICY,
  UNIMPLEMENTED: POLICY,
  CANCELLED: POLICY,
  // As Google closes what is over a quota.
  RESOURCE_EXHAUSTED: INTERNAL,
  UNKNOWN: INTERNAL,
  INTERNAL,
  DATA_LOSS: INTERNAL,
  UNAVAILABLE: INTERNAL,
  DEADLINE_EXCEEDED: INTERNAL,
} satisfies Record<ErrorCode, number>;

/** Where the code alone does not say whose doing it is. */
const CODES_OF_REASONS: Readonly<Partial<Record<Reason, number>>> = {
  server_shutting_down: GOING_AWAY,
  request_too_slow: POLICY,
  slow_reader: POLICY,
};

export const closeFor = ({ code, reason, message }: RelayError): Close => ({
  code: (reason && CODES_OF_REASONS[reason]) ?? CODES[code],
  reason: shortened(message),
});

/** What one side said, for the other. */
export const passedClose = ({ code, reason }: Close): Close => {
  if (code === NO_CODE) return { code: NORMAL, reason };
  if (code === BROKEN) return { code: INTERNAL, reason: 'Google broke off the connection.' };
  return { code, reason: shortened(reason) };
};

/** RFC 6455, 5.5. */
const LONGEST_BYTES = 123;

const shortened = (text: string): string => {
  const bytes = Buffer.from(text);
  if (bytes.length <= LONGEST_BYTES) return text;
  // A character that is cut becomes a replacement, which is as long as the dots are.
  return `${bytes.toString('utf8', 0, LONGEST_BYTES - DOTS_BYTES).replace(/\uFFFD$/, '')}…`;
};

const DOTS_BYTES = 3;
