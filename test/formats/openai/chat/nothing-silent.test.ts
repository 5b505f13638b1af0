/** Each thing that a client may add to a request changes the call or the answer, is refused by name, or is told. */
import { expect, test } from 'vitest';
import { RelayError } from '../../../../src/errors.ts';
import { writeJson } from '../../../../src/json.ts';
import { decode, FLASH, FLASH_3, PRO } from './decoding.ts';

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

const image = (more: object) => [{ role: 'user', content: [{ type: 'image_url', image_url: { url, ...more } }] }];
const tool = (more: object) => [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } }, ...more }];

/** What is added, beside the same request without it. */
const MORE: readonly (readonly [name: string, more: object, without: object])[] = [
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

interface Outcome {
  readonly effect: string;
  readonly told: readonly string[];
}

const outcomeOf = (body: object): Outcome | 'refused' => {
  try {
    const { call, reading } = decode(body);
    const { ignored, names: _names, customTools, wrappedTools, ...seen } = reading;
    const effect = {
      ...seen,
      custom: [...customTools],
      wrapped: [...wrappedTools],
      model: call.model,
      stream: call.stream,
    };
    return { effect: writeJson(call.request) + JSON.stringify(effect), told: ignored };
  } catch (error) {
    if (error instanceof RelayError && error.param !== undefined) return 'refused';
    throw error;
  }
};

const CASES = [
  ...Object.entries(PARAMETERS).map(([name, value]) => [name, { [name]: value }, {}] as const),
  ...MORE,
].flatMap(([name, more, without]) => [FLASH, PRO, FLASH_3].map((model) => [name, model, more, without] as const));

test.each(CASES)('%s (%s)', (_name, model, more, without) => {
  const plain = outcomeOf({ model, ...without });
  const found = outcomeOf({ model, ...more });
  if (plain === 'refused') throw new Error('the request without it is refused');
  const isSilent = found !== 'refused' && found.effect === plain.effect && found.told.length === plain.told.length;
  expect(isSilent).toBe(false);
});
