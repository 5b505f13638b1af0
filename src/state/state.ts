/** What several relays share, in Redis (`redis.ts`): that may be away, and then says so instead of waiting. */

/** Nobody was asked, or nobody answered in time. What was asked for may have been done. */
export class StateAway extends Error {}

export interface StateHealth {
  readonly ok: boolean;
  readonly trouble?: StateTrouble;
  /** For the owner: what is wrong and the way out. */
  readonly message?: string;
}

export type StateTrouble = 'unreachable' | 'slow' | 'refused' | 'full' | 'read_only' | 'cluster' | 'mistake';

/** Held by nobody else until it ends: longer than its time only who renews it. */
export interface Lease {
  /** Greater than that of whoever held it before. */
  readonly fence: number;
  /** False: it is somebody else's by now. */
  renew(ttlMs: number): Promise<boolean>;
  /** What was found out under it, unless somebody with a greater fence has written since: then false. */
  write(key: string, value: string, ttlMs: number): Promise<boolean>;
  release(): Promise<void>;
}

/** Something that all should know: the newest of each field. */
export interface Change {
  readonly field: string;
  readonly value: string;
}

/** What was published is heard by all that can hear within this time. */
export const HEARD_WITHIN_MS = 350;

/** What is asked rejects with StateAway, and with nothing else. */
export interface State {
  /** Wall clock, the same for all. */
  now(): number;
  health(): StateHealth;
  /** For how long it has not been there: 0 while it is, Infinity before it ever was. */
  awayMs(): number;
  get(key: string): Promise<string | undefined>;
  /** In the order of the keys. */
  getAll(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  put(key: string, value: string, ttlMs: number): Promise<void>;
  /** Undefined: somebody else holds it. That nobody can be asked is StateAway, another thing. */
  acquire(name: string, ttlMs: number): Promise<Lease | undefined>;
  /** Of a topic the newest fields are known, `most` of them. */
  publish(topic: string, changes: readonly Change[], most?: number): Promise<void>;
  /** What is known already, then each change, also those that were published here. Until `stop`. */
  follow(topic: string, listener: (changes: readonly Change[]) => void): () => void;
  /** Called whenever it can be asked (again). */
  onReady(listener: () => void): void;
  close(): Promise<void>;
}
