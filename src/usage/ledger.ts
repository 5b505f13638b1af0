/** Keeps what each request has used, without anybody waiting for it. */
import type { Logger } from '../log.ts';
import type { Store, StoreState } from '../store/store.ts';
import { createWriter } from '../store/writer.ts';
import type { System } from '../system.ts';
import { cleanUp } from './clean-up.ts';
import { writeDaySums } from './day-sums.ts';
import { createRowMaker, writeRequests } from './request-row.ts';
import type { EndedRequest, RequestRow } from './request-row.ts';

export interface Ledger {
  /** Undefined where nothing is kept: nobody then gathers what there would be to write. */
  readonly add: ((ended: EndedRequest) => void) | undefined;
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

export const createLedger = ({ store, system, log, keepDays }: LedgerNeeds): Ledger => {
  if (store.kind === 'none') return NO_LEDGER;
  const toRow = createRowMaker(system);
  const writer = createWriter<RequestRow>({
    store,
    system,
    toWrites: (rows) => (keepDays() === 0 ? [writeDaySums(rows)] : [writeRequests(rows), writeDaySums(rows)]),
    onMistake: (error) => {
      log.error('usage cannot be written', { error });
    },
  });
  const closing = new AbortController();
  void cleanUp({ store, system, keepDays, signal: closing.signal });

  return {
    add: (ended) => {
      writer.add(toRow(ended));
    },
    status: () => ({ kind: store.kind, ...store.state(), waiting: writer.waiting, dropped: writer.dropped }),
    flush: () => writer.flush(),
    close: async () => {
      closing.abort();
      // A relay that ends right after its start is no reason to forget what it did in between.
      await store.opened();
      await writer.close();
    },
  };
};

const NO_LEDGER: Ledger = {
  add: undefined,
  status: () => ({ kind: 'none', ok: true, waiting: 0, dropped: 0 }),
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
