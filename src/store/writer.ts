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
  readonly batchSize?: number;
  readonly everyMs?: number;
  readonly mostWaiting?: number;
}

const BATCH_SIZE = 200;
const EVERY_MS = 1000;
const MOST_WAITING = 20_000;

export const createWriter = <Item>({
  createBatch,
  store,
  system,
  onMistake,
  batchSize = BATCH_SIZE,
  everyMs = EVERY_MS,
  mostWaiting = MOST_WAITING,
}: WriterSettings<Item>): Writer<Item> => {
  /** Full ones, in the order in which they are written. */
  const batches: SizedBatch<Item>[] = [];
  let growing: SizedBatch<Item> = { batch: createBatch(), size: 0 };
  let waiting = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  /** Of the batch at the head: the same however often it is tried, so that it never counts twice. */
  let batchId: string | undefined;

  const pack = (): void => {
    batches.push(growing);
    growing = { batch: createBatch(), size: 0 };
  };

  const writeBatch = async ({ batch, size }: SizedBatch<Item>): Promise<void> => {
    batchId ??= system.newId('batch_');
    const once: Write = { into: 'batches (id, time)', rows: [[batchId, system.now()]] };
    try {
      await store.write([once, ...batch.toWrites()]);
    } catch (error) {
      if (!(error instanceof StoreError) || isPassing(error.trouble)) throw error;
      // With `conflict` it was written, and only the answer got lost. Any other would stand in the way of all that follow.
      if (error.trouble === 'mistake') {
        dropped += size;
        onMistake?.(error);
      }
    }
    batchId = undefined;
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      if (batches.length === 0 && growing.size > 0) pack();
      const [first] = batches;
      if (!first) return;
      await writeBatch(first);
      batches.shift();
      waiting -= first.size;
    }
  };

  const write = (): Promise<void> => {
    writing ??= drain()
      // The store has told of it, and says when it is back.
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };

  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void write();
      if (waiting > 0) soon();
    }, everyMs).unref();
  };

  store.onReady(() => void write());

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
        void write();
      } else soon();
    },
    get waiting() {
      return waiting;
    },
    get dropped() {
      return dropped;
    },
    flush: async () => {
      await writing;
      await write();
    },
    close: async () => {
      clearTimeout(timer);
      timer = undefined;
      await writing;
      await write();
    },
  };
};

interface SizedBatch<Item> {
  readonly batch: Batch<Item>;
  size: number;
}
