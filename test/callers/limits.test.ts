import { expect, test } from 'vitest';
import { LIMIT_NAMES, LIMITS, spellLimit } from '../../src/callers/limits.ts';

test.each(LIMIT_NAMES)('%s, of one and of many', (name) => {
  expect(spellLimit(name, 2)).toBe(`2 ${LIMITS[name].meaning}`);
  expect(spellLimit(name, 1)).toMatch(/^1 (?:request|token|US dollar) (?:per|at)/);
});
