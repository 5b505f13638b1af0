import { expect, test } from 'vitest';
import { closeInTurn } from '../../src/parts/closing.ts';
import { createMemoryLog } from '../support/memory-log.ts';

test('one that cannot be closed is told, and leaves no other open', async () => {
  const closed: string[] = [];
  const room = (name: string) => ({
    close: async () => {
      await Promise.resolve();
      closed.push(name);
      if (name === 'broken') throw new Error('the disk has gone');
    },
  });
  const log = createMemoryLog();
  await closeInTurn([room('first'), undefined, room('broken'), room('last')], log);
  expect(closed).toEqual(['first', 'broken', 'last']);
  expect(log.of('error')).toEqual(['something could not be closed']);
});
