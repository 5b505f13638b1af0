/** Client keys as a running relay has them: its memory and the database, held together every second. */
import type { ClientCallers } from '../callers/caller.ts';
import type { Logger } from '../log.ts';
import { isPassing, StoreError } from '../store/database.ts';
import type { RedisState } from '../state/redis.ts';
import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';
import { batchWrites, forgetOver, readCounts, readVersions } from './counts-store.ts';
import type { Batch, Versions } from './counts-store.ts';
import type { Counters } from './counters.ts';
import type { ClientKey } from './key.ts';
import { createKeyRing } from './key-ring.ts';
import { readKeyPages } from './key-store.ts';
import { createMemoryCounters } from './memory-counters.ts';
import { createSharedCounters } from './shared-counters.ts';

export interface ClientKeys {
  readonly callers: ClientCallers;
  readonly counters: Counters;
  keyOf(id: string): ClientKey | undefined;
  /** Resolves when this relay knows what was changed before, or when its database cannot say. */
  refresh(): Promise<void>;
  /** Writes what was used, as far as the store takes it. */
  close(): Promise<void>;
}

export interface ClientKeysNeeds {
  readonly store: Store;
  /** What relays share, where they do. */
  readonly state?: RedisState | undefined;
  readonly system: System;
  readonly log: Pick<Logger, 'error'>;
}

/** What another process has changed is known within it, and so much is lost by kill -9. */
const EVERY_MS = 1000;
const CLEAN_EVERY_MS = 60_000;
/** For who comes while the database is being opened. */
const LONGEST_WAIT_MS = 5000;
const NEVER_SEEN: Versions = { keys: -1, counts: -1 };

export const createClientKeys = (needs: ClientKeysNeeds): ClientKeys => {
  const { store, state, system, log } = needs;
  const ring = createKeyRing(system);
  const counters = createMemoryCounters(system);
  const closing = new AbortController();
  const known = Promise.withResolvers<boolean>();
  let seen = NEVER_SEEN;
  /** Of the changes since then, those that this relay has made. */
  let own = 0;
  let pending: Batch | undefined;
  let cleanedAt = system.monotonic();

  const save = async (): Promise<void> => {
    counters.dropOver();
    if (!pending) {
      const [counts, uses] = [counters.takeUnsaved(), ring.takeUses()];
      if (counts.length === 0 && uses.size === 0) return;
      pending = { id: system.newId('batch_'), counts, uses };
    }
    try {
      await store.write(batchWrites(pending, system.now()));
      own += 1;
    } catch (error) {
      if (!(error instanceof StoreError) || isPassing(error.trouble)) throw error;
      // With `conflict` it was written, and only the answer got lost. Any other would never be taken.
      if (error.trouble === 'mistake') log.error('what client keys used cannot be written', { error });
    }
    pending = undefined;
  };

  const look = async (): Promise<void> => {
    const now = await readVersions(store);
    // Another database, perhaps an older copy, counts from the beginning.
    const since = now.counts < seen.counts ? NEVER_SEEN.counts : seen.counts;
    const counts = now.counts === seen.counts + own ? [] : await readCounts(store, since, system.now());
    // Keys and what they have used at once: with one that were known sooner all of its limits would seem untouched.
    if (now.keys !== seen.keys) counters.keepOnly(await ring.replace(readKeyPages(store)));
    for (const { id, period, endsAt, ...sums } of counts) counters.learn(id, period, endsAt, sums);
    seen = now;
    own = 0;
    known.resolve(true);
  };

  const clean = async (): Promise<void> => {
    if (system.monotonic() - cleanedAt < CLEAN_EVERY_MS) return;
    cleanedAt = system.monotonic();
    await store.write([forgetOver(system.now())]);
  };

  let turn: Promise<void> | undefined;
  const takeTurn = (): Promise<void> => {
    turn ??= save()
      .then(look)
      .then(clean)
      // The store has told of its trouble, and says when it is back. Until then memory decides.
      .catch((error: unknown) => {
        if (!(error instanceof StoreError)) log.error('client keys cannot be read', { error });
      })
      .finally(() => {
        turn = undefined;
      });
    return turn;
  };

  const pause = (): Promise<boolean> =>
    system.sleep(EVERY_MS, closing.signal).then(
      () => true,
      () => false,
    );
  const keepLooking = async (): Promise<void> => {
    while (await pause()) await takeTurn();
  };
  if (store.kind === 'none') {
    ring.clear();
    known.resolve(true);
  } else {
    store.onReady(() => void takeTurn());
    void store.opened().then(() => {
      if (!store.state().ok) known.resolve(false);
    });
    void keepLooking();
  }

  return {
    callers: {
      find: (digest) => ring.find(digest),
      closed: (digest) => ring.closed(digest),
      closedFor: (caller, digests) => ring.closedFor(caller, digests),
      withId: (id) => ring.withId(id),
      known: async (signal) => {
        if (ring.isKnown) return true;
        const late = system.sleep(LONGEST_WAIT_MS, signal).then(() => false);
        await Promise.race([known.promise, late]);
        return ring.isKnown;
      },
    },
    counters: state ? createSharedCounters({ memory: counters, state, system }) : counters,
    keyOf: (id) => ring.keyOf(id),
    refresh: async () => {
      // One that is under way may have looked already.
      await turn;
      await takeTurn();
    },
    close: async () => {
      closing.abort();
      await turn;
      if (store.kind !== 'none') await takeTurn();
    },
  };
};
