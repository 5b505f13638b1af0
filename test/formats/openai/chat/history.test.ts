import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Content, Part } from '../../../../src/gemini/types.ts';
import { contents, FLASH, FLASH_3 } from './decoding.ts';

/** What Google insists on. The one liberty: media of answers stand in a user content of their own before Gemini 3. */
const complaints = (history: readonly Content[], generation: 2.5 | 3): readonly string[] => {
  const found: string[] = [];
  const partsAt = (index: number): readonly Part[] => history[index]?.parts ?? [];
  if (history[0]?.role !== 'user') found.push('no user begins');
  if (generation === 3 && history.at(-1)?.role !== 'user') found.push('no user ends');
  history.forEach((content, index) => {
    const parts = partsAt(index);
    if (parts.length === 0) found.push(`${index}: no parts`);
    if (content.role === history[index - 1]?.role) {
      const mayFollow = parts.some((part) => part.inlineData) && partsAt(index - 1)[0]?.functionResponse;
      if (!mayFollow) found.push(`${index}: the same role twice`);
    }
    const calls = parts.filter((part) => part.functionCall);
    if (content.role === 'user' && calls.length > 0) found.push(`${index}: a user who calls`);
    if (calls.length > 0) {
      const answers = partsAt(index + 1).slice(0, calls.length);
      const called = calls.map(({ functionCall }) => [functionCall?.id, functionCall?.name]);
      const answered = answers.map(({ functionResponse }) => [functionResponse?.id, functionResponse?.name]);
      if (JSON.stringify(called) !== JSON.stringify(answered)) found.push(`${index}: calls and answers differ`);
      if (generation === 3 && !calls[0]?.thoughtSignature) found.push(`${index}: unsigned`);
    }
    const responses = parts.filter((part) => part.functionResponse);
    const before = partsAt(index - 1).filter((part) => part.functionCall);
    if (responses.length > 0 && parts.some((part) => part.inlineData)) found.push(`${index}: media beside answers`);
    if (responses.length !== (content.role === 'user' ? before.length : 0)) found.push(`${index}: answers to nothing`);
  });
  return found;
};

const id = fc.constantFrom('a', 'b', 'c', '');
const name = fc.constantFrom('f', 'g/h', '2x');
const words = fc.constantFrom('', 'hello', 'x');
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
const call = fc.record({
  id,
  type: fc.constant('function'),
  function: fc.record({ name, arguments: fc.oneof(fc.json(), fc.string(), fc.constant('')) }),
});
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer'), content: words }),
  fc.record({ role: fc.constant('user'), content: fc.oneof(words, fc.constant([image, 'y'])) }),
  fc.record({
    role: fc.constant('user'),
    content: id.map((tool_use_id) => [{ type: 'tool_result', tool_use_id, content: 'r' }]),
  }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.option(words),
    tool_calls: fc.array(call, { maxLength: 3 }),
  }),
  fc.record(
    { role: fc.constant('tool'), tool_call_id: id, content: fc.oneof(words, fc.constant(['r', image])), name },
    { requiredKeys: ['role', 'content'] },
  ),
  fc.record({ role: fc.constant('function'), name, content: words }),
);

describe('any history', () => {
  it.each([
    [FLASH, 2.5],
    [FLASH_3, 3],
  ] as const)('becomes one that Google accepts: %s', (model, generation) => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
        const history = contents([...messages, { role: 'user', content: 'and now?' }], model);
        expect(complaints(history, generation)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('the complaints are real', () => {
    const called = { role: 'model', parts: [{ functionCall: { id: '1', name: 'f' } }] };
    expect(complaints([called], 3)).toEqual([
      'no user begins',
      'no user ends',
      '0: calls and answers differ',
      '0: unsigned',
    ]);
    const said = { role: 'user', parts: [{ text: 'x' }] };
    expect(complaints([said, said], 3)).toEqual(['1: the same role twice']);
    expect(complaints([{ role: 'user', parts: [{ functionResponse: {} }] }], 3)).toEqual(['0: answers to nothing']);
  });
});
