/** Keeps what each request has used, without anybody waiting for it. */
import type { Logger } from '../log.ts';
import type { Store, StoreState } from '../store/store.ts';
import { createWriter } from '../store/writer.ts';
import type { Writer } from '../store/writer.ts';
import type { System } from '../system.ts';
import { cleanUp } from './clean-up.ts';
import { createBatches } from './request-batch.ts';
import { createKindOf } from './request-kind.ts';
import type { KindOf } from './request-kind.ts';
import { toListed } from './request-list.ts';
import type { ListedRequest } from './request-list.ts';
import { rowOf } from './request-row.ts';
import type { EndedRequest } from './request-row.ts';

export interface Ledger {
  add(ended: EndedRequest): void;
  /** Whether anybody does anything with it. Where not, nobody gathers what there would be to tell. */
  isWanted(): boolean;
  /** Told of each request as it ends, also where nothing is kept. Returns how to be told no more. */
  watch(watcher: (request: ListedRequest) => void): () => void;
  /** The store, and how many requests wait for it or found no room, in the words of `/health`. */
  status(): LedgerStatus;
  /** Writes what waits now, as far as the store takes it. */
  flush(): Promise<void>;
  /** The last time. */
  close(): Promise<void>;
}

export interface LedgerStatus extends StoreState {
  readonly kind: Store['kind'];
  /** Requests that are not written yet. */
  readonly waiting: number;
  /** Requests that found no room while the store was away. */
  readonly dropped: number;
}

export interface LedgerNeeds {
  readonly store: Store;
  readonly system: System;
  readonly log: Pick<Logger, 'error'>;
  /** How long single requests are kept; 0: only the sums. */
  readonly keepDays: () => number;
}

export const createLedger = (needs: LedgerNeeds): Ledger => {
  const { store } = needs;
  const kindOf = createKindOf();
  const keeper = store.kind === 'none' ? undefined : createKeeper(needs, kindOf);
  const watchers = new Set<(request: ListedRequest) => void>();

  return {
    add: (ended) => {
      keeper?.writer.add(ended);
      if (watchers.size === 0) return;
      const request = toListed({ ...rowOf(ended, kindOf(ended)) });
      for (const watcher of watchers) watcher(request);
    },
    isWanted: () => keeper !== undefined || watchers.size > 0,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
    status: () => ({
      kind: store.kind,
      ...store.state(),
      waiting: keeper?.writer.waiting ?? 0,
      dropped: keeper?.writer.dropped ?? 0,
    }),
    flush: async () => keeper?.writer.flush(),
    close: async () => keeper?.close(),
  };
};

interface Keeper {
  readonly writer: Writer<EndedRequest>;
  close(): Promise<void>;
}

const createKeeper = ({ store, system, log, keepDays }: LedgerNeeds, kindOf: KindOf): Keeper => {
  const writer = createWriter<EndedRequest>({
    store,
    system,
    createBatch: createBatches({ kindOf, system, keepDays }),
    onMistake: (error) => {
      log.error('usage cannot be written', { error });
    },
  });
  const closing = new AbortController();
  void cleanUp({ store, system, keepDays, signal: closing.signal });
  return {
    writer,
    close: async () => {
      closing.abort();
      // A relay that ends right after its start is no reason to forget what it did in between.
      await store.opened();
      await writer.close();
    },
  };
};
