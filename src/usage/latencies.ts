/** How long requests took, of those that are still kept one by one. */
import type { Value } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { nameOf, valuesOf, whereOf } from './select.ts';
import type { Grouping, Source } from './select.ts';

/** Null where there is no such request. */
export interface Latencies {
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  /** Until the first byte. */
  readonly p50_first_ms: number | null;
}

const NONE: Latencies = { p50_ms: null, p95_ms: null, p50_first_ms: null };
const ALL = "''";

export interface LatenciesByName {
  of(name: string): Latencies;
  readonly ofAll: Latencies;
}

export const readLatencies = async (
  store: Pick<Store, 'read'>,
  source: Source,
  group: Grouping,
): Promise<LatenciesByName> => {
  const ranks = async (name: string, column: 'ms' | 'first_ms'): Promise<Ranks> => {
    const rows = await store.read(ranked(source, name, column), valuesOf(source));
    return new Map(
      rows.map(({ name: of, p50, p95 }) => [nameOf(group, of), { p50: toNumber(p50), p95: toNumber(p95) }]),
    );
  };
  const [whole, first, allWhole, allFirst] = await Promise.all([
    ranks(source.groups[group], 'ms'),
    ranks(source.groups[group], 'first_ms'),
    ranks(ALL, 'ms'),
    ranks(ALL, 'first_ms'),
  ]);
  return {
    of: (name) => toLatencies(whole.get(name), first.get(name)),
    ofAll: toLatencies(allWhole.get(''), allFirst.get('')),
  };
};

interface Rank {
  readonly p50: number | null;
  readonly p95: number | null;
}

type Ranks = ReadonlyMap<string, Rank>;

/** By the nearest rank, so that the engine sends a row for each name and not one for each request. */
const ranked = (source: Source, name: string, column: string): string =>
  `SELECT name, MIN(CASE WHEN place * 2 >= total THEN value END) AS p50,
    MIN(CASE WHEN place * 100 >= total * 95 THEN value END) AS p95
  FROM (
    SELECT name, value, ROW_NUMBER() OVER (PARTITION BY name ORDER BY value) AS place,
      COUNT(*) OVER (PARTITION BY name) AS total
    FROM (SELECT ${name} AS name, ${column} AS value FROM ${source.table} WHERE ${whereOf(source)}) AS asked
    WHERE value IS NOT NULL
  ) AS ranks GROUP BY name`;

const toNumber = (value: Value | undefined): number | null => (typeof value === 'number' ? value : null);

const toLatencies = (whole: Rank | undefined, first: Rank | undefined): Latencies =>
  whole ? { p50_ms: whole.p50, p95_ms: whole.p95, p50_first_ms: first?.p50 ?? null } : NONE;
