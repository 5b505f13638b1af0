/** Calls of a history, and which of them an answer belongs to. Linear: nobody looks twice at a call that is answered. */
import type { PastAnswer } from './past-answers.ts';
import type { PastCall } from './past-calls.ts';

/** A call with the answer that belongs to it; the last of several answers counts. */
export interface PairedCall {
  readonly call: PastCall;
  answer?: PastAnswer;
}

/** Calls made together, in one message; those before `next` have their answers. */
interface Batch {
  readonly calls: readonly PairedCall[];
  next: number;
}

const toBatch = (calls: readonly PairedCall[]): Batch => ({ calls, next: 0 });

const firstOpen = (batch: Batch): PairedCall | undefined => {
  while (batch.calls[batch.next]?.answer) batch.next += 1;
  return batch.calls[batch.next];
};

/** Of several messages. */
class Messages {
  readonly #open: Batch[] = [];
  #latest: Batch | undefined;

  add(batch: Batch): void {
    this.#open.push(batch);
    this.#latest = batch;
  }

  /** The first without an answer, in the latest message that has one; else the very last. */
  find(): PairedCall | undefined {
    for (let last = this.#open.at(-1); last; last = this.#open.at(-1)) {
      const call = firstOpen(last);
      if (call) return call;
      this.#open.pop();
    }
    return this.#latest?.calls.at(-1);
  }
}

export class PairedCalls {
  readonly #added: (readonly PairedCall[])[] = [];
  /** By id, those of the latest message that uses it. */
  readonly #byId = new Map<string, Batch>();
  /** By name and, for answers that have none, all: made when the first answer without an id comes. */
  #byName: Map<string | undefined, Messages> | undefined;

  /** Calls made together, in one message. */
  add(calls: readonly PairedCall[]): void {
    this.#added.push(calls);
    const [only] = calls;
    if (only && calls.length === 1) this.#byId.set(only.call.id, toBatch(calls));
    else for (const [id, same] of Map.groupBy(calls, ({ call }) => call.id)) this.#byId.set(id, toBatch(same));
    if (this.#byName) addByName(this.#byName, calls);
  }

  /** The nearest call before an answer; of several alike in one message, the first that has no answer yet. */
  find({ id, name }: PastAnswer): PairedCall | undefined {
    if (id !== undefined) {
      const batch = this.#byId.get(id);
      return batch && (firstOpen(batch) ?? batch.calls.at(-1));
    }
    if (!this.#byName) {
      this.#byName = new Map();
      for (const calls of this.#added) addByName(this.#byName, calls);
    }
    return this.#byName.get(name)?.find();
  }
}

const addByName = (byName: Map<string | undefined, Messages>, calls: readonly PairedCall[]): void => {
  const add = (name: string | undefined, same: readonly PairedCall[]): void => {
    const messages = byName.get(name) ?? new Messages();
    messages.add(toBatch(same));
    byName.set(name, messages);
  };
  add(undefined, calls);
  for (const [name, same] of Map.groupBy(calls, ({ call }) => call.name)) add(name, same);
};
