/** Keys with limits on every route: what a stream used that broke off or was left, and refusals in each dialect. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cutAfter, errorInStream, stallAfter } from '../../src/simulator/faults.ts';
import { newKeyAt } from '../keys/people.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined, MAX_RETRIES: '0' } });
});
afterAll(() => relay.close());
afterEach(() => {
  relay.simulator.clear();
});

const newKey = async (...options: readonly string[]): Promise<string> => (await newKeyAt(relay, ...options)).secret;
const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });

interface Standing {
  readonly limits: Readonly<Record<string, number>>;
  readonly remaining: Readonly<Record<string, number>>;
  readonly today: { readonly input_tokens: number; readonly output_tokens: number };
}
const standingOf = async (secret: string): Promise<Standing> =>
  (await (await relay.fetch('/v1/usage', { headers: bearer(secret) })).json()) as Standing;

const said = [{ role: 'user', content: 'Hello there, tell me a long story.' }];
const ROUTES = {
  chat: (model: string) => ['/v1/chat/completions', { model, messages: said, stream: true }],
  responses: (model: string) => ['/v1/responses', { model, input: said, stream: true }],
  messages: (model: string) => ['/v1/messages', { model, messages: said, max_tokens: 99, stream: true }],
  native: (model: string) => [
    `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    { contents: [{ role: 'user', parts: [{ text: said[0]?.content }] }] },
  ],
} satisfies Record<string, (model: string) => readonly [string, unknown]>;

const ask = (
  secret: string,
  route: keyof typeof ROUTES,
  signal?: AbortSignal,
  model = 'gemini-2.5-flash',
): Promise<Response> => {
  const [path, body] = ROUTES[route](model);
  return relay.post(path, body, { headers: bearer(secret), ...(signal && { signal }) });
};

const names = Object.keys(ROUTES) as (keyof typeof ROUTES)[];

describe.each(names)('%s', (route) => {
  test('a stream that broke off and one that was left count as one request each, with the tokens that were seen', async () => {
    const secret = await newKey('--concurrent', '1', '--requests-per-day', '9', '--tokens-per-day', '100000');
    let used = 0;
    const settled = async (requests: number): Promise<void> => {
      await eventually(async () => {
        const { remaining, today } = await standingOf(secret);
        expect(remaining).toMatchObject({ concurrent: 1, requests_per_day: 9 - requests });
        const sum = today.input_tokens + today.output_tokens;
        expect(remaining['tokens_per_day']).toBe(100_000 - sum);
        expect(sum).toBeGreaterThan(used);
        used = sum;
      });
    };
    for (const [at, fault] of [
      cutAfter(2),
      errorInStream(2, { code: 503, message: 'The model is overloaded.' }),
    ].entries()) {
      relay.simulator.next('streamGenerateContent', fault);
      await (await ask(secret, route)).text().catch(() => '');
      await settled(at + 1);
    }
    relay.simulator.next('streamGenerateContent', stallAfter(2));
    const leaving = new AbortController();
    const answer = await ask(secret, route, leaving.signal);
    await answer.body?.getReader().read();
    // Its place is taken, whatever else there is room for.
    expect((await ask(secret, route)).status).toBe(429);
    leaving.abort();
    await settled(3);
  });

  test('over a limit, and a model outside the list: in the words of its clients', async () => {
    const secret = await newKey('--rpm', '1', '--models', 'gemini-2.5-flash');
    const forbidden = await ask(secret, route, undefined, 'gemini-2.5-pro');
    expect(forbidden.status).toBe(403);
    expect(await (await ask(secret, route)).text()).not.toBe('');
    const refused = await ask(secret, route);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const errors = [await forbidden.json(), await refused.json()];
    expect(errors).toMatchObject(WORDS[route]);
    expect(JSON.stringify(errors[0])).toContain('gemini-2.5-flash');
  });
});

const OPENAI = [
  { error: { code: 'model_not_allowed', param: 'model' } },
  { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
];
const WORDS = {
  chat: OPENAI,
  responses: OPENAI,
  messages: [
    { type: 'error', error: { type: 'permission_error' } },
    { type: 'error', error: { type: 'rate_limit_error' } },
  ],
  native: [{ error: { status: 'PERMISSION_DENIED' } }, { error: { status: 'RESOURCE_EXHAUSTED' } }],
};

test('a relay that begins without its database answers 503 to client keys, and serves its owner', async () => {
  const broken = await startRelay({ env: { DATABASE_URL: 'postgres://relay@127.0.0.1:1/x' } });
  try {
    const [path, body] = ROUTES.chat('gemini-2.5-flash');
    const secret = `gcr_${'a'.repeat(40)}`;
    const refused = await broken.post(path, body, { headers: bearer(secret) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.json()).toMatchObject({ error: { code: 'keys_unavailable' } });
    const served = await broken.post(path, body);
    expect(served.status).toBe(200);
    await served.text();
  } finally {
    await broken.close();
  }
});
