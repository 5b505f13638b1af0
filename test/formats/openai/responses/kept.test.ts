import { describe, expect, it } from 'vitest';
import { createKeptAnswers, type KeptAnswer } from '../../../../src/formats/openai/responses/kept.ts';
import { KeptTexts } from '../../../../src/formats/openai/responses/kept-text.ts';

interface More {
  readonly asked?: Buffer;
  readonly letters?: number;
  readonly previous?: KeptAnswer | undefined;
}

const answer = (id: string, { asked, letters = 0, previous }: More = {}): KeptAnswer => ({
  id,
  holder: 'ann',
  texts: new KeptTexts({ begin: `{"id":"${id}"}${'a'.repeat(letters)}`, echo: '', end: '' }, asked ?? '[]', [
    `msg_${id}`,
  ]),
  previous,
});

const create = (bytes = 1_000_000, ageMs = 1000) => {
  const clock = { now: 0 };
  const kept = createKeptAnswers({ ageMs, bytes }, { monotonic: () => clock.now });
  const keep = (...given: Parameters<typeof answer>): KeptAnswer => {
    const made = answer(...given);
    kept.put(made);
    return made;
  };
  return { kept, keep, clock };
};

describe('kept answers', () => {
  it('are found by whoever made them, and by nobody else', () => {
    const { kept, keep } = create();
    const made = keep('a');
    expect(kept.find('a', 'ann')).toBe(made);
    expect(kept.find('a', 'ben')).toBeUndefined();
    expect(kept.findItem('msg_a', 'ann')).toBe(made);
    expect(kept.findItem('msg_a', 'ben')).toBeUndefined();
    expect(kept.remove('a', 'ben')).toBe(false);
    expect(kept.find('a', 'ann')).toBe(made);
  });

  it('are gone when they are removed', () => {
    const { kept, keep } = create();
    keep('a');
    expect(kept.remove('a', 'ann')).toBe(true);
    expect(kept.remove('a', 'ann')).toBe(false);
    expect(kept.findItem('msg_a', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  it('are kept for a while', () => {
    const { kept, keep, clock } = create();
    keep('a');
    clock.now = 999;
    keep('b');
    expect(kept.find('a', 'ann')).toBeDefined();
    clock.now = 1000;
    expect(kept.find('a', 'ann')).toBeUndefined();
    expect(kept.find('b', 'ann')).toBeDefined();
    clock.now = 5000;
    expect(kept.find('b', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  it('make room for new ones, the oldest first', () => {
    const { kept, keep } = create(10_000);
    for (let index = 0; index < 50; index += 1) {
      keep(`a${index}`);
      expect(kept.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(kept.find('a0', 'ann')).toBeUndefined();
    expect(kept.find('a49', 'ann')).toBeDefined();
  });

  it('that are too large alone are not kept', () => {
    const { kept, keep } = create(10_000);
    keep('a', { asked: Buffer.alloc(20_000) });
    expect(kept.find('a', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  it('stay whole while one that goes on from them stays', () => {
    const { kept, keep } = create();
    const first = keep('a');
    const second = keep('b', { previous: first });
    kept.remove('a', 'ann');
    expect(kept.bytes).toBeGreaterThan(2000);
    expect(kept.find('b', 'ann')?.previous).toBe(first);
    keep('c', { previous: second });
    kept.remove('b', 'ann');
    kept.remove('c', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('of a conversation that fills the room leave together', () => {
    const { kept, keep } = create(10_000);
    let previous: KeptAnswer | undefined;
    for (let index = 0; index < 100; index += 1) {
      previous = keep(`a${index}`, { previous });
      expect(kept.bytes).toBeLessThanOrEqual(10_000);
    }
  });

  it('count again what had to leave while they were made', () => {
    const { kept, keep } = create(10_000);
    const first = keep('a', { asked: Buffer.alloc(5000) });
    kept.remove('a', 'ann');
    expect(kept.bytes).toBe(0);
    keep('b', { previous: first });
    expect(kept.bytes).toBeGreaterThan(6000);
    kept.remove('b', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('count once when two bring the same one, and are gone when it is removed', () => {
    const { kept, keep } = create();
    keep('a');
    const once = kept.bytes;
    const again = keep('a');
    expect(kept.bytes).toBe(once);
    expect(kept.find('a', 'ann')).toBe(again);
    kept.remove('a', 'ann');
    expect([kept.bytes, kept.find('a', 'ann'), kept.findItem('msg_a', 'ann')]).toEqual([0, undefined, undefined]);
  });

  it('are found by their items, whether they were kept before somebody looked for one or after', () => {
    const { kept, keep } = create();
    const before = keep('a');
    expect(kept.findItem('msg_a', 'ann')).toBe(before);
    const after = keep('b');
    expect(kept.findItem('msg_b', 'ann')).toBe(after);
  });

  it('count by the boards that they lie on, all of them, until the last of each has left', () => {
    const { kept, keep } = create(64 * 1024 * 1024, 60_000);
    for (let index = 0; index < 4000; index += 1) keep(`a${index}`);
    const all = kept.bytes;
    expect(all % 65_536).toBe((4000 * 1024) % 65_536);
    for (let index = 1; index < 4000; index += 1) kept.remove(`a${index}`, 'ann');
    expect(kept.bytes).toBe(65_536 + 1024);
    expect(kept.find('a0', 'ann')?.texts.response).toBe('{"id":"a0"}');
    kept.remove('a0', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('that another list goes on from count there, and are gone when it has let go of them', () => {
    const [one, other] = [create(64 * 1024 * 1024), create(64 * 1024 * 1024)];
    const first = one.keep('a');
    other.keep('b', { previous: first });
    one.kept.remove('a', 'ann');
    expect(one.kept.bytes).toBe(0);
    expect(other.kept.find('b', 'ann')?.previous?.texts.response).toBe('{"id":"a"}');
    expect(other.kept.bytes).toBeGreaterThan(65_536);
    other.kept.remove('b', 'ann');
    expect(other.kept.bytes).toBe(0);
  });

  it('count where they were kept, also when another list has gone on from them and let go of them', () => {
    const [one, other] = [create(64 * 1024 * 1024), create(64 * 1024 * 1024)];
    const first = one.keep('a', { letters: 6000 });
    other.keep('b', { previous: first });
    expect([one.kept.bytes, other.kept.bytes].map((bytes) => bytes > 6000)).toEqual([true, true]);
    other.kept.remove('b', 'ann');
    expect(other.kept.bytes).toBe(0);
    expect(one.kept.bytes).toBeGreaterThan(6000);
    one.kept.remove('a', 'ann');
    expect(one.kept.bytes).toBe(0);
  });

  it('that others go on from do not hold the boards of those beside them', () => {
    const { kept, keep } = create(64 * 1024 * 1024);
    let previous: KeptAnswer | undefined;
    for (let index = 0; index < 1000; index += 1) {
      const beside = Array.from({ length: 10 }, (_none, at) => keep(`beside ${index} ${at}`, { letters: 6000 }));
      previous = keep(`a${index}`, { previous });
      for (const { id } of [...beside, previous]) if (id !== 'a999') kept.remove(id, 'ann');
    }
    expect(kept.bytes).toBeLessThan(2 * 1024 * 1024);
    kept.remove('a999', 'ann');
    expect(kept.bytes).toBe(0);
  });

  it('are none where nothing is to be kept', () => {
    const { kept, keep } = create(1_000_000, 0);
    keep('a');
    expect(kept.find('a', 'ann')).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });
});
