/**
 * What only passes through is garbage outside of the engine's heap, of which the engine lets 64 MB come together before it
 * looks: a file of 200 MB took as much of the memory. A look among what is young at each 16 MB, of two milliseconds, keeps
 * it at 25, and the file is no slower.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Told of each piece that has passed. */
export type PassingBytes = (bytes: number) => void;

const OFTEN_BYTES = 16_000_000;

export const createPassingBytes = (): PassingBytes => {
  let passed = 0;
  let collect: Collector | undefined;
  return (bytes) => {
    passed += bytes;
    if (passed < OFTEN_BYTES) return;
    passed = 0;
    collect ??= findCollector();
    collect({ type: 'minor' });
  };
};

type Collector = (how: { readonly type: 'minor' }) => void;

/** For who has large files only: a context takes a millisecond, and a megabyte. */
const findCollector = (): Collector => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collector;
  setFlagsFromString('--no-expose-gc');
  return collect;
};
