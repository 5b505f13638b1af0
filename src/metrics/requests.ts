/**
 * What each request adds, at its end: one look-up and some plain additions. What Prometheus asks for is made of it when
 * it asks; to observe the same in prom-client's own objects takes ten times as long.
 */
import { createMemo } from '../engine/memo.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import type { EndedRequest } from '../http/ended-request.ts';
import { Distribution } from './distribution.ts';
import { kindOf } from './gen-ai.ts';
import { METRICS } from './names.ts';

/** As much of a request that is over as is counted. */
export interface CountedRequest extends Pick<EndedRequest, Told> {
  /** One for each call to a model. */
  readonly used: readonly ({ readonly input: number; readonly output: number } | undefined)[];
}

type Told = 'key' | 'door' | 'format' | 'model' | 'stream' | 'status' | 'reason' | 'ms' | 'firstMs';

export interface RequestCounts {
  readonly add: (request: CountedRequest) => void;
  /** All that were alike are one. */
  readonly series: Iterable<Series>;
  readonly keys: Iterable<readonly [name: string, counts: KeyCounts]>;
  /** Settings may change which models are known: what was looked up holds no longer than until this. */
  forgetModels(): void;
}

/** Whatever comes in, no more than these: whoever asks for a thousand models or has a thousand keys is `other`. */
export const MOST_SERIES = 2000;
export const MOST_KEYS = 1000;
const OTHER = 'other';

export const createRequestCounts = (catalogue: Pick<Catalogue, 'find'>): RequestCounts => {
  const series = new Map<string, Series>();
  const keys = new Map<string, KeyCounts>();
  let models = createMemo<string>(MOST_MODELS, LONGEST_MODEL);

  const modelOf = (name: string | undefined): string =>
    name === undefined ? '' : (models.get(name) ?? models.keep(name, catalogue.find(name)?.id ?? OTHER));

  const seriesOf = ({ format, model, status, reason = '', door }: CountedRequest): Series => {
    const known = modelOf(model);
    const kind = door === undefined ? '' : kindOf(door);
    const key = `${format} ${known} ${kind} ${status} ${reason}`;
    const found = series.get(key);
    if (found) return found;
    const isFull = series.size >= MOST_SERIES;
    const last = `${format} ${OTHER} ${kind} ${status} ${OTHER}`;
    const made = isFull ? series.get(last) : undefined;
    if (made) return made;
    const fresh = new Series(format, isFull ? OTHER : known, kind, String(status), isFull ? OTHER : reason);
    series.set(isFull ? last : key, fresh);
    return fresh;
  };

  const countsOf = (key: string): KeyCounts => {
    const name = keys.has(key) || keys.size < MOST_KEYS ? key : OTHER;
    const found = keys.get(name);
    if (found) return found;
    const fresh = { requests: 0, input: 0, output: 0 };
    keys.set(name, fresh);
    return fresh;
  };

  /** Where the latest request counts: nearly always the next one as well. */
  let latest: { readonly request: CountedRequest; readonly one: Series; readonly counts?: KeyCounts } | undefined;

  return {
    add: (request) => {
      const { key, used, ms, firstMs, stream } = request;
      if (!latest || !areAlike(request, latest.request)) {
        latest = { request, one: seriesOf(request), ...(key !== '' && { counts: countsOf(key) }) };
      }
      const { one, counts } = latest;
      one.requests += 1;
      if (counts) counts.requests += 1;
      if (used.length === 0) return;
      one.duration ??= new Distribution(METRICS.gen_ai_server_request_duration_seconds.buckets);
      one.duration.observe(ms / 1000);
      if (stream && firstMs !== undefined) {
        one.first ??= new Distribution(METRICS.gen_ai_server_time_to_first_token_seconds.buckets);
        one.first.observe(firstMs / 1000);
      }
      for (const tokens of used) {
        if (!tokens) continue;
        one.input ??= new Distribution(METRICS.gen_ai_client_token_usage.buckets);
        one.output ??= new Distribution(METRICS.gen_ai_client_token_usage.buckets);
        one.input.observe(tokens.input);
        one.output.observe(tokens.output);
        if (!counts) continue;
        counts.input += tokens.input;
        counts.output += tokens.output;
      }
    },
    get series() {
      return series.values();
    },
    get keys() {
      return keys;
    },
    forgetModels: () => {
      models = createMemo(MOST_MODELS, LONGEST_MODEL);
      latest = undefined;
    },
  };
};

/** Count in the same series, and for the same key. */
const areAlike = (one: CountedRequest, other: CountedRequest): boolean =>
  one.model === other.model &&
  one.format === other.format &&
  one.status === other.status &&
  one.reason === other.reason &&
  one.door === other.door &&
  one.key === other.key;

const MOST_MODELS = 256;
const LONGEST_MODEL = 200;

export interface KeyCounts {
  requests: number;
  input: number;
  output: number;
}

/** All requests that are alike. */
export class Series {
  readonly format: string;
  readonly model: string;
  /** Of the door that answered; empty where none was asked. */
  readonly kind: string;
  readonly status: string;
  readonly reason: string;
  requests = 0;
  duration: Distribution | undefined;
  first: Distribution | undefined;
  input: Distribution | undefined;
  output: Distribution | undefined;

  constructor(format: string, model: string, kind: string, status: string, reason: string) {
    this.format = format;
    this.model = model;
    this.kind = kind;
    this.status = status;
    this.reason = reason;
  }
}
