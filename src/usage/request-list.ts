/** Single requests, the newest first, a page at a time. */
import type { Row, Value } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { oldestTime } from './clean-up.ts';
import { IS_ERROR } from './request-kind.ts';
import { COLUMNS, NANOS_OF_A_DOLLAR } from './request-row.ts';
import { likeGlob, nameFilters, timeFilters, valuesOf, whereOf } from './select.ts';
import type { Filter, NamesWanted } from './select.ts';

export interface RequestQuestion extends NamesWanted {
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: Place | undefined;
  /** Its id, or its kind for all of that kind: `gemini-api`. */
  readonly door?: string | undefined;
  readonly status?: StatusWanted | undefined;
}

/** Where in the list a request stands. */
export interface Place {
  readonly time: number;
  readonly place: string;
}

/** Exactly one, all of a hundred (`4` for 4xx), or whether it was an error. */
export type StatusWanted = { readonly exactly: number } | { readonly hundred: number } | 'ok' | 'error';

export interface ListedRequest {
  readonly id: string;
  readonly time: string;
  readonly key: string;
  readonly door: string | null;
  readonly format: string | null;
  readonly route: string | null;
  readonly model: string | null;
  readonly served_model: string | null;
  readonly stream: boolean;
  readonly status: number;
  readonly reason: string | null;
  readonly ms: number;
  readonly first_ms: number | null;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  /** An estimate. Null: nobody knows. */
  readonly cost_usd: number | null;
  readonly retries: number;
  readonly client: string | null;
}

export interface RequestPage {
  readonly rows: readonly ListedRequest[];
  /** Where the next page begins; null where this is the last. */
  readonly next: string | null;
}

export interface ListNeeds {
  readonly store: Pick<Store, 'survey'>;
  readonly now: number;
  readonly keepDays: number;
}

export const readRequestPage = async (question: RequestQuestion, needs: ListNeeds): Promise<RequestPage> => {
  const { limit } = question;
  const source = { filters: filtersOf(question, oldestTime(needs.now, needs.keepDays)) };
  const rows = await needs.store.survey(
    // One more, to know whether there is a page behind this one.
    `SELECT ${COLUMNS.join(', ')} FROM requests WHERE ${whereOf(source)}
      ORDER BY ${question.key === undefined ? '' : 'time DESC, '}place DESC LIMIT ?`,
    [...valuesOf(source), limit + 1],
  );
  const last = rows[limit - 1];
  return {
    rows: rows.slice(0, limit).map(toListed),
    next: rows.length > limit && last ? String(last['place']) : null,
  };
};

const filtersOf = ({ before, door, status, ...names }: RequestQuestion, oldest: number): readonly Filter[] => [
  ...timeFilters(oldest),
  ...(before ? [{ sql: 'time <= ? AND place < ?', values: [before.time, before.place] }] : []),
  ...nameFilters(names),
  ...(door === undefined
    ? []
    : [{ sql: "(door = ? OR door LIKE ? ESCAPE '!')", values: [door, likeGlob(`${door}:*`)] }]),
  ...(status === undefined ? [] : [statusFilter(status)]),
];

const statusFilter = (status: StatusWanted): Filter => {
  if (status === 'ok' || status === 'error') return { sql: `(${IS_ERROR}) = ?`, values: [status === 'error' ? 1 : 0] };
  const [first, last] =
    'exactly' in status ? [status.exactly, status.exactly] : [status.hundred * 100, status.hundred * 100 + 99];
  return { sql: 'status BETWEEN ? AND ?', values: [first, last] };
};

/** A row of the table, or one that is on its way there. */
export const toListed = (row: Row): ListedRequest => ({
  id: String(row['id']),
  time: new Date(Number(row['time'])).toISOString(),
  key: String(row['key']),
  door: textOf(row['door']),
  format: textOf(row['format']),
  route: textOf(row['route']),
  model: textOf(row['model']),
  served_model: textOf(row['served_model']),
  stream: row['stream'] === 1,
  status: Number(row['status']),
  reason: textOf(row['reason']),
  ms: Number(row['ms']),
  first_ms: numberOf(row['first_ms']),
  input_tokens: Number(row['input_tokens']),
  cached_tokens: Number(row['cached_tokens']),
  output_tokens: Number(row['output_tokens']),
  thought_tokens: Number(row['thought_tokens']),
  cost_usd: typeof row['cost_nanos'] === 'number' ? row['cost_nanos'] / NANOS_OF_A_DOLLAR : null,
  retries: Number(row['retries']),
  client: textOf(row['client']),
});

const textOf = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: Value | undefined): number | null => (typeof value === 'number' ? value : null);
