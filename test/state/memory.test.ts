import { describe, expect, it } from 'vitest';
import { createMemoryState } from '../../src/state/memory.ts';
import { createSystem } from '../../src/system.ts';
import { stateContract } from './contract.ts';

describe('state in memory', () => {
  const state = createMemoryState(createSystem());
  stateContract(() => [state, state]);

  it('answers at once', () => {
    void state.put('now', 'x', 1000);
    expect(state.get('now')).toBe('x');
  });

  it('lets the oldest go when there are many', () => {
    for (let count = 0; count < 10_001; count++) void state.put(`many-${count}`, 'x', 60_000);
    expect(state.get('many-0')).toBeUndefined();
    expect(state.get('many-10000')).toBe('x');
  });
});
