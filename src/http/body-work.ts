/** What it takes to read a body and to write it for Google, told before any of that is done. */
import { isAscii } from 'node:buffer';
import type { Context } from 'koa';
import { RelayError } from '../errors.ts';
import { countValues, guessValues } from '../json/values.ts';
import { SMALL_BYTES } from './memory-budget.ts';

/** No conversation comes near; a list of them takes as long as 16 MiB of text. */
export const MAX_VALUES = 250_000;
/** Of a value, and of the member or place that holds it. */
const VALUE_BYTES = 64;
/** The strings of a body, what is written of them, and what the writer holds meanwhile: measured 1.9 to 2.2 of one copy. */
const COPIES = 3;

/** Undefined where the body is small or there is room; `server.turns` says how long it may wait. */
export const takeTurn = (ctx: Context, pieces: readonly Buffer[]): Promise<void> | undefined => {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  if (bytes <= SMALL_BYTES) return undefined;
  const { state } = ctx;
  const { turns, system } = state.server;
  const chance = system.random();
  let work = 0;
  for (const piece of pieces) {
    // One letter beyond Latin makes two bytes of every letter.
    work +=
      COPIES * piece.length * (isAscii(piece) ? 1 : 2) + VALUE_BYTES * Math.min(guessValues(piece, chance), MAX_VALUES);
  }
  const turn = turns.enter(work, state.signal);
  if (!turn) {
    state.workBytes += work;
    return undefined;
  }
  return turn.then(() => {
    state.workBytes += work;
  });
};

/** What was made of the body is needed no more: others may have the room. */
export const endTurn = ({ state }: Context): void => {
  if (state.workBytes === 0) return;
  state.server.turns.leave(state.workBytes);
  state.workBytes = 0;
};

/** Values cost time whatever their length; 16 MiB of `{}` would take seconds. */
export const refuseTooMany = (text: string, chance: () => number): void => {
  // A value and its comma are two bytes at least.
  if (text.length <= 2 * MAX_VALUES || 2 * guessValues(text, chance()) <= MAX_VALUES) return;
  if (countValues(text, MAX_VALUES) > MAX_VALUES) throw tooManyValues();
};

export const tooManyValues = (): RelayError =>
  new RelayError(
    'INVALID_ARGUMENT',
    `The request body holds more than ${MAX_VALUES} values, the most that this relay accepts. Send long tables as text, or in several requests.`,
    { status: 413, reason: 'request_too_large' },
  );
