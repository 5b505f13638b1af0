/** Questions to the two tables of what was used, in words that both engines understand. */
import type { Row, Value } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { DAY_MS, dayOf } from './day-sums.ts';
import { firstPlace, LAST_PLACED } from './request-row.ts';

export const GROUPINGS = ['day', 'hour', 'model', 'key', 'door', 'format'] as const;

export type Grouping = (typeof GROUPINGS)[number];

export const HOUR_MS = 3_600_000;

export interface Filter {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** A table, how it is told apart and summed up, and what of it is asked for. */
export interface Source {
  readonly table: string;
  readonly groups: Readonly<Record<Grouping, string>>;
  readonly counts: string;
  readonly filters: readonly Filter[];
}

export const whereOf = ({ filters }: Pick<Source, 'filters'>): string => filters.map(({ sql }) => sql).join(' AND ');

export const valuesOf = ({ filters }: Pick<Source, 'filters'>): readonly Value[] =>
  filters.flatMap(({ values }) => values);

export const select = (ask: Store['read'], source: Source, columns: string, grouped: string): Promise<readonly Row[]> =>
  ask(`SELECT ${columns} FROM ${source.table} WHERE ${whereOf(source)} ${grouped}`, valuesOf(source));

/** Days and hours of single requests are counted since 1970. */
export const nameOf = (group: Grouping, found: Value | undefined): string => {
  if (typeof found !== 'number') return found ?? '';
  return group === 'day' ? dayOf(found * DAY_MS) : new Date(found * HOUR_MS).toISOString();
};

/**
 * Requests of a time, whichever index finds them: that of the key by their times, of all keys the primary one by their
 * places, which are in the same order.
 */
export const timeFilters = (from: number, to?: number): readonly Filter[] => [
  { sql: 'time >= ? AND place >= ?', values: [from, firstPlace(from)] },
  // Beyond them no place is in the order of its time.
  ...(to === undefined || to > LAST_PLACED ? [] : [{ sql: 'time < ? AND place < ?', values: [to, firstPlace(to)] }]),
];

/** What the filters of days and of single requests have in common. Of models by a pattern. */
export const nameFilters = ({ key, model }: NamesWanted): readonly Filter[] => [
  ...(key === undefined ? [] : [{ sql: 'key = ?', values: [key] }]),
  ...(model === undefined ? [] : [{ sql: "LOWER(model) LIKE ? ESCAPE '!'", values: [likeGlob(model.toLowerCase())] }]),
];

export interface NamesWanted {
  readonly key?: string | undefined;
  /** `gemini-3*`: `*` stands for anything, `?` for one character. */
  readonly model?: string | undefined;
}

export const likeGlob = (glob: string): string =>
  glob.replaceAll(/[!%_]/g, '!$&').replaceAll('*', '%').replaceAll('?', '_');
