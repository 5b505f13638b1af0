/** Which doors do not have a model for their account's sake: with another key it may be there, and that one is asked first. */
import { RelayError } from '../../errors.ts';
import { meaningOf } from '../../reasons.ts';
import type { System } from '../../system.ts';

export interface Lacking {
  note(door: string, model: string): void;
  has(door: string, model: string): boolean;
  /** None is known. */
  isEmpty(): boolean;
}

/** So long it is believed. */
const MEMORY_MS = 10 * 60_000;
/** Clients choose the names of models. */
const MOST_ENTRIES = 10_000;

export const createLacking = ({ now }: Pick<System, 'now'>): Lacking => {
  const until = new Map<string, number>();
  return {
    note: (door, model) => {
      const name = nameOf(door, model);
      until.delete(name);
      until.set(name, now() + MEMORY_MS);
      if (until.size <= MOST_ENTRIES) return;
      const [oldest] = until.keys();
      if (oldest !== undefined) until.delete(oldest);
    },
    has: (door, model) => {
      if (until.size === 0) return false;
      const name = nameOf(door, model);
      const end = until.get(name);
      if (end === undefined) return false;
      if (now() < end) return true;
      until.delete(name);
      return false;
    },
    isEmpty: () => until.size === 0,
  };
};

/** Nothing is wrong with the door, and another one may have what this one has not. */
export const isBetterElsewhere = (failure: unknown): boolean =>
  failure instanceof RelayError && failure.reason !== undefined && meaningOf(failure.reason).elsewhere === true;

/** With another key as well. */
export const isOfTheAccount = (failure: unknown): boolean => failure instanceof RelayError && failure.isOfAccount;

const nameOf = (door: string, model: string): string => `${door} ${model}`;
