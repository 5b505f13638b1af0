import { lowerPayloads, MOST_PAYLOADS, payloadName } from '../engine/payloads.ts';
import type { Payloads, WrittenBody } from '../engine/payloads.ts';
import { writeJson } from '../json.ts';
import type { WrittenStrings } from '../json/long-strings.ts';
import { sliceStrings, writtenOf } from '../json/slices.ts';

/** The JSON of a body, with the payloads back in it; a promise only where that takes so long that others get turns. */
export const writeBody = (value: unknown, payloads: Payloads | undefined): WrittenBody | Promise<WrittenBody> =>
  payloads?.longStrings
    ? writeSlices(value, payloads, payloads.longStrings)
    : lowerPayloads(writeJson(value), payloads);

const writeSlices = async (value: unknown, payloads: Payloads, longStrings: WrittenStrings): Promise<WrittenBody> => {
  const { prefix } = payloads;
  const nameOf = (index: number, text: string): string | undefined => {
    const place = payloads.texts.length + index;
    if (place >= MOST_PAYLOADS) return undefined;
    // In a string that holds the name of a payload, that must be found. One that is as it was sent holds none.
    const isFree = payloads.texts.length === 0 || writtenOf(text, longStrings) !== undefined || !text.includes(prefix);
    return isFree ? payloadName(prefix, place) : undefined;
  };
  const { rest, texts } = await sliceStrings(value, nameOf, longStrings);
  return lowerPayloads(writeJson(rest), { prefix, texts: [...payloads.texts, ...texts] });
};
