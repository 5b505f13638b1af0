import { expect, onTestFinished, test } from 'vitest';
import { createDeadlines } from '../../src/engine/deadlines.ts';
import { createSystem } from '../../src/system.ts';
import { eventually } from '../support/eventually.ts';

test('one that fails is told as a fault of its own, and those behind it are late all the same', async () => {
  const faults: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => faults.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  });
  const deadlines = createDeadlines(30, createSystem());
  const late: number[] = [];
  const fault = new Error('a fault of whoever set it');
  deadlines.start(() => {
    throw fault;
  });
  deadlines.start(() => late.push(1));
  await eventually(() => {
    expect(late).toEqual([1]);
    expect(faults).toEqual([fault]);
  });
  deadlines.start(() => late.push(2));
  await eventually(() => {
    expect(late).toEqual([1, 2]);
  });
});
