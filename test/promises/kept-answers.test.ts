/** R24: what is kept of answers until their end counts among the memory of all bodies. */
import { getHeapStatistics } from 'node:v8';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { raw } from '../../src/simulator/faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import type { Step } from '../../src/simulator/reply.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const KIB = 1024;
/** Where the heap leaves nothing of the container, as much as one body may have. */
const BUDGET_BYTES = 4096 * KIB;
const PIECE_BYTES = 60 * KIB;
const MODEL = 'gemini-2.5-flash';
const FULL = 'The requests in flight and their answers fill the memory';

let relay: TestRelay;
beforeAll(async () => {
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(getHeapStatistics().heap_size_limit);
  relay = await startRelay({ env: { MAX_BODY_BYTES: String(BUDGET_BYTES) } });
});
afterAll(async () => {
  await relay.close();
  vi.restoreAllMocks();
});

const event = (candidate: object): string => `data: ${JSON.stringify({ response: { candidates: [candidate] } })}\n\n`;
const parts = (...said: readonly object[]): string => event({ content: { role: 'model', parts: said } });
const FENCE = parts({ text: '```json\n{' });
const END = event({ content: { role: 'model', parts: [{ text: '.' }] }, finishReason: 'STOP' });
const STALL: Step = { kind: 'stall' };

const pieces = (piece: string, bytes: number): string[] => Array<string>(Math.ceil(bytes / PIECE_BYTES)).fill(piece);
const events = (...steps: readonly (string | Step)[]): Fault =>
  raw(200, { 'content-type': 'text/event-stream' }, ...steps);

const LETTERS = 'a'.repeat(PIECE_BYTES);
const HELLO = [{ role: 'user', content: 'Hi' }];
const TOOL = { name: 'f', description: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } };
const TEXT = parts({ text: LETTERS });
const CHAT = '/v1/chat/completions';
const NATIVE = `/v1beta/models/${MODEL}:generateContent`;

const ANSWERS: readonly (readonly [name: string, path: string, body: object, piece: string])[] = [
  ['Responses, a text', '/v1/responses', { stream: true, input: 'Hi' }, TEXT],
  [
    'Responses, thoughts',
    '/v1/responses',
    { stream: true, input: 'Hi', reasoning: { effort: 'low', summary: 'auto' } },
    parts({ text: LETTERS, thought: true }),
  ],
  [
    'Responses, arguments',
    '/v1/responses',
    { stream: true, input: 'Hi', tools: [{ type: 'function', ...TOOL }] },
    parts({ functionCall: { name: 'f', args: { a: LETTERS } } }),
  ],
  [
    'chat, arguments that come in pieces',
    CHAT,
    { stream: true, messages: HELLO, tools: [{ type: 'function', function: TOOL }] },
    parts({
      functionCall: { name: 'f', willContinue: true, partialArgs: [{ jsonPath: '$.a', stringValue: LETTERS }] },
    }),
  ],
  [
    'chat, white space that may stand before the end of a fence',
    CHAT,
    {
      stream: true,
      messages: HELLO,
      response_format: { type: 'json_object' },
      tools: [{ type: 'function', function: TOOL }],
    },
    parts({ text: ' '.repeat(PIECE_BYTES) }),
  ],
  ['chat, events where a whole answer was asked for', CHAT, { messages: HELLO }, TEXT],
  ['Messages, events where a whole answer was asked for', '/v1/messages', { max_tokens: 9, messages: HELLO }, TEXT],
  [
    'Messages, a text that waits for what was found',
    '/v1/messages',
    {
      stream: true,
      max_tokens: 9,
      messages: HELLO,
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      tool_choice: { type: 'tool', name: 'web_search' },
    },
    TEXT,
  ],
  [
    'Messages, rounds of tools of the relay',
    '/v1/messages',
    {
      stream: true,
      max_tokens: 9,
      messages: HELLO,
      tools: [
        { type: 'web_search_20250305', name: 'web_search' },
        { name: 'f', input_schema: TOOL.parameters },
      ],
    },
    TEXT,
  ],
  [
    'Gemini, events where a whole answer was asked for',
    NATIVE,
    { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    TEXT,
  ],
];

/** Megabytes of one letter are nothing to read. */
const inShort = (text: string): string => text.replace(/a{100,}/g, '…').replace(/ {100,}/g, ' ');
const COMPLETED = 'event: response.completed';

const ask = (path: string, body: object, signal?: AbortSignal): Promise<Response> =>
  relay.post(path, path === NATIVE ? body : { model: MODEL, ...body }, signal && { signal });

// First: what others still give back would be counted.
test('R24: forty streams of Responses keep no more than there is memory for; whom it does not suffice for hears so', async () => {
  relay.simulator.clear();
  relay.simulator.always('generate', events(...pieces(TEXT, 300 * KIB), STALL));
  const leave = new AbortController();
  const ended: string[] = [];
  const streams = Array.from({ length: 40 }, async () => {
    const answer = await ask('/v1/responses', { stream: true, input: 'Hi' }, leave.signal);
    ended.push(inShort(await answer.text()));
  });
  // Twice its text, in what is told at the end and for what points into it; counted by 64 KiB.
  const share = 2 * 300 * KIB;
  const [least, most] = [40 - BUDGET_BYTES / (share - 64 * KIB), 40 - (BUDGET_BYTES - share) / share];
  await expect.poll(() => ended.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(least);
  expect(ended.length).toBeLessThanOrEqual(most);
  for (const text of ended) expect(text).toContain(FULL);
  leave.abort();
  await Promise.allSettled(streams);
});

test.each(ANSWERS)('R24: %s: more than there is memory for', async (_name, path, body, piece) => {
  relay.simulator.clear();
  relay.simulator.always('generate', events(FENCE, ...pieces(piece, BUDGET_BYTES + 1024 * KIB), END));
  expect(inShort(await (await ask(path, body)).text())).toContain(FULL);
  // Given back: as much as nearly all of the memory.
  relay.simulator.clear();
  relay.simulator.always('generate', events(...pieces(TEXT, BUDGET_BYTES / 2), END));
  await expect
    .poll(async () => (await (await ask('/v1/responses', { stream: true, input: 'Hi' })).text()).includes(COMPLETED))
    .toBe(true);
});
