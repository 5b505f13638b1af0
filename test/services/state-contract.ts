/** What the state keeps to, on every Redis that is tested (state.test.ts). */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Change, State } from '../../src/state/state.ts';
import { eventually } from '../support/eventually.ts';

/** Two views of the same state: of two relays. */
export const stateContract = (sides: () => readonly [State, State]): void => {
  const LONG_MS = 60_000;

  it('keeps values until they end, and has them for all', async () => {
    const [one, other] = sides();
    await one.put('kept', 'grüße\0', LONG_MS);
    await one.put('short', 'x', 30);
    expect(await other.get('kept')).toBe('grüße\0');
    expect(await other.getAll(['short', 'never', 'kept'])).toEqual(['x', undefined, 'grüße\0']);
    await delay(40);
    expect(await other.getAll(['short', 'kept'])).toEqual([undefined, 'grüße\0']);
    expect(await other.getAll([])).toEqual([]);
  });

  it('gives a lease to one at a time, in whatever order they come', async () => {
    const [one, other] = sides();
    const asked = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => (index % 2 ? one : other).acquire('race', LONG_MS)),
    );
    expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('frees a lease when it is given back or its time is over, and the next has a greater fence', async () => {
    const [one, other] = sides();
    const first = await one.acquire('turns', LONG_MS);
    expect(await other.acquire('turns', LONG_MS)).toBeUndefined();
    await first?.release();
    const second = await other.acquire('turns', LONG_MS);
    expect(second?.fence).toBeGreaterThan(first?.fence ?? Infinity);
    expect(await first?.renew(LONG_MS)).toBe(false);
    // Who has lost it does not give back what is another's.
    await first?.release();
    expect(await one.acquire('turns', LONG_MS)).toBeUndefined();
    expect(await second?.renew(40)).toBe(true);
    await delay(60);
    const third = await one.acquire('turns', LONG_MS);
    expect(third?.fence).toBeGreaterThan(second?.fence ?? Infinity);
    expect(await second?.renew(LONG_MS)).toBe(false);
  });

  it('refuses what is written under a lease once somebody with a later one has written', async () => {
    const [one, other] = sides();
    const early = await one.acquire('fenced', 20);
    await delay(30);
    const late = await other.acquire('fenced', LONG_MS);
    expect(await late?.write('fenced-value', 'late', LONG_MS)).toBe(true);
    expect(await early?.write('fenced-value', 'early', LONG_MS)).toBe(false);
    expect(await one.get('fenced-value')).toBe('late');
    expect(await late?.write('fenced-value', 'later', LONG_MS)).toBe(true);
    expect(await one.get('fenced-value')).toBe('later');
  });

  it('tells changes to all who follow, what was there before them first, the newest of each field', async () => {
    const [one, other] = sides();
    await one.publish('news', [
      { field: 'a', value: '1' },
      { field: 'b', value: '1' },
    ]);
    await one.publish('news', [{ field: 'a', value: '2' }]);
    const told: Change[] = [];
    const stop = other.follow('news', (changes) => told.push(...changes));
    await eventually(() => {
      expect(Object.fromEntries(told.map(({ field, value }) => [field, value]))).toEqual({ a: '2', b: '1' });
    });
    await one.publish('news', [{ field: 'c', value: 'x\ny' }]);
    await eventually(() => {
      expect(told.at(-1)).toEqual({ field: 'c', value: 'x\ny' });
    });
    stop();
    const known = told.length;
    await one.publish('news', [{ field: 'd', value: '1' }]);
    await delay(300);
    expect(told).toHaveLength(known);
  });

  it('knows the newest of a topic, as many as it is to', async () => {
    const [one, other] = sides();
    for (const field of ['a', 'b', 'c', 'a']) await one.publish('few', [{ field, value: field }], 2);
    const told: string[] = [];
    other.follow('few', (changes) => told.push(...changes.map(({ field }) => field)));
    await eventually(() => {
      expect(told).toEqual(['c', 'a']);
    });
  });
};
