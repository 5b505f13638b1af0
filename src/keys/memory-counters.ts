/** Counters of this process, exact under any race: nothing happens between looking and taking. */
import { LIMIT_NAMES, LIMITS } from '../callers/limits.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import type { System } from '../system.ts';
import { NANOS_OF_A_DOLLAR } from './counters.ts';
import type { Amount, Counters, Exceeded, Reservation } from './counters.ts';
import { Meter } from './meter.ts';
import type { Count, Sums } from './meter.ts';
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

  const check: MemoryCounters['check'] = (id, limits, asked, first) => {
    const spans = spansAt(system.now());
    const meter = meterOf(id);
    meter.moveTo(spans.second);
    return findExceeded(limits, asked, first, (limit) => ({
      ...meter.useOf(limit, spans),
      freeAt: (counts, needed) => meter.freeAt(counts, needed),
    }));
  };

  const admit: MemoryCounters['admit'] = (id, asked, first) => {
    const spans = spansAt(system.now());
    const meter = meterOf(id);
    meter.moveTo(spans.second);
    const counts = [meter.second(spans.second), meter.span(spans.day), meter.span(spans.month)];
    const count = (amount: Amount): void => {
      for (const one of counts) {
        meter.add(one, amount);
        if (isSaved) unsaved.add(one);
      }
    };
    count(asked);
    if (first) meter.active += 1;
    return settling(asked, (difference) => {
      if (first) meter.active -= 1;
      count(difference);
    });
  };

  return {
    reserve: (id, limits, asked, first) => check(id, limits, asked, first) ?? admit(id, asked, first),
    check,
    admit,
    correct: (id, { minute, day, month }) => {
      const spans = spansAt(system.now());
      const meter = meterOf(id);
      meter.moveTo(spans.second);
      meter.correct(spans, { minute, day, month });
    },
    useOf: (id, limit) => {
      const spans = spansAt(system.now());
      const meter = meterOf(id);
      meter.moveTo(spans.second);
      return meter.useOf(limit, spans);
    },
    takeUnsaved: () => {
      const taken = [...unsaved].map(({ id, span, unsaved: sums }) => {
        const one = { id, period: span.name, endsAt: span.endsAt, ...sums };
        Object.assign(sums, { requests: 0, tokens: 0, costNanos: 0 });
        return one;
      });
      unsaved.clear();
      return taken.filter(({ requests, tokens, costNanos }) => requests !== 0 || tokens !== 0 || costNanos !== 0);
    },
    dropOver: () => {
      const now = system.now();
      for (const one of unsaved) if (one.span.endsAt <= now) unsaved.delete(one);
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

const settling = (reserved: Amount, give: (difference: Amount) => void): Reservation => {
  let isSettled = false;
  return {
    settle: (used) => {
      if (isSettled) return;
      isSettled = true;
      give({
        requests: used.requests - reserved.requests,
        tokens: used.tokens - reserved.tokens,
        costNanos: used.costNanos - reserved.costNanos,
      });
    },
  };
};

interface Room {
  readonly used: number;
  readonly resetsAt: number | undefined;
  freeAt(counts: 'requests' | 'tokens', needed: number): number;
}

/** Of all that stand in the way the one that does so longest: whoever waits for it is not sent away again. */
export const findExceeded = (
  limits: Limits,
  asked: Amount,
  first: boolean,
  roomOf: (limit: LimitName) => Room,
): Exceeded | undefined => {
  let found: Exceeded | undefined;
  for (const limit of LIMIT_NAMES) {
    const most = limits[limit];
    if (most === null || (limit === 'concurrent' && !first)) continue;
    const { span, counts } = LIMITS[limit];
    const wanted = limit === 'concurrent' ? 1 : counts === 'cost' ? asked.costNanos / NANOS_OF_A_DOLLAR : asked[counts];
    const room = roomOf(limit);
    const { used } = room;
    // What costs nothing, or nobody knows what, finds no room either where all is used.
    const isOver = used + wanted > most || (used >= most && (counts !== 'requests' || first));
    if (!isOver) continue;
    const isTooMuch = wanted > most;
    const freeAt = isTooMuch
      ? undefined
      : span === 'minute'
        ? room.freeAt(counts, Math.max(used + wanted - most, 1))
        : room.resetsAt;
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
