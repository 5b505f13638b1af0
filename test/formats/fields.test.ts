import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFieldReader, readFields } from '../../src/formats/fields.ts';
import { chatRequest } from '../../src/formats/openai/chat/request.ts';

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
