/** Signatures that another relay has seen: told beside the answers, and asked for once a request, where one is missing here. */
import { placeOf } from './signatures.ts';
import type { SignatureCache } from './signatures.ts';

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
  /** Notes what it was asked for in vain. */
  readonly signatures: SignatureCache;
  /** Whether others knew any of that, which is known here from then on. */
  fetch(): Promise<boolean>;
}

const KEPT_MS = 6 * 3_600_000;
/** Of one request, the newest calls: what is missing beyond them has a stand-in. */
const MOST_MISSED = 200;

export const shareSignatures = (cache: SignatureCache, values: SharedValues): SharedSignatures => ({
  cache: {
    ...cache,
    get size() {
      return cache.size;
    },
    remember: (call, signature, from) => {
      cache.remember(call, signature, from);
      // Away: the next relay makes do with a stand-in.
      void Promise.resolve(values.put(keyOf(placeOf(call)), `${from.family} ${signature}`, KEPT_MS)).catch(
        () => undefined,
      );
    },
  },
  look: () => {
    const missed = new Map<string, Parameters<SignatureCache['recall']>>();
    return {
      signatures: {
        ...cache,
        get size() {
          return cache.size;
        },
        recall: (call, family) => {
          const known = cache.recall(call, family);
          if (known === undefined) missed.set(placeOf(call), [call, family]);
          return known;
        },
      },
      fetch: async () => {
        const asked = [...missed].slice(-MOST_MISSED);
        missed.clear();
        if (asked.length === 0) return false;
        const found = await Promise.resolve(values.getAll(asked.map(([place]) => keyOf(place)))).catch(() => []);
        let isNews = false;
        for (const [index, text] of found.entries()) {
          const call = asked[index]?.[1][0];
          const [family, signature] = text?.split(' ') ?? [];
          if (!call || family === undefined || signature === undefined) continue;
          cache.learn(call, signature, family);
          isNews = true;
        }
        return isNews;
      },
    };
  },
});

const keyOf = (place: string): string => `signature:${place}`;
