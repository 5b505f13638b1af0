import { describe, expect, it } from 'vitest';
import { createMemo } from '../../src/engine/memo.ts';

describe('a memo', () => {
  it('finds what was kept, and nothing else', () => {
    const memory = createMemo<number>(4, 10);
    expect(memory.get('one')).toBeUndefined();
    expect(memory.keep('one', 1)).toBe(1);
    expect(memory.get('one')).toBe(1);
    expect(memory.get('on')).toBeUndefined();
    expect(memory.keep('one', 11)).toBe(11);
    expect(memory.get('one')).toBe(11);
  });

  it('begins anew when it is full', () => {
    const memory = createMemo<number>(2, 10);
    for (const [value, text] of ['a', 'b', 'c'].entries()) memory.keep(text, value);
    expect(['a', 'b', 'c'].map((text) => memory.get(text))).toEqual([undefined, undefined, 2]);
  });

  it('gives back but does not keep what stands under a long text', () => {
    const memory = createMemo<number>(2, 3);
    expect(memory.keep('long', 1)).toBe(1);
    expect(memory.get('long')).toBeUndefined();
    expect(memory.keep('lon', 2)).toBe(2);
    expect(memory.get('lon')).toBe(2);
  });

  it('takes names that objects have of their own for texts like any other', () => {
    const memory = createMemo<number>(2, 20);
    expect(memory.get('__proto__')).toBeUndefined();
    expect(memory.get('constructor')).toBeUndefined();
  });
});
