/** What was used, summed up: the days from their sums, hours from the single requests, which do not stay as long. */
import type { Row } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { oldestDay, oldestTime } from './clean-up.ts';
import { DAY_MS, dayOf } from './day-sums.ts';
import { readLatencies } from './latencies.ts';
import type { Latencies } from './latencies.ts';
import { IS_ERROR } from './request-kind.ts';
import { NANOS_OF_A_DOLLAR } from './request-row.ts';
import { HOUR_MS, nameFilters, nameOf, select, timeFilters } from './select.ts';
import type { Grouping, NamesWanted, Source } from './select.ts';

export interface UsageQuestion extends NamesWanted {
  readonly group: Grouping;
  /** Milliseconds since 1970. But for hours, all of the UTC day that it falls into. */
  readonly from: number;
  /** The first moment that does not belong to it any more. */
  readonly to: number;
}

export interface UsageCounts extends Latencies {
  readonly requests: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  /** An estimate. Null: no price is known for any of it. */
  readonly cost_usd: number | null;
  /** Requests that the cost does not hold, because nobody knows their price. */
  readonly unpriced: number;
}

export interface UsageRow extends UsageCounts {
  /** A day, the beginning of an hour, or a name; empty where there was none. */
  readonly group: string;
}

export interface UsageReport {
  /** Days and hours in their order, of all else first what has the most requests. */
  readonly rows: readonly UsageRow[];
  readonly totals: UsageCounts;
}

export const NO_USAGE: UsageCounts = {
  ...{ requests: 0, errors: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0, thought_tokens: 0 },
  ...{ cost_usd: 0, unpriced: 0, p50_ms: null, p95_ms: null, p50_first_ms: null },
};

export interface ReportNeeds {
  readonly store: Pick<Store, 'survey' | 'ranks'>;
  readonly now: number;
  readonly keepDays: number;
}

export const readUsageReport = async (question: UsageQuestion, needs: ReportNeeds): Promise<UsageReport> => {
  const { group } = question;
  const requests = requestsBetween(question, needs);
  const source = group === 'hour' ? requests : daysBetween(question, needs);
  const [found, latencies] = await Promise.all([
    select(needs.store.survey, source, `${source.groups[group]} AS name, ${source.counts}`, 'GROUP BY 1'),
    readLatencies(needs.store, requests, group),
  ]);
  const rows = found.map((row): UsageRow => {
    const name = nameOf(group, row['name']);
    return { group: name, ...toCounts([row], latencies.of(name)) };
  });
  return {
    rows: rows.sort(group === 'day' || group === 'hour' ? byName : byRequests),
    totals: toCounts(found, latencies.ofAll),
  };
};

export interface KeySumsQuestion {
  readonly key: string;
  /** In the middle of a day where the key was made then: what came before with its name was another's. */
  readonly from: number;
  readonly to: number;
}

/** What one key has used. Of a day that begins without it, its single requests; where those are not kept, all of that day. */
export const readKeySums = async (
  { key, from, to }: KeySumsQuestion,
  { store, now, keepDays }: { readonly store: Pick<Store, 'read'>; readonly now: number; readonly keepDays: number },
): Promise<Omit<UsageCounts, keyof Latencies>> => {
  const isCut = from > startOfDay(from) && from >= oldestTime(now, keepDays);
  const nextDay = startOfDay(from) + DAY_MS;
  const wholeDays = isCut ? nextDay : from;
  const sources = [
    ...(isCut ? [requestsBetween({ group: 'hour', key, from, to: Math.min(to, nextDay) }, { now, keepDays })] : []),
    ...(wholeDays < to ? [daysBetween({ group: 'key', key, from: wholeDays, to }, { now })] : []),
  ];
  const found = await Promise.all(sources.map((source) => select(store.read, source, source.counts, '')));
  return toSums(found.flat());
};

const byName = (one: UsageRow, other: UsageRow): number => (one.group < other.group ? -1 : 1);
const byRequests = (one: UsageRow, other: UsageRow): number => other.requests - one.requests || byName(one, other);

const TOKENS = ['input_tokens', 'cached_tokens', 'output_tokens', 'thought_tokens'] as const;
const COUNTS = ['requests', 'errors', ...TOKENS, 'cost_nanos', 'unpriced'] as const;

const daysBetween = (question: UsageQuestion, { now }: Pick<ReportNeeds, 'now'>): Source => ({
  table: 'day_sums',
  // Days do not know their hours.
  groups: { day: 'day', hour: 'day', model: 'model', key: 'key', door: 'door', format: 'format' },
  counts: COUNTS.map((count) => `SUM(${count}) AS ${count}`).join(', '),
  filters: [
    { sql: 'day >= ?', values: [dayOf(question.from), oldestDay(now)].sort().slice(-1) },
    { sql: 'day <= ?', values: [dayOf(question.to - 1)] },
    ...nameFilters(question),
  ],
});

const requestsBetween = (question: UsageQuestion, { now, keepDays }: Pick<ReportNeeds, 'now' | 'keepDays'>): Source => {
  const { group, from, to } = question;
  return {
    table: 'requests',
    groups: {
      day: `time / ${DAY_MS}`,
      hour: `time / ${HOUR_MS}`,
      model: "COALESCE(model, '')",
      key: 'key',
      door: "COALESCE(door, '')",
      format: "COALESCE(format, '')",
    },
    counts: [
      'COUNT(*) AS requests',
      `SUM(${IS_ERROR}) AS errors`,
      ...TOKENS.map((count) => `SUM(${count}) AS ${count}`),
      'SUM(COALESCE(cost_nanos, 0)) AS cost_nanos',
      'SUM(CASE WHEN cost_nanos IS NULL THEN 1 ELSE 0 END) AS unpriced',
    ].join(', '),
    filters: [
      ...timeFilters(
        Math.max(group === 'hour' ? from : startOfDay(from), oldestTime(now, keepDays)),
        group === 'hour' ? to : startOfDay(to - 1) + DAY_MS,
      ),
      ...nameFilters(question),
    ],
  };
};

const startOfDay = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;

const toCounts = (rows: readonly Row[], latencies: Latencies): UsageCounts => ({ ...toSums(rows), ...latencies });

const toSums = (rows: readonly Row[]): Omit<UsageCounts, keyof Latencies> => {
  // A sum of nothing is null.
  const sum = (count: (typeof COUNTS)[number]): number => rows.reduce((all, row) => all + Number(row[count] ?? 0), 0);
  const nanos = sum('cost_nanos');
  const unpriced = sum('unpriced');
  return {
    requests: sum('requests'),
    errors: sum('errors'),
    input_tokens: sum('input_tokens'),
    cached_tokens: sum('cached_tokens'),
    output_tokens: sum('output_tokens'),
    thought_tokens: sum('thought_tokens'),
    cost_usd: nanos === 0 && unpriced > 0 ? null : nanos / NANOS_OF_A_DOLLAR,
    unpriced,
  };
};
