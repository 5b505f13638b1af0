/**
 * Counters of all relays on one Redis: it decides, exactly over all of them, and this process goes along, so that it knows
 * what to go on with. While Redis is away each relay gives its share of a limit, and what it gave is told when Redis is back.
 */
import { LIMIT_NAMES, LIMITS, perLimit, setLimitsOf } from '../callers/limits.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import type { RedisAnswer } from '../state/link.ts';
import type { RedisState } from '../state/redis.ts';
import { StateAway } from '../state/state.ts';
import type { System } from '../system.ts';
import { NANOS_OF_A_DOLLAR } from './counters.ts';
import type { Amount, Counters, Exceeded, KeptTokens, Reservation } from './counters.ts';
import { RESERVE } from './limit-scripts.ts';
import { createMemoryCounters, findExceeded } from './memory-counters.ts';
import type { MemoryCounters } from './memory-counters.ts';
import type { Debt } from './owed.ts';
import { createCalendar } from './spans.ts';
import { createTelling } from './telling.ts';

export interface SharedCountersNeeds {
  /** What this process and the database know. */
  readonly memory: MemoryCounters;
  readonly state: Pick<RedisState, 'id' | 'link' | 'relays' | 'now' | 'awayMs' | 'onReady'>;
  readonly system: Pick<System, 'now'>;
}

/** In which spans something counts. */
export interface Place {
  readonly second: number;
  readonly day: number;
  readonly month: string;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

export const createSharedCounters = ({ memory, state, system }: SharedCountersNeeds): Counters => {
  /** What this relay alone has given. */
  const own = createMemoryCounters(system, { isSaved: false });
  const spansAt = createCalendar();
  /** What this relay answers at the moment and Redis knows of. */
  const active = new Map<string, number>();

  const telling = createTelling(state, active);

  /** In memory, whoever has decided. */
  const admit = (id: string, asked: Amount, first: boolean): Reservation => {
    const counted = [memory.admit(id, asked, first), own.admit(id, asked, first)];
    return {
      tokens: asked.tokens,
      settle: (used) => {
        for (const one of counted) one.settle(used);
      },
    };
  };

  const taken = (id: string, place: Place, asked: Amount, first: boolean, inRedis: boolean): Reservation => {
    const counted = admit(id, asked, first);
    const holdsPlace = first && inRedis;
    if (holdsPlace) active.set(id, (active.get(id) ?? 0) + 1);
    else if (!inRedis) telling.owe(id, { changes: [[place, asked]], givenUp: [] });
    let isSettled = false;
    return {
      tokens: asked.tokens,
      settle: (used) => {
        if (isSettled) return;
        isSettled = true;
        counted.settle(used);
        if (holdsPlace) {
          const left = (active.get(id) ?? 1) - 1;
          if (left > 0) active.set(id, left);
          else active.delete(id);
        }
        const debt: Debt = { changes: [[place, difference(used, asked)]], givenUp: [] };
        if (inRedis) telling.settle(id, holdsPlace ? '+-1' : '', debt);
        else telling.owe(id, debt);
      },
    };
  };

  /** In which spans it counts now. */
  const placeNow = (): Place => {
    const now = state.now();
    return placeAt(now, spansAt(now).month.name);
  };

  /** Without Redis: what all are known to have used, and this relay's share. */
  const reserveAlone = (id: string, limits: Limits, asked: Amount, first: boolean): Reservation | Exceeded => {
    const share = own.check(id, sharesOf(limits, state.relays()), asked, first);
    if (share) {
      const most = limits[share.limit] ?? share.most;
      const isTooMuch = share.asked > most;
      return { ...share, most, isTooMuch, freeAt: isTooMuch ? undefined : (share.freeAt ?? system.now() + MINUTE_MS) };
    }
    const exceeded = memory.check(id, limits, asked, first);
    if (exceeded) return exceeded;
    return taken(id, placeNow(), asked, first, false);
  };

  const known = (id: string): readonly (string | number)[] => {
    const { day, month } = spansAt(system.now());
    const used = (limit: LimitName): number => Math.round(memory.useOf(id, limit).used);
    const money = Math.round(memory.useOf(id, 'cost_per_month').used * NANOS_OF_A_DOLLAR);
    return [
      ...[used('rpm'), used('tpm')],
      ...[day.endsAt / DAY_MS - 1, used('requests_per_day'), used('tokens_per_day')],
      ...[month.name, used('requests_per_month'), used('tokens_per_month'), money],
    ];
  };

  return {
    reserve: async (id, limits, sent, first, { keys, costNanosOfToken } = NOTHING_KEPT) => {
      const asked = whole(sent);
      if (isWithoutLimits(limits)) return admit(id, asked, first);
      // Nothing is sent then: nothing can be done late.
      if (state.awayMs() > 0) return reserveAlone(id, limits, asked, first);
      const { number, oldest } = telling.unanswered.add();
      // What Redis does later than that was given up here, and decided without it.
      const deadline = Math.floor(state.now()) + state.link.longestMs;
      const wanted = [asked.requests, asked.tokens, asked.costNanos, first ? 1 : 0];
      const words = [
        state.id,
        deadline,
        ...wanted,
        ...limitWords(limits),
        ...known(id),
        costNanosOfToken,
        number,
        oldest,
      ];
      let answer: RedisAnswer;
      try {
        answer = await state.link.run(RESERVE, [`limits:${id}`, 'relays', telling.receiptsKey, ...keys], words);
        telling.unanswered.remove(number);
      } catch (error) {
        if (!(error instanceof StateAway)) throw error;
        // It may have been done, or be done in a moment.
        telling.owe(id, { changes: [], givenUp: [number] });
        return reserveAlone(id, limits, asked, first);
      }
      const reply = readReply(answer);
      if (!reply) return reserveAlone(id, limits, asked, first);
      const all = withKept(asked, reply.keptTokens, costNanosOfToken);
      if (reply.isTaken) {
        const reservation = taken(id, reply.place, all, first, true);
        memory.correct(id, reply);
        return reservation;
      }
      memory.correct(id, reply);
      return exceededIn(reply, limits, all, first) ?? reserveAlone(id, limits, all, first);
    },
    spend: (id, used) => {
      taken(id, placeNow(), whole(used), false, false);
    },
    useOf: (id, limit) => memory.useOf(id, limit),
    usesOf: (id, now) => memory.usesOf(id, now),
  };
};

interface RedisReply {
  readonly isTaken: boolean;
  readonly place: Place;
  readonly minute: Pick<Amount, 'requests' | 'tokens'>;
  readonly day: Pick<Amount, 'requests' | 'tokens'>;
  readonly month: Amount;
  readonly active: number;
  readonly now: number;
  /** That it has added to what was asked for. */
  readonly keptTokens: number;
  /** Of the last minute, where it was refused. */
  readonly seconds: readonly (readonly [second: number, requests: number, tokens: number])[];
}

/** Undefined: it came too late. */
const readReply = (answer: RedisAnswer): RedisReply | undefined => {
  const fields = typeof answer === 'object' && answer ? answer : [];
  const number = (at: number): number => Number(fields[at] ?? 0);
  if (number(0) === -1) return undefined;
  const seconds = fields[13];
  return {
    isTaken: number(0) === 1,
    now: number(1),
    place: { second: number(2), day: number(3), month: String(fields[4]) },
    day: { requests: number(5), tokens: number(6) },
    month: { requests: number(7), tokens: number(8), costNanos: number(9) },
    active: number(10),
    minute: { requests: number(11), tokens: number(12) },
    keptTokens: number(14),
    seconds: (typeof seconds === 'object' && seconds ? seconds : []).map((one) => {
      const [second, requests, tokens] = typeof one === 'object' && one ? one.map(Number) : [];
      return [second ?? 0, requests ?? 0, tokens ?? 0] as const;
    }),
  };
};

const exceededIn = (reply: RedisReply, limits: Limits, asked: Amount, first: boolean): Exceeded | undefined => {
  const { minute, day, month, active, now, seconds } = reply;
  const dayEnd = (reply.place.day + 1) * DAY_MS;
  const date = new Date(reply.place.day * DAY_MS);
  const monthEnd = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  const used: Record<LimitName, readonly [number, number | undefined]> = {
    rpm: [minute.requests, undefined],
    tpm: [minute.tokens, undefined],
    concurrent: [active, undefined],
    requests_per_day: [day.requests, dayEnd],
    tokens_per_day: [day.tokens, dayEnd],
    requests_per_month: [month.requests, monthEnd],
    tokens_per_month: [month.tokens, monthEnd],
    cost_per_month: [month.costNanos / NANOS_OF_A_DOLLAR, monthEnd],
  };
  return findExceeded(setLimitsOf(limits), asked, first, {
    used: (limit) => used[limit][0],
    resetsAt: (limit) => used[limit][1],
    freeAt: (counts, needed) => {
      let freed = 0;
      for (const [second, requests, tokens] of [...seconds].sort(([one], [other]) => one - other)) {
        freed += counts === 'requests' ? requests : tokens;
        if (freed >= needed) return second * SECOND_MS + MINUTE_MS;
      }
      return now + SECOND_MS;
    },
  });
};

const placeAt = (now: number, month: string): Place => ({
  second: Math.floor(now / SECOND_MS),
  day: Math.floor(now / DAY_MS),
  month,
});

const isWithoutLimits = (limits: Limits): boolean => LIMIT_NAMES.every((name) => limits[name] === null);

const limitWords = (limits: Limits): (string | number)[] =>
  LIMIT_NAMES.map((name) => {
    const most = limits[name];
    if (most === null) return '';
    return LIMITS[name].counts === 'cost' ? Math.round(most * NANOS_OF_A_DOLLAR) : most;
  });

/** What counts in pieces can't be less than one. */
const sharesOf = (limits: Limits, relays: number): Limits =>
  perLimit((name) => {
    const most = limits[name];
    if (most === null || relays === 1) return most;
    return LIMITS[name].counts === 'cost' ? most / relays : Math.max(Math.min(1, most), Math.floor(most / relays));
  });

const NOTHING_KEPT: KeptTokens = { keys: [], costNanosOfToken: 0 };

const withKept = (asked: Amount, keptTokens: number, costNanosOfToken: number): Amount => ({
  ...asked,
  tokens: asked.tokens + keptTokens,
  costNanos: asked.costNanos + keptTokens * costNanosOfToken,
});

const whole = ({ requests, tokens, costNanos }: Amount): Amount => ({
  requests,
  tokens: Math.ceil(tokens),
  costNanos: Math.ceil(costNanos),
});

const difference = (used: Amount, asked: Amount): Amount => {
  const { requests, tokens, costNanos } = whole(used);
  return {
    requests: requests - asked.requests,
    tokens: tokens - asked.tokens,
    costNanos: costNanos - asked.costNanos,
  };
};
