import { describe, expect, it } from 'vitest';
import { refused } from '../../openai/chat/decoding.ts';
import { assistant, decode, upstream, user } from './decoding.ts';

const tool = (name: string, description = name) => ({ name, description, input_schema: { type: 'object' } });
const defined = (definition: unknown) => ({ type: 'tool_addition', tool: { type: 'tool_definition', definition } });
const byName = (type: string, name: string) => ({ type, tool: { type: 'tool_reference', name } });
const added = (name: string) => byName('tool_addition', name);
const removed = (name: string) => byName('tool_removal', name);
const system = (...content: readonly unknown[]) => ({ role: 'system', content });

const declared = (body: object): readonly unknown[] =>
  (upstream(body).tools ?? []).flatMap(({ functionDeclarations = [], ...own }) => [
    ...functionDeclarations.map(({ name, description }) => `${name}: ${String(description)}`),
    ...Object.keys(own),
  ]);

describe('tools that come and go in the midst of a conversation', () => {
  it.each([
    ['one more', [defined(tool('g'))], ['f: f', 'g: g']],
    ['a new form of one, in its place', [defined(tool('g')), defined(tool('f', 'new'))], ['f: new', 'g: g']],
    ['one less', [defined(tool('g')), removed('f')], ['g: g']],
    ['one that comes back', [removed('f'), added('f')], ['f: f']],
    ['one that was there', [added('f')], ['f: f']],
    ['one that nobody knows', [added('x'), removed('y')], ['f: f']],
    [
      'one of the server',
      [defined({ type: 'web_search_20250305', name: 'web_search' }), removed('f')],
      ['googleSearch'],
    ],
  ])('%s', (_name, changes, expected) => {
    const before = [user('a'), system(...changes)];
    expect(declared({ model: 'gemini-3.1-pro-preview', tools: [tool('f')], messages: before })).toEqual(expected);
    const later = [...before, assistant({ type: 'text', text: 'b' }), user('c')];
    expect(declared({ model: 'gemini-3.1-pro-preview', tools: [tool('f')], messages: later })).toEqual(expected);
  });

  it('are told to the model where it happened', () => {
    const messages = [
      user([{ type: 'text', text: 'a' }, defined(tool('h'))]),
      system(defined(tool('g')), removed('f')),
    ];
    const { contents, tools } = upstream({ tools: [tool('f')], messages });
    expect(tools).toMatchObject([{ functionDeclarations: [{ name: 'h' }, { name: 'g' }] }]);
    expect(contents?.[0]?.parts?.map(({ text }) => text)).toEqual([
      'a',
      'The tool h can be called now.',
      expect.stringMatching(/^\[system\]\nThe tool g can be called now\.\s+The tool f can no longer be called\.$/),
    ]);
    expect(decode({ tools: [tool('f')], messages }).reading.ignored).toEqual([]);
  });

  it('of servers that only Anthropic calls are told by name', () => {
    const mcp = { type: 'tool_addition', tool: { type: 'mcp_tool_reference', server_name: 's', name: 'f' } };
    const messages = [user('a'), system(mcp)];
    expect(declared({ tools: [tool('f')], messages })).toEqual(['f: f']);
    expect(decode({ tools: [tool('f')], messages }).reading.ignored).toEqual([
      'messages[].content[].tool (mcp_tool_reference)',
    ]);
  });

  it.each([
    [[defined(undefined)], 'messages[1].content[0].tool.definition', 'missing_required_parameter'],
    [[added('f'), defined({ input_schema: {} })], 'messages[1].content[1].tool.definition.name', undefined],
  ])('that are none are refused by their place: %j', (changes, param, reason) => {
    const error = refused(() => decode({ tools: [tool('f')], messages: [user('a'), system(...changes)] }));
    expect(error).toMatchObject({ param, ...(reason && { reason }) });
  });
});
