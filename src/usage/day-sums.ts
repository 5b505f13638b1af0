/** The sums of each day, which outlive the single requests. Written in the transaction of those, and equal to them. */
import type { Write } from '../store/database.ts';
import { AT, WIDTH } from './alike-requests.ts';
import type { AlikeRequests } from './alike-requests.ts';
import { isError } from './request-kind.ts';
import type { RequestKind } from './request-kind.ts';

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
export const writeDaySums = (groups: readonly AlikeRequests[]): Write => {
  const found = new Map<string, Place>();
  const placeOf = (day: string, { key, model, door, format }: RequestKind): Place => {
    const names = [day, key, model ?? '', door ?? '', format ?? ''];
    const name = names.join('\n');
    const known = found.get(name);
    if (known) return known;
    const made: Place = { names, sums: [0, 0, 0, 0, 0, 0, 0, 0] };
    found.set(name, made);
    return made;
  };
  for (const group of groups) {
    const { kind } = group.priced;
    const { numbers } = group;
    const errors = isError(kind) ? 1 : 0;
    let dayBegins = Infinity;
    let place: Place | undefined;
    for (let at = 0; at < numbers.length; at += WIDTH) {
      const time = numbers[at + AT.time] ?? 0;
      // Nearly always that of the one before.
      if (!place || time < dayBegins || time >= dayBegins + DAY_MS) {
        const day = dayOf(time);
        dayBegins = Date.parse(day);
        place = placeOf(day, kind);
      }
      add(place.sums, errors, numbers, at);
    }
  }
  return {
    into: `day_sums (${[...PLACE, ...COUNTS].join(', ')})`,
    rows: [...found.values()].map(({ names, sums }) => [...names, ...sums]),
    onConflict: ON_CONFLICT,
  };
};

interface Place {
  readonly names: readonly string[];
  readonly sums: Sums;
}

const add = (sums: Sums, errors: number, numbers: readonly number[], at: number): void => {
  const cost = numbers[at + AT.cost_nanos] ?? NaN;
  sums[0] += 1;
  sums[1] += errors;
  sums[2] += numbers[at + AT.input_tokens] ?? 0;
  sums[3] += numbers[at + AT.cached_tokens] ?? 0;
  sums[4] += numbers[at + AT.output_tokens] ?? 0;
  sums[5] += numbers[at + AT.thought_tokens] ?? 0;
  if (Number.isNaN(cost)) sums[7] += 1;
  else sums[6] += cost;
};

/** In UTC, wherever the machine stands. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, DAY_LENGTH);

const DAY_LENGTH = 10;
