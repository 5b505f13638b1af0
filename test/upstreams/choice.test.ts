import { describe, expect, test } from 'vitest';
import { hashText } from '../../src/gemini/conversation.ts';
import { createChoice } from '../../src/upstreams/choice.ts';
import type { Choice, Openness } from '../../src/upstreams/choice.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_none, index) => `key ${index}`);

const CONVERSATIONS = Array.from({ length: 100_000 }, (_none, index) => hashText(`session ${index}`));
const SOME = CONVERSATIONS.slice(0, 5000);

const opennessOf = (closed: ReadonlySet<number> = new Set(), busy: ReadonlySet<number> = new Set()): Openness => ({
  isOpen: (key) => !closed.has(key),
  isBusy: (key) => busy.has(key),
  opensAt: (key) => (closed.has(key) ? Infinity : 0),
});

let versions = 0;
const pickAll = (choice: Choice, openness: Openness, conversations = SOME): (number | undefined)[] => {
  versions += 1;
  const view = { name: 'model', version: versions, now: 1 };
  return conversations.map((conversation) => choice.pick(conversation, openness, view));
};

const sharesOf = (picked: readonly (number | undefined)[]): number[] => {
  const counts = new Map<number | undefined, number>();
  for (const key of picked) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.values()];
};

describe.each([2, 3, 10, 50, 64, 65, 100])('%i keys', (count) => {
  const choice = createChoice(names(count));

  test('each serves as many conversations as any other, within what chance makes of it', () => {
    const shares = sharesOf(pickAll(choice, opennessOf(), CONVERSATIONS));
    const mean = CONVERSATIONS.length / count;
    expect(shares).toHaveLength(count);
    // Ten per cent up to twenty keys; of more keys each serves so few that chance alone differs by more.
    const most = Math.max(0.1, 4.5 / Math.sqrt(mean));
    for (const share of shares) expect(Math.abs(share / mean - 1)).toBeLessThan(most);
  });

  test('a conversation stays; of a key that closes go its own, evenly, and come back with it', () => {
    const before = pickAll(choice, opennessOf(), CONVERSATIONS.slice(0, 20_000));
    const closed = before[0] ?? 0;
    const during = pickAll(choice, opennessOf(new Set([closed])), CONVERSATIONS.slice(0, 20_000));
    const moved = during.filter((_key, index) => before[index] === closed);
    during.forEach((key, index) => {
      if (before[index] !== closed) expect(key).toBe(before[index]);
      expect(key).not.toBe(closed);
    });
    if (moved.length / (count - 1) > 100) {
      const mean = moved.length / (count - 1);
      for (const share of sharesOf(moved)) expect(Math.abs(share / mean - 1)).toBeLessThan(4.5 / Math.sqrt(mean));
    }
    expect(pickAll(choice, opennessOf(), CONVERSATIONS.slice(0, 20_000))).toEqual(before);
  });

  test('the order in which keys are named is nothing', () => {
    const other = names(count).reverse();
    const picked = pickAll(createChoice(other), opennessOf()).map((key) => other[key ?? -1]);
    expect(picked).toEqual(pickAll(choice, opennessOf()).map((key) => names(count)[key ?? -1]));
  });
});

test.each([3, 20, 40, 100, 1000, 4999])(
  'one more beside %i keys takes its share and moves nearly no other',
  (count) => {
    const before = pickAll(createChoice(names(count)), opennessOf());
    const after = pickAll(createChoice(names(count + 1)), opennessOf());
    const moved = after.filter((key, index) => key !== before[index]);
    const strayed = moved.filter((key) => key !== count);
    expect(moved.length).toBeLessThan((2 * SOME.length) / (count + 1) + 25);
    // Where two keys want one place in the table, one of them may have to look for another.
    expect(strayed.length).toBeLessThan(10);
  },
);

describe('5,000 keys', () => {
  const choice = createChoice(names(5000));

  test('are all in use, evenly', () => {
    const picked = pickAll(choice, opennessOf(), CONVERSATIONS);
    expect(new Set(picked).size).toBe(5000);
    const counts = sharesOf(picked);
    const spread = Math.sqrt(counts.reduce((sum, share) => sum + (share - 20) ** 2, 0) / 5000);
    // What is left to chance has a spread of the root of its mean: 4.5 here.
    expect(spread).toBeLessThan(4.7);
  });

  test.each([4990, 4500, 2500, 100])(
    '%i of them closed: the others share evenly, and nobody else moves',
    (closedCount) => {
      const closed = new Set(Array.from({ length: closedCount }, (_none, index) => index));
      const before = pickAll(choice, opennessOf(closed), CONVERSATIONS.slice(0, 20_000));
      expect(before.every((key) => key !== undefined && !closed.has(key))).toBe(true);
      const mean = 20_000 / (5000 - closedCount);
      expect(Math.max(...sharesOf(before))).toBeLessThan(mean + 6 * Math.sqrt(mean) + 3);
      closed.add(before[0] ?? 0);
      const after = pickAll(choice, opennessOf(closed), CONVERSATIONS.slice(0, 20_000));
      after.forEach((key, index) => {
        if (before[index] !== before[0]) expect(key).toBe(before[index]);
      });
    },
  );

  test('all closed but one: that one; all closed: none', () => {
    const closed = new Set(names(5000).keys());
    closed.delete(4321);
    expect(new Set(pickAll(choice, opennessOf(closed), SOME.slice(0, 50)))).toEqual(new Set([4321]));
    closed.add(4321);
    expect(new Set(pickAll(choice, opennessOf(closed), SOME.slice(0, 50)))).toEqual(new Set([undefined]));
  });

  test('one that opens by its time is seen without a change of version', () => {
    const opensAt = 1000;
    let now = 0;
    const openness: Openness = {
      isOpen: (key) => key === 7 && now >= opensAt,
      isBusy: () => false,
      opensAt: (key) => (key === 7 ? opensAt : Infinity),
    };
    const pick = () => choice.pick(SOME[0] ?? 0, openness, { name: 'a', version: 1, now });
    expect(pick()).toBeUndefined();
    now = 999;
    expect(pick()).toBeUndefined();
    now = 1000;
    expect(pick()).toBe(7);
  });

  test('does not ask all of them: most are open, few are open, all are busy', () => {
    let asked = 0;
    const counting = (openness: Openness): Openness => ({
      ...openness,
      isOpen: (key) => ((asked += 1), openness.isOpen(key)),
    });
    const few = new Set(Array.from({ length: 4950 }, (_none, index) => index));
    for (const [openness, most] of [
      [opennessOf(), 10],
      [opennessOf(few), 60],
    ] as const) {
      versions += 1;
      const view = { name: 'model', version: versions, now: 1 };
      choice.pick(1, counting(openness), view);
      asked = 0;
      for (const conversation of SOME) choice.pick(conversation, counting(openness), view);
      expect(asked / SOME.length).toBeLessThan(most);
    }
    const everybody = new Set(names(5000).keys());
    asked = 0;
    versions += 1;
    choice.pick(1, counting(opennessOf(new Set(), everybody)), { name: 'model', version: versions, now: 1 });
    expect(asked).toBeLessThan(3 * 5000);
  });
});

describe.each([3, 200])('of %i keys', (count) => {
  const choice = createChoice(names(count));

  test('a busy one is passed over, as long as there is another', () => {
    const [first] = pickAll(choice, opennessOf());
    const busy = new Set([first ?? 0]);
    expect(pickAll(choice, opennessOf(new Set(), busy))[0]).not.toBe(first);
    const all = new Set(names(count).keys());
    expect(pickAll(choice, opennessOf(new Set(), all))).toEqual(pickAll(choice, opennessOf()));
  });

  test('those that this request has tried are passed over, until there is none', () => {
    const tried = new Set<number>();
    for (;;) {
      versions += 1;
      const key = choice.pick(42, opennessOf(), { name: 'm', version: versions, now: 1 }, (one) => tried.has(one));
      if (key === undefined) break;
      expect(tried.has(key)).toBe(false);
      tried.add(key);
    }
    expect(tried.size).toBe(count);
  });
});

test('no keys: none; twice the same name: both are there', () => {
  expect(createChoice([]).pick(1, opennessOf(), { name: 'm', version: 1, now: 1 })).toBeUndefined();
  expect(pickAll(createChoice(['a', 'a']), opennessOf()).every((key) => key === 0)).toBe(true);
  const many = createChoice([...names(100), ...names(100)]);
  expect(new Set(pickAll(many, opennessOf(), CONVERSATIONS)).size).toBe(200);
});
