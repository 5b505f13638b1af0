import { expect, test } from 'vitest';
import { turn } from '../../src/engine/turns.ts';
import { createPace } from '../../src/json/pace.ts';

const STRETCH_MS = 12;

const work = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

/** Rounds of the event loop until it is stopped. */
const countRounds = (): { readonly rounds: () => number; readonly stop: () => void } => {
  let rounds = 0;
  let immediate: NodeJS.Immediate;
  const next = (): void => {
    rounds += 1;
    immediate = setImmediate(next);
  };
  immediate = setImmediate(next);
  return {
    rounds: () => rounds,
    stop: () => {
      clearImmediate(immediate);
    },
  };
};

/** In which round each stretch of so many was worked, of those who all begin at once. */
const roundsOf = async (workers: number, stretches: number, ms: number, pause: () => () => unknown) => {
  const { rounds, stop } = countRounds();
  const worked: number[] = [];
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const take = pause();
      for (let at = 0; at < stretches; at += 1) {
        await take();
        worked.push(rounds());
        work(ms);
      }
    }),
  );
  stop();
  return worked;
};

const differences = (rounds: readonly number[]): number[] =>
  rounds.slice(1).map((round, index) => round - (rounds[index] ?? 0));

test('R25: long stretches of any number come one by one, and others are served in between', async () => {
  const worked = await roundsOf(10, 2, STRETCH_MS, () => turn);
  expect(worked).toHaveLength(20);
  expect(Math.min(...differences(worked))).toBeGreaterThanOrEqual(3);
});

test('R25: so do those of values that are read and written piece by piece', async () => {
  const worked = await roundsOf(10, 2, STRETCH_MS, () => {
    const pace = createPace();
    return () => pace(Number.MAX_SAFE_INTEGER);
  });
  expect(Math.min(...differences(worked))).toBeGreaterThanOrEqual(3);
});

test('short stretches of many go in a few rounds, in the order they were asked for', async () => {
  const order: number[] = [];
  const { rounds, stop } = countRounds();
  await Promise.all(Array.from({ length: 1000 }, (_, index) => turn().then(() => order.push(index))));
  stop();
  expect(order).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(rounds()).toBeLessThan(100);
});

test('what follows from a stretch by promises belongs to it', async () => {
  const said: string[] = [];
  const speak = async (name: string): Promise<void> => {
    await turn();
    said.push(`${name} begins`);
    for (let at = 0; at < 20; at += 1) await Promise.resolve();
    said.push(`${name} ends`);
  };
  await Promise.all([speak('one'), speak('two')]);
  expect(said).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
});

test('who throws in a turn keeps nobody waiting', async () => {
  const failed = turn().then(() => {
    throw new Error('at work');
  });
  const after = turn();
  await expect(failed).rejects.toThrow('at work');
  await expect(after).resolves.toBeUndefined();
});
