/** What is kept of one request: numbers and names. Never a word of prompt or answer, never a key. */
import type { PricedUsage } from '../gemini/usage.ts';
import type { System } from '../system.ts';
import { costOf } from './prices.ts';
import { CLIENT_LEFT_REASON } from './request-kind.ts';
import type { PricedKind, RequestKind } from './request-kind.ts';

/** A request that is over, and that named a valid key. */
export interface EndedRequest {
  readonly id: string;
  /** When it came in, on the wall clock. */
  readonly time: number;
  /** Name of the key. */
  readonly key: string;
  readonly door: string | undefined;
  readonly format: string | undefined;
  readonly route: string | undefined;
  /** As the client asked for it. */
  readonly model: string | undefined;
  /** What Google was asked for. */
  readonly servedModel: string | undefined;
  readonly stream: boolean;
  readonly status: number;
  /** Why it went wrong, in one word of ours. */
  readonly reason: string | undefined;
  readonly ms: number;
  readonly firstMs: number | undefined;
  /** What each of its calls has used; undefined for one of which Google has counted nothing. */
  readonly used: readonly (UsedTokens | undefined)[];
  readonly retries: number;
  /** What the client calls itself: `openai-python/2.1`. */
  readonly client: string | undefined;
}

export type UsedTokens = PricedUsage & { readonly thoughts: number };

/** The table `requests`. */
export interface RequestRow extends RequestKind, Amounts {
  readonly place: string;
  readonly id: string;
  readonly time: number;
  readonly ms: number;
  readonly first_ms: number | null;
}

/** What one request has used. */
export interface Amounts {
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  /** Null: nobody knows. */
  readonly cost_nanos: number | null;
}

export const amountsOf = (ended: EndedRequest, { prices }: Pick<PricedKind, 'prices'>): Amounts => {
  let input = 0;
  let cached = 0;
  let output = 0;
  let thoughts = 0;
  let cost: number | null = 0;
  for (const call of ended.used) {
    if (call) {
      input += call.input;
      cached += call.cached;
      output += call.output;
      thoughts += call.thoughts;
    }
    const nanos = call ? costOf(prices, ended.time, call) : uncountedCost(ended);
    cost = cost === null || nanos === undefined ? null : cost + nanos;
  }
  return {
    input_tokens: input,
    cached_tokens: cached,
    output_tokens: output,
    thought_tokens: thoughts,
    cost_nanos: cost,
  };
};

/** Google takes nothing for an error. What it takes for an answer that was left before it was counted, nobody knows. */
const uncountedCost = ({ reason }: EndedRequest): number | undefined =>
  reason === undefined || reason === CLIENT_LEFT_REASON ? undefined : 0;

/** A row without its place, which it is given when it is written. */
export const rowOf = (ended: EndedRequest, priced: PricedKind): Omit<RequestRow, 'place'> => ({
  ...priced.kind,
  ...amountsOf(ended, priced),
  id: ended.id,
  time: ended.time,
  ms: ended.ms,
  first_ms: ended.firstMs ?? null,
});

/** Draws places that are in the order of the time, whichever relay writes them. */
export const createPlaces = (system: System): ((time: number) => string) => {
  const relay = system.newId('').slice(0, RELAY_LENGTH);
  let count = NINE_DIGITS;
  let latest = NaN;
  let begins = '';
  return (time) => {
    count += 1;
    if (time !== latest) {
      latest = time;
      begins = `${firstPlace(time)}-${relay}-`;
    }
    // So many requests as nine digits count no process lives for.
    return begins + String(count).slice(1);
  };
};

/** No place of that time or a later one stands before it. */
export const firstPlace = (time: number): string => String(Math.max(0, time)).padStart(TIME_DIGITS, '0');

/** Until the year 2286. */
const TIME_DIGITS = 13;
export const LAST_PLACED = 10 ** TIME_DIGITS - 1;
const RELAY_LENGTH = 8;
/** Behind the first digit. */
const NINE_DIGITS = 1_000_000_000;

export const NANOS_OF_A_DOLLAR = 1e9;

/** As they are read. */
export const COLUMNS = [
  ...(['place', 'id', 'time', 'key', 'door', 'format', 'route', 'model', 'served_model', 'stream'] as const),
  ...(['status', 'reason', 'ms', 'first_ms', 'input_tokens', 'cached_tokens', 'output_tokens'] as const),
  ...(['thought_tokens', 'cost_nanos', 'retries', 'client'] as const),
] satisfies readonly (keyof RequestRow)[];
