/** What the relay counts of itself, and what it is asked for when somebody scrapes it. */
import type { OwnerKey } from '../callers/caller.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import type { Status } from '../health.ts';
import { Distribution } from './distribution.ts';
import { createLoopLag } from './loop-lag.ts';
import { METRICS } from './names.ts';
import type { Name } from './names.ts';
import { createRegistry } from './registry.ts';
import { createRequestReadings } from './request-readings.ts';
import { createRequestCounts } from './requests.ts';
import type { CountedRequest } from './requests.ts';
import { createMetricsRoute } from './route.ts';
import type { MetricsPorch } from './route.ts';
import { Tally } from './sums.ts';
import type { Sample } from './sums.ts';

/** Where it happens, plain numbers are counted. */
export interface Metrics {
  readonly request: (request: CountedRequest) => void;
  readonly waited: (ms: number) => void;
  readonly retried: (door: string | undefined, reason: string) => void;
  readonly failedOver: (door: string, cause: string) => void;
  /** The route that tells all. */
  open(sources: Sources, keys: readonly OwnerKey[], porch: Porch): ReturnType<typeof createMetricsRoute>;
}

/** What parts of the relay know of themselves, asked when somebody scrapes. */
export interface Sources {
  readonly doors: () => readonly { readonly id: string; readonly state: string; readonly cause: string | null }[];
  readonly refreshes: Readonly<Record<string, number>>;
  /** On the wall clock; undefined where there is no token. */
  readonly tokenExpiresAt: () => number | undefined;
  /** Before all others: for what has to be asked elsewhere. */
  readonly look: () => Promise<void>;
  readonly quota: () => readonly {
    readonly door: string;
    readonly model: string;
    readonly remaining_fraction: number;
  }[];
  readonly signatures: Readonly<Record<string, number>>;
  readonly connections: () => Iterable<readonly [origin: string, open: number]>;
  readonly store: () => { readonly waiting: number; readonly dropped: number };
  readonly now: () => number;
}

export interface Porch extends MetricsPorch {
  readonly status: () => Status;
  readonly requests: () => { readonly active: number; readonly queued: number };
  readonly streams: () => number;
}

export const createMetrics = (catalogue: Pick<Catalogue, 'find'>): Metrics => {
  const requests = createRequestCounts(catalogue);
  const retries = new Tally<'relay_retries_total'>();
  const failovers = new Tally<'relay_failovers_total'>();
  const waits = new Distribution(METRICS.relay_queue_wait_seconds.buckets);

  return {
    request: requests.add,
    waited: (ms) => {
      waits.observe(ms / 1000);
    },
    retried: (door = '', reason) => {
      retries.count({ door, reason });
    },
    failedOver: (door, cause) => {
      failovers.count({ door, cause });
    },
    open: (sources, keys, porch) => {
      const loopLag = createLoopLag();
      const registry = createRegistry(
        {
          ...createRequestReadings(requests, catalogue),
          relay_active_requests: () => [plain(porch.requests().active)],
          relay_queued_requests: () => [plain(porch.requests().queued)],
          relay_streams_open: () => [plain(porch.streams())],
          relay_queue_wait_seconds: () => [plain(waits)],
          relay_retries_total: () => retries.samples(),
          relay_failovers_total: () => failovers.samples(),
          relay_door_state: () =>
            sources
              .doors()
              .map(({ id, state, cause }) => ({ labels: { door: id, state, cause: cause ?? '' }, value: 1 })),
          relay_healthy: () => [plain(Number(porch.status().status === 'healthy'))],
          relay_token_refreshes_total: () => results(sources.refreshes),
          relay_token_expires_seconds: () => {
            const at = sources.tokenExpiresAt();
            return at === undefined ? [] : [plain((at - sources.now()) / 1000)];
          },
          relay_quota_remaining_ratio: () =>
            sources.quota().map(({ door, model, remaining_fraction: value }) => ({ labels: { door, model }, value })),
          relay_signatures_total: () => results(sources.signatures),
          relay_upstream_connections: () =>
            Array.from(sources.connections(), ([origin, value]) => ({ labels: { origin }, value })),
          relay_event_loop_lag_seconds: () => [plain(loopLag())],
          relay_store_queue: () => [plain(sources.store().waiting)],
          relay_store_dropped_total: () => [plain(sources.store().dropped)],
        },
        sources.look,
      );
      return createMetricsRoute({ keys, registry }, porch);
    },
  };
};

const plain = <Value>(value: Value): { readonly labels: Readonly<Record<string, never>>; readonly value: Value } => ({
  labels: {},
  value,
});

const results = <One extends Extract<Name, 'relay_token_refreshes_total' | 'relay_signatures_total'>>(
  counts: Readonly<Record<string, number>>,
): readonly Sample<One, number>[] => Object.entries(counts).map(([result, value]) => ({ labels: { result }, value }));
