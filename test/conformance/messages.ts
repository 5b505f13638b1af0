/** What is the Messages API's alone. */
import * as google from '../../src/simulator/google-faults.ts';
import { messages } from './case.ts';
import type { Ask, Body, Case } from './case.ts';

const SCHEMA = { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] };
const TOOL = { name: 'get_time', input_schema: SCHEMA };
const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const THINKING = { thinking: { type: 'adaptive' } };
const PRO_3 = 'gemini-3-pro-preview';

const user = (content: unknown): Body => ({ role: 'user', content });
const said = (list: readonly Body[], more: Body = {}): Ask => messages('', { messages: list, ...more });

/** A round of tools as the client brings it back. */
const round = (thinking: Body | undefined): Ask =>
  said(
    [
      user('What time is it?'),
      {
        role: 'assistant',
        content: [
          ...(thinking ? [thinking] : []),
          { type: 'tool_use', id: 'toolu_1', name: 'get_time', input: { zone: 'Oslo' } },
          { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: { zone: 'Rome' } },
        ],
      },
      user([
        { type: 'tool_result', tool_use_id: 'toolu_2', content: '13:00' },
        { type: 'tool_result', tool_use_id: 'toolu_1', content: '12:00' },
      ]),
      { role: 'system', content: '900 tokens left' },
    ],
    { model: PRO_3, tools: [TOOL], ...THINKING },
  );

const roundSent = (thoughtSignature: unknown): Body => ({
  contents: [
    { role: 'user', parts: [{ text: 'What time is it?' }] },
    {
      role: 'model',
      parts: [{ functionCall: { name: 'get_time', args: { zone: 'Oslo' } }, thoughtSignature }, { functionCall: {} }],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { response: { output: '12:00' } } },
        { functionResponse: { response: { output: '13:00' } } },
        { text: '[system]\n900 tokens left' },
      ],
    },
  ],
});

const SENTINEL = 'skip_thought_signature_validator';

export const inBlocks: readonly Case[] = [
  {
    name: 'a question in blocks, with an instruction in blocks',
    anthropic: said([user([{ type: 'text', text: 'say exactly: as ever', cache_control: { type: 'ephemeral' } }])], {
      system: [{ type: 'text', text: 'Be brief.' }],
    }),
    says: 'as ever',
    sent: { systemInstruction: { parts: [{ text: 'Be brief.' }] } },
  },
  {
    name: 'two functions to call at once, the signature before them',
    anthropic: messages('What time is it in Oslo and Rome?', { model: PRO_3, tools: [TOOL], ...THINKING }),
    says: /"signature":"gts1\.[^]*"tool_use"[^]*"tool_use"/,
    sent: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
  },
  {
    name: 'a round whose thinking Claude wrote',
    anthropic: round({ type: 'thinking', thinking: 'Hm.', signature: 'EqQBCgIYAhIk' }),
    sent: roundSent(SENTINEL),
    says: '12:00',
  },
  { name: 'a round without thinking', anthropic: round(undefined), sent: roundSent(SENTINEL), says: '12:00' },
  {
    name: 'what a search has found',
    anthropic: messages('What is new?', { tools: [SEARCH], tool_choice: { type: 'tool', name: 'web_search' } }),
    says: /server_tool_use[^]*web_search_tool_result[^]*"url":"https?:[^]*According to the web/,
    sent: { tools: [{ googleSearch: {} }] },
    unsent: ['toolConfig'],
  },
  {
    name: 'JSON of a given form, of which one is asked for in its own words',
    anthropic: messages('Oslo', { output_config: { format: { type: 'json_schema', schema: SCHEMA } } }),
    says: 'zone',
    sent: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA } },
  },
  {
    name: 'an answer that its tokens cut, in its own words',
    anthropic: messages('stream 500 words', { max_tokens: 100, thinking: { type: 'disabled' } }),
    says: /"stop_reason":"max_tokens"/,
  },
  {
    name: 'a stop that only the relay looks for',
    anthropic: messages('say exactly: one two three', { stop_sequences: ['a!', 'b!', 'c!', 'd!', 'e!', 'two'] }),
    says: /"stop_reason":"stop_sequence","stop_sequence":"two"/,
    unsaid: /three/,
  },
  {
    name: 'a blocked prompt, which is a refusal',
    anthropic: messages('be blocked'),
    says: /"stop_reason":"refusal"[^]*PROHIBITED_CONTENT/,
  },
  {
    name: 'a prompt that is too long, in the words that Claude Code reads',
    anthropic: messages('Hello'),
    faults: [google.contextTooLong()],
    status: 400,
    says: /prompt is too long: 1200000 tokens > \d+ maximum/,
  },
  {
    name: 'counting, with all that would be sent',
    anthropic: {
      path: '/v1/messages/count_tokens',
      body: { model: 'gemini-2.5-flash', system: 'Be brief.', messages: [user('one two three four')], tools: [TOOL] },
    },
    form: 'whole',
    operation: 'countTokens',
    says: /"input_tokens":[2-9]\d/,
  },
  {
    name: 'counting where Google refuses',
    anthropic: {
      path: '/v1/messages/count_tokens',
      body: { model: 'gemini-2.5-flash', messages: [user('one two three four')] },
    },
    form: 'whole',
    operation: 'countTokens',
    faults: [google.dailyQuota()],
    says: /"input_tokens":[1-9]/,
    headers: { 'x-relay-estimate': 'true' },
  },
];
