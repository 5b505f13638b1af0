/** All doors: those of the kinds in their order, the keys among them. */
import type { ApiKey } from '../../config/api-keys.ts';
import type { Upstream } from '../../gemini/call.ts';
import type { Status, StatusSource } from '../../health.ts';
import type { Cooldown } from '../cooldown/cooldown.ts';
import type { DoorKind } from '../decision.ts';
import { createKeyRing } from './key-ring.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';

export interface House {
  /** In the order of the kinds. */
  places(): Iterable<Place>;
  find(id: string): Place | undefined;
  /** The first door that is open for the model; one that somebody tries just now only where there is no other. */
  pick(model: string, conversation: number, among?: Among, skips?: (place: Place) => boolean): Place | undefined;
  withAccount(account: string): Place | undefined;
  setKeys(keys: readonly ApiKey[]): void;
  /** Whether it depends on the conversation which door is picked. */
  hasSeveralKeys(): boolean;
}

/** Ids and kinds of doors; undefined for all. */
export type Among = readonly string[] | undefined;

export const isAmong = ({ id, kind }: Place, among: Among): boolean =>
  among === undefined || among.includes(id) || among.includes(kind);

export interface OpenedKind {
  readonly upstream: Upstream;
  readonly status: StatusSource;
  readonly isReady?: (() => boolean) | undefined;
}

export interface HouseNeeds {
  readonly kinds: readonly DoorKind[];
  /** Opens a kind the first time that it is asked for. */
  readonly open: (kind: DoorKind) => OpenedKind;
  /** Of the login behind a kind, where there is one. */
  readonly account: (kind: DoorKind) => string;
  readonly cooldown: Cooldown;
  readonly now: () => number;
}

export const createHouse = ({ kinds, open, account, cooldown, now }: HouseNeeds): House => {
  const ring = createKeyRing({ cooldown, now, upstream: () => open('gemini-api').upstream });
  const single = new Map(kinds.map((kind) => [kind, new KindPlace(kind, open, () => account(kind))]));
  const hasKeys = (kind: DoorKind): boolean => kind === 'gemini-api' && ring.places.length > 0;

  return {
    places: () => kinds.flatMap((kind) => (hasKeys(kind) ? ring.places : (single.get(kind) ?? []))),
    find: (id) => {
      const kind = kinds.find((one) => one === id);
      if (kind !== undefined) return hasKeys(kind) ? undefined : single.get(kind);
      return kinds.includes('gemini-api') ? ring.find(id) : undefined;
    },
    withAccount: (account) => {
      const kind = kinds.find((one) => !hasKeys(one) && single.get(one)?.account === account);
      if (kind !== undefined) return single.get(kind);
      return kinds.includes('gemini-api') ? ring.withAccount(account) : undefined;
    },
    pick: (model, conversation, among, skips) => {
      let busy: Place | undefined;
      for (const one of single.values()) {
        const isAll = among?.includes(one.kind) ?? true;
        const isRing = hasKeys(one.kind);
        if (!isAll && !isRing) continue;
        const place = !isRing
          ? one
          : isAll
            ? ring.pick(conversation, model, skips)
            : ring.pickAmong(among ?? [], conversation, model, skips);
        if (!place || skips?.(place) === true) continue;
        if (!cooldown.isOpen(place.id, model)) continue;
        if (place.hasAnswered !== true && !isFurnished(place)) continue;
        if (!cooldown.isBeingTried(place.id, model)) return place;
        busy ??= place;
      }
      return busy;
    },
    setKeys: (keys) => {
      ring.set(keys);
    },
    hasSeveralKeys: () => ring.places.length > 1,
  };
};

/** A kind that is a door by itself. */
class KindPlace implements Place {
  requests = 0;
  errors = 0;
  hasAnswered = false;
  readonly kind: DoorKind;
  readonly id: string;
  readonly label = undefined;
  readonly #open: (kind: DoorKind) => OpenedKind;
  readonly #account: () => string;
  #opened: OpenedKind | undefined;

  constructor(kind: DoorKind, open: (kind: DoorKind) => OpenedKind, account: () => string) {
    this.kind = kind;
    this.id = kind;
    this.#open = open;
    this.#account = account;
  }

  get account(): string {
    return this.#account();
  }

  get upstream(): Upstream {
    return this.#stack().upstream;
  }

  status(): Status {
    return this.#stack().status();
  }

  isReady(): boolean {
    return this.#stack().isReady?.() === true;
  }

  #stack(): OpenedKind {
    return (this.#opened ??= this.#open(this.kind));
  }
}
