import { lowerPayloads } from '../engine/payloads.ts';
import type { Payloads, WrittenBody } from '../engine/payloads.ts';
import { writeJson } from '../json.ts';
import { writeLarge } from '../json/large-writer.ts';

/** The JSON of a body, with the payloads back in it; a promise only where that takes so long that others get turns. */
export const writeBody = (value: unknown, payloads: Payloads | undefined): WrittenBody | Promise<WrittenBody> => {
  if (!payloads?.longStrings) return lowerPayloads(writeJson(value), payloads);
  const { prefix, texts, longStrings: known } = payloads;
  return texts.length === 0
    ? writeLarge(value, { known, isPlain: () => true, finish: (json) => json })
    : writeLarge(value, {
        known,
        isPlain: (text) => !text.includes(prefix),
        finish: (json) => lowerPayloads(json, payloads),
      });
};
