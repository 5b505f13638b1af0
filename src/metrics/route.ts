/** `GET /metrics`: for the key of whoever scrapes, and for the owner. */
import type { Context } from 'koa';
import { createCallers, digestOf } from '../callers/caller.ts';
import type { OwnerKey } from '../callers/caller.ts';
import { wrongKey } from '../http/guesses.ts';
import type { Guesses } from '../http/guesses.ts';
import { writeHead } from '../http/head.ts';
import { keysIn, readPresented } from '../http/presented-keys.ts';
import type { MetricsRegistry } from './registry.ts';

export const METRICS_PATH = '/metrics';

export interface MetricsRouteNeeds {
  /** METRICS_KEY, and those that open the console. */
  readonly keys: readonly OwnerKey[];
  readonly registry: MetricsRegistry;
}

export interface MetricsPorch {
  /** The same that count wrong keys at the routes of clients. */
  readonly guesses: Guesses;
}

export const createMetricsRoute = ({ keys, registry }: MetricsRouteNeeds, porch: MetricsPorch) => {
  const callers = createCallers(keys);

  return async (ctx: Context): Promise<void> => {
    const presented = keysIn(readPresented(ctx.state.requestHeaders, ctx.state.urlKeys));
    const found = presented.filter((key) => callers.find(digestOf(key)) !== undefined);
    if (found.length === 0) {
      if (presented.length > 0) await porch.guesses.count(ctx, HOW);
      throw wrongKey(`No key that opens the metrics was presented. ${HOW}`);
    }
    const { contentType, text } = await registry.read();
    writeHead(ctx, 200, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    ctx.res.end(text);
  };
};

const HOW = `${METRICS_PATH} takes METRICS_KEY, or the key that opens the console, as "Authorization: Bearer KEY".`;
