/** The API keys, each a door of its own: which of them a conversation goes to, and how they come and go. */
import type { ApiKey } from '../../config/api-keys.ts';
import { DEFAULT_LABEL } from '../../config/api-keys.ts';
import type { DoorKey, Upstream } from '../../gemini/call.ts';
import { hashText, stir } from '../../gemini/conversation.ts';
import type { Status } from '../../health.ts';
import { createChoice } from '../choice.ts';
import type { Choice, Openness } from '../choice.ts';
import type { Cooldown } from '../cooldown/cooldown.ts';
import { accountOfKey } from './accounts.ts';
import type { Place } from './place.ts';

export interface KeyRing {
  readonly places: readonly Place[];
  find(id: string): Place | undefined;
  /** Of the keys the one with that account. */
  withAccount(account: string): Place | undefined;
  /** The best of a few for the conversation. */
  pickAmong(
    few: readonly string[],
    conversation: number,
    model: string,
    skips?: (place: Place) => boolean,
  ): Place | undefined;
  /** The key for a conversation, among those that are open and none of those skipped. */
  pick(conversation: number, model: string, skips?: (place: Place) => boolean): Place | undefined;
  /** Keys that stay are the same doors as before. */
  set(keys: readonly ApiKey[]): void;
}

export interface KeyRingNeeds {
  readonly cooldown: Pick<Cooldown, 'isOpen' | 'isBeingTried' | 'opensAt' | 'version' | 'reset'>;
  readonly now: () => number;
  readonly upstream: () => Upstream;
}

export const createKeyRing = ({ cooldown, now, upstream }: KeyRingNeeds): KeyRing => {
  let places: readonly KeyPlace[] = [];
  let byId: ReadonlyMap<string, KeyPlace> = new Map();
  let byAccount: ReadonlyMap<string, KeyPlace> = new Map();
  let choice: Choice | undefined;

  const opennessFor = (model: string): Openness => ({
    isOpen: (at) => cooldown.isOpen(places[at]?.id ?? '', model),
    isBusy: (at) => cooldown.isBeingTried(places[at]?.id ?? '', model),
    opensAt: (at) => cooldown.opensAt(places[at]?.id ?? '', model),
  });

  return {
    get places() {
      return places;
    },
    find: (id) => byId.get(id),
    withAccount: (account) => byAccount.get(account),
    pickAmong: (few, conversation, model, skips) => {
      let found: { place: Place; isBusy: boolean; score: number } | undefined;
      for (const id of few) {
        const place = byId.get(id);
        if (!place || !cooldown.isOpen(id, model) || skips?.(place) === true) continue;
        const isBusy = cooldown.isBeingTried(id, model);
        const score = stir(conversation ^ hashText(place.account));
        const isBetter = !found || (isBusy === found.isBusy ? score > found.score : found.isBusy);
        if (isBetter) found = { place, isBusy, score };
      }
      return found?.place;
    },
    pick: (conversation, model, skips) => {
      const view = { name: model, version: cooldown.version, now: now() };
      const skipsAt =
        skips &&
        ((at: number): boolean => {
          const place = places[at];
          return place !== undefined && skips(place);
        });
      const at = choice?.pick(conversation, opennessFor(model), view, skipsAt);
      return at === undefined ? undefined : places[at];
    },
    set: (keys) => {
      const before = byId;
      places = keys.map((key) => {
        const fresh = new KeyPlace(key, upstream);
        const known = before.get(fresh.id);
        if (known?.account === fresh.account) return known;
        // Another key under the same name: nothing is known of it.
        if (known) cooldown.reset(known.id);
        return fresh;
      });
      byId = new Map(places.map((place) => [place.id, place]));
      byAccount = new Map(places.map((place) => [place.account, place]));
      choice = createChoice(places.map(({ account }) => account));
    },
  };
};

/** A class, for there may be thousands. */
class KeyPlace implements Place {
  requests = 0;
  errors = 0;
  hasAnswered = false;
  readonly kind = 'gemini-api';
  readonly label: string;
  readonly id: string;
  readonly account: string;
  readonly key: DoorKey;
  readonly #upstream: () => Upstream;

  constructor({ label, key }: ApiKey, upstream: () => Upstream) {
    this.label = label;
    this.id = `gemini-api:${label}`;
    this.account = accountOfKey(key);
    this.key = { apiKey: key, keyName: label === DEFAULT_LABEL ? 'GEMINI_API_KEY' : `GEMINI_API_KEYS (${label})` };
    this.#upstream = upstream;
  }

  get upstream(): Upstream {
    return this.#upstream();
  }

  status(): Status {
    return READY;
  }

  isReady(): boolean {
    return true;
  }
}

const READY: Status = { status: 'healthy', message: 'Ready.' };
