import { RelayError } from '../errors.ts';
import type { CallRecord } from '../gemini/call.ts';
import type { PricedUsage } from '../gemini/usage.ts';
import type { Price } from './asking.ts';
import { isExceeded } from './counters.ts';
import type { Amount, Exceeded, Reservation } from './counters.ts';

const NOTHING: Amount = { requests: 0, tokens: 0, costNanos: 0 };
const NONE: readonly Reservation[] = [];

/** What a call was brought to; undefined where to none. */
interface Served {
  readonly servedModel?: CallRecord['servedModel'] | undefined;
}

/** What one request has reserved: it may make several calls and counts once. Paid at its end, however it ends. */
export class Bill {
  /** Nearly always one. */
  #reservations = NONE;
  readonly #record: Served;
  readonly #price: Price;
  /** Of the request, on the wall clock. */
  readonly time: number;
  #isWithoutLogin = false;
  #isSettled = false;
  /** Whether the first call may go ahead, where that is not known at once. */
  opening: Promise<Reservation | Exceeded> | undefined;
  /** What was asked for before the call was known in full (`ahead.ts`), for whoever makes the first. */
  #ahead: Promise<Reservation | Exceeded> | undefined;

  constructor(record: Served, price: Price, time: number) {
    this.#record = record;
    this.#price = price;
    this.time = time;
  }

  /** What comes when the request is over already (its client has left meanwhile) is given back at once. */
  add(reservation: Reservation): void {
    const reserved = this.#reservations;
    if (this.#isSettled) reservation.settle(NOTHING);
    else if (reserved.length === 0) this.#reservations = [reservation];
    else if (!reserved.includes(reservation)) this.#reservations = [...reserved, reservation];
  }

  /** Reserved, also where the call is never made. */
  reserveAhead(ahead: Promise<Reservation | Exceeded>): void {
    this.#ahead = ahead;
    ahead.then(
      (outcome) => {
        if (!isExceeded(outcome)) this.add(outcome);
      },
      // Whoever takes it meets the failure.
      () => undefined,
    );
  }

  takeAhead(): Promise<Reservation | Exceeded> | undefined {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead;
  }

  /**
   * Of a call that fails because nobody could ask Google for anything, nothing was used: that is so before the head of its
   * answer tells what is left. The answer is given back as it is: nobody waits longer for it.
   */
  watch<Answer>(answer: Promise<Answer>): Promise<Answer> {
    answer.then(undefined, (error: unknown) => {
      this.#isWithoutLogin ||= error instanceof RelayError && error.doorCause === 'login';
      if (this.#servedBy() === undefined) this.#giveBack();
    });
    return answer;
  }

  settle(used: readonly (PricedUsage | undefined)[]): void {
    this.#isSettled = true;
    let rest = this.#sumOf(used);
    for (const reservation of this.#reservations) {
      reservation.settle(rest);
      rest = NOTHING;
    }
  }

  /** Of calls that a request makes together the others may still use what is theirs. */
  #giveBack(): void {
    const [only, ...others] = this.#reservations;
    if (!only || others.length > 0) return;
    this.#reservations = NONE;
    only.settle(NOTHING);
  }

  /** Undefined where nothing was used. */
  #servedBy(): string | undefined {
    return this.#isWithoutLogin ? undefined : this.#record.servedModel;
  }

  #sumOf(used: readonly (PricedUsage | undefined)[]): Amount {
    const servedModel = this.#servedBy();
    if (servedModel === undefined) return NOTHING;
    let tokens = 0;
    let costNanos = 0;
    for (const call of used) {
      if (!call) continue;
      tokens += call.input + call.output;
      costNanos += this.#price(servedModel, this.time, call);
    }
    return { requests: 1, tokens, costNanos };
  }
}
