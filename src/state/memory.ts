/** What this process alone knows. */
import type { System } from '../system.ts';
import type { Change, Lease, State } from './state.ts';

interface Held {
  readonly fence: number;
  endsAt: number;
}

interface Kept {
  readonly value: string;
  readonly endsAt: number;
}

/** Of more the oldest goes. */
const MOST_VALUES = 10_000;

export const createMemoryState = (system: Pick<System, 'monotonic' | 'now'>): State => {
  /** The oldest first. */
  const values = new Map<string, Kept>();
  const held = new Map<string, Held>();
  /** The greatest fence that has written a key. */
  const fences = new Map<string, number>();
  const topics = new Map<string, Map<string, string>>();
  const listeners = new Map<string, Set<(changes: readonly Change[]) => void>>();
  let fence = 0;

  const get = (key: string): string | undefined => {
    const kept = values.get(key);
    if (!kept) return undefined;
    if (kept.endsAt > system.monotonic()) return kept.value;
    values.delete(key);
    return undefined;
  };
  const put = (key: string, value: string, ttlMs: number): void => {
    values.delete(key);
    values.set(key, { value, endsAt: system.monotonic() + ttlMs });
    for (const [oldest] of values) {
      if (values.size <= MOST_VALUES) break;
      values.delete(oldest);
    }
  };
  const leaseOf = (name: string, own: Held): Lease => {
    const isMine = (): boolean => held.get(name) === own && own.endsAt > system.monotonic();
    return {
      fence: own.fence,
      renew: (ttlMs) => {
        if (!isMine()) return false;
        own.endsAt = system.monotonic() + ttlMs;
        return true;
      },
      write: (key, value, ttlMs) => {
        if ((fences.get(key) ?? 0) > own.fence) return false;
        fences.set(key, own.fence);
        put(key, value, ttlMs);
        return true;
      },
      release: () => {
        if (isMine()) held.delete(name);
      },
    };
  };

  return {
    isShared: false,
    now: () => system.now(),
    health: () => ({ ok: true }),
    get,
    getAll: (keys) => keys.map(get),
    put,
    remove: (key) => {
      const wasThere = get(key) !== undefined;
      values.delete(key);
      return wasThere;
    },
    acquire: (name, ttlMs) => {
      const other = held.get(name);
      if (other && other.endsAt > system.monotonic()) return undefined;
      fence += 1;
      const own: Held = { fence, endsAt: system.monotonic() + ttlMs };
      held.set(name, own);
      return leaseOf(name, own);
    },
    publish: (topic, changes) => {
      const known = topics.get(topic) ?? new Map<string, string>();
      topics.set(topic, known);
      for (const { field, value } of changes) known.set(field, value);
      for (const listener of listeners.get(topic) ?? []) listener(changes);
    },
    follow: (topic, listener) => {
      const all = listeners.get(topic) ?? new Set();
      listeners.set(topic, all);
      all.add(listener);
      const known = Array.from(topics.get(topic) ?? [], ([field, value]) => ({ field, value }));
      if (known.length > 0) listener(known);
      return () => all.delete(listener);
    },
    onReady: (listener) => {
      listener();
    },
    close: () => Promise.resolve(),
  };
};
