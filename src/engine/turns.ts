/**
 * Long work of all requests, one stretch at a time. Whoever has much to do takes a turn before each stretch of it. Turns
 * that each asked the engine for by themselves would all come in one round of the event loop: of 150 answers with a
 * picture that arrived together, each held up everybody else for the time of all.
 */

/** To read, to understand or to write as much of a body, a message or an answer is a stretch by itself. */
export const LONG_BYTES = 1024 * 1024;

/** Several short stretches go in one round, until they have taken so long together. */
const ROUND_MS = 10;
/** In the first a new connection is taken, in the second its request is read, in the third it is answered. */
const ROUNDS_FOR_OTHERS = 3;

/** One line for the process, as there is one event loop for all that it serves. */
const waiting: (() => void)[] = [];
let isUnderWay = false;
let since = 0;

/** Resolves when nobody else is at long work, and others have been served meanwhile. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    if (isUnderWay) return;
    isUnderWay = true;
    setImmediate(begin);
  });

const begin = (): void => {
  since = performance.now();
  admit();
};

const admit = (): void => {
  const next = waiting.shift();
  if (!next) {
    isUnderWay = false;
    return;
  }
  next();
  // Behind all that follows from it: ticks come when no promise has anything left to do.
  queueMicrotask(whenDone);
};

const whenDone = (): void => {
  process.nextTick(goOn);
};

const goOn = (): void => {
  if (performance.now() - since < ROUND_MS) admit();
  else goRound(ROUNDS_FOR_OTHERS);
};

const goRound = (rounds: number): void => {
  if (rounds === 1) setImmediate(begin);
  else setImmediate(goRound, rounds - 1);
};
