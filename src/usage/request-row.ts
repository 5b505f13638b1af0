/** What is kept of one request: numbers and names. Never a word of prompt or answer, never a key. */
import type { PricedUsage } from '../gemini/usage.ts';
import { createMemo } from '../engine/memo.ts';
import type { Write } from '../store/database.ts';
import type { System } from '../system.ts';
import { costOf, pricesOf } from './prices.ts';
import type { DatedPrice } from './prices.ts';

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
export interface RequestRow {
  readonly place: string;
  readonly id: string;
  readonly time: number;
  readonly key: string;
  readonly door: string | null;
  readonly format: string | null;
  readonly route: string | null;
  readonly model: string | null;
  readonly served_model: string | null;
  readonly stream: 0 | 1;
  readonly status: number;
  readonly reason: string | null;
  readonly ms: number;
  readonly first_ms: number | null;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  /** Null: nobody knows. */
  readonly cost_nanos: number | null;
  readonly retries: number;
  readonly client: string | null;
}

/** Makes rows in the order of their time, whichever relay writes them. */
export const createRowMaker = (system: System): ((ended: EndedRequest) => RequestRow) => {
  const relay = system.newId('').slice(0, RELAY_LENGTH);
  let count = NINE_DIGITS;
  let placeTime = NaN;
  let placeBegins = '';
  const models = createMemo<Model>(MOST_MODELS, LONGEST_MODEL);
  const modelOf = (written: string | undefined): Model =>
    written === undefined ? NO_MODEL : (models.find(written) ?? models.keep(written, readModel(written)));

  return (ended) => {
    const { time } = ended;
    const model = modelOf(ended.model);
    const served = modelOf(ended.servedModel);
    const { prices } = served === NO_MODEL ? model : served;
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
      const nanos = call ? costOf(prices, time, call) : uncountedCost(ended);
      cost = cost === null || nanos === undefined ? null : cost + nanos;
    }
    count += 1;
    if (time !== placeTime) {
      placeTime = time;
      // Thirteen digits until the year 2286; so many requests as nine digits count no process lives for.
      placeBegins = `${time}-${relay}-`;
    }
    return {
      place: placeBegins + String(count).slice(1),
      id: ended.id,
      time,
      key: ended.key,
      door: ended.door ?? null,
      format: ended.format ?? null,
      route: ended.route ?? null,
      model: model.name,
      served_model: served.name,
      stream: ended.stream ? 1 : 0,
      status: ended.status,
      reason: ended.reason ?? null,
      ms: ended.ms,
      first_ms: ended.firstMs ?? null,
      input_tokens: input,
      cached_tokens: cached,
      output_tokens: output,
      thought_tokens: thoughts,
      cost_nanos: cost,
      retries: ended.retries,
      client: ended.client ?? null,
    };
  };
};

/** Google takes nothing for an error. What it takes for an answer that was left before it was counted, nobody knows. */
const uncountedCost = ({ reason }: EndedRequest): number | undefined =>
  reason === undefined || reason === CLIENT_LEFT_REASON ? undefined : 0;

const RELAY_LENGTH = 8;
/** Behind the first digit. */
const NINE_DIGITS = 1_000_000_000;
const MOST_MODELS = 256;
const LONGEST_MODEL = 200;

interface Model {
  readonly name: string | null;
  readonly prices: readonly DatedPrice[];
}

const NO_MODEL: Model = { name: null, prices: [] };

/** Whatever else a client writes where a model belongs may be a piece of its prompt, or a key. */
const readModel = (written: string): Model =>
  MODEL_NAME.test(written) && !KEY.test(written) ? { name: written, prices: pricesOf(written) } : NO_MODEL;

const MODEL_NAME = /^[\w.:@/-]{1,200}$/;
/** Of Google, of the relay, of others. */
const KEY = /AIza|AQ\.|gcr_|sk-|ya29\./;

/** An answer of an error, and one that broke off. A client that leaves by itself has not met with an error. */
export const isError = ({ status, reason }: RequestRow): boolean =>
  status === CLIENT_LEFT ? reason !== null && reason !== CLIENT_LEFT_REASON : status >= 400 || reason !== null;

export const NANOS_OF_A_DOLLAR = 1e9;

const CLIENT_LEFT = 499;
const CLIENT_LEFT_REASON = 'client_closed';

/** The same, asked of the table: 1 or 0. */
export const IS_ERROR =
  `CASE WHEN status = ${CLIENT_LEFT} AND COALESCE(reason, '${CLIENT_LEFT_REASON}') = '${CLIENT_LEFT_REASON}' THEN 0 ` +
  'WHEN status >= 400 OR reason IS NOT NULL THEN 1 ELSE 0 END';

/** As they are written, and read. */
export const COLUMNS = [
  ...(['place', 'id', 'time', 'key', 'door', 'format', 'route', 'model', 'served_model', 'stream'] as const),
  ...(['status', 'reason', 'ms', 'first_ms', 'input_tokens', 'cached_tokens', 'output_tokens'] as const),
  ...(['thought_tokens', 'cost_nanos', 'retries', 'client'] as const),
] satisfies readonly (keyof RequestRow)[];

/** Row by row: to look for one field after the other in all of them takes three times as long. */
export const writeRequests = (rows: readonly RequestRow[]): Write => {
  const columns = columnsFor();
  for (const row of rows) {
    columns.place.push(row.place);
    columns.id.push(row.id);
    columns.time.push(row.time);
    columns.key.push(row.key);
    columns.door.push(row.door);
    columns.format.push(row.format);
    columns.route.push(row.route);
    columns.model.push(row.model);
    columns.served_model.push(row.served_model);
    columns.stream.push(row.stream);
    columns.status.push(row.status);
    columns.reason.push(row.reason);
    columns.ms.push(row.ms);
    columns.first_ms.push(row.first_ms);
    columns.input_tokens.push(row.input_tokens);
    columns.cached_tokens.push(row.cached_tokens);
    columns.output_tokens.push(row.output_tokens);
    columns.thought_tokens.push(row.thought_tokens);
    columns.cost_nanos.push(row.cost_nanos);
    columns.retries.push(row.retries);
    columns.client.push(row.client);
  }
  return { table: 'requests', columns };
};

type Columns = { readonly [Column in keyof RequestRow]: RequestRow[Column][] };

const columnsFor = (): Columns => ({
  ...{ place: [], id: [], time: [], key: [], door: [], format: [], route: [], model: [], served_model: [], stream: [] },
  ...{ status: [], reason: [], ms: [], first_ms: [], input_tokens: [], cached_tokens: [], output_tokens: [] },
  ...{ thought_tokens: [], cost_nanos: [], retries: [], client: [] },
});
