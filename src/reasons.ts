/**
 * Why a request fails: the precise causes, and what each means for whoever decides what comes next. Clients see a
 * reason's name (docs/errors.md has a row for each); whether to try again, at which door, and what to spare for a while
 * is read from here, never from a message.
 */

/** Whose doing it is: for metrics, and for who is told. */
export type Fault =
  /** What was asked, or how. */
  | 'client'
  /** Settings, login, plan or account of who runs the relay. */
  | 'owner'
  | 'google'
  /** The way to Google. */
  | 'network'
  /** The relay itself: a fault, a limit of its own, its end. */
  | 'relay';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** How much of a door is to be spared: one of its models, all that its key or login opens, or the way there. */
export type DoorPart = 'model' | 'key' | 'door';

/** How long. */
export type Closing =
  /** As long as Google says, else so long; each failure in a row doubles it, up to the longest. */
  | { readonly firstMs: number; readonly longestMs?: number }
  /** Until Google counts anew, at midnight in California. */
  | { readonly until: 'new day' }
  /** Until its owner, or a question that went well, says otherwise. */
  | { readonly until: 'reset' };

export interface DoorTrouble {
  readonly cools: DoorPart;
  readonly closing: Closing;
  /** The owner's quota: who comes later is served. */
  readonly isQuota?: boolean;
}

const LONGEST_MS = 2 * MINUTE_MS;
const KEY = { cools: 'key', closing: { until: 'reset' } } as const;

/** What is wrong with a door. */
export const DOOR_CAUSES = {
  rate_limit: { cools: 'model', closing: { firstMs: MINUTE_MS }, isQuota: true },
  daily_quota: { cools: 'model', closing: { until: 'new day' }, isQuota: true },
  no_quota: { cools: 'model', closing: { until: 'new day' }, isQuota: true },
  capacity: { cools: 'model', closing: { firstMs: 10 * SECOND_MS, longestMs: LONGEST_MS } },
  server_error: { cools: 'door', closing: { firstMs: 5 * SECOND_MS, longestMs: LONGEST_MS } },
  network: { cools: 'door', closing: { firstMs: 5 * SECOND_MS, longestMs: LONGEST_MS } },
  permission: KEY,
  billing: KEY,
  invalid_key: KEY,
  retired_key: KEY,
  login: KEY,
  ineligible: KEY,
} as const satisfies Record<string, DoorTrouble>;

export type DoorCause = keyof typeof DOOR_CAUSES;

export interface Meaning {
  /** Google's canonical code. */
  readonly code: string;
  /** HTTP status, where it is not the one that the code has by itself. */
  readonly status?: number;
  readonly fault: Fault;
  /** How often, in all, a call may be tried that ends so before its first byte. 1 without this. */
  readonly tries?: number;
  /** False: the same request would fail again, so clients are told not to retry. */
  readonly retryable?: boolean;
  /** What it says about the door that it came from, unless the error knows better. Another door may do better then. */
  readonly doorCause?: DoorCause;
  /** Another door may do better, though nothing is wrong with this one. */
  readonly elsewhere?: boolean;
}

const INVALID = { code: 'INVALID_ARGUMENT', fault: 'client' } as const;
const NOT_FOUND = { code: 'NOT_FOUND', fault: 'client' } as const;
const OWNERS = { code: 'UNAVAILABLE', fault: 'owner', retryable: false } as const;

export const REASONS = {
  // The request.
  invalid_json: INVALID,
  invalid_type: INVALID,
  invalid_value: INVALID,
  empty_array: INVALID,
  missing_required_parameter: INVALID,
  unknown_parameter: INVALID,
  unsupported_parameter: INVALID,
  unsupported_value: INVALID,
  invalid_base64_image: INVALID,
  invalid_image_url: INVALID,
  remote_images_disabled: INVALID,
  request_too_large: { ...INVALID, status: 413 },
  unsupported_media_type: { ...INVALID, status: 415 },
  headers_too_large: { ...INVALID, status: 431 },
  uri_too_long: { ...INVALID, status: 414 },
  invalid_http: INVALID,
  unsupported_transfer_encoding: { code: 'UNIMPLEMENTED', fault: 'client' },
  expectation_failed: { ...INVALID, status: 417 },
  websocket_not_supported: { ...INVALID, status: 426 },
  origin_not_allowed: { code: 'PERMISSION_DENIED', fault: 'client', retryable: false },
  slow_reader: { code: 'CANCELLED', fault: 'client' },
  request_too_slow: { code: 'DEADLINE_EXCEEDED', status: 408, fault: 'client' },
  invalid_api_key: { code: 'UNAUTHENTICATED', fault: 'client' },
  key_disabled: { code: 'UNAUTHENTICATED', fault: 'client' },
  key_expired: { code: 'UNAUTHENTICATED', fault: 'client' },
  key_limit_exceeded: { code: 'RESOURCE_EXHAUSTED', fault: 'client' },
  model_not_allowed: { code: 'PERMISSION_DENIED', fault: 'client', retryable: false },
  door_not_allowed: { code: 'PERMISSION_DENIED', fault: 'client', retryable: false },
  unsupported_endpoint: NOT_FOUND,
  not_found: NOT_FOUND,
  setting_locked: { code: 'FAILED_PRECONDITION', status: 409, fault: 'client' },
  settings_changed: { code: 'FAILED_PRECONDITION', status: 412, fault: 'client' },
  name_taken: { code: 'ALREADY_EXISTS', fault: 'client' },
  method_not_allowed: { ...NOT_FOUND, status: 405 },
  client_closed: { code: 'CANCELLED', fault: 'client' },
  content_filter: { ...INVALID, retryable: false },
  context_length_exceeded: INVALID,
  previous_response_not_found: INVALID,
  response_not_found: NOT_FOUND,
  item_not_found: NOT_FOUND,
  thread_not_found: NOT_FOUND,
  resource_not_found: NOT_FOUND,
  response_cancelled: { code: 'CANCELLED', fault: 'client' },
  model_not_found: { ...NOT_FOUND, elsewhere: true },

  // The relay.
  internal_error: { code: 'INTERNAL', fault: 'relay' },
  request_timeout: { code: 'DEADLINE_EXCEEDED', fault: 'relay', retryable: false },
  server_overloaded: { code: 'UNAVAILABLE', fault: 'relay' },
  server_shutting_down: { code: 'UNAVAILABLE', fault: 'relay' },
  store_unavailable: { code: 'UNAVAILABLE', fault: 'relay' },
  keys_unavailable: { code: 'UNAVAILABLE', fault: 'relay' },
  resources_unavailable: { code: 'UNAVAILABLE', fault: 'relay' },

  // Its owner's account, and what it may use.
  login_required: { ...OWNERS, doorCause: 'login' },
  credentials_invalid: { ...OWNERS, doorCause: 'login' },
  upstream_auth_error: { ...OWNERS, doorCause: 'login' },
  account_ineligible: { ...OWNERS, doorCause: 'ineligible' },
  config_error: { ...OWNERS, doorCause: 'permission' },
  unsupported_country_region_territory: { code: 'FAILED_PRECONDITION', fault: 'owner', doorCause: 'ineligible' },
  rate_limit_exceeded: { code: 'RESOURCE_EXHAUSTED', fault: 'owner', tries: 3, doorCause: 'rate_limit' },
  insufficient_quota: { code: 'RESOURCE_EXHAUSTED', fault: 'owner', retryable: false, doorCause: 'daily_quota' },

  // Google, and the way there.
  doors_closed: { code: 'UNAVAILABLE', fault: 'google' },
  token_unavailable: { code: 'UNAVAILABLE', fault: 'network', doorCause: 'network' },
  upstream_unreachable: { code: 'UNAVAILABLE', status: 502, fault: 'network', tries: 3, doorCause: 'network' },
  upstream_closed: { code: 'UNAVAILABLE', status: 502, fault: 'network', tries: 2, doorCause: 'network' },
  upstream_timeout: { code: 'DEADLINE_EXCEEDED', fault: 'google', doorCause: 'network' },
  overloaded: { code: 'UNAVAILABLE', fault: 'google', tries: 3, doorCause: 'capacity' },
  server_error: { code: 'INTERNAL', fault: 'google', tries: 3, doorCause: 'server_error' },
  upstream_bad_response: { code: 'UNAVAILABLE', status: 502, fault: 'google', doorCause: 'server_error' },
  upstream_incomplete: { code: 'UNAVAILABLE', status: 502, fault: 'google', tries: 2, doorCause: 'server_error' },
  // What the model makes of a request, it makes of it at each door.
  upstream_empty_response: { code: 'UNAVAILABLE', status: 502, fault: 'google', tries: 2 },
  upstream_malformed_function_call: { code: 'UNAVAILABLE', status: 502, fault: 'google', tries: 2 },
  // The same history would lack the same: it is asked once more with a stand-in (`upstreams/repairs.ts`).
  upstream_missing_signature: { code: 'UNAVAILABLE', status: 502, fault: 'google' },
} as const satisfies Record<string, Meaning>;

export type Reason = keyof typeof REASONS;

/** What each cause means, seen from a door. */
export const troubleWith = (cause: DoorCause): DoorTrouble => DOOR_CAUSES[cause];

export const meaningOf = (reason: Reason): Meaning => REASONS[reason];
