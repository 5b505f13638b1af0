/** What it takes to read a body and to write it for Google, told before any of that is done. */
import { isAscii } from 'node:buffer';
import type { Context } from 'koa';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { LONGEST_NAME, type LargeOptions } from '../json/large-limits.ts';
import { guessValues, holdsMoreInTurns } from '../json/values.ts';
import { SMALL_BYTES } from './memory-budget.ts';

/** To understand one takes some microseconds, all of them at one stretch. No conversation comes near. */
export const MAX_VALUES = 100_000;
/** In what stays as it is written, such as arguments: to look them through takes little, with turns for others. */
const MAX_KEPT_VALUES = 250_000;
/** A body of fewer bytes and values costs its readers less than it would cost them to wait for one another. */
const HEAVY_BYTES = 4 * 1024 * 1024;
/**
 * The engine's own reader and writer hold a body four times in letters, each of two bytes where one is beyond Latin:
 * nine times what came. In its bytes it is three times, and no slower.
 */
const HEAVY_BYTES_BEYOND_LATIN = 1024 * 1024;
const MANY_VALUES = 50_000;
/** Of a value, and of the member or place that holds it. */
const VALUE_BYTES = 64;
/** The strings of a body, what is written of them, and what the writer holds meanwhile: measured 1.9 to 2.2 of one copy. */
const COPIES = 3;
/** One letter beyond Latin makes two bytes of every letter; what is written of a heavy one is bytes again. */
const COPIES_BEYOND_LATIN = 2 * COPIES;
const COPIES_OF_HEAVY = 4;

/** What a body will take, guessed once for all who ask. */
export interface BodyWork {
  /** To be read piece by piece, with turns for others in between. */
  readonly isHeavy: boolean;
  /** Of what is made of it; 0 for a small one, which waits for none. */
  readonly workBytes: number;
}

const SMALL: BodyWork = { isHeavy: false, workBytes: 0 };

export const workOf = (pieces: readonly Buffer[], { state }: Context): BodyWork => {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  if (bytes <= SMALL_BYTES) return SMALL;
  const chance = state.server.system.random();
  const guessed = pieces.map((piece) => guessValues(piece, chance));
  const values = guessed.reduce((sum, count) => sum + count, 0);
  const arePlain = pieces.map((piece) => isAscii(piece));
  const most = arePlain.includes(false) ? HEAVY_BYTES_BEYOND_LATIN : HEAVY_BYTES;
  const isHeavy = bytes >= most || values >= MANY_VALUES;
  const beyondLatin = isHeavy ? COPIES_OF_HEAVY : COPIES_BEYOND_LATIN;
  let workBytes = VALUE_BYTES * Math.min(values, MAX_KEPT_VALUES);
  for (const [index, piece] of pieces.entries()) {
    workBytes += piece.length * (arePlain[index] === true ? COPIES : beyondLatin);
  }
  return { isHeavy, workBytes };
};

/** Undefined where the body is small or there is room; `server.workMemory` says how long it may wait. */
export const takeWorkMemory = ({ state }: Context, { workBytes }: BodyWork): Promise<void> | undefined => {
  if (workBytes === 0) return undefined;
  const room = state.server.workMemory.take(workBytes, state.signal, state.workBytes);
  if (!room) {
    state.workBytes += workBytes;
    return undefined;
  }
  return room.then(() => {
    state.workBytes += workBytes;
  });
};

/** For JSON that joins the body from elsewhere: so much of it is written in slices, as a large body is. */
export const takeMoreWorkMemory = (ctx: Context, bytes: number): Promise<void> | undefined => {
  if (bytes <= SMALL_BYTES) return undefined;
  const { payloads } = ctx.state;
  if (bytes >= HEAVY_BYTES) {
    ctx.state.payloads = { prefix: '', texts: [], ...payloads, longStrings: payloads?.longStrings ?? new Map() };
  }
  return takeWorkMemory(ctx, { isHeavy: bytes >= HEAVY_BYTES, workBytes: bytes * COPIES_OF_HEAVY });
};

/** What was made of the body is needed no more: others may have the room. */
export const giveWorkMemory = ({ state }: Context): void => {
  if (state.workBytes === 0) return;
  state.server.workMemory.give(state.workBytes);
  state.workBytes = 0;
};

export const tooManyValues = (): RelayError =>
  failed(
    'request_too_large',
    `The request body holds more than ${MAX_VALUES} values (${MAX_KEPT_VALUES} in arguments of calls and the like), the most that this relay accepts. Send long tables as text, or in several requests.`,
  );

/** Of what is no JSON as well: that it is too much is told first. */
export const refuseTooMany = async (bytes: Buffer): Promise<void> => {
  if (await holdsMoreInTurns(bytes, MAX_KEPT_VALUES)) throw tooManyValues();
};

const alike = (name: string): RelayError =>
  failed(
    'invalid_value',
    `The request body has too many long strings in '${name}' that begin alike: give shorter names and ids.`,
    { param: name },
  );

const longName = (): RelayError =>
  failed('invalid_value', `The request body has a member whose name is longer than ${LONGEST_NAME} bytes.`);

export const LARGE_LIMITS = {
  maxValues: MAX_VALUES,
  maxKept: MAX_KEPT_VALUES,
  tooMany: tooManyValues,
  longName,
  alike,
} satisfies LargeOptions;
