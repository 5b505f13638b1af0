/** Rows that come one by one, written in batches: nobody waits for them, and their number in memory is bounded. */
import type { System } from '../system.ts';
import { isPassing, StoreError } from './database.ts';
import type { Write } from './database.ts';
import type { Store } from './store.ts';

export interface Writer<Item> {
  add(item: Item): void;
  /** Of the items that wait. */
  readonly waiting: number;
  /** Items that found no room since the start, or that the store will never take. */
  readonly dropped: number;
  /** Writes what waits now, as far as the store takes it. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Items that are written together. */
export interface Batch<Item> {
  add(item: Item): void;
  /** What is written for them, in one transaction. Asked again where it failed. */
  toWrites(): readonly Write[];
}

export interface WriterSettings<Item> {
  readonly createBatch: () => Batch<Item>;
  readonly store: Pick<Store, 'write' | 'onReady'>;
  readonly system: System;
  /** Told of a batch that is given up: the store calls it a fault of ours, so it would never be taken. */
  readonly onMistake?: (error: StoreError) => void;
  /** Of items. */
  readonly batchSize?: number;
  /** So many batches are written at once, and in one transaction. */
  readonly together?: number;
  readonly everyMs?: number;
  readonly mostWaiting?: number;
}

const BATCH_SIZE = 200;
/**
 * Batches that do not wait for the second. Written in one transaction: each time that the thread of the database works
 * beside the one that serves, caches grow cold for both, and with a batch at a time that took longer than the rows.
 */
const TOGETHER = 20;
const EVERY_MS = 1000;
const MOST_WAITING = 20_000;

export const createWriter = <Item>({
  createBatch,
  store,
  system,
  onMistake,
  batchSize = BATCH_SIZE,
  together = TOGETHER,
  everyMs = EVERY_MS,
  mostWaiting = MOST_WAITING,
}: WriterSettings<Item>): Writer<Item> => {
  /** Full ones, in the order in which they are written. */
  const full: SizedBatch<Item>[] = [];
  const begin = (): SizedBatch<Item> => ({ id: system.newId('batch_'), batch: createBatch(), size: 0 });
  let growing = begin();
  let waiting = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  /** How often somebody asked for it to be written. */
  let asked = 0;
  /** What is no whole batch, too. */
  let isRestWanted = false;
  /** Batches at the head that were tried together: the same however often they are, so that none counts twice. */
  let tried = 0;
  /** Batches at the head that go one by one: a fault is with one of them. */
  let suspects = 0;

  const pack = (): void => {
    full.push(growing);
    growing = begin();
  };

  const letGo = (count: number): void => {
    for (const { size } of full.splice(0, count)) waiting -= size;
    suspects = Math.max(0, suspects - count);
    tried = 0;
  };

  /** Returns how many batches are done with. */
  const writeFirst = async (): Promise<number> => {
    if (tried === 0) tried = suspects > 0 ? 1 : Math.min(full.length, together);
    const some = full.slice(0, tried);
    const now = system.now();
    const once: Write = { into: 'batches (id, time)', rows: some.map(({ id }) => [id, now]) };
    try {
      await store.write([once, ...some.flatMap(({ batch }) => batch.toWrites())]);
    } catch (error) {
      if (!(error instanceof StoreError) || isPassing(error.trouble)) throw error;
      // With `conflict` it was written, and only the answer got lost. Any other would stand in the way of all that follow.
      if (error.trouble === 'mistake') {
        if (some.length > 1) {
          suspects = some.length;
          tried = 0;
          return 0;
        }
        dropped += some[0]?.size ?? 0;
        onMistake?.(error);
      }
    }
    letGo(some.length);
    return some.length;
  };

  const keepWriting = async (): Promise<void> => {
    for (let heard = -1; heard !== asked || isRestWanted;) {
      heard = asked;
      // While the store is away what comes grows to whole batches.
      if (isRestWanted && tried === 0) {
        isRestWanted = false;
        if (growing.size > 0) pack();
      }
      for (let left = full.length; left > 0;) left -= await writeFirst();
    }
  };

  /** Whole batches. What comes meanwhile waits for its own time: else it would be written in ever so small pieces. */
  const write = (): Promise<void> => {
    asked += 1;
    writing ??= keepWriting()
      // The store has told of it, and says when it is back.
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };

  const writeAll = (): Promise<void> => {
    isRestWanted = true;
    return write();
  };

  const soon = (): void => {
    timer = setTimeout(() => {
      timer = undefined;
      void writeAll();
      if (waiting > 0) soon();
    }, everyMs).unref();
  };

  store.onReady(() => void writeAll());

  return {
    add: (item) => {
      if (waiting >= mostWaiting) {
        dropped += 1;
        return;
      }
      waiting += 1;
      growing.batch.add(item);
      growing.size += 1;
      if (growing.size >= batchSize) {
        pack();
        if (full.length >= together) void write();
      }
      if (!timer) soon();
    },
    get waiting() {
      return waiting;
    },
    get dropped() {
      return dropped;
    },
    flush: async () => {
      await writing;
      await writeAll();
    },
    close: async () => {
      clearTimeout(timer);
      timer = undefined;
      await writing;
      await writeAll();
    },
  };
};

interface SizedBatch<Item> {
  readonly id: string;
  readonly batch: Batch<Item>;
  size: number;
}
