/** Answers that somebody has come back to, or that a record can't say all of: each with the one that it goes on from. */
import { Roll } from '../../../engine/roll.ts';
import type { Place } from '../../../engine/roll.ts';
import type { KeptAnswer } from './kept.ts';

export interface Entry {
  readonly answer: KeptAnswer;
  readonly bytes: number;
  readonly keptAt: number;
  readonly previous: Entry | undefined;
  /** The list of answers, and each answer that goes on from this one. */
  holds: number;
  place: Place<Entry> | undefined;
}

export class KeptEntries {
  /** Of all that are in memory, also of those that can't be found any more. */
  bytes = 0;
  readonly #entryBytes: number;
  readonly #byId = new Map<string, Entry>();
  /** About the oldest first. A Map keeps an order, too, but walks past all that have left each time that it is asked. */
  readonly #inOrder = new Roll<Entry>();
  /** Those that are in no list, or not in this one, while an answer goes on from them. */
  readonly #apart = new WeakMap<KeptAnswer, Entry>();

  /** What an entry takes besides its texts. */
  constructor(entryBytes: number) {
    this.#entryBytes = entryBytes;
  }

  get oldest(): Entry | undefined {
    return this.#inOrder.first?.member;
  }

  find(id: string): Entry | undefined {
    return this.#byId.size === 0 ? undefined : this.#byId.get(id);
  }

  enter(answer: KeptAnswer, keptAt: number): Entry {
    const entry = this.#make(answer, keptAt, answer.previous && this.#entryFor(answer.previous, keptAt));
    // While it was made, what it goes on from may have had to leave: then it is in memory again.
    this.#hold(entry);
    this.#byId.set(answer.id, entry);
    entry.place = this.#inOrder.enter(entry);
    return entry;
  }

  drop(entry: Entry): void {
    this.#byId.delete(entry.answer.id);
    if (entry.place) this.#inOrder.leave(entry.place);
    this.#letGo(entry);
    if (entry.holds > 0) this.#apart.set(entry.answer, entry);
  }

  *[Symbol.iterator](): Generator<KeptAnswer> {
    for (const { answer } of this.#inOrder) yield answer;
  }

  #make(answer: KeptAnswer, keptAt: number, previous: Entry | undefined): Entry {
    const bytes = this.#entryBytes + answer.texts.settle();
    return { answer, bytes, keptAt, previous, holds: 0, place: undefined };
  }

  /** That of an answer in another list is in memory as well as long as this one goes on from it. */
  #entryFor(answer: KeptAnswer, keptAt: number): Entry | undefined {
    const missing: KeptAnswer[] = [];
    let entry: Entry | undefined;
    for (let at: KeptAnswer | undefined = answer; at && !(entry = this.#known(at)); at = at.previous) missing.push(at);
    for (const one of missing.reverse()) {
      entry = this.#make(one, keptAt, entry);
      this.#apart.set(one, entry);
    }
    return entry;
  }

  #known(answer: KeptAnswer): Entry | undefined {
    const entry = this.find(answer.id);
    return entry?.answer === answer ? entry : this.#apart.get(answer);
  }

  #hold(entry: Entry): void {
    for (let at: Entry | undefined = entry; at; at = at.previous) {
      at.holds += 1;
      if (at.holds > 1) return;
      this.bytes += at.bytes;
    }
  }

  /** An answer is out of memory when the last that goes on from it is. */
  #letGo(entry: Entry): void {
    for (let at: Entry | undefined = entry; at; at = at.previous) {
      at.holds -= 1;
      if (at.holds > 0) return;
      this.bytes -= at.bytes;
    }
  }
}
