/** Signatures that another relay has seen: told beside the answers, and asked for once a request, where one is missing here. */
import { placeOf } from './signatures.ts';
import type { SignatureCache, SignedCall } from './signatures.ts';

/** Where relays share what they know. */
export interface SharedValues {
  getAll(keys: readonly string[]): readonly (string | undefined)[] | Promise<readonly (string | undefined)[]>;
  put(key: string, value: string, ttlMs: number): unknown;
}

export interface SharedSignatures {
  /** Tells the others what it is told. */
  readonly cache: SignatureCache;
  /** For one request. */
  look(): SignatureLook;
}

export interface SignatureLook {
  /** Notes what it was asked for, and what in vain. */
  readonly signatures: SignatureCache;
  /** Whether anything was asked for in vain that others may know. */
  lacks(): boolean;
  /** Whether others knew any of that, which is known here from then on. They are asked once. */
  fetch(): Promise<boolean>;
  /** All that others know has come with something else: nobody is asked any more. */
  take(found: readonly FoundSignature[]): void;
  /** Where those stand that were asked for and found, the newest. */
  places(): readonly string[];
}

export interface FoundSignature {
  readonly place: string;
  /** As it was told. */
  readonly text: string;
}

/** All of them begin with it. */
export const SIGNATURE_KEY = 'signature:';

const KEPT_MS = 6 * 3_600_000;
/** Of one request, the newest calls: what is missing beyond them has a stand-in. */
const MOST_OF_A_REQUEST = 200;

export const shareSignatures = (cache: SignatureCache, values: SharedValues): SharedSignatures => {
  const learn = ({ place, text }: FoundSignature): boolean => {
    const [family, signature] = text.split(' ');
    if (family === undefined || signature === undefined) return false;
    cache.learn(place, signature, family);
    return true;
  };

  return {
    cache: {
      ...cache,
      remember: (call, signature, from) => {
        cache.remember(call, signature, from);
        // Away: the next relay makes do with a stand-in.
        void Promise.resolve(values.put(keyOf(placeOf(call)), `${from.family} ${signature}`, KEPT_MS)).catch(
          () => undefined,
        );
      },
    },
    look: () => {
      const missed: SignedCall[] = [];
      const found: SignedCall[] = [];
      let isAsked = false;
      return {
        signatures: {
          ...cache,
          recall: (call, family) => {
            const known = cache.recall(call, family);
            (known === undefined ? missed : found).push(call);
            return known;
          },
        },
        lacks: () => !isAsked && missed.length > 0,
        fetch: async () => {
          if (isAsked) return false;
          isAsked = true;
          const places = newest(missed);
          if (places.length === 0) return false;
          const texts = await Promise.resolve(values.getAll(places.map(keyOf))).catch(() => []);
          let isNews = false;
          for (const [index, place] of places.entries()) {
            const text = texts[index];
            if (text !== undefined && learn({ place, text })) isNews = true;
          }
          return isNews;
        },
        take: (taken) => {
          isAsked = true;
          for (const one of taken) learn(one);
        },
        places: () => newest(found),
      };
    },
  };
};

const newest = (calls: readonly SignedCall[]): readonly string[] => [
  ...new Set(calls.slice(-MOST_OF_A_REQUEST).map(placeOf)),
];

const keyOf = (place: string): string => SIGNATURE_KEY + place;
