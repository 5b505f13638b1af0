/** What a client is told when no door to Google is open for its model. */
import { withCount } from '../../count-words.ts';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import { troubleWith } from '../../reasons.ts';
import type { DoorCause } from '../../reasons.ts';

/** Why a door is closed, and until when; Infinity where it does not open by itself. */
export interface Spared {
  readonly cause: DoorCause | 'off';
  readonly until: number;
}

/** 429 where a quota is among the causes: then it helps to come back. The sentence counts the doors by their causes. */
export const allClosed = (
  model: string | undefined,
  doors: readonly Spared[],
  now: number,
  last?: unknown,
): RelayError => {
  const first = doors.reduce<Spared | undefined>(
    (best, door) => (best && best.until <= door.until ? best : door),
    undefined,
  );
  const causes = new Set(doors.map(({ cause }) => cause));
  const opens = first !== undefined && first.until !== Infinity;
  const message = `No door to Google is open${model === undefined ? '' : ` for ${model}`}: of ${withCount(doors.length, 'door')} ${counted(doors)}.`;
  const more = {
    fix: opens ? `The first opens again in ${spell(first.until - now)}.` : 'The owner of the relay has to see to them.',
    cause: last,
    tries: 1,
    ...(opens ? { retryAfterMs: Math.max(1, first.until - now) } : { retryable: false }),
  };
  if ([...causes].some((cause) => cause !== 'off' && troubleWith(cause).isQuota === true)) {
    const isOfDay = first?.cause === 'daily_quota' || first?.cause === 'no_quota';
    return failed(isOfDay ? 'insufficient_quota' : 'rate_limit_exceeded', message, more);
  }
  return failed('doors_closed', message, { ...more, ...(causes.has('capacity') && { doorCause: 'capacity' }) });
};

/** So many have failed in a row that the client is told, though others are open: it comes back at once. */
export const enoughAsked = (model: string, asked: readonly Spared[], last: unknown): RelayError => {
  const isQuota = asked.every(({ cause }) => cause !== 'off' && troubleWith(cause).isQuota === true);
  return failed(
    isQuota ? 'rate_limit_exceeded' : 'doors_closed',
    `The ${asked.length} doors to Google that were asked for ${model} have all refused: ${counted(asked)}.`,
    { fix: 'Others are open; ask again.', cause: last, tries: 1, retryAfterMs: 1000 },
  );
};

/** Nobody but that door has what was asked for. */
export const goneDoor = (id: string): RelayError =>
  failed('resource_not_found', `What this request names is kept at the door ${id}, which this relay no longer has.`);

const counted = (doors: readonly Spared[]): string => {
  const counts = new Map<Spared['cause'], number>();
  for (const { cause } of doors) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([cause, count]) => `${count} ${WORDS[cause]} (${cause})`)
    .join(', ');
};

const WORDS: Readonly<Record<Spared['cause'], string>> = {
  rate_limit: 'over a limit for now',
  daily_quota: 'out of quota for today',
  capacity: 'without capacity',
  no_quota: 'without any quota for it',
  permission: 'without permission',
  billing: 'in want of billing',
  invalid_key: 'with an invalid key',
  retired_key: 'with a retired key',
  login: 'without a login that works',
  ineligible: 'not served by Google',
  network: 'out of reach',
  server_error: 'with errors at Google',
  off: 'switched off',
};

const spell = (ms: number): string => {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
};
