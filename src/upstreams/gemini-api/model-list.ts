/** The models that the key may use, as Google lists them: asked for now and then, never a reason for a request to fail. */
import { abortable } from '../../credentials/token-keeper.ts';
import type { ModelInfo } from '../../gemini/call.ts';
import { isObject } from '../../json.ts';
import type { Logger } from '../../log.ts';
import type { System } from '../../system.ts';

export interface ModelList {
  /** Empty while Google has not answered. */
  get(signal: AbortSignal): Promise<readonly ModelInfo[]>;
}

export interface ModelListNeeds {
  readonly page: (pageToken: string | undefined, signal: AbortSignal) => Promise<unknown>;
  readonly system: System;
  readonly log: Pick<Logger, 'warn'>;
}

const KEEP_MS = 600_000;
const KEEP_FAILURE_MS = 30_000;
const LIMIT_MS = 10_000;
const MAX_PAGES = 10;

export const createModelList = ({ page, system, log }: ModelListNeeds): ModelList => {
  let models: readonly ModelInfo[] = [];
  let goodUntil = -Infinity;
  let flight: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    const limit = new AbortController();
    const ended = new AbortController();
    system.sleep(LIMIT_MS, ended.signal).then(
      () => {
        limit.abort(new Error(`no answer within ${LIMIT_MS} ms`));
      },
      () => undefined,
    );
    try {
      models = await allPages(limit.signal);
      goodUntil = system.monotonic() + KEEP_MS;
    } catch (error) {
      goodUntil = system.monotonic() + KEEP_FAILURE_MS;
      log.warn("Google's model list cannot be read", { cause: error });
    } finally {
      ended.abort();
      flight = undefined;
    }
  };

  const allPages = async (signal: AbortSignal): Promise<readonly ModelInfo[]> => {
    const found: ModelInfo[] = [];
    let token: string | undefined;
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const answer = await page(token, signal);
      if (!isObject(answer)) break;
      if (Array.isArray(answer.models)) for (const model of answer.models.filter(isModelInfo)) found.push(model);
      token =
        typeof answer.nextPageToken === 'string' && answer.nextPageToken !== '' ? answer.nextPageToken : undefined;
      if (token === undefined) break;
    }
    return found;
  };

  return {
    get: async (signal) => {
      if (system.monotonic() >= goodUntil) {
        flight ??= load();
        await abortable(flight, signal);
      }
      return models;
    },
  };
};

const isModelInfo = (value: unknown): value is ModelInfo => isObject(value) && typeof value.name === 'string';
