import { expect, test } from 'vitest';
import { testNothingIsSilent, type Added } from '../../nothing-silent.ts';
import { decode } from './decoding.ts';

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const odd = { odd: 1 };
const user = (content: unknown, more: object = {}) => ({ role: 'user', content, ...more });
const part = (more: object = {}) => ({ type: 'input_text', text: 'a', ...more });
const image = (more: object = {}) => ({ type: 'input_image', image_url: PIXEL, ...more });
const file = (more: object = {}) => ({
  type: 'input_file',
  file_data: 'data:application/pdf;base64,JVBERi0=',
  ...more,
});
const call = (more: object = {}) => ({ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', ...more });
const output = (more: object = {}) => ({ type: 'function_call_output', call_id: 'c', output: 'b', ...more });
const fn = (more: object = {}) => ({ type: 'function', name: 'f', parameters: { type: 'object' }, ...more });
const custom = (more: object = {}) => ({ type: 'custom', name: 'p', ...more });
const search = (more: object = {}) => ({ type: 'web_search', ...more });
const space = (more: object = {}) => ({ type: 'namespace', name: 'n', tools: [fn()], ...more });
const format = (more: object = {}) => ({ text: { format: { type: 'json_schema', name: 'a', schema: {}, ...more } } });
const says = (...content: readonly unknown[]) => ({ input: [user(content)] });
const round = (made: object, came: object) => ({ input: [user('a'), made, came] });
const after = (item: object) => ({ input: [user('a'), item, user('b')] });

/** Every parameter of OpenAI's reference and of the open specification, and what other clients send. */
const PARAMETERS: Readonly<Record<string, unknown>> = {
  background: true,
  client_metadata: { a: 1 },
  context_management: [{ type: 'compaction' }],
  conversation: 'conv_1',
  frequency_penalty: 0.5,
  include: ['message.output_text.logprobs'],
  instructions: 'Be brief.',
  max_output_tokens: 5000,
  max_tokens: 5000,
  max_tool_calls: 3,
  metadata: { team: 'blue' },
  moderation: { model: 'x' },
  n: 2,
  parallel_tool_calls: false,
  presence_penalty: 0.5,
  prompt: { id: 'p' },
  prompt_cache_key: 'k',
  prompt_cache_options: { mode: 'explicit' },
  prompt_cache_retention: '24h',
  reasoning: { effort: 'low' },
  reasoning_effort: 'low',
  response_format: { type: 'json_object' },
  safety_identifier: 's',
  seed: 7,
  service_tier: 'flex',
  stop: 'END',
  store: false,
  stream: true,
  temperature: 0.5,
  text: { format: { type: 'json_object' } },
  tools: [fn()],
  top_k: 5,
  top_logprobs: 2,
  top_p: 0.5,
  truncation: 'auto',
  user: 'u',
};

/** What is added, beside the same request without it. */
const MORE: readonly Added[] = [
  ['what is to be included of a search', { include: ['web_search_call.action.sources'] }, {}],
  ['what is to be included of files', { include: ['file_search_call.results', 'odd'] }, {}],
  ['how a stream is padded', { stream: true, stream_options: { include_obfuscation: true } }, { stream: true }],
  ['the words of an answer', { text: { verbosity: 'low' } }, {}],
  ['a field of reasoning', { reasoning: { effort: 'low', odd: 1 } }, { reasoning: { effort: 'low' } }],
  ['a mode of reasoning', { reasoning: { mode: 'pro', context: 'all_turns' } }, {}],
  ['a field of the format', format(odd), format()],
  [
    'what the format is for',
    format({ description: 'b', schema: { type: 'object' } }),
    format({ schema: { type: 'object' } }),
  ],
  ['no choice among tools', { tools: [fn()], tool_choice: 'none' }, { tools: [fn()] }],
  ['a field of a message', { input: [user('a', { name: 'me' })] }, { input: [user('a')] }],
  [
    'the phase of a message',
    after({ role: 'assistant', content: 'b', phase: 'commentary' }),
    after({ role: 'assistant', content: 'b' }),
  ],
  ['a field of a text', says(part(odd)), says(part())],
  ['a field of a picture', says(part(), image(odd)), says(part(), image())],
  ['the detail of a picture', says(image({ detail: 'high' })), says(image())],
  ['a field of a file', says(file(odd)), says(file())],
  ['the detail of a file', says(file({ detail: 'high' })), says(file())],
  ['the name of a file', says(file({ filename: 'a.pdf' })), says(file())],
  [
    'sources of a text',
    after({
      role: 'assistant',
      content: [{ type: 'output_text', text: 'b', annotations: [{ type: 'url_citation' }] }],
    }),
    after({ role: 'assistant', content: [{ type: 'output_text', text: 'b' }] }),
  ],
  [
    'a refusal',
    after({ role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }),
    { input: [user('a'), user('b')] },
  ],
  ['a field of a call', round(call(odd), output()), round(call(), output())],
  ['the caller of a call', round(call({ caller: { type: 'program' } }), output()), round(call(), output())],
  ['a field of an output', round(call(), output(odd)), round(call(), output())],
  ['an output that broke off', round(call(), output({ status: 'incomplete' })), round(call(), output())],
  ['a thought', after({ type: 'reasoning', summary: [], encrypted_content: 'x' }), { input: [user('a'), user('b')] }],
  ['a search', after({ type: 'web_search_call', id: 'w', status: 'completed' }), { input: [user('a'), user('b')] }],
  ['a program', after({ type: 'program', code: 'x' }), { input: [user('a'), user('b')] }],
  ['an unknown item', after({ type: 'next_year' }), { input: [user('a'), user('b')] }],
  ['a field of a function', { tools: [fn(odd)] }, { tools: [fn()] }],
  ['a function that is loaded later', { tools: [fn({ defer_loading: true })] }, { tools: [fn()] }],
  ['who may call a function', { tools: [fn({ allowed_callers: ['direct'] })] }, { tools: [fn()] }],
  ['what a function gives back', { tools: [fn({ output_schema: { type: 'object' } })] }, { tools: [fn()] }],
  ['a strict function', { tools: [fn({ strict: true })] }, { tools: [fn()] }],
  ['a field of a custom tool', { tools: [custom(odd)] }, { tools: [custom()] }],
  ['a format of a custom tool', { tools: [custom({ format: { type: 'odd' } })] }, { tools: [custom()] }],
  ['a field of a namespace', { tools: [space(odd)] }, { tools: [space()] }],
  ['what a namespace is for', { tools: [space({ description: 'b' })] }, { tools: [space()] }],
  ['a namespace in a namespace', { tools: [space({ tools: [fn(), space({ name: 'm' })] })] }, { tools: [space()] }],
  ['a field of a search tool', { tools: [search(odd)] }, { tools: [search()] }],
  ['where a search looks', { tools: [search({ filters: { allowed_domains: ['a.example'] } })] }, { tools: [search()] }],
  [
    'where it does not look',
    { tools: [search({ filters: { blocked_domains: ['a.example'] } })] },
    { tools: [search()] },
  ],
  ['a tool that we lack', { tools: [fn(), { type: 'file_search', vector_store_ids: ['v'] }] }, { tools: [fn()] }],
  [
    'where code runs',
    { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['f'] } }] },
    { tools: [{ type: 'code_interpreter' }] },
  ],
  [
    'a field of the choice',
    { tools: [fn()], tool_choice: { type: 'function', name: 'f', odd: 1 } },
    { tools: [fn()], tool_choice: { type: 'function', name: 'f' } },
  ],
];

testNothingIsSilent(decode, PARAMETERS, MORE);

/** What asks for nothing but what is done anyway. */
test.each([
  ['what Codex includes', { include: ['reasoning.encrypted_content'] }],
  ['an empty list', { include: [] }],
  ['how a text is cut', { truncation: 'disabled' }],
  ['the phase of nobody', after({ role: 'assistant', content: 'b', status: 'completed', id: 'msg_1' })],
  [
    'what came of earlier answers',
    after({ role: 'assistant', content: [{ type: 'output_text', text: 'b', annotations: [], logprobs: [] }] }),
  ],
])('%s is not worth a word', (_name, body) => {
  expect(decode(body).reading.ignored).toEqual([]);
});
