import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answered, assistant, called, decode, FLASH, FLASH_3, upstream, user } from './decoding.ts';

/** An empty list says nothing and is told nowhere, but whoever brings it is looked through. */
const LOOKED_THROUGH = { annotations: [] };

const PICTURE = '![a](data:image/png;base64,iVBORw0KGgo=)';
const said = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '\n', PICTURE, '![', '](data:image/')))
  .map((pieces) => pieces.join(''));
const model = fc.constantFrom(FLASH, FLASH_3);

const readingOf = (body: object): object => ({ request: upstream(body), told: decode(body).reading.ignored });

describe('what is known at a look reads as what is looked through', () => {
  test('a text of the model', () => {
    fc.assert(
      fc.property(model, said, (name, content) => {
        const body = (more: object) => ({
          model: name,
          messages: [user('q'), assistant({ content, ...more }), user('a')],
        });
        expect(readingOf(body({}))).toEqual(readingOf(body(LOOKED_THROUGH)));
      }),
    );
  });

  test('calls of the model, and what they were answered', () => {
    fc.assert(
      fc.property(model, said, said, (name, content, output) => {
        const body = (more: object, answer: unknown) => ({
          model: name,
          messages: [
            user('q'),
            assistant({ content, tool_calls: [called('c1', 'f'), called('c2', 'my tool', '{"a":1}')], ...more }),
            answered('c1', answer),
          ],
        });
        const parts = [{ type: 'text', text: output }];
        expect(readingOf(body({}, output))).toEqual(readingOf(body(LOOKED_THROUGH, parts)));
      }),
    );
  });

  test.each([
    ['a function', { name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: true }],
    ['one with another field of a schema', { name: 'f', parameters: null, inputSchema: { type: 'string' } }],
    ['one with two schemas', { name: 'f', parameters: { type: 'object' }, input_schema: { type: 'string' } }],
    ['one that says more', { name: 'f', cache_control: { type: 'ephemeral' } }],
  ])('a tool: %s', (_name, described) => {
    const body = (more: object) => ({ tools: [{ type: 'function', function: described, ...more }] });
    expect(readingOf(body({}))).toEqual(readingOf(body(LOOKED_THROUGH)));
  });
});
