/** A picture that the user shows right behind a tool's answer, as agents send screenshots: Google counts answers by contents. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api' });
});
afterAll(() => relay.close());

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SCHEMA = { type: 'object', properties: {} };
const DATA_URL = `data:image/png;base64,${PIXEL}`;

const FORMS: readonly (readonly [path: string, body: object])[] = [
  [
    '/v1/chat/completions',
    {
      tools: [{ type: 'function', function: { name: 'look', parameters: SCHEMA } }],
      messages: [
        { role: 'user', content: 'Look.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'See the picture.' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: DATA_URL } }] },
        { role: 'user', content: 'What is it?' },
      ],
    },
  ],
  [
    '/v1/responses',
    {
      tools: [{ type: 'function', name: 'look', parameters: SCHEMA }],
      input: [
        { role: 'user', content: 'Look.' },
        { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'See the picture.' },
        { role: 'user', content: [{ type: 'input_image', image_url: DATA_URL }] },
        { role: 'user', content: 'What is it?' },
      ],
    },
  ],
  [
    '/v1/messages',
    {
      max_tokens: 100,
      tools: [{ name: 'look', input_schema: SCHEMA }],
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'See the picture.' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
            { type: 'text', text: 'What is it?' },
          ],
        },
      ],
    },
  ],
];

test.each(
  FORMS.flatMap(([path, body]) =>
    ['gemini-2.5-flash', 'gemini-3-flash-preview'].map((model) => ({ path, body, model })),
  ),
)('$path, $model', async ({ path, body, model }) => {
  const answer = await relay.post(path, { model, ...body });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  const { contents } = relay.simulator.asked('generate').at(-1)?.body as {
    contents: { role: string; parts: Record<string, unknown>[] }[];
  };
  expect(contents.map(({ role, parts }) => [role, ...parts.flatMap((part) => Object.keys(part)[0] ?? [])])).toEqual([
    ['user', 'text'],
    ['model', 'functionCall'],
    ['user', 'functionResponse'],
    ['user', 'inlineData', 'text'],
  ]);
});
