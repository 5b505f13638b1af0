/** What somebody wants to know of what was used, as it is written on a command line or in an address. */
import { DAY_MS } from './day-sums.ts';
import type { UsageQuestion } from './report.ts';
import type { Place, RequestQuestion, StatusWanted } from './request-list.ts';
import { GROUPINGS, HOUR_MS } from './select.ts';

export interface WrittenQuestion {
  readonly group?: string | undefined;
  /** A day, both included: `2026-11-28`, `today`, `yesterday`, `7d`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly key?: string | undefined;
  readonly model?: string | undefined;
}

/** A question, or what is wrong with it: the field, and the rest of a sentence that begins with its name and value. */
export type Reading<Question, Written> =
  { readonly question: Question } | { readonly field: keyof Written; readonly problem: string };

const USUAL_DAYS = 30;
const USUAL_HOURS = 24;
/** Longer than any name of a key or a model. */
const LONGEST_NAME = 200;

export const readUsageQuestion = (written: WrittenQuestion, now: number): Reading<UsageQuestion, WrittenQuestion> => {
  const group = GROUPINGS.find((grouping) => grouping === (written.group ?? 'day'));
  if (group === undefined) return { field: 'group', problem: `is none of ${GROUPINGS.join(', ')}` };

  const last = readDay(written.to ?? 'today', now);
  if (last === undefined) return { field: 'to', problem: NO_DAY };
  const to = last + DAY_MS;
  const from = written.from === undefined ? usualStart(group, written.to, to, now) : readDay(written.from, now);
  if (from === undefined) return { field: 'from', problem: NO_DAY };
  if (from >= to) return { field: 'from', problem: 'is later than the last day' };

  const { key, model } = written;
  return noName('key', key) ?? noName('model', model) ?? { question: { group, from, to, key, model } };
};

const noName = <Field>(
  field: Field,
  value = 'any',
): { readonly field: Field; readonly problem: string } | undefined => {
  if (value === '') return { field, problem: 'names nothing' };
  // PostgreSQL takes no such text.
  if (value.includes('\0')) return { field, problem: 'holds a character that no name has' };
  return value.length > LONGEST_NAME ? { field, problem: 'is longer than any name' } : undefined;
};

const NO_DAY = 'is no day; write it like 2026-11-28';

/** Thirty days, of hours the last 24; in the hours of a day that was named all of that day. */
const usualStart = (group: UsageQuestion['group'], lastDay: string | undefined, to: number, now: number): number => {
  if (group !== 'hour') return to - USUAL_DAYS * DAY_MS;
  return lastDay === undefined ? startOfHour(now) - (USUAL_HOURS - 1) * HOUR_MS : to - DAY_MS;
};

const startOfHour = (time: number): number => Math.floor(time / HOUR_MS) * HOUR_MS;

/** The beginning of a day; undefined for what is none. */
const readDay = (written: string, now: number): number | undefined => {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const word = written.toLowerCase();
  if (word === 'today') return today;
  if (word === 'yesterday') return today - DAY_MS;
  const days = /^([1-9]\d{0,3})d$/.exec(word)?.[1];
  if (days !== undefined) return today - (Number(days) - 1) * DAY_MS;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(word) ? Date.parse(word) : NaN;
  // `2026-02-30` would be a day of March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, word.length) !== word ? undefined : time;
};

export interface WrittenRequestQuestion {
  readonly limit?: string | undefined;
  readonly before?: string | undefined;
  readonly key?: string | undefined;
  readonly model?: string | undefined;
  readonly door?: string | undefined;
  readonly status?: string | undefined;
}

const USUAL_PAGE = 50;
const LONGEST_PAGE = 500;

/** The same for single requests. */
export const readRequestQuestion = (
  written: WrittenRequestQuestion,
): Reading<RequestQuestion, WrittenRequestQuestion> => {
  const { key, model, door } = written;
  const limit = /^\d{1,4}$/.test(written.limit ?? `${USUAL_PAGE}`) ? Number(written.limit ?? USUAL_PAGE) : NaN;
  if (!(limit >= 1 && limit <= LONGEST_PAGE))
    return { field: 'limit', problem: `is no number from 1 to ${LONGEST_PAGE}` };
  const before = written.before === undefined ? undefined : readPlace(written.before);
  if (before === null) return { field: 'before', problem: "is no page: take 'next' of the one before" };
  const status = written.status === undefined ? undefined : readStatus(written.status);
  if (status === null) return { field: 'status', problem: 'is none: write it like 429, 4xx, ok or error' };
  return (
    noName('key', key) ??
    noName('model', model) ??
    noName('door', door) ?? { question: { limit, before, key, model, door, status } }
  );
};

const readPlace = (written: string): Place | null => {
  const time = /^(\d{1,15})-\w{1,40}-\d{1,15}$/.exec(written)?.[1];
  return time === undefined ? null : { time: Number(time), place: written };
};

const readStatus = (written: string): StatusWanted | null => {
  const word = written.toLowerCase();
  if (word === 'ok' || word === 'error') return word;
  const hundred = /^([1-5])xx$/.exec(word)?.[1];
  if (hundred !== undefined) return { hundred: Number(hundred) };
  return /^[1-5]\d\d$/.test(word) ? { exactly: Number(word) } : null;
};
