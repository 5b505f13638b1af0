/** The sums of each day, which outlive the single requests. Written in the transaction of those, and equal to them. */
import type { Write } from '../store/database.ts';
import { isError } from './request-row.ts';
import type { RequestRow } from './request-row.ts';

/** What the days are told apart by. Empty text for what is not known. */
const PLACE = ['day', 'key', 'model', 'door', 'format'] as const;

/** In the order of the columns below. */
type Sums = [
  requests: number,
  errors: number,
  input: number,
  cached: number,
  output: number,
  thoughts: number,
  costNanos: number,
  unpriced: number,
];

const COUNTS = [
  ...(['requests', 'errors', 'input_tokens', 'cached_tokens', 'output_tokens', 'thought_tokens'] as const),
  ...(['cost_nanos', 'unpriced'] as const),
];

export const DAY_MS = 86_400_000;

const ON_CONFLICT =
  `ON CONFLICT (${PLACE.join(', ')}) DO UPDATE SET ` +
  COUNTS.map((count) => `${count} = day_sums.${count} + excluded.${count}`).join(', ');

/** One row for each place that the batch has something for. */
export const writeDaySums = (rows: readonly RequestRow[]): Write => {
  const found = new Map<string, Group>();
  let [day, dayBegins] = ['', Infinity];
  let latest: Group | undefined;
  for (const row of rows) {
    const { key, model, door, format, time } = row;
    // Nearly always the same as that of the row before.
    const isSameDay = time >= dayBegins && time < dayBegins + DAY_MS;
    if (!isSameDay || !latest || !isThere(latest.first, row)) {
      if (!isSameDay) {
        day = dayOf(time);
        dayBegins = Date.parse(day);
      }
      // The model last: it is the client's, and only of the others it is known that no line ends in them.
      const name = `${day}\n${key}\n${door ?? ''}\n${format ?? ''}\n${model ?? ''}`;
      latest = found.get(name);
      if (!latest) {
        latest = {
          first: row,
          names: [day, key, model ?? '', door ?? '', format ?? ''],
          sums: [0, 0, 0, 0, 0, 0, 0, 0],
        };
        found.set(name, latest);
      }
    }
    add(latest.sums, row);
  }
  return {
    into: `day_sums (${[...PLACE, ...COUNTS].join(', ')})`,
    rows: [...found.values()].map(({ names, sums }) => [...names, ...sums]),
    onConflict: ON_CONFLICT,
  };
};

interface Group {
  readonly first: RequestRow;
  readonly names: readonly string[];
  readonly sums: Sums;
}

/** On the same day. */
const isThere = (first: RequestRow, { key, model, door, format }: RequestRow): boolean =>
  key === first.key && model === first.model && door === first.door && format === first.format;

const add = (sums: Sums, row: RequestRow): void => {
  sums[0] += 1;
  sums[1] += isError(row) ? 1 : 0;
  sums[2] += row.input_tokens;
  sums[3] += row.cached_tokens;
  sums[4] += row.output_tokens;
  sums[5] += row.thought_tokens;
  sums[6] += row.cost_nanos ?? 0;
  sums[7] += row.cost_nanos === null ? 1 : 0;
};

/** In UTC, wherever the machine stands. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, DAY_LENGTH);

const DAY_LENGTH = 10;
