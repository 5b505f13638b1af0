/** Every metric by its name: what docs, dashboard and alerts may ask for. */

export interface MetricName {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

/** Of the GenAI conventions of OpenTelemetry, as are the names and the bounds below. */
const GEN_AI = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const;

export const METRICS = {
  gen_ai_client_token_usage: {
    kind: 'histogram',
    help: 'Tokens of each answer by type: input with what was cached, output with thoughts.',
    labels: [...GEN_AI, 'gen_ai_token_type'],
    buckets: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
  },
  gen_ai_server_request_duration_seconds: {
    kind: 'histogram',
    help: 'How long requests took that were brought to a model, until the last byte; error_type is empty where all went well.',
    labels: [...GEN_AI, 'error_type'],
    buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
  gen_ai_server_time_to_first_token_seconds: {
    kind: 'histogram',
    help: 'How long streams took until their first text.',
    labels: GEN_AI,
    buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  relay_requests_total: {
    kind: 'counter',
    help: 'Requests of clients that have ended; reason is empty where all went well.',
    labels: ['format', 'model', 'status', 'reason'],
  },
  relay_key_requests_total: { kind: 'counter', help: 'Requests by the name of the key.', labels: ['key'] },
  relay_key_tokens_total: { kind: 'counter', help: 'Tokens by the name of the key.', labels: ['key', 'type'] },
  relay_active_requests: { kind: 'gauge', help: 'Requests that have a place.', labels: [] },
  relay_queued_requests: { kind: 'gauge', help: 'Requests that wait for a place.', labels: [] },
  relay_streams_open: { kind: 'gauge', help: 'Answers that are being streamed.', labels: [] },
  relay_queue_wait_seconds: {
    kind: 'histogram',
    help: 'How long requests waited for a place, of those that had to.',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  relay_retries_total: {
    kind: 'counter',
    help: 'Tries beyond the first at the same door, by why the one before failed.',
    labels: ['door', 'reason'],
  },
  relay_failovers_total: {
    kind: 'counter',
    help: 'Calls that left a door for another, by what was wrong with it.',
    labels: ['door', 'cause'],
  },
  relay_door_state: {
    kind: 'gauge',
    help: '1 for the state that each door is in: ok, cooling, failing, invalid or off.',
    labels: ['door', 'state', 'cause'],
  },
  relay_healthy: { kind: 'gauge', help: '1 where a request would be relayed now, as /health says it.', labels: [] },
  relay_token_refreshes_total: {
    kind: 'counter',
    help: "Renewals of the login's access token: ok, failed (tried again), refused or revoked.",
    labels: ['result'],
  },
  relay_token_expires_seconds: {
    kind: 'gauge',
    help: 'Until the access token at hand expires; below 0 it has. Absent where there is none.',
    labels: [],
  },
  relay_quota_remaining_ratio: {
    kind: 'gauge',
    help: 'What Google says is left of a quota, from 0 to 1.',
    labels: ['door', 'model'],
  },
  relay_signatures_total: {
    kind: 'counter',
    help: 'Thought signatures of calls whose client brought none: hit and miss in the cache; bypass: requests that went with what Google takes in place of a lost one.',
    labels: ['result'],
  },
  relay_upstream_connections: { kind: 'gauge', help: 'Open connections to Google.', labels: ['origin'] },
  relay_event_loop_lag_seconds: {
    kind: 'gauge',
    help: 'How late the event loop was since the last scrape, 99th percentile.',
    labels: [],
  },
  relay_store_queue: { kind: 'gauge', help: 'Requests that are not written to the database yet.', labels: [] },
  relay_store_dropped_total: {
    kind: 'counter',
    help: 'Requests that found no room while the database was away.',
    labels: [],
  },
} as const satisfies Record<string, MetricName>;

export type Name = keyof typeof METRICS;

/** Names of one kind. */
export type NameOf<Kind extends MetricName['kind']> = {
  [One in Name]: (typeof METRICS)[One]['kind'] extends Kind ? One : never;
}[Name];

export type LabelsOf<One extends Name> = Readonly<Record<(typeof METRICS)[One]['labels'][number], string>>;
