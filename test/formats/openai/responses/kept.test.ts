import { describe, expect, it } from 'vitest';
import { createKeptAnswers, type KeptAnswer } from '../../../../src/formats/openai/responses/kept.ts';
import { KeptTexts } from '../../../../src/formats/openai/responses/kept-text.ts';

interface More {
  readonly asked?: Buffer;
  readonly letters?: number;
  readonly previous?: KeptAnswer | undefined;
}

const saidBy = (id: string, letters = 0): string => `{"id":"${id}","said":"“文”${'a'.repeat(letters)}"}`;

const answer = (id: string, { asked, letters = 0, previous }: More = {}): KeptAnswer => ({
  id,
  holder: 'ann',
  texts: new KeptTexts(saidBy(id, letters), asked ?? '["文"]', JSON.stringify([`msg_${id}`])),
  previous,
});

const create = (bytes = 1_000_000, ageMs = 1000) => {
  const clock = { now: 0 };
  const kept = createKeptAnswers({ ageMs, bytes }, { monotonic: () => clock.now });
  const keep = (...given: Parameters<typeof answer>): void => {
    kept.put(answer(...given));
  };
  /** As whoever goes on from it finds it. */
  const found = (id: string): KeptAnswer => {
    const one = kept.find(id, 'ann');
    if (!one) throw new Error(`'${id}' is not kept`);
    return one;
  };
  return { kept, keep, found, clock };
};

describe('kept answers', () => {
  it('are found by whoever made them, and by nobody else', () => {
    const { kept, keep, found } = create();
    keep('a');
    expect(kept.find('a', 'ben')).toBeUndefined();
    expect(found('a')).toMatchObject({ id: 'a', holder: 'ann', previous: undefined });
    expect(found('a').texts.response).toBe(saidBy('a'));
    expect(kept.findItem('msg_a', 'ann')).toBe(found('a'));
    expect(kept.find('a', 'ben')).toBeUndefined();
    expect(kept.findItem('msg_a', 'ben')).toBeUndefined();
    expect(kept.remove('a', 'ben')).toBe(false);
    expect([found('a').texts.itemIds, found('a').texts.asked]).toEqual([['msg_a'], '["文"]']);
  });

  it.each(['nobody has come back to', 'somebody has come back to'])('that %s are gone when they are removed', (who) => {
    const { kept, keep } = create();
    keep('a');
    if (who.startsWith('some')) kept.find('a', 'ann');
    expect(kept.remove('a', 'ann')).toBe(true);
    expect(kept.remove('a', 'ann')).toBe(false);
    expect(kept.findItem('msg_a', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  it.each(['nobody has come back to', 'somebody has come back to'])('that %s are kept for a while', (who) => {
    const { kept, keep, found, clock } = create();
    keep('a');
    clock.now = 999;
    keep('b');
    if (who.startsWith('some')) for (const id of ['b', 'a']) expect(found(id)).toBeDefined();
    clock.now = 1000;
    expect(kept.find('a', 'ann')).toBeUndefined();
    expect(found('b')).toBeDefined();
    clock.now = 5000;
    expect(kept.find('b', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  it.each([10_000, 400_000])('make room for new ones, the oldest first: %s bytes', (bytes) => {
    const { kept, keep, found } = create(bytes);
    for (let index = 0; index < 500; index += 1) {
      keep(`a${index}`);
      expect(kept.bytes).toBeLessThanOrEqual(bytes);
    }
    expect(kept.find('a0', 'ann')).toBeUndefined();
    const last = bytes / 5000;
    for (let index = 499; index > 499 - last; index -= 1)
      expect(found(`a${index}`).texts.response).toBe(saidBy(`a${index}`));
  });

  it('leave in the order they came, whether somebody has come back to them or not', () => {
    const { kept, keep, clock } = create(4000);
    for (const id of ['a', 'b', 'c']) {
      clock.now += 1;
      keep(id);
    }
    kept.find('b', 'ann');
    keep('long', { letters: 1000 });
    expect(['a', 'b', 'c', 'long'].map((id) => kept.find(id, 'ann')?.id)).toEqual([undefined, undefined, 'c', 'long']);
  });

  it('that are too large alone are not kept', () => {
    const { kept, keep } = create(10_000);
    keep('a', { asked: Buffer.alloc(20_000) });
    expect(kept.find('a', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  it('stay whole while one that goes on from them stays', () => {
    const { kept, keep, found } = create();
    keep('a');
    const first = found('a');
    keep('b', { previous: first });
    kept.remove('a', 'ann');
    expect(kept.bytes).toBeGreaterThan(2000);
    expect(found('b').previous).toBe(first);
    keep('c', { previous: found('b') });
    kept.remove('b', 'ann');
    expect(found('c').previous?.previous?.texts.response).toBe(saidBy('a'));
    kept.remove('c', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('of a conversation that fills the room leave together', () => {
    const { kept, keep } = create(10_000);
    for (let index = 0; index < 100; index += 1) {
      keep(`a${index}`, { previous: kept.find(`a${index - 1}`, 'ann') });
      expect(kept.bytes).toBeLessThanOrEqual(10_000);
    }
  });

  it('count again what had to leave while they were made', () => {
    const { kept, keep, found } = create(10_000);
    keep('a', { asked: Buffer.alloc(5000) });
    const first = found('a');
    kept.remove('a', 'ann');
    expect(kept.bytes).toBe(0);
    keep('b', { previous: first });
    expect(kept.bytes).toBeGreaterThan(6000);
    kept.remove('b', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it.each([
    { who: 'nobody has come back to', between: false, after: false },
    { who: 'somebody has come back to', between: true, after: true },
    { who: 'somebody comes back to only then', between: false, after: true },
  ])('that two bring and $who are gone at once', ({ between, after }) => {
    const { kept, keep, found } = create();
    keep('a');
    if (between) found('a');
    keep('a');
    if (after) expect(found('a').texts.response).toBe(saidBy('a'));
    kept.remove('a', 'ann');
    expect([kept.bytes, kept.find('a', 'ann'), kept.findItem('msg_a', 'ann')]).toEqual([0, undefined, undefined]);
  });

  it('are told apart where their numbers are the same', () => {
    const { kept, keep, found } = create();
    // Each pair gives the same sum, 31 × the first letter + the second.
    for (const id of ['resp_Aa', 'resp_BB']) keep(id);
    expect(found('resp_Aa').texts.response).toBe(saidBy('resp_Aa'));
    expect(found('resp_BB').texts.response).toBe(saidBy('resp_BB'));
    expect(kept.find('resp_AB', 'ann')).toBeUndefined();
    expect([kept.remove('resp_Aa', 'ann'), kept.remove('resp_BB', 'ann'), kept.bytes]).toEqual([true, true, 0]);
  });

  it('are found by their items, whether they were kept before somebody looked for one or after', () => {
    const { kept, keep, found } = create(10_000);
    keep('a');
    expect(kept.findItem('msg_a', 'ann')).toBe(found('a'));
    keep('b');
    expect(kept.findItem('msg_b', 'ann')).toBe(found('b'));
    for (let index = 0; index < 50; index += 1) keep(`c${index}`);
    expect(kept.findItem('msg_c49', 'ann')?.id).toBe('c49');
    for (const id of ['a', 'b', 'c0']) expect(kept.findItem(`msg_${id}`, 'ann')).toBeUndefined();
  });

  it('count by the boards that they lie on, all of them, until the last of each has left', () => {
    const { kept, keep, found } = create(64 * 1024 * 1024, 60_000);
    for (let index = 0; index < 4000; index += 1) keep(`a${index}`);
    expect(kept.bytes % 65_536).toBe((4000 * 1024) % 65_536);
    for (let index = 1; index < 4000; index += 1) kept.remove(`a${index}`, 'ann');
    expect(kept.bytes).toBe(65_536 + 1024);
    expect(found('a0').texts.response).toBe(saidBy('a0'));
    expect(kept.bytes).toBeLessThan(2048);
    kept.remove('a0', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('do not hold the boards of those beside them once somebody has come back to them', () => {
    const { kept, keep, found } = create(64 * 1024 * 1024);
    for (let index = 0; index < 1000; index += 1) {
      for (let at = 0; at < 10; at += 1) keep(`beside ${index} ${at}`, { letters: 6000 });
      keep(`a${index}`, { previous: index === 0 ? undefined : found(`a${index - 1}`) });
      for (let at = 0; at < 10; at += 1) kept.remove(`beside ${index} ${at}`, 'ann');
      if (index > 0) kept.remove(`a${index - 1}`, 'ann');
    }
    expect(kept.bytes).toBeLessThan(2 * 1024 * 1024);
    kept.remove('a999', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('that another list goes on from count there, and are gone when it has let go of them', () => {
    const [one, other] = [create(), create()];
    one.keep('a');
    other.keep('b', { previous: one.found('a') });
    one.kept.remove('a', 'ann');
    expect(one.kept.bytes).toBe(0);
    expect(other.found('b').previous?.texts.response).toBe(saidBy('a'));
    expect(other.kept.bytes).toBeGreaterThan(2048);
    other.kept.remove('b', 'ann');
    expect(other.kept.bytes).toBe(0);
  });

  it('count where they were kept, also when another list has gone on from them and let go of them', () => {
    const [one, other] = [create(), create()];
    one.keep('a', { letters: 6000 });
    other.keep('b', { previous: one.found('a') });
    expect([one.kept.bytes, other.kept.bytes].map((bytes) => bytes > 6000)).toEqual([true, true]);
    other.kept.remove('b', 'ann');
    expect(other.kept.bytes).toBe(0);
    expect(one.kept.bytes).toBeGreaterThan(6000);
    one.kept.remove('a', 'ann');
    expect(one.kept.bytes).toBe(0);
  });

  it('are none where nothing is to be kept', () => {
    const { kept, keep } = create(1_000_000, 0);
    keep('a');
    expect(kept.find('a', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });
});
