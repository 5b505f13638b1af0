import { lowerPayloads } from '../engine/payloads.ts';
import type { Payloads, WrittenBody } from '../engine/payloads.ts';
import { writeJson } from '../json.ts';
import type { WrittenStrings } from '../json/large-strings.ts';
import { writeLarge } from '../json/large-writer.ts';

/** The JSON of a body, with the payloads back in it; a promise only where that takes so long that others get turns. */
export const writeBody = (value: unknown, payloads: Payloads | undefined): WrittenBody | Promise<WrittenBody> => {
  if (!payloads?.longStrings) return lowerPayloads(writeJson(value), payloads);
  const { prefix, texts, longStrings: known } = payloads;
  return texts.length === 0
    ? writeLargeBody(value, known)
    : writeLarge(value, {
        known,
        isPlain: (text) => !text.includes(prefix),
        finish: (json) => lowerPayloads(json, payloads),
      });
};

/** A large value in which nothing is to be put back. */
export const writeLargeBody = (value: unknown, known: WrittenStrings): Promise<readonly Buffer[]> =>
  writeLarge(value, { known, isPlain: () => true, finish: (json) => json });
