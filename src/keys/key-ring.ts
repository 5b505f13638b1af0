/** The client keys that a running relay knows, found by the digests of their secrets. */
import type { Caller, ClosedKey } from '../callers/caller.ts';
import type { System } from '../system.ts';
import type { ClientKey, KeptSecret } from './key.ts';

export interface KeyRing {
  find(digest: string): Caller | undefined;
  closed(digest: string): ClosedKey | undefined;
  /** The same for who was let in before, by these secrets. */
  closedFor(caller: Caller, digests: readonly string[]): ClosedKey | undefined;
  /** The caller of that id, where its key lets anybody in. */
  withId(id: string): Caller | undefined;
  /** The key behind a caller's id. */
  keyOf(id: string): ClientKey | undefined;
  /** These and no others: in force once all are there. Resolves to their ids. */
  replace(pages: AsyncIterable<readonly ClientKey[]>): Promise<ReadonlySet<string>>;
  /** There are none. */
  clear(): void;
  readonly isKnown: boolean;
  /** Keys that came by since the last time that somebody asked, and when. */
  takeUses(): ReadonlyMap<string, number>;
}

interface Entry {
  readonly caller: Caller;
  readonly key: ClientKey;
  /** Infinity: never. */
  readonly endsAt: number;
  readonly disabled: boolean;
  /** Since somebody asked for uses; 0: not. A number always, which is written in its place and leaves no garbage. */
  usedAt: number;
}

export const createKeyRing = (system: Pick<System, 'now'>): KeyRing => {
  let entries: ReadonlyMap<string, Entry> | undefined;
  let keys: ReadonlyMap<string, ClientKey> = new Map();
  let used: Entry[] = [];

  return {
    find: (digest) => {
      const entry = entries?.get(digest);
      if (!entry) return undefined;
      const now = system.now();
      if (entry.disabled || now >= entry.endsAt) return undefined;
      if (entry.usedAt === 0) used.push(entry);
      entry.usedAt = now;
      return entry.caller;
    },
    closed: (digest) => {
      const entry = entries?.get(digest);
      if (!entry) return undefined;
      const { key, disabled, endsAt } = entry;
      const now = system.now();
      if (disabled) return { name: key.name, why: 'disabled' };
      if (now < endsAt) return undefined;
      return { name: key.name, why: now >= (key.expiresAt ?? Infinity) ? 'expired' : 'rotated' };
    },
    closedFor: ({ id, name }, digests) => {
      const key = keys.get(id);
      if (!key) return { name, why: 'removed' };
      const now = system.now();
      const why = whyClosed(key, now);
      if (why) return { name: key.name, why };
      const letsIn = ({ digest, endsAt }: KeptSecret): boolean =>
        digests.includes(digest) && now < (endsAt ?? Infinity);
      return key.secrets.some(letsIn) ? undefined : { name: key.name, why: 'rotated' };
    },
    withId: (id) => {
      const key = keys.get(id);
      return key && !whyClosed(key, system.now()) ? toCaller(key) : undefined;
    },
    keyOf: (id) => keys.get(id),
    replace: async (pages) => {
      const found = new Map<string, Entry>();
      const byId = new Map<string, ClientKey>();
      for await (const page of pages) {
        for (const key of page) {
          byId.set(key.id, key);
          const caller = toCaller(key);
          for (const { digest, endsAt } of key.secrets) {
            found.set(digest, {
              caller,
              key,
              endsAt: Math.min(endsAt ?? Infinity, key.expiresAt ?? Infinity),
              disabled: key.disabled,
              usedAt: 0,
            });
          }
        }
      }
      entries = found;
      keys = byId;
      return new Set(byId.keys());
    },
    clear: () => {
      entries = new Map();
      keys = new Map();
    },
    get isKnown() {
      return entries !== undefined;
    },
    takeUses: () => {
      const taken = new Map<string, number>();
      for (const entry of used) {
        const { id } = entry.caller;
        taken.set(id, Math.max(taken.get(id) ?? 0, entry.usedAt));
        entry.usedAt = 0;
      }
      used = [];
      return taken;
    },
  };
};

/** Whatever secret of it is presented. */
const whyClosed = ({ disabled, expiresAt }: ClientKey, now: number): 'disabled' | 'expired' | undefined => {
  if (disabled) return 'disabled';
  return now < (expiresAt ?? Infinity) ? undefined : 'expired';
};

const toCaller = ({ id, name, models, doors, limits }: ClientKey): Caller => ({
  id,
  name,
  models: models.length === 0 ? undefined : models,
  doors: doors.length === 0 ? undefined : doors,
  limits,
});
