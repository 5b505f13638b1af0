/** What an answer of Google's may be made of: the smallest pieces cost everybody's time, however few bytes they take. */
import { LONG_BYTES } from '../engine/turns.ts';
import type { RelayError } from '../errors.ts';
import { badResponse } from '../errors/answers.ts';
import type { GenerateContentResponse } from './types.ts';
import { isHeavierThan } from '../json/weight.ts';

/** Some tenths of a second to read, whatever it is made of. Log-probabilities of 5,000 tokens, twenty for each, weigh as much. */
const MOST_WEIGHT = 1_000_000;
/** Gemini gives eight. */
const MOST_CANDIDATES = 128;
/** In one event, or one whole answer: each call takes some microseconds. An answer has 65,536 tokens at most. */
const MOST_PARTS = 20_000;
/** To write what was made of it for the client is another stretch of work. */
export const isLong = (json: string): boolean => json.length > LONG_BYTES;

/** Before it is read. */
export const refuseHeavy = (json: string): void => {
  if (json.length > MOST_WEIGHT && isHeavierThan(json, MOST_WEIGHT)) throw tooMany('values');
};

/** Its types are what they should be. */
export const refuseCrowds = ({ candidates }: GenerateContentResponse): void => {
  if (!candidates) return;
  if (candidates.length > MOST_CANDIDATES) throw tooMany('candidates');
  let parts = 0;
  for (const { index, content } of candidates) {
    if (index !== undefined && index >= MOST_CANDIDATES) throw tooMany('candidates');
    parts += content?.parts?.length ?? 0;
  }
  if (parts > MOST_PARTS) throw tooMany('parts');
};

const tooMany = (what: string): RelayError =>
  badResponse(`Google sent an answer of more ${what} than the relay accepts.`);
