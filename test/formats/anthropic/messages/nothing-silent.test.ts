import { expect, test } from 'vitest';
import { testNothingIsSilent, type Added } from '../../nothing-silent.ts';
import { PRO_3_1 } from '../../openai/chat/decoding.ts';
import { assistant, decode, result, used, user } from './decoding.ts';

const PIXEL = 'iVBORw0KGgo=';
const odd = { odd: 1 };
const text = (more: object = {}) => ({ type: 'text', text: 'a', ...more });
const source = (more: object = {}) => ({ type: 'base64', media_type: 'image/png', data: PIXEL, ...more });
const image = (more: object = {}) => ({ type: 'image', source: source(), ...more });
const document = (more: object = {}) => ({ type: 'document', source: { type: 'text', data: 'x' }, ...more });
const tool = (more: object = {}) => ({ name: 'f', input_schema: { type: 'object' }, ...more });
const search = (more: object = {}) => ({ type: 'web_search_20250305', name: 'web_search', ...more });
const code = (more: object = {}) => ({ type: 'code_execution_tool_result', content: { stdout: 'a', ...more } });
const system = (content: unknown, more: object = {}) => ({ role: 'system', content, ...more });
const addition = { type: 'tool_addition', tool: { type: 'tool_definition', definition: tool() } };
const says = (...content: readonly unknown[]) => ({ messages: [user(content)] });
const history = (call: object, answer: object) => ({
  messages: [user('a'), assistant(call), user([answer])],
});
const said = (...content: readonly unknown[]) => ({ messages: [user('a'), assistant(...content), user('b')] });

/** Every parameter of Anthropic's reference, betas included, and what other clients send. */
const PARAMETERS: Readonly<Record<string, unknown>> = {
  billing_policy: { type: 'billing_policy', bill_to: 'self' },
  cache_control: { type: 'ephemeral' },
  container: 'c',
  context_management: { edits: [] },
  frequency_penalty: 0.5,
  inference_geo: 'us',
  max_tokens: 5000,
  compaction: { type: 'summarize' },
  diagnostics: { previous_message_id: 'msg_1' },
  fallback_credit_token: 'f',
  fallbacks: 'default',
  mcp_servers: [{ type: 'url', name: 'a', url: 'https://a.example' }],
  metadata: { user_id: 'u' },
  n: 2,
  output_config: { effort: 'low' },
  output_format: { type: 'json_schema', schema: { type: 'object' } },
  reasoning_effort: 'low',
  response_format: { type: 'json_object' },
  service_tier: 'auto',
  speed: 'fast',
  stop: 'END',
  stop_sequences: ['END'],
  stream: true,
  system: 'Be brief.',
  temperature: 0.5,
  thread: { type: 'create' },
  thinking: { type: 'adaptive' },
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  tools: [tool()],
  top_k: 5,
  top_p: 0.5,
  user: 'u',
};

const OF_SERVER_TOOLS = { allowed_callers: ['direct'], defer_loading: true, strict: true, odd };
/** Each tool that is sent is declared at once. */
const OF_TOOLS = { allowed_callers: ['direct'], input_examples: [{}], strict: true, odd };
const OF_WEB = {
  ...OF_SERVER_TOOLS,
  ...{ allowed_domains: ['a.example'], blocked_domains: ['b.example'], max_uses: 2, response_inclusion: 'excluded' },
  user_location: { type: 'approximate', city: 'Oslo' },
};

type Fields = Readonly<Record<string, unknown>>;

/** Each field by itself. */
function fieldsOf(one: Fields, fields: Fields): readonly Added[] {
  return Object.entries(fields).map(([name, value]): Added => [
    `${name} of ${typeof one['type'] === 'string' ? one['type'] : 'a tool'}`,
    { ...one, [name]: value },
    one,
  ]);
}

/** What is added, beside the same request without it. */
const MORE: readonly Added[] = [
  ...[
    ...fieldsOf({ type: 'bash_20250124', name: 'bash' }, OF_TOOLS),
    ...fieldsOf({ type: 'text_editor_20250728', name: 'edit' }, { ...OF_TOOLS, max_characters: 500 }),
    ...fieldsOf({ type: 'memory_20250818', name: 'memory' }, OF_TOOLS),
    ...fieldsOf({ type: 'code_execution_20260521', name: 'code' }, OF_SERVER_TOOLS),
    ...fieldsOf({ type: 'web_search_20260318', name: 'search' }, OF_WEB),
    ...fieldsOf(
      { type: 'web_fetch_20260318', name: 'fetch' },
      { ...OF_WEB, citations: { enabled: true }, max_content_tokens: 9, url_sources: {}, use_cache: false },
    ),
    ...fieldsOf(tool(), { ...OF_TOOLS, description: 'F' }),
  ].map(([name, more, without]): Added => [name, { tools: [more] }, { tools: [without] }]),
  ...[
    { type: 'computer_toolset_20260801' },
    { type: 'browser_toolset_20260801', configs: {} },
    { type: 'mcp_toolset', mcp_server_name: 'm' },
    { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus' },
    { type: 'tool_search_tool_bm25', name: 'tool_search_tool_bm25' },
    { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
  ].map((one): Added => [`the tool ${one.type}`, { tools: [tool(), one] }, { tools: [tool()] }]),
  ...fieldsOf({ type: 'adaptive' }, { display: 'updates', block_binding: { prefix_mismatch_behavior: 'error' } }).map(
    ([name, more, without]): Added => [name, { thinking: more }, { thinking: without }],
  ),
  ...fieldsOf(image(), { transformations: { oversized_image: 'error' } }).map(([name, more, without]): Added => [
    name,
    says(more),
    says(without),
  ]),
  ...[
    { type: 'container_upload', file_id: 'f' },
    { type: 'search_result', title: 'T', source: 's', content: [text()], citations: { enabled: true } },
  ].map((one): Added => [`the block ${one.type}`, says(text(), one), says(text())]),
  ...[
    { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } },
    { type: 'mcp_tool_listing', mcp_server_name: 'm', tools: [{ name: 'f', input_schema: {} }] },
    { type: 'advisor_tool_result', tool_use_id: 's', content: { type: 'advisor_result', text: 'Do.' } },
    { type: 'compaction', content: null, encrypted_content: 'x' },
    { type: 'mcp_tool_use', id: 'm', name: 'f', server_name: 's', input: {} },
  ].map((one): Added => [`the block ${one.type}`, said(text(), one), said(text())]),
  ...fieldsOf(
    { type: 'web_fetch_result', url: 'https://a.example', content: document() },
    { retrieved_at: '2026-01-01T00:00:00Z' },
  ).map(([name, more, without]): Added => {
    const fetched = (content: unknown) => said(text(), { type: 'web_fetch_tool_result', tool_use_id: 's', content });
    return [name, fetched(more), fetched(without)];
  }),
  ...fieldsOf({ type: 'web_search_result', url: 'https://a.example', title: 'A' }, { page_age: '2 days', odd: 1 }).map(
    ([name, more, without]): Added => {
      const found = (one: unknown) => said(text(), { type: 'web_search_tool_result', content: [one] });
      return [name, found(more), found(without)];
    },
  ),
  [
    'a tab of a browser',
    history(
      used('t', 'f'),
      result('t', [text(), { type: 'browser_state', tabs: [{ tab_id: '1', title: 'T', url: 'u' }] }]),
    ),
    history(used('t', 'f'), result('t', [text()])),
  ],
  [
    'the set of a call',
    history({ ...used('t', 'f'), toolset_name: 'computer' }, result('t', 'x')),
    history(used('t', 'f'), result('t', 'x')),
  ],
  [
    'the set of an answer',
    history(used('t', 'f'), result('t', 'x', { toolset_name: 'computer' })),
    history(used('t', 'f'), result('t', 'x')),
  ],
  ['a field of a message', { messages: [{ ...user('a'), name: 'me' }] }, { messages: [user('a')] }],
  ['a field of a text', says(text(odd)), says(text())],
  ['citations of a text', said(text({ citations: [{ type: 'char_location' }] })), said(text())],
  ['a field of an image', says(image(odd)), says(image())],
  ['a field of a source', says(image({ source: source(odd) })), says(image())],
  ['citations of a document', says(document({ citations: { enabled: true } })), says(document())],
  ['the title of a document', says(document({ title: 'T' })), says(document())],
  ['the context of a document', says(document({ context: 'C' })), says(document())],
  ['a field of a system block', { system: [text(odd)] }, { system: [text()] }],
  ['the caller of a call', history(used('t', 'f'), result('t', 'x', odd)), history(used('t', 'f'), result('t', 'x'))],
  [
    'a field of a call',
    history({ ...used('t', 'f'), caller: { type: 'direct' } }, result('t', 'x')),
    history(used('t', 'f'), result('t', 'x')),
  ],
  [
    'a field of a block in an answer',
    history(used('t', 'f'), result('t', [text(odd)])),
    history(used('t', 'f'), result('t', [text()])),
  ],
  [
    'a signature that is not ours',
    said({ type: 'thinking', thinking: 'Hm.', signature: 'EqQB' }, text()),
    said({ type: 'thinking', thinking: 'Hm.', signature: '' }, text()),
  ],
  ['thoughts that are not readable', said({ type: 'redacted_thinking', data: 'EqQB' }, text()), said(text())],
  ['the tier', { service_tier: 'standard_only' }, {}],
  [
    'a call of the server',
    said(text(), { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
    said(text()),
  ],
  [
    'what a search found',
    said(text(), { type: 'web_search_tool_result', content: [{ url: 'https://a.example', title: 'A' }] }),
    said(text()),
  ],
  [
    'a search that failed',
    said(text(), { type: 'web_search_tool_result', content: { error_code: 'x' } }),
    said(text()),
  ],
  ['an unknown block', says(text(), { type: 'never_heard_of' }), says(text())],
  ['a result without a word', says(text(), { type: 'mcp_tool_result' }), says(text())],
  ['a result that failed', said(text(), { type: 'mcp_tool_result', is_error: true }), said(text())],
  [
    'files that code made',
    said(text(), code({ stdout: 'a', content: [{ type: 'code_execution_output', file_id: 'f' }] })),
    said(text(), code({ stdout: 'a', content: [] })),
  ],
  ['code that went wrong', said(text(), code({ return_code: 3 })), said(text(), code({ return_code: 0 }))],
  ['a tool that comes', { messages: [user('a'), system([addition])] }, { messages: [user('a'), system([])] }],
  [
    'until when a message is shown',
    { messages: [user('a'), system('b', { clear_at: 'next_user_message' }), user('c')] },
    { messages: [user('a'), system('b'), user('c')] },
  ],
  [
    'the effort of a turn',
    { model: PRO_3_1, messages: [user('a'), system('b', { output_config: { effort: 'low' } })] },
    { model: PRO_3_1, messages: [user('a'), system('b')] },
  ],
  ['a field of a search', { tools: [search({ max_uses: 3 })] }, { tools: [search()] }],
  ['where a search looks', { tools: [search({ allowed_domains: ['a.example'] })] }, { tools: [search()] }],
  ['where a search does not look', { tools: [search({ blocked_domains: ['a.example'] })] }, { tools: [search()] }],
  ['the place of a search', { tools: [search({ user_location: { city: 'Oslo' } })] }, { tools: [search()] }],
  ['examples of a tool', { tools: [tool({ input_examples: [{}] })] }, { tools: [tool()] }],
  ['who may call a tool', { tools: [tool({ allowed_callers: ['x'] })] }, { tools: [tool()] }],
  ['the placeholder', { tools: [tool(), tool({ name: 'DeferredToolPlaceholder' })] }, { tools: [tool()] }],
  [
    'a tool of Anthropic alone',
    { tools: [tool(), { type: 'computer_20250124', name: 'computer' }] },
    { tools: [tool()] },
  ],
  [
    'a field of the choice',
    { tools: [tool()], tool_choice: { type: 'any', odd: 1 } },
    { tools: [tool()], tool_choice: { type: 'any' } },
  ],
  [
    'the effort beside thinking that is off',
    { thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
    { thinking: { type: 'disabled' } },
  ],
  ['a field of thinking', { thinking: { type: 'adaptive', odd: 1 } }, { thinking: { type: 'adaptive' } }],
  [
    'a budget that is not used',
    { thinking: { type: 'adaptive', budget_tokens: 2000 } },
    { thinking: { type: 'adaptive' } },
  ],
  [
    'a budget of thinking that is off',
    { thinking: { type: 'disabled', budget_tokens: 2000 } },
    { thinking: { type: 'disabled' } },
  ],
  ['a field of the output', { output_config: { task_budget: { total: 9 } } }, {}],
  [
    'both formats',
    {
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      output_format: { type: 'json_schema', schema: { type: 'array' } },
    },
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
  ],
  [
    'a field of the format',
    { output_format: { type: 'json_schema', schema: { type: 'object' }, odd: 1 } },
    { output_format: { type: 'json_schema', schema: { type: 'object' } } },
  ],
  ['a field of the metadata', { metadata: { user_id: 'u', team: 'blue' } }, { metadata: { user_id: 'u' } }],
];

testNothingIsSilent(decode, PARAMETERS, MORE);

/** What many clients send with each request and what has its effect without being passed on. */
test.each([
  ['what is to be cached', says(text({ cache_control: { type: 'ephemeral' } }))],
  ['a tool that is loaded later', { tools: [tool({ defer_loading: true, cache_control: { type: 'ephemeral' } })] }],
])('%s is not worth a word', (_name, body) => {
  expect(decode(body).reading.ignored).toEqual([]);
});
