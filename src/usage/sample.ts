/** Requests that never were, in the tables of real ones. */
import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';
import { DAY_MS } from './day-sums.ts';
import { createBatches } from './request-batch.ts';
import { createKindOf } from './request-kind.ts';
import type { EndedRequest } from './request-row.ts';
import { HOUR_MS } from './select.ts';

export interface SampleNeeds {
  readonly store: Pick<Store, 'write'>;
  readonly system: System;
  readonly door: string;
  readonly keys: readonly string[];
}

const DAYS = 35;
const MOST_A_DAY = 110;
/** What is written at once. */
const BATCH = 500;

const MODELS = [
  ...['gemini-2.5-flash', 'gemini-2.5-flash', 'gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-2.5-pro'],
  ...['gemini-3.1-pro-preview', 'gemini-3-flash-preview', 'gemini-2.5-flash-lite'],
] as const;

const CLIENTS = [
  { format: 'openai', route: '/v1/chat/completions', client: 'OpenAI/Python 2.41.0' },
  { format: 'openai', route: '/v1/chat/completions', client: 'Cline/3.60.0' },
  { format: 'openai', route: '/v1/responses', client: 'codex_cli_rs/0.171.0' },
  { format: 'anthropic', route: '/v1/messages', client: 'claude-cli/2.9.1' },
  { format: 'gemini', route: '/v1beta/models/{model}:streamGenerateContent', client: 'GeminiCLI/0.31.0' },
] as const;

const ERRORS = [
  { status: 429, reason: 'rate_limit_exceeded' },
  { status: 429, reason: 'insufficient_quota' },
  { status: 503, reason: 'overloaded' },
  { status: 400, reason: 'invalid_value' },
  { status: 404, reason: 'model_not_found' },
  { status: 504, reason: 'upstream_timeout' },
] as const;

/** What was written, the oldest first. */
export const writeSampleRequests = async ({
  store,
  system,
  door,
  keys,
}: SampleNeeds): Promise<readonly EndedRequest[]> => {
  const createBatch = createBatches({ kindOf: createKindOf(), system, keepDays: () => DAYS });
  const pick = <One>(list: readonly [One, ...One[]] | readonly One[]): One | undefined =>
    list[Math.floor(system.random() * list.length)];
  const between = (least: number, most: number): number => Math.round(least + system.random() ** 2 * (most - least));

  const request = (time: number): EndedRequest => {
    const { format, route, client } = pick(CLIENTS) ?? CLIENTS[0];
    const model = pick(MODELS) ?? MODELS[0];
    const error = system.random() < 0.045 ? pick(ERRORS) : undefined;
    const input = between(200, 38_000);
    const output = between(30, 3200);
    const isThinker = !model.includes('lite');
    const firstMs = between(280, model.includes('pro') ? 5200 : 1700);
    return {
      id: system.newId('req_'),
      time,
      key: pick(keys) ?? 'GEMINI_AUTH_PASSWORD',
      ...{ door, format, route, model, client },
      servedModel: model,
      stream: system.random() < 0.8,
      status: error?.status ?? 200,
      reason: error?.reason,
      ms: error ? between(20, 900) : firstMs + between(300, 16_000),
      firstMs: error ? undefined : firstMs,
      used: error
        ? []
        : [
            {
              input,
              cached: system.random() < 0.4 ? Math.round(input * 0.7) : 0,
              output,
              thoughts: isThinker ? Math.round(output * 0.5) : 0,
              inputBy: {},
              outputBy: {},
            },
          ],
      retries: system.random() < 0.03 ? 1 : 0,
    };
  };

  const now = system.now();
  const ended: EndedRequest[] = [];
  for (let day = DAYS; day >= 0; day -= 1) {
    const start = Math.floor((now - day * DAY_MS) / DAY_MS) * DAY_MS;
    const isWeekend = [0, 6].includes(new Date(start).getUTCDay());
    const count = between(MOST_A_DAY / 3, MOST_A_DAY) * (isWeekend ? 0.4 : 1) * (1 - (day / DAYS) * 0.5);
    for (let at = 0; at < count; at += 1) {
      // Most of it by day: three draws make a hill around noon.
      const hour = 6 + ((system.random() + system.random() + system.random()) / 3) * 17;
      const time = Math.round(start + hour * HOUR_MS);
      if (time < now) ended.push(request(time));
    }
  }
  ended.sort((one, other) => one.time - other.time);
  for (let at = 0; at < ended.length; at += BATCH) {
    const batch = createBatch();
    for (const request of ended.slice(at, at + BATCH)) batch.add(request);
    await store.write(batch.toWrites());
  }
  return ended;
};
