import { testNothingIsSilent, type Added } from '../../nothing-silent.ts';
import { decode } from './decoding.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const url = `data:image/png;base64,${PNG}`;

/** Every parameter of OpenAI's reference, and those that other vendors' clients send. */
const PARAMETERS: Readonly<Record<string, unknown>> = {
  audio: { voice: 'alloy', format: 'mp3' },
  cached_content: 'cachedContents/1',
  chat_template_kwargs: { enable_thinking: false },
  extra_headers: { a: '1' },
  frequency_penalty: 0.5,
  functions: [{ name: 'f' }],
  generationConfig: { topK: 3 },
  include_reasoning: false,
  logit_bias: { a: 1 },
  logprobs: true,
  max_completion_tokens: 5000,
  max_tokens: 5000,
  metadata: { team: 'blue' },
  min_p: 0.1,
  modalities: ['text', 'image'],
  moderation: { a: 1 },
  n: 2,
  parallel_tool_calls: false,
  plugins: [{ id: 'web' }],
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0.5,
  prompt_cache_key: 'k',
  prompt_cache_retention: '24h',
  provider: { order: ['x'] },
  reasoning: { effort: 'low' },
  reasoning_effort: 'low',
  repetition_penalty: 1.2,
  response_format: { type: 'json_object' },
  safety_identifier: 's',
  safety_settings: [{ category: 'a', threshold: 'b' }],
  seed: 7,
  service_tier: 'flex',
  stop: 'END',
  store: true,
  stream: true,
  system_instruction: 'x',
  temperature: 0.5,
  thinking: { type: 'disabled' },
  thinking_budget: 100,
  tool_config: { a: 1 },
  tools: [{ type: 'mcp' }],
  top_k: 5,
  top_logprobs: 5,
  top_p: 0.5,
  user: 'u',
  verbosity: 'low',
  web_search_options: {},
};

const USER = { role: 'user', content: 'hi' };
const SIGNATURE = 'QUJDRA==';
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } };
const FORM = { type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } };
const GRAMMAR = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' };

/** A value for any field: what it is called in the reference, or one of its kind. */
const EXTRA = { extra: 1, cache_control: { type: 'ephemeral' }, annotations: [{ a: 1 }], citations: [{ a: 1 }] };

type Place = readonly [place: string, build: (more: object) => object, fields: Readonly<Record<string, unknown>>];

const said = (part: object) => ({ messages: [{ role: 'user', content: [part] }] });
const spoken = (role: string) => (more: object) => ({ messages: [{ role, content: 's', ...more }, USER] });
const called = (call: object, inner: object = {}, answer: object = {}) => ({
  messages: [
    USER,
    {
      role: 'assistant',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}', ...inner }, ...call }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'r', ...answer },
  ],
});
const custom = (call: object, inner: object = {}) => ({
  messages: [
    USER,
    {
      role: 'assistant',
      tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'f', input: 'x', ...inner }, ...call }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'r' },
  ],
});
/** Anthropic's parts, as Cursor sends them. */
const used = (use: object, result: object = {}) => ({
  messages: [
    USER,
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {}, ...use }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'r', ...result }] },
  ],
});
const declared = (inner: object, outer: object = {}) => ({
  tools: [{ type: 'function', function: { name: 'f', parameters: SCHEMA, ...inner }, ...outer }],
});
const customTool = (inner: object, outer: object = {}) => ({
  tools: [{ type: 'custom', custom: { name: 'c', ...inner }, ...outer }],
});
const chosen = (choice: object) => ({ ...declared({}), tool_choice: choice });

/** Each object of the reference, at every depth: what it may hold, and what it may not. */
const PLACES: readonly Place[] = [
  ...(['system', 'developer', 'user'] as const).map((role): Place => [
    `a ${role} message`,
    spoken(role),
    { ...EXTRA, name: 'x', audio: { id: 'a' }, tool_calls: [{ a: 1 }], refusal: 'no' },
  ]),
  [
    'an assistant message',
    spoken('assistant'),
    {
      ...EXTRA,
      ...{ name: 'x', refusal: 'no', audio: { id: 'a' }, phase: 'final', reasoning: 't', reasoning_content: 't' },
      ...{ function_call: { name: 'f', arguments: '{}' }, tool_calls: [{ id: 'c', function: { name: 'f' } }] },
      ...{
        reasoning_details: [{ type: 'reasoning.text', text: 't' }],
        images: [{ type: 'image_url', image_url: { url } }],
      },
      ...{ thinking_blocks: [{ type: 'thinking', signature: SIGNATURE }], thought_signatures: [SIGNATURE] },
      ...{ extra_content: { other: 1 }, provider_specific_fields: { other: 1 } },
    },
  ],
  [
    'extra_content.google of an assistant message',
    (more) => spoken('assistant')({ extra_content: { google: { thought_signature: SIGNATURE, ...more } } }),
    { other: 1 },
  ],
  [
    'a message of calls',
    (more) => {
      const { messages } = called({});
      return { messages: messages.map((message) => ('tool_calls' in message ? { ...message, ...more } : message)) };
    },
    { function_call: { name: 'g', arguments: '{}' } },
  ],
  ['a tool message', (more) => called({}, {}, more), { ...EXTRA, status: 'error', is_error: true, artifact: { a: 1 } }],
  [
    'a call',
    called,
    { ...EXTRA, type: 'odd', caller: { a: 1 }, provider_specific_fields: { thought_signature: SIGNATURE } },
  ],
  ['the function of a call', (more) => called({}, more), { ...EXTRA, description: 'x' }],
  ['a custom call', custom, EXTRA],
  ['the inside of a custom call', (more) => custom({}, more), { ...EXTRA, arguments_: '{}' }],
  ['a tool_use part', used, { ...EXTRA, caller: { a: 1 } }],
  ['a tool_result part', (more) => used({}, more), { ...EXTRA, is_error: true }],
  [
    'a text part',
    (more) => said({ type: 'text', text: 'y', ...more }),
    {
      ...EXTRA,
      image_url: { url },
      file: { file_data: 'x' },
      prompt_cache_breakpoint: { a: 1 },
      input_audio: { data: 'x' },
    },
  ],
  ['a picture part', (more) => said({ type: 'image_url', image_url: { url }, ...more }), { ...EXTRA, detail: 'low' }],
  ['image_url', (more) => ({ messages: image(more) }), { ...EXTRA, detail: 'low' }],
  [
    'a file part',
    (more) => said({ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0xLjQK' }, ...more }),
    EXTRA,
  ],
  [
    'file',
    (more) => said({ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0xLjQK', ...more } }),
    { ...EXTRA, filename: 'a.pdf', file_url: 'gs://b/a.pdf' },
  ],
  [
    'a sound part',
    (more) => said({ type: 'input_audio', input_audio: { data: 'SUQzAAAAAAAA', format: 'mp3' }, ...more }),
    EXTRA,
  ],
  [
    'input_audio',
    (more) => said({ type: 'input_audio', input_audio: { data: 'SUQzAAAAAAAA', format: 'mp3', ...more } }),
    { ...EXTRA, language: 'en' },
  ],
  [
    'a film part',
    (more) => said({ type: 'video_url', video_url: { url: 'https://youtu.be/abc' }, ...more }),
    { ...EXTRA, fps: 2, start_offset: '3s', detail: 'low' },
  ],
  [
    'a tool',
    (more) => declared({}, more),
    { ...EXTRA, description: 'outer', defer_loading: true, allowed_callers: ['x'] },
  ],
  [
    'the function of a tool',
    declared,
    { ...EXTRA, description: 'd', response: SCHEMA, input_schema: { type: 'object' }, parametersJsonSchema: SCHEMA },
  ],
  ['a custom tool', (more) => customTool({}, more), EXTRA],
  ['the inside of a custom tool', customTool, { ...EXTRA, description: 'd', format: { type: 'odd' } }],
  ['a custom tool with a grammar', customTool, { format: GRAMMAR }],
  [
    'a search',
    (more) => ({ tools: [{ google_search: {}, ...more }] }),
    { ...EXTRA, retrieval: { a: 1 }, code_execution: {} },
  ],
  ['google', (more) => ({ google: more }), { ...EXTRA, tools: [{ retrieval: { a: 1 } }] }],
  ['tool_choice', (more) => chosen({ type: 'auto', ...more }), { ...EXTRA }],
  ['a tool_choice', (more) => chosen({ type: 'auto', ...more }), { type: 'web_search' }],
  [
    'allowed_tools',
    ({ tools = [] }: { tools?: unknown[] }) =>
      chosen({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ name: 'f' }, ...tools] } }),
    { tools: [{ type: 'web_search' }] },
  ],
  ['response_format', (more) => ({ response_format: { ...FORM, ...more } }), EXTRA],
  [
    'json_schema',
    (more) => ({ response_format: { ...FORM, json_schema: { ...FORM.json_schema, ...more } } }),
    { ...EXTRA, description: 'd' },
  ],
  ['reasoning', (more) => ({ reasoning: { enabled: false, ...more } }), { ...EXTRA, effort: 'high', max_tokens: 900 }],
  [
    'thinking',
    (more) => ({ thinking: { type: 'disabled', ...more } }),
    { ...EXTRA, budget_tokens: 900, display: 'omitted' },
  ],
  ['enable_thinking: false', (more) => ({ enable_thinking: false, ...more }), { thinking_budget: 900 }],
  [
    'stream_options',
    (more) => ({ stream: true, stream_options: { ...more } }),
    { ...EXTRA, include_obfuscation: false },
  ],
  ['a request that is no stream', (more) => more, { stream_options: { include_usage: true } }],
  [
    'web_search_options',
    (more) => ({ web_search_options: more }),
    { search_context_size: 'low', user_location: { a: 1 } },
  ],
];

/**
 * What is left unsaid on purpose: ids, states and types that name the object they stand in (the Responses API has them on
 * each item, and clients send them back), `index` of a call, `strict` (Google is always), and the name of a schema.
 */

const image = (more: object) => [{ role: 'user', content: [{ type: 'image_url', image_url: { url, ...more } }] }];
const tool = (more: object) => [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } }, ...more }];

/** What is added, beside the same request without it. */
const MORE: readonly Added[] = [
  ['an extra field of a picture', { messages: image({ odd: 1 }) }, { messages: image({}) }],
  ['the detail of a picture', { messages: image({ detail: 'high' }) }, { messages: image({}) }],
  ['cache_control of a tool', { tools: tool({ cache_control: { type: 'ephemeral' } }) }, { tools: tool({}) }],
  ['defer_loading of a tool', { tools: tool({ defer_loading: true }) }, { tools: tool({}) }],
  [
    'a second search with settings',
    { tools: [{ google_search: {} }, { google_search: { excludeDomains: ['a.example'] } }] },
    { tools: [{ google_search: {} }] },
  ],
  [
    "functions in Google's form beside a search",
    { tools: [{ google_search: {}, functionDeclarations: [{ name: 'f' }] }] },
    { tools: [{ google_search: {} }] },
  ],
  [
    'a field of response_format',
    { response_format: { type: 'json_object', odd: 1 } },
    { response_format: { type: 'json_object' } },
  ],
  [
    'a summary of reasoning_effort',
    { reasoning_effort: { effort: 'low', summary: 'auto' } },
    { reasoning_effort: 'low' },
  ],
  [
    'both spellings of safety settings',
    { safety_settings: [{ category: 'a' }], safetySettings: [{ category: 'b' }] },
    { safety_settings: [{ category: 'a' }] },
  ],
];

const OF_PLACES = PLACES.flatMap(([place, build, fields]) =>
  Object.entries(fields).map(([name, value]): Added => [`${name} of ${place}`, build({ [name]: value }), build({})]),
);

testNothingIsSilent(decode, PARAMETERS, [...MORE, ...OF_PLACES]);
