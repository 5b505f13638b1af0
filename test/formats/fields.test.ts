import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createFieldReader,
  either,
  group,
  list,
  object,
  optional,
  readFields,
  text,
} from '../../src/formats/fields.ts';
import { chatRequest } from '../../src/formats/openai/chat/request.ts';
import { processorNow } from '../support/machine.ts';

const outcomeOf = (read: () => unknown): unknown => {
  try {
    return { value: read() };
  } catch (error) {
    return { error, message: error instanceof Error ? error.message : '' };
  }
};

const VALUES = [
  null,
  undefined,
  true,
  'false',
  0,
  1.5,
  '7',
  -1,
  'word',
  '',
  [],
  ['a'],
  [{ role: 'user', content: 'hi' }],
  {},
  { type: 'enabled', budget_tokens: 5 },
  { effort: 'low' },
  JSON.rawJSON('12345678901234567890'),
];

const member = fc.tuple(
  fc.oneof(fc.constantFrom(...Object.keys(chatRequest.shape)), fc.constantFrom('__proto__', 'constructor', 'other')),
  fc.constantFrom(...VALUES),
);

const body = fc
  .tuple(fc.array(member, { maxLength: 5 }), fc.boolean())
  .map(([members, isUsual]) =>
    Object.fromEntries(
      isUsual ? [['model', 'gemini-2.5-flash'], ['messages', [{ role: 'user', content: 'hi' }]], ...members] : members,
    ),
  );

describe('createFieldReader', () => {
  it('reads what the plain way reads, and refuses what it refuses, in the same words', () => {
    const read = createFieldReader(chatRequest);
    fc.assert(
      fc.property(body, (value) => {
        expect(outcomeOf(() => read(value))).toEqual(outcomeOf(() => readFields(chatRequest, value)));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([[null], [[]], ['text'], [7], [undefined]])('refuses a body that is no object: %j', (value) => {
    const read = createFieldReader(chatRequest);
    expect(outcomeOf(() => read(value))).toEqual(outcomeOf(() => readFields(chatRequest, value)));
  });
});

describe('R25: a list', () => {
  const MANY = 250_000;
  const MOST_MS = 250;
  const schema = group({
    plain: optional(list(object())),
    some: optional(list(object(), { least: [1, 'must hold at least one'], most: [MANY, 'may hold no more'] })),
    either: optional(either(text(), list(text()), 'must be a string or an array of strings')),
    nested: optional(list(group({ inner: list(text()) }))),
  });
  const nothing = Array.from({ length: MANY }, () => null);
  const reader = createFieldReader(schema);

  it.each([
    ['plain', { plain: nothing }, "Missing required parameter: 'plain[0]'."],
    ['of some length', { some: nothing }, "Missing required parameter: 'some[0]'."],
    ['that may be a text', { either: nothing }, "'either' must be a string or an array of strings."],
    ['in a list', { nested: [{ inner: ['a', ...nothing] }] }, "Missing required parameter: 'nested[0].inner[1]'."],
    ['of good ones with a bad one at the end', { plain: [...nothing.map(() => ({})), 1] }, `'plain[${MANY}]' must be`],
  ])('%s is read up to its first wrong item', (_name, value, message) => {
    for (const read of [reader, (given: unknown) => readFields(schema, given)]) {
      const before = processorNow();
      const outcome = outcomeOf(() => read(value));
      expect(processorNow() - before).toBeLessThan(MOST_MS);
      expect(outcome).toMatchObject({ message: expect.stringContaining(message) as string });
    }
  });

  it('keeps to its lengths', () => {
    expect(outcomeOf(() => reader({ some: [] }))).toMatchObject({
      error: { reason: 'empty_array' },
      message: "'some' must hold at least one.",
    });
    expect(reader({ some: [{ a: 1 }], nested: [{ inner: ['a'], other: 1 }] })).toEqual({
      some: [{ a: 1 }],
      nested: [{ inner: ['a'] }],
    });
  });
});

describe('a group', () => {
  const schema = group({ inner: optional(group({ must: text(), may: optional(text()) })) });
  const reader = createFieldReader(schema);

  it.each([{}, { may: 'a' }, { must: undefined }])('lets nothing pass that lacks what it must have: %j', (inner) => {
    const outcome = outcomeOf(() => reader({ inner }));
    expect(outcome).toEqual(outcomeOf(() => readFields(schema, { inner })));
    expect(outcome).toMatchObject({ error: { reason: 'missing_required_parameter' } });
  });
});
