/** Doors for what is no question to a model: files, caches, batches and the like. */
import { doorNotAllowed, mayEnter } from '../../callers/doors.ts';
import type { Caller } from '../../callers/caller.ts';
import type { RelayError } from '../../errors.ts';
import type { DoorKey } from '../../gemini/call.ts';
import { troubleOf } from '../causes.ts';
import { WHOLE } from '../cooldown/cooldown.ts';
import type { Cooldown } from '../cooldown/cooldown.ts';
import { allClosed } from './all-closed.ts';
import { logClosed } from './closed-log.ts';
import type { ClosedLog } from './closed-log.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';
import { sparedAt } from './spared.ts';

export interface KeyDoors<Key = DoorKey> {
  /**
   * The door for something new, the same one for a conversation; `not`: ids of those that have failed at it already.
   * Undefined where this relay has no such door. Throws what the client is to be told where none is open, or
   * none for this caller.
   */
  pick(caller: Caller, conversation: number, not?: readonly string[]): KeyDoor<Key> | undefined;
  /** Whether this relay has any. */
  any(): boolean;
  /**
   * The door of that id, whether or not it is open: nobody else has what it has. Throws where its owner has switched it
   * off.
   */
  find(id: string): KeyDoor<Key> | undefined;
}

/** Of Vertex AI: what lets in there is the same for all. */
export type CloudDoors = KeyDoors<'vertex'>;

export interface KeyDoor<Key = DoorKey> {
  readonly id: string;
  readonly key: Key;
  /** To be called once with what came of the call: its failure, or nothing. */
  ended(failure?: unknown): void;
}

export interface KeyDoorNeeds<Key> {
  readonly places: () => Iterable<Place>;
  readonly find: (id: string) => Place | undefined;
  readonly pick: (conversation: number, skips: (place: Place) => boolean) => Place | undefined;
  /** What lets in at a place; undefined where it is no such door. */
  readonly keyOf: (place: Place) => Key | undefined;
  readonly cooldown: Pick<Cooldown, 'ask' | 'succeeded' | 'failed' | 'stateOf' | 'isOff'>;
  readonly now: () => number;
  /** Where there are several doors: a single one is asked all the same. */
  readonly log?: ClosedLog | undefined;
}

/** `only`: of the door that is not one of many keys. */
export const apiKeyOf =
  (only: DoorKey | undefined) =>
  ({ kind, key }: Place): DoorKey | undefined =>
    kind === 'gemini-api' ? (key ?? only) : undefined;

export const cloudKeyOf = ({ kind }: Place): 'vertex' | undefined => (kind === 'vertex' ? kind : undefined);

export const createKeyDoors = <Key>(needs: KeyDoorNeeds<Key>): KeyDoors<Key> => {
  const { places, find, pick, keyOf, cooldown, now, log } = needs;
  const enter = (place: Place, key: Key): KeyDoor<Key> => {
    const ticket = cooldown.ask(place.id, WHOLE);
    place.requests += 1;
    return {
      id: place.id,
      key,
      ended: (failure) => {
        if (failure === undefined) {
          cooldown.succeeded(place.id, WHOLE, ticket);
          return;
        }
        place.errors += 1;
        const trouble = troubleOf(failure);
        // A limit of files says nothing about a model.
        if (!trouble || trouble.scope === 'model') return;
        const isNews = cooldown.failed(place.id, WHOLE, trouble, ticket);
        if (isNews && log) logClosed(log, place.id, WHOLE, trouble, failure);
      },
    };
  };

  const refusal = (caller: Caller): RelayError | undefined => {
    const mine = Array.from(places()).filter((place) => keyOf(place) !== undefined);
    if (mine.length === 0) return undefined;
    const allowed = mine.filter(({ id, kind }) => mayEnter(caller, id, kind));
    if (allowed.length === 0) return doorNotAllowed(caller);
    return allClosed(
      undefined,
      allowed.map((place) => sparedAt(place, WHOLE, cooldown, now())),
      now(),
    );
  };

  return {
    pick: (caller, conversation, not = []) => {
      const place = pick(
        conversation,
        (one) => keyOf(one) === undefined || not.includes(one.id) || !mayEnter(caller, one.id, one.kind),
      );
      const key = place && keyOf(place);
      if (place && key !== undefined) return enter(place, key);
      const refused = refusal(caller);
      if (refused !== undefined) throw refused;
      return undefined;
    },
    any: () => {
      for (const place of places()) if (keyOf(place) !== undefined) return true;
      return false;
    },
    find: (id) => {
      const place = find(id);
      const key = place && isFurnished(place) ? keyOf(place) : undefined;
      if (!place || key === undefined) return undefined;
      if (cooldown.isOff(id)) throw allClosed(undefined, [{ cause: 'off', until: Infinity }], now());
      return enter(place, key);
    },
  };
};
