/** Counters of this process, exact under any race: nothing happens between looking and taking. */
import type { Limits, SetLimit } from '../callers/limits.ts';
import type { System } from '../system.ts';
import { NANOS_OF_A_DOLLAR } from './counters.ts';
import type { Amount, Counters, Exceeded, LimitUses, Reservation } from './counters.ts';
import { Meter } from './meter.ts';
import type { Count, Here, Sums } from './meter.ts';
import { createCalendar } from './spans.ts';

export interface MemoryCounters extends Counters {
  reserve(id: string, limits: Limits, asked: Amount, first: boolean): Reservation | Exceeded;
  /** The limit that has no room for it. */
  check(id: string, limits: Limits, asked: Amount, first: boolean): Exceeded | undefined;
  /** Counts what somebody else has let in. */
  admit(id: string, asked: Amount, first: boolean): Reservation;
  /** What was used up to now, by the word of who knows of all relays. */
  correct(id: string, known: KnownSums): void;
  /** What the database does not know yet; from then on it counts as known. */
  takeUnsaved(): readonly UnsavedCount[];
  /** Forgets what nobody needs to write any more: its span is over. */
  dropOver(): void;
  /** What the database knows of one span. */
  learn(id: string, period: string, endsAt: number, saved: Sums): void;
  /** All keys but these are gone. */
  keepOnly(ids: ReadonlySet<string>): void;
}

export interface KnownSums {
  readonly minute: Pick<Sums, 'requests' | 'tokens'>;
  readonly day: Pick<Sums, 'requests' | 'tokens'>;
  readonly month: Sums;
}

export interface UnsavedCount extends Sums {
  readonly id: string;
  readonly period: string;
  readonly endsAt: number;
}

export interface MemoryCountersSettings {
  /** Whether somebody takes what is unsaved. */
  readonly isSaved: boolean;
}

export const createMemoryCounters = (
  system: Pick<System, 'now'>,
  { isSaved }: MemoryCountersSettings = { isSaved: true },
): MemoryCounters => {
  const meters = new Map<string, Meter>();
  const unsaved = new Set<Count>();
  const spansAt = createCalendar();

  const meterOf = (id: string): Meter => {
    const known = meters.get(id);
    if (known) return known;
    const made = new Meter(id);
    meters.set(id, made);
    return made;
  };

  const meterAt = (id: string, now: number): Meter => {
    const meter = meterOf(id);
    meter.moveTo(spansAt(now));
    return meter;
  };

  const note = isSaved
    ? ({ second, day, month }: Here): void => {
        if (second.isNoted && day.isNoted && month.isNoted) return;
        for (const count of [second, day, month]) {
          count.isNoted = true;
          unsaved.add(count);
        }
      }
    : (): void => undefined;

  return {
    reserve: (id, limits, asked, first) => {
      const meter = meterOf(id);
      const here = meter.here(spansAt(system.now()));
      return findExceeded(meter.setOf(limits), asked, first, meter) ?? new Taken(meter, here, asked, first, note);
    },
    check: (id, limits, asked, first) => {
      const meter = meterAt(id, system.now());
      return findExceeded(meter.setOf(limits), asked, first, meter);
    },
    admit: (id, asked, first) => {
      const meter = meterOf(id);
      return new Taken(meter, meter.here(spansAt(system.now())), asked, first, note);
    },
    spend: (id, used) => {
      const meter = meterOf(id);
      const here = meter.here(spansAt(system.now()));
      meter.add(here, used);
      note(here);
    },
    correct: (id, { minute, day, month }) => {
      meterOf(id).correct(spansAt(system.now()), { minute, day, month });
    },
    usesOf: meterAt,
    useOf: (id, limit) => {
      const meter = meterAt(id, system.now());
      return { used: meter.used(limit), resetsAt: meter.resetsAt(limit) };
    },
    takeUnsaved: () => {
      const taken = [...unsaved].map((count) => {
        const { id, span, all, known } = count;
        const one = { id, period: span.name, endsAt: span.endsAt, ...difference(all, known) };
        Object.assign(known, all);
        count.isNoted = false;
        return one;
      });
      unsaved.clear();
      return taken.filter(({ requests, tokens, costNanos }) => requests !== 0 || tokens !== 0 || costNanos !== 0);
    },
    dropOver: () => {
      const now = system.now();
      for (const one of unsaved) {
        if (one.span.endsAt > now) continue;
        one.isNoted = false;
        unsaved.delete(one);
      }
    },
    learn: (id, period, endsAt, saved) => {
      const meter = meterOf(id);
      const second = /^\d+$/.test(period) ? Number(period) : undefined;
      meter.learn(second === undefined ? meter.span({ name: period, endsAt }) : meter.second(second), saved);
    },
    keepOnly: (ids) => {
      for (const id of meters.keys()) if (!ids.has(id)) meters.delete(id);
    },
  };
};

/** What a call has taken of its second, its day and its month. */
class Taken implements Reservation {
  readonly #meter: Meter;
  readonly #here: Here;
  readonly #asked: Amount;
  readonly #first: boolean;
  readonly #note: (here: Here) => void;
  #isSettled = false;

  constructor(meter: Meter, here: Here, asked: Amount, first: boolean, note: (here: Here) => void) {
    this.#meter = meter;
    this.#here = here;
    this.#asked = asked;
    this.#first = first;
    this.#note = note;
    if (first) meter.active += 1;
    this.#count(asked);
  }

  get tokens(): number {
    return this.#asked.tokens;
  }

  settle(used: Amount): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (this.#first) this.#meter.active -= 1;
    this.#count(difference(used, this.#asked));
  }

  #count(amount: Amount): void {
    this.#meter.add(this.#here, amount);
    this.#note(this.#here);
  }
}

const difference = (one: Amount, other: Amount): Amount => ({
  requests: one.requests - other.requests,
  tokens: one.tokens - other.tokens,
  costNanos: one.costNanos - other.costNanos,
});

/** How each limit stands. */
interface Rooms extends LimitUses {
  /** When so much of the minute's is over that there is room for `needed`. */
  freeAt(counts: 'requests' | 'tokens', needed: number): number;
}

/** Of all that stand in the way the one that does so longest: whoever waits for it is not sent away again. */
export const findExceeded = (
  limits: readonly SetLimit[],
  asked: Amount,
  first: boolean,
  rooms: Rooms,
): Exceeded | undefined => {
  let found: Exceeded | undefined;
  for (const { name: limit, most, span, counts } of limits) {
    if (limit === 'concurrent' && !first) continue;
    const wanted = limit === 'concurrent' ? 1 : counts === 'cost' ? asked.costNanos / NANOS_OF_A_DOLLAR : asked[counts];
    const used = rooms.used(limit);
    // What costs nothing, or nobody knows what, finds no room either where all is used.
    const isOver = used + wanted > most || (used >= most && (counts !== 'requests' || first));
    if (!isOver) continue;
    const isTooMuch = wanted > most;
    const freeAt = isTooMuch
      ? undefined
      : span === 'minute' && counts !== 'cost'
        ? rooms.freeAt(counts, Math.max(used + wanted - most, 1))
        : rooms.resetsAt(limit);
    if (!found || isLonger({ isTooMuch, freeAt }, found)) {
      found = { limit, most, freeAt, isTooMuch, asked: wanted };
    }
  }
  return found;
};

const isLonger = (
  one: Pick<Exceeded, 'isTooMuch' | 'freeAt'>,
  other: Pick<Exceeded, 'isTooMuch' | 'freeAt'>,
): boolean => {
  if (one.isTooMuch || other.isTooMuch) return one.isTooMuch && !other.isTooMuch;
  return (one.freeAt ?? 0) > (other.freeAt ?? 0);
};
