import { expect, test } from 'vitest';
import { createAdmission } from '../../src/http/admission.ts';
import type { Guest } from '../../src/http/admission.ts';
import { createSystem } from '../../src/system.ts';

const open = (maxConcurrentRequests: number) =>
  createAdmission({ maxConcurrentRequests, maxQueuedRequests: 2, queueTimeoutMs: 60_000 }, createSystem());

const guest = (signal = new AbortController().signal): Guest => ({ state: { signal } });

test('a place is given once and given back once', () => {
  const admission = open(2);
  const [one, other] = [guest(), guest()];
  expect([admission.enter(one), admission.enter(other)]).toEqual([undefined, undefined]);
  expect(admission.active).toBe(2);
  admission.leave(one);
  admission.leave(one);
  expect(admission.active).toBe(1);
});

test('who has none gives none back, and comes back to none', () => {
  const admission = open(1);
  const nobody = guest();
  admission.leave(nobody);
  expect(admission.comeBack(nobody)).toBeUndefined();
  expect(admission.active).toBe(0);
});

test('who comes back has a place as before, and one who never left no second', () => {
  const admission = open(1);
  const one = guest();
  void admission.enter(one);
  expect(admission.comeBack(one)).toBeUndefined();
  expect(admission.active).toBe(1);
  admission.leave(one);
  expect(admission.active).toBe(0);
  expect(admission.comeBack(one)).toBeUndefined();
  expect(admission.active).toBe(1);
  admission.leave(one);
  expect(admission.active).toBe(0);
});

test('who comes back to a full house waits for its turn', async () => {
  const admission = open(1);
  const [one, other] = [guest(), guest()];
  void admission.enter(one);
  admission.leave(one);
  void admission.enter(other);
  const turn = admission.comeBack(one);
  expect(admission.queued).toBe(1);
  admission.leave(other);
  await turn;
  expect([admission.active, admission.queued, one.state.place]).toEqual([1, 0, 'held']);
  admission.leave(one);
  expect(admission.active).toBe(0);
});

test('who has left for good takes no place again', () => {
  const admission = open(1);
  const leaving = new AbortController();
  const one = guest(leaving.signal);
  void admission.enter(one);
  admission.leave(one);
  leaving.abort(new Error('left'));
  expect(() => admission.comeBack(one)).toThrow('left');
  expect(admission.active).toBe(0);
});

test('a limit that is raised lets in those who wait, though nobody comes or leaves', async () => {
  const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 4, queueTimeoutMs: 60_000 };
  const admission = createAdmission(limits, createSystem());
  void admission.enter(guest());
  const turns = [guest(), guest(), guest()].map((one) => Promise.resolve(admission.enter(one)));
  limits.maxConcurrentRequests = 3;
  await Promise.all(turns.slice(0, 2));
  expect([admission.active, admission.queued]).toEqual([3, 1]);
  limits.maxConcurrentRequests = 4;
  await turns[2];
  expect([admission.active, admission.queued]).toEqual([4, 0]);
});
