import { expect, test } from 'vitest';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { withSpokenInstruction } from '../../src/gemini/spoken-instruction.ts';

const instruction = { role: 'system', parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] };
const spoken = [{ text: 'Be brief.\n\n' }, { text: 'Be kind.\n\n' }];
const hello = { role: 'user', parts: [{ text: 'Hello' }] };
const greeting = { role: 'model', parts: [{ text: 'Hi.' }] };

test.each([
  [
    'before the first words of the user',
    [hello, greeting, hello],
    [{ ...hello, parts: [...spoken, ...hello.parts] }, greeting, hello],
  ],
  [
    'by a user of its own where the model begins',
    [greeting, hello],
    [{ role: 'user', parts: spoken }, greeting, hello],
  ],
  ['alone', [], [{ role: 'user', parts: spoken }]],
])('the instruction is said %s', (_where, contents, expected) => {
  expect(withSpokenInstruction({ systemInstruction: instruction, contents, labels: { a: 'b' } })).toEqual({
    contents: expected,
    labels: { a: 'b' },
  });
});

test('a request without one is the same', () => {
  const request = { contents: [hello] };
  expect(withSpokenInstruction(request)).toBe(request);
});

test.each([
  ['gemma-3-27b-it', false],
  ['gemma-3n-e4b-it', false],
  ['gemma-2-9b-it', false],
  ['gemma-4-31b-it', true],
  ['gemma-30-1b-it', true],
  ['gemini-3-pro-preview', true],
])('%s takes an instruction: %s', (id, takes) => {
  expect(createCatalogue([]).resolve(id).model.instruction).toBe(takes);
});
