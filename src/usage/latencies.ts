/** How long requests took, of those that are still kept one by one. */
import type { MiddleAndHigh } from '../store/ranks.ts';
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

export interface LatenciesByName {
  of(name: string): Latencies;
  readonly ofAll: Latencies;
}

export const readLatencies = async (
  store: Pick<Store, 'ranks'>,
  source: Source,
  group: Grouping,
): Promise<LatenciesByName> => {
  const found = await store.ranks({
    name: source.groups[group],
    columns: ['ms', 'first_ms'],
    from: `${source.table} WHERE ${whereOf(source)}`,
    values: valuesOf(source),
  });
  let ofAll = NONE;
  const byName = new Map<string, Latencies>();
  for (const { name, ofColumns } of found) {
    const latencies = toLatencies(ofColumns);
    if (name === null) ofAll = latencies;
    else byName.set(nameOf(group, name), latencies);
  }
  return { of: (name) => byName.get(name) ?? NONE, ofAll };
};

const toLatencies = ([whole, first]: readonly (MiddleAndHigh | null | undefined)[]): Latencies => ({
  p50_ms: whole?.[0] ?? null,
  p95_ms: whole?.[1] ?? null,
  p50_first_ms: first?.[0] ?? null,
});
