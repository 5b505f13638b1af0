/** What is written behind the options of `npm run keys`, read so that what is wrong with it can be named. */
import { LIMITS } from '../../callers/limits.ts';
import type { LimitName } from '../../callers/limits.ts';

/** A value; or, in the middle of a sentence, what one should be. */
export type Reading<Value> = { readonly value: Value } | { readonly wrong: string };

const MOST = 1e15;
const MOST_DOLLARS = 1e6;

export const readLimit = (limit: LimitName, written: string): Reading<number | null> => {
  if (isNone(written)) return { value: null };
  if (LIMITS[limit].counts === 'cost') {
    const dollars = /^\d{1,7}(?:\.\d{1,6})?$/.test(written) ? Number(written) : NaN;
    return dollars > 0 && dollars <= MOST_DOLLARS
      ? { value: dollars }
      : wrong(`is no amount of dollars up to ${MOST_DOLLARS}, like 5 or 0.50`);
  }
  const count = /^\d{1,16}$/.test(written) ? Number(written) : NaN;
  return count >= 1 && count <= MOST ? { value: count } : wrong(`is no whole number from 1 to ${MOST}`);
};

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 3650 * 86_400_000;

/** `30m`, `24h`, `30d`, `0h`. */
export const readDuration = (written: string): Reading<number> => {
  const [, count = '', unit = ''] = /^(\d{1,7})([mhd])$/.exec(written) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  return ms <= LONGEST_MS ? { value: ms } : wrong('is no duration of at most ten years, like 30m, 24h or 30d');
};

/** From now on, or a day: that one still belongs to it. */
export const readExpiry = (written: string, now: number): Reading<number | null> => {
  if (isNone(written)) return { value: null };
  const duration = readDuration(written);
  const time = 'value' in duration ? now + duration.value : timeOf(written);
  if (Number.isNaN(time)) return wrong('is neither a duration nor a day, like 30d or 2026-12-31');
  if (time <= now) return wrong('is over already');
  return { value: time };
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

const timeOf = (written: string): number => {
  if (DAY.test(written)) return isDay(written) ? Date.parse(`${written}T23:59:59.999Z`) : NaN;
  const day = TIME.exec(written)?.[1];
  return day !== undefined && isDay(day) ? Date.parse(written) : NaN;
};

/** `2026-02-30` would be a day of March. */
const isDay = (written: string): boolean => {
  const time = Date.parse(written);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written);
};

const GLOB = /^[\w.:@/*?-]{1,200}$/;
const DOOR = /^(?:code-assist|vertex|gemini-api(?::[\w.-]{1,64})?)$/;
const MOST_ITEMS = 100;

/** A model is `models/x` in Google's own lists, and x wherever it is compared. */
export const readModels = (written: string): Reading<readonly string[]> =>
  readList(written, GLOB, 'is no name of a model, like gemini-2.5-pro or gemini-3*', (name) =>
    name.replace(/^models\/(?=.)/, ''),
  );

export const readDoors = (written: string): Reading<readonly string[]> =>
  readList(written, DOOR, 'is no door: code-assist, vertex, gemini-api or gemini-api:LABEL');

const readList = (
  written: string,
  form: RegExp,
  problem: string,
  toItem: (item: string) => string = (item) => item,
): Reading<readonly string[]> => {
  if (isNone(written)) return { value: [] };
  const items = written
    .split(',')
    .map((item) => toItem(item.trim()))
    .filter((item) => item !== '');
  const bad = items.find((item) => !form.test(item));
  if (bad !== undefined) return wrong(problem);
  if (items.length === 0) return wrong('names nothing; none takes the limit off');
  if (items.length > MOST_ITEMS) return wrong(`has more than ${MOST_ITEMS} names`);
  return { value: [...new Set(items)] };
};

const isNone = (written: string): boolean => written.toLowerCase() === 'none';

const wrong = (problem: string): { readonly wrong: string } => ({ wrong: problem });
