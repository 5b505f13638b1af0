/**
 * What client keys have used, and whether one may use more. One side keeps it in this process (`memory-counters.ts`);
 * another may ask a server that several relays share, which is why an answer may take its time.
 */
import type { LimitName, Limits } from '../callers/limits.ts';

export interface Amount {
  readonly requests: number;
  readonly tokens: number;
  readonly costNanos: number;
}

/** Room that was taken before it is known what a call uses. */
export interface Reservation {
  readonly tokens: number;
  /** What was used takes the place of what was reserved. Counts in the spans in which it was reserved. Once. */
  settle(used: Amount): void;
}

/** The limit that stands in the way the longest. */
export interface Exceeded {
  readonly limit: LimitName;
  readonly most: number;
  /** When there is room again; undefined where nobody knows. */
  readonly freeAt: number | undefined;
  /** Had nothing else been used, there would be no room either. */
  readonly isTooMuch: boolean;
  /** What was asked for, in the unit of the limit. */
  readonly asked: number;
}

export interface LimitUse {
  readonly used: number;
  /** When it is as if nothing had been used; undefined where that is not a matter of time. */
  readonly resetsAt: number | undefined;
}

/** How one key stands at the moment in which it was asked for. */
export interface LimitUses {
  used(limit: LimitName): number;
  resetsAt(limit: LimitName): number | undefined;
}

/** Tokens that are added by who knows how many: where counts are shared, so may be what a call goes on from. */
export interface KeptTokens {
  /** Keys in Redis whose values begin with a number of tokens. */
  readonly keys: readonly string[];
  readonly costNanosOfToken: number;
}

export interface Counters {
  /** All limits or none: what is over one is counted nowhere. `first` of its request: it takes a place of `concurrent`. */
  reserve(
    id: string,
    limits: Limits,
    asked: Amount,
    first: boolean,
    kept?: KeptTokens,
  ): Reservation | Exceeded | Promise<Reservation | Exceeded>;
  /** Counts what has been used already, whatever the limits. */
  spend(id: string, used: Amount): void;
  useOf(id: string, limit: LimitName): LimitUse;
  /** The same of several limits, at this time. */
  usesOf(id: string, now: number): LimitUses;
}

export const isExceeded = (outcome: Reservation | Exceeded): outcome is Exceeded => 'limit' in outcome;

export const NANOS_OF_A_DOLLAR = 1e9;
