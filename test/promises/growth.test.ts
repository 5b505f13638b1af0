/** R25: twice as much in any text of any route holds the others up for twice as long, not four times. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { families } from '../../src/formats/families.ts';
import { openHeavyRelay } from '../fuzz/heavy-relay.ts';
import type { HeavyRelay } from '../fuzz/heavy-relay.ts';

const KIB = 1024;
const SMALL = 256 * KIB;
/** Four doublings: what is linear takes sixteen times as long, what is quadratic 256 times. */
const LARGE = 16 * SMALL;
const MOST_TIMES = 48;
/** Below this the clock tells more of the machine than of the text. */
const LEAST_MS = 5;

const MODEL = 'gemini-2.5-flash';
const TOOL = '{"type":"function","function":{"name":"f","description":"?","parameters":{"type":"object","title":"?"}}}';
const HELLO = '"messages":[{"role":"user","content":"Hi"}]';
const CALL = '{"id":"?","type":"function","function":{"name":"f","arguments":"?"}}';

/** Each question mark is a text that grows, one at a time. */
const BODIES: readonly (readonly [path: string, body: string])[] = [
  [
    '/v1/chat/completions',
    `{"model":"${MODEL}","user":"?","stop":["?"],"unknown":"?","messages":[{"role":"system","content":"?"},{"role":"user","content":[{"type":"text","text":"?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,?"}}]},{"role":"assistant","content":"?","tool_calls":[${CALL}]},{"role":"tool","tool_call_id":"?","content":"?"}],"tools":[${TOOL}]}`,
  ],
  [
    '/v1/responses',
    `{"model":"${MODEL}","instructions":"?","input":[{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"output_text","text":"?"}]},{"type":"function_call","call_id":"a","name":"f","arguments":"?"},{"type":"function_call_output","call_id":"a","output":"?"}]}`,
  ],
  [
    '/v1/messages',
    `{"model":"${MODEL}","max_tokens":9,"system":"?","messages":[{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"thinking","thinking":"?","signature":"?"},{"type":"text","text":"?"},{"type":"tool_use","id":"a","name":"f","input":{"x":"?"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"?"}]}]}`,
  ],
  ['/v1/completions', `{"model":"${MODEL}","prompt":"?","suffix":"?"}`],
  ['/v1/completions', `{"model":"${MODEL}","prompt":["?"],"stop":["?"],"user":"?"}`],
  ['/v1/messages/count_tokens', `{"model":"${MODEL}","system":"?","messages":[{"role":"user","content":"?"}]}`],
  ['/v1/responses/input_tokens', `{"model":"${MODEL}","instructions":"?","input":"?"}`],
  ['/v1/responses/compact', `{"model":"${MODEL}","instructions":"?","input":[{"role":"user","content":"?"}]}`],
  ['/v1/images/generations', '{"model":"gemini-2.5-flash-image","prompt":"?","user":"?"}'],
  ['/v1/audio/speech', '{"model":"gemini-2.5-flash-preview-tts","input":"?","instructions":"?","voice":"?"}'],
  [`/v1beta/models/${MODEL}:streamGenerateContent`, '{"contents":[{"role":"user","parts":[{"text":"?"}]}]}'],
  [`/v1beta/models/${MODEL}:countTokens`, '{"contents":[{"role":"user","parts":[{"text":"?"}]}]}'],
  ['/v1beta/models/gemini-embedding-001:embedContent', '{"content":{"parts":[{"text":"?"}]},"title":"?"}'],
  [
    '/v1beta/models/gemini-embedding-001:batchEmbedContents',
    '{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"?"}]}}]}',
  ],
  ['/v1/embeddings', `{"model":"gemini-embedding-001","input":"?"}`],
  ['/v1/chat/completions', `{"model":"?",${HELLO}}`],
  [
    `/v1beta/models/${MODEL}:generateContent`,
    '{"systemInstruction":{"parts":[{"text":"?"}]},"unknown":"?","contents":[{"role":"user","parts":[{"text":"?"},{"inlineData":{"mimeType":"image/png","data":"?"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":"?"}},"thoughtSignature":"?"}]}]}',
  ],
];

const FIELDS = BODIES.flatMap(([path, body]) =>
  [...body.matchAll(/\?/g)].map(({ index }) => {
    const before = body.slice(0, index).replaceAll('?', 'a');
    const after = body.slice(index + 1).replaceAll('?', 'a');
    const field = /"(\w+)":\[?"[^"]*$/.exec(before)?.[1] ?? '';
    return { path, before, after, name: `${field} at ${index} of ${path}` };
  }),
);

/** What the sources look for in texts. */
const UNITS = ['a', ' ', '\\n', '\\"', '中', '\\ud83d', '![](data:image/', '```json ', '<a>', '{', '[1,'];

/** Forms, and what has no body. What Google keeps is asked for at another door than this relay has. */
const WITHOUT_JSON = [
  '/v1/responses/{response}/cancel',
  '/v1/audio/transcriptions',
  '/v1/audio/translations',
  '/v1/images/edits',
];

test('R25: every route that takes JSON is asked', () => {
  const asked = new Set(BODIES.map(([path]) => path.replace(/\/models\/[\w.-]+/, '/models/{model}')));
  const routes = families
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ method, isKept }) => method === 'POST' && isKept !== true)
    .map(({ path }) => path)
    .filter((path) => !WITHOUT_JSON.includes(path));
  expect(routes.length).toBeGreaterThan(12);
  expect(routes.filter((path) => !asked.has(path))).toEqual([]);
});

let relay: HeavyRelay;
beforeAll(async () => {
  relay = await openHeavyRelay(1024);
  await relay.measure({ name: '', path: '/v1/chat/completions', make: () => `{"model":"${MODEL}",${HELLO}}` }, 0);
}, 60_000);
afterAll(() => relay.close());

test.each(FIELDS.map((field, index) => [field.name, field, UNITS[index % UNITS.length] ?? ''] as const))(
  'R25: %s grows in linear time',
  async (_name, { path, before, after }, unit) => {
    const load = { name: '', path, make: (bytes: number) => before + unit.repeat(bytes / unit.length) + after };
    const pauseOf = async (bytes: number): Promise<number> => (await relay.measure(load, bytes)).pauseMs;
    await pauseOf(SMALL);
    const small = Math.max(LEAST_MS, await pauseOf(SMALL));
    let large = await pauseOf(LARGE);
    // The machine may have been busy elsewhere: it counts if it happens again.
    for (let again = 0; again < 3 && large > MOST_TIMES * small; again += 1) large = await pauseOf(LARGE);
    expect(large).toBeLessThan(MOST_TIMES * small);
  },
  30_000,
);
