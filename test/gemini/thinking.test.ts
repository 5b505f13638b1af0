import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import {
  EFFORTS,
  isEffort,
  isThinkingLevel,
  thinkingByDefault,
  thinkingForBudget,
  thinkingForEffort,
  thinkingForLevel,
  thinkingForSmallCap,
  thinkingForVariant,
  thinksAnyway,
} from '../../src/gemini/thinking.ts';

const catalogue = createCatalogue(['claude-sonnet-4-6']);
const model = (id: string) => catalogue.resolve(id).model;

/** Rows in the order of EFFORTS: none, minimal, low, medium, high, xhigh, max. A star: thoughts hidden. */
const TABLE = {
  'gemini-2.5-pro': ['128*', '1024', '1024', '8192', '24576', '32768', '32768'],
  'gemini-2.5-flash': ['0*', '1024', '1024', '8192', '24576', '24576', '24576'],
  'gemini-2.5-flash-lite': ['0*', '1024', '1024', '8192', '24576', '24576', '24576'],
  'gemini-3-pro-preview': ['LOW*', 'LOW', 'LOW', 'HIGH', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.1-pro-preview': ['LOW*', 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3-flash-preview': ['MINIMAL*', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.5-flash': ['MINIMAL*', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.6-flash': ['0*', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.7-flash': ['LOW*', 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.8-flash': ['LOW*', 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.1-flash-lite': ['MINIMAL*', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
  'gemini-3.5-flash-lite': ['MINIMAL*', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'HIGH', 'HIGH'],
} as const;

const configOf = (cell: string) => {
  const includeThoughts = !cell.endsWith('*');
  const value = cell.replace('*', '');
  return /^\d/.test(value)
    ? { thinkingBudget: Number(value), includeThoughts }
    : { thinkingLevel: value, includeThoughts };
};

describe('effort', () => {
  const cells = Object.entries(TABLE).flatMap(([id, row]) =>
    EFFORTS.map((effort, column) => [effort, id, row[column] ?? ''] as const),
  );

  test.each(cells)('H31–H35: %s on %s is %s', (effort, id, cell) => {
    expect(thinkingForEffort(model(id), effort)).toEqual(configOf(cell));
  });

  test('H37: only the known words are efforts', () => {
    for (const effort of EFFORTS) expect(isEffort(effort)).toBe(true);
    for (const other of ['ultra', '', 'LOW', 'constructor', '__proto__', 3, null]) expect(isEffort(other)).toBe(false);
  });

  test.each(['gemini-2.0-flash', 'gemini-2.5-flash-image', 'gemma-4-31b-it', 'claude-sonnet-4-6'])(
    '%s gets no thinking settings at all',
    (id) => {
      for (const effort of EFFORTS) expect(thinkingForEffort(model(id), effort)).toBeUndefined();
      expect(thinkingByDefault(model(id))).toBeUndefined();
      expect(thinkingForBudget(model(id), 100)).toBeUndefined();
      expect(thinkingForLevel(model(id), 'LOW')).toBeUndefined();
      expect(thinkingForVariant(model(id), 'nothinking')).toBeUndefined();
      expect(thinkingForSmallCap(model(id), 16)).toEqual({ maxOutputTokens: 16 });
    },
  );
});

test('thoughts are shown by default, except where a model does not think by itself', () => {
  expect(thinkingByDefault(model('gemini-2.5-pro'))).toEqual({ includeThoughts: true });
  expect(thinkingByDefault(model('gemini-3-flash-preview'))).toEqual({ includeThoughts: true });
  expect(thinkingByDefault(model('gemini-2.5-flash-lite'))).toBeUndefined();
});

describe('explicit settings', () => {
  test.each([
    ['gemini-2.5-pro', 2000, '2000'],
    ['gemini-2.5-pro', 0, '128*'],
    ['gemini-2.5-pro', 1, '128'],
    ['gemini-2.5-pro', 99_999, '32768'],
    ['gemini-2.5-flash', 0, '0*'],
    ['gemini-2.5-flash', 1, '1'],
    ['gemini-2.5-flash', 30_000, '24576'],
    ['gemini-2.5-flash-lite', 10, '512'],
    ['gemini-2.5-flash-lite', 0, '0*'],
    ['gemini-3-flash-preview', 0, 'MINIMAL*'],
    ['gemini-3-flash-preview', 512, 'MINIMAL'],
    ['gemini-3-flash-preview', 513, 'LOW'],
    ['gemini-3-flash-preview', 1024, 'LOW'],
    ['gemini-3-flash-preview', 1025, 'MEDIUM'],
    ['gemini-3-flash-preview', 8192, 'MEDIUM'],
    ['gemini-3-flash-preview', 8193, 'HIGH'],
    ['gemini-3-pro-preview', 512, 'LOW'],
    ['gemini-3-pro-preview', 8192, 'HIGH'],
  ])('H39: on %s a budget of %d is %s', (id, budget, cell) => {
    expect(thinkingForBudget(model(id), budget)).toEqual(configOf(cell));
  });

  test('a budget of −1 leaves it to the model', () => {
    expect(thinkingForBudget(model('gemini-2.5-pro'), -1)).toEqual({ thinkingBudget: -1, includeThoughts: true });
    expect(thinkingForBudget(model('gemini-3-pro-preview'), -1)).toEqual({ includeThoughts: true });
  });

  test.each([
    ['gemini-3.1-pro-preview', 'medium', 'MEDIUM'],
    ['gemini-3.1-pro-preview', 'MINIMAL', 'LOW'],
    ['gemini-3-pro-preview', 'Medium', 'HIGH'],
    ['gemini-3-flash-preview', 'minimal', 'MINIMAL'],
    ['gemini-2.5-pro', 'low', '1024'],
    ['gemini-2.5-flash', 'HIGH', '24576'],
  ])('on %s the level %s is %s', (id, level, cell) => {
    expect(isThinkingLevel(level)).toBe(true);
    expect(thinkingForLevel(model(id), level)).toEqual(configOf(cell));
  });

  test('what is no level is told apart', () => {
    expect(isThinkingLevel('ultra')).toBe(false);
    expect(isThinkingLevel(3)).toBe(false);
    expect(thinkingForLevel(model('gemini-2.5-pro'), 'ultra')).toBeUndefined();
  });
});

describe('variants', () => {
  test.each([
    ['gemini-2.5-pro', '128*', '32768'],
    ['gemini-2.5-flash', '0*', '24576'],
    ['gemini-2.5-flash-lite', '0*', '24576'],
    ['gemini-3-pro-preview', 'LOW*', 'HIGH'],
    ['gemini-3-flash-preview', 'MINIMAL*', 'HIGH'],
    ['gemini-3.6-flash', '0*', 'HIGH'],
    ['gemini-3.8-flash', 'LOW*', 'HIGH'],
    ['gemini-4-flash', 'LOW*', 'HIGH'],
  ])('T9b: %s without thinking is %s, with the most of it %s', (id, none, most) => {
    expect(thinkingForVariant(model(id), 'nothinking')).toEqual(configOf(none));
    expect(thinkingForVariant(model(id), 'maxthinking')).toEqual(configOf(most));
  });
});

describe('small caps', () => {
  test.each([
    ['gemini-2.5-flash', 16, '8', 16],
    ['gemini-2.5-flash', 1, '0*', 1],
    ['gemini-2.5-flash', 2047, '1023', 2047],
    ['gemini-2.5-flash-lite', 16, '0*', 16],
    ['gemini-2.5-flash-lite', 2000, '0*', 2000],
    ['gemini-2.5-pro', 16, '128', 144],
    ['gemini-2.5-pro', 255, '128', 383],
    ['gemini-2.5-pro', 256, '128', 256],
    ['gemini-2.5-pro', 1000, '500', 1000],
    ['gemini-3-pro-preview', 64, 'LOW', 64],
    ['gemini-3-flash-preview', 64, 'MINIMAL', 64],
    ['gemini-3.6-flash', 64, 'MINIMAL', 64],
    ['gemini-3.8-flash', 64, 'LOW', 64],
  ])('H113: %s with a cap of %d thinks %s under %d', (id, cap, cell, maxOutputTokens) => {
    expect(thinkingForSmallCap(model(id), cap)).toEqual({ thinkingConfig: configOf(cell), maxOutputTokens });
  });

  test('a cap of 2048 or more is left alone', () => {
    for (const id of Object.keys(TABLE))
      expect(thinkingForSmallCap(model(id), 2048)).toEqual({ maxOutputTokens: 2048 });
  });
});

test.each([
  ['gemini-2.5-pro', true],
  ['gemini-2.5-flash', false],
  ['gemini-2.5-flash-lite', false],
  ['gemini-3.1-pro-preview', true],
  ['gemini-3.5-flash', true],
  ['gemini-3.5-flash-lite', true],
  ['gemini-3.6-flash', false],
  ['gemini-3.7-flash', true],
  ['gemini-3.8-flash', true],
  ['gemini-2.5-flash-image', false],
])('%s thinks although it was asked not to: %s', (id, expected) => {
  expect(thinksAnyway(model(id))).toBe(expected);
});

test('a level above all is the strongest that the model has', () => {
  expect(isThinkingLevel('xhigh')).toBe(true);
  expect(thinkingForLevel(model('gemini-3.8-flash'), 'XHIGH')).toEqual(configOf('HIGH'));
  expect(thinkingForLevel(model('gemini-2.5-pro'), 'xhigh')).toEqual(configOf('32768'));
  const taught = {
    ...model('gemini-3.8-flash'),
    thinking: { kind: 'level', levels: ['LOW', 'XHIGH'], off: false },
  } as const;
  expect(thinkingForEffort(taught, 'max')).toEqual(configOf('XHIGH'));
});
