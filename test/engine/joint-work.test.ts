import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createJointWork } from '../../src/engine/joint-work.ts';

/** Work of two steps, with a promise in between, and what was done in which order. */
const inTwoSteps = () => {
  const log: string[] = [];
  const work = createJointWork((name: string) => {
    void (async () => {
      log.push(`${name} first`);
      await Promise.resolve();
      log.push(`${name} second`);
    })();
  });
  return { work, log };
};

test('what comes in one turn is taken up at its end, in order, and goes on in step', async () => {
  const { work, log } = inTwoSteps();
  for (const name of ['one', 'two', 'three']) work.add(name);
  await Promise.resolve();
  expect(log).toEqual([]);
  await turn();
  expect(log).toEqual(['one first', 'two first', 'three first', 'one second', 'two second', 'three second']);
  work.add('four');
  await turn();
  expect(log.slice(6)).toEqual(['four first', 'four second']);
});

test('what comes while others are taken up has the next turn', async () => {
  const log: string[] = [];
  const work = createJointWork((name: string) => {
    log.push(name);
    if (name === 'parent') work.add('child');
  });
  work.add('parent');
  work.add('other');
  await turn();
  expect(log).toEqual(['parent', 'other']);
  await turn();
  expect(log).toEqual(['parent', 'other', 'child']);
});

test('one that throws is told as a fault, and those behind it are taken up', async () => {
  const log: string[] = [];
  const work = createJointWork((name: string) => {
    if (name === 'broken') throw new TypeError('not to be taken up');
    log.push(name);
  });
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const told = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
  for (const name of ['before', 'broken', 'behind']) work.add(name);
  const error = await told;
  for (const other of others) process.on('uncaughtException', other);
  expect(error.message).toBe('not to be taken up');
  expect(log).toEqual(['before', 'behind']);
});

test('of many that come at once so many go in step as win by it, and the rest in the turns that follow', async () => {
  const { work, log } = inTwoSteps();
  const names = Array.from({ length: 40 }, (_none, at) => String(at));
  for (const name of names) work.add(name);
  await turn();
  expect(log.length).toBeLessThan(80);
  expect(log.slice(0, 17)).toEqual([...names.slice(0, 16).map((name) => `${name} first`), '0 second']);
  expect(work.isWaiting).toBe(true);
  await turn();
  await turn();
  expect(work.isWaiting).toBe(false);
  expect(log.filter((line) => line.endsWith('second'))).toEqual(names.map((name) => `${name} second`));
});
