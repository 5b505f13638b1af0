/** Questions to the two tables of what was used, in words that both engines understand. */
import type { Row, Value } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { DAY_MS, dayOf } from './day-sums.ts';

export const GROUPINGS = ['day', 'hour', 'model', 'key', 'door', 'format'] as const;

export type Grouping = (typeof GROUPINGS)[number];

export const HOUR_MS = 3_600_000;

export interface Filter {
  readonly sql: string;
  readonly value: Value;
}

/** A table, how it is told apart and summed up, and what of it is asked for. */
export interface Source {
  readonly table: string;
  readonly groups: Readonly<Record<Grouping, string>>;
  readonly counts: string;
  readonly filters: readonly Filter[];
}

export const whereOf = ({ filters }: Source): string => filters.map(({ sql }) => sql).join(' AND ');

export const valuesOf = ({ filters }: Source): readonly Value[] => filters.map(({ value }) => value);

export const select = (
  store: Pick<Store, 'read'>,
  source: Source,
  columns: string,
  grouped: string,
): Promise<readonly Row[]> =>
  store.read(`SELECT ${columns} FROM ${source.table} WHERE ${whereOf(source)} ${grouped}`, valuesOf(source));

/** Days and hours of single requests are counted since 1970. */
export const nameOf = (group: Grouping, found: Value | undefined): string => {
  if (typeof found !== 'number') return found ?? '';
  return group === 'day' ? dayOf(found * DAY_MS) : new Date(found * HOUR_MS).toISOString();
};
