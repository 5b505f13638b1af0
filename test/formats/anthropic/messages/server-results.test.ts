/** Conversations that began with Anthropic's own servers: what those found, ran and summed up stays in them. */
import { expect, it } from 'vitest';
import { assistant, contents, user } from './decoding.ts';

const text = (said: string) => ({ type: 'text', text: said });
const result = (type: string, content: unknown, more: object = {}) => ({ type, tool_use_id: 's', content, ...more });
const page = {
  type: 'web_fetch_result',
  url: 'https://a.example/x',
  content: { type: 'document', title: 'Page', source: { type: 'text', media_type: 'text/plain', data: 'It is 4711.' } },
};

it.each([
  ['a page that was fetched', result('web_fetch_tool_result', page), ['Page', 'It is 4711.'], 'https://a.example/x'],
  [
    'pages that were found',
    result('web_search_tool_result', [{ type: 'web_search_result', url: 'https://a.example', title: 'A' }]),
    [],
    '- A: https://a.example',
  ],
  ['what a tool of theirs answered', result('mcp_tool_result', [text('42')]), ['42'], undefined],
  ['that a tool failed', result('mcp_tool_result', 'no', { is_error: true }), ['The tool failed.', 'no'], undefined],
  [
    'what code printed',
    result('bash_code_execution_tool_result', { type: 'x', stdout: '5\n', stderr: 'hm', return_code: 2, content: [] }),
    ['5\n', 'hm', 'It ended with code 2.'],
    undefined,
  ],
  [
    'what stands in a file',
    result('text_editor_code_execution_tool_result', { type: 'x', content: 'line 1', file_type: 'text' }),
    ['line 1'],
    undefined,
  ],
  [
    'which tools were found',
    result('tool_search_tool_result', { tool_references: [{ type: 'tool_reference', tool_name: 'f' }] }),
    ['The tool f can be called now.'],
    undefined,
  ],
  ['a summary', { type: 'compaction', content: 'They spoke of 12.' }, ['They spoke of 12.'], undefined],
])('%s', (_name, block, expected, head) => {
  const said = contents([user('a'), assistant(text('b'), block), user('c')])[1]?.parts?.map((part) => part.text) ?? [];
  expect(said[0]).toBe('b');
  if (head !== undefined) expect(said[1]).toContain(head);
  expect(said.slice(head === undefined ? 1 : 2)).toEqual(expected);
});

it('a result in a result is said to be there', () => {
  const block = result('mcp_tool_result', [text('a'), result('mcp_tool_result', [text('b')])]);
  const said = contents([user('a'), assistant(block), user('c')])[1]?.parts ?? [];
  expect(said).toEqual([{ text: 'a' }, { text: expect.stringContaining('"mcp_tool_result"') as string }]);
});

it('a result in a document is said to be there', () => {
  const result = { type: 'compaction', content: 'They spoke of 12.' };
  const block = { type: 'document', source: { type: 'content', content: [text('a'), result] } };
  const said = contents([{ role: 'user', content: [block] }])[0]?.parts;
  expect(said).toEqual([{ text: 'a' }, { text: expect.stringContaining('"compaction"') as string }]);
});
