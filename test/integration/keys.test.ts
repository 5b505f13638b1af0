/** Client keys at a relay that serves: made beside it by the command, used by real requests. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dailyQuota, serverError } from '../../src/simulator/google-faults.ts';
import { slowHeaders, stallAfter, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import { databaseOf, makeKey, newKeyAt, runKeys } from '../keys/people.ts';
import type { MadeKey } from '../keys/people.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { quietNow } from '../support/machine.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined, MAX_RETRIES: '0' } });
});
afterAll(() => relay.close());
afterEach(() => {
  relay.simulator.clear();
});

const MODEL = 'gemini-2.5-flash';
const chat = { model: MODEL, messages: [{ role: 'user', content: 'Hello there' }] };
const native = { contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }] };
const NATIVE = `/v1beta/models/${MODEL}:generateContent`;

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });
const command = (...args: readonly string[]) => runKeys(args, databaseOf(relay));

const newKey = (...options: readonly string[]): Promise<MadeKey> => newKeyAt(relay, ...options);
const known = (secret: string, status: number): Promise<void> =>
  eventually(async () => {
    expect((await relay.fetch('/v1/models', { headers: bearer(secret) })).status).toBe(status);
  }, 200);

const ask = (secret: string, path = '/v1/chat/completions', body: unknown = chat): Promise<Response> =>
  relay.post(path, body, { headers: bearer(secret) });

/** So many at one time: Google answers nobody before each of them is there or was refused. */
const allAtOnce = async (count: number, send: () => Promise<Response>) => {
  const everybody = Promise.withResolvers<undefined>();
  const refused: { readonly headers: Headers; readonly text: string }[] = [];
  let arrived = 0;
  const look = (): void => {
    if (arrived + refused.length === count) everybody.resolve(undefined);
  };
  relay.simulator.always('generate', async (_asked, honest) => {
    arrived += 1;
    look();
    await everybody.promise;
    return honest();
  });
  const statuses = await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await send();
      const text = await response.text();
      const { status, headers } = response;
      if (status === 429) refused.push({ headers, text });
      look();
      return status;
    }),
  );
  return { passed: statuses.filter((status) => status === 200).length, refused };
};

const done = async (answer: Promise<Response>): Promise<number> => {
  const response = await answer;
  await response.text();
  return response.status;
};

interface UsageAnswer {
  readonly key: { readonly name: string; readonly prefix: string | null };
  readonly limits: Record<string, number | null>;
  readonly remaining: Record<string, number | null>;
  readonly resets: Record<string, string | null>;
  readonly today: Record<string, number>;
  readonly month: Record<string, number>;
}
const usageOf = async (secret: string): Promise<UsageAnswer> =>
  (await (await relay.fetch('/v1/usage', { headers: bearer(secret) })).json()) as UsageAnswer;

const errorOf = async (response: Response): Promise<Record<string, unknown>> =>
  ((await response.json()) as { error: Record<string, unknown> }).error;

describe('who is let in', () => {
  test('a key that another process made is known within 2 s, and what changes about it, too', async () => {
    const { name, secret } = await makeKey(databaseOf(relay));
    const before = quietNow();
    await known(secret, 200);
    expect(quietNow() - before).toBeLessThan(4000);
    expect(await done(ask(secret))).toBe(200);
    await command('disable', name);
    await known(secret, 401);
    await command('enable', name);
    await known(secret, 200);
    await command('remove', name);
    await known(secret, 401);
  });

  test.each([
    ['disabled', ['disable'], 'key_disabled', /is disabled\. Ask the owner/],
    ['expired', ['set', '--expires', '1m'], 'key_expired', /has expired\. Ask the owner/],
  ])(
    'a %s key is told so, in each way to present it; a wrong one is not',
    async (_what, [verb = '', ...more], code, words) => {
      const { name, secret } = await newKey();
      await command(verb, name, ...more);
      if (verb === 'set') {
        await relay.relay.parts.store.write([
          { sql: 'UPDATE client_keys SET expires_at = 1 WHERE name = ?', values: [name] },
          { sql: 'UPDATE client_key_state SET keys_version = keys_version + 1' },
        ]);
      }
      await known(secret, 401);
      const error = await errorOf(await ask(secret));
      expect(error).toMatchObject({ code, message: expect.stringMatching(words) as string });
      const google = await relay.post(NATIVE, native, { headers: { authorization: '', 'x-goog-api-key': secret } });
      expect(google.status).toBe(401);
      expect(await errorOf(google)).toMatchObject({
        status: 'UNAUTHENTICATED',
        message: expect.stringMatching(words) as string,
      });
      const wrong = await errorOf(await ask(`${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`));
      // Those who look for a new key before the relay knows of it are guessing.
      expect(['invalid_api_key', 'rate_limit_exceeded']).toContain(wrong['code']);
      expect(JSON.stringify(wrong)).not.toMatch(/disabled|expired/);
      expect(JSON.stringify(wrong)).not.toContain(name);
    },
  );

  test('rotation keeps id, limits and counters; the old secret works until the overlap ends, and no longer', async () => {
    const { name, secret } = await newKey('--requests-per-day', '5');
    expect(await done(ask(secret))).toBe(200);
    const rotated = await command('rotate', name);
    const next = rotated.out.trim();
    await known(next, 200);
    expect(await done(ask(secret))).toBe(200);
    expect(await done(ask(next))).toBe(200);
    const { remaining, key } = await usageOf(next);
    expect(remaining['requests_per_day']).toBe(2);
    expect(key).toEqual({ name, prefix: next.slice(0, 8) });

    const third = (await command('rotate', name, '--overlap', '0h')).out.trim();
    await known(third, 200);
    for (const old of [secret, next]) {
      const answer = await ask(old);
      expect(answer.status).toBe(401);
      expect(await errorOf(answer)).toMatchObject({ message: expect.stringContaining('has a new secret') as string });
    }
    expect((await usageOf(third)).remaining['requests_per_day']).toBe(2);
  });
});

describe('limits', () => {
  test('over one: 429 in the words of each client, with retry-after, and where the key stands on every answer', async () => {
    const { name, secret } = await newKey('--rpm', '3', '--tokens-per-day', '1000000');
    for (const left of [2, 1, 0]) {
      const answer = await ask(secret);
      expect(answer.status, await answer.text()).toBe(200);
      expect(answer.headers.get('x-ratelimit-limit-requests')).toBe('3');
      expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe(String(left));
      expect(answer.headers.get('x-ratelimit-reset-requests')).toMatch(/^(?:1m0s|5\ds)$/);
      expect(answer.headers.get('x-ratelimit-limit-tokens')).toBe('1000000');
      expect(answer.headers.get('x-ratelimit-reset-tokens')).toMatch(/^(?:\d+h\d+m|\d+m)?\d+s$/);
    }
    const openai = await ask(secret);
    expect(openai.status).toBe(429);
    expect(Number(openai.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(openai.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(openai.headers.get('x-should-retry')).toBeNull();
    expect(openai.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await errorOf(openai)).toMatchObject({
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(
        new RegExp(
          `The key '${name}' has used its 3 requests per minute\\. There is room again at \\d{4}-.*try again in`,
        ),
      ) as string,
    });
    const google = await ask(secret, NATIVE, native);
    expect(google.status).toBe(429);
    expect(google.headers.get('retry-after')).not.toBeNull();
    expect(google.headers.get('x-ratelimit-limit-requests')).toBe('3');
    const error = await errorOf(google);
    expect(error).toMatchObject({ status: 'RESOURCE_EXHAUSTED' });
    expect(JSON.stringify(error)).toContain('KEY_LIMIT_EXCEEDED');
    const stream = await ask(secret, '/v1/chat/completions', { ...chat, stream: true });
    expect(stream.status).toBe(429);
  });

  test.each([
    ['--rpm', '40'],
    ['--requests-per-day', '40'],
    ['--requests-per-month', '40'],
  ])('%s %s: hundreds at once, and exactly so many pass', async (...options) => {
    const { secret } = await newKey(...options);
    relay.simulator.always('generate', slowHeaders(100));
    const all = await Promise.all(Array.from({ length: 300 }, () => done(ask(secret))));
    expect(all.filter((status) => status === 200)).toHaveLength(40);
    expect(all.filter((status) => status === 429)).toHaveLength(260);
  });

  test('--concurrent: never more at Google than allowed, and each end makes room', async () => {
    const { secret } = await newKey('--concurrent', '7');
    expect((await allAtOnce(100, () => ask(secret))).passed).toBe(7);
    await eventually(async () => {
      expect((await usageOf(secret)).remaining).toMatchObject({ concurrent: 7 });
    });
    const again = await allAtOnce(8, () => ask(secret));
    expect(again.passed).toBe(7);
    expect(again.refused[0]?.headers.get('retry-after')).toBe('1');
    expect(again.refused[0]?.text).toContain('has a limit of 7 requests at a time');
  });

  test('tokens: what is reserved at once keeps hundreds from passing together, what is used counts', async () => {
    const { secret } = await newKey('--tokens-per-day', '1000');
    const long = { ...chat, messages: [{ role: 'user', content: 'word '.repeat(160) }] };
    // About 200 tokens each.
    expect((await allAtOnce(100, () => ask(secret, undefined, long))).passed).toBe(5);
    const { today, remaining, limits } = await usageOf(secret);
    const used = (today['input_tokens'] ?? 0) + (today['output_tokens'] ?? 0);
    expect(remaining['tokens_per_day']).toBe(Math.max(0, (limits['tokens_per_day'] ?? 0) - used));
  });

  test('a request that alone is more than the limit is told so, and not to come back', async () => {
    const { secret } = await newKey('--tpm', '10');
    const answer = await ask(secret, undefined, {
      ...chat,
      messages: [{ role: 'user', content: 'word '.repeat(100) }],
    });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.text()).toMatch(/a limit of 10 tokens per minute, and this request alone needs about 1\d\d/);
  });

  test('cost: an estimate by the price table, and over it 429', async () => {
    const { secret } = await newKey('--cost-per-month', '0.000001');
    const cheap = { ...chat, messages: [{ role: 'user', content: 'Hi' }] };
    expect(await done(ask(secret, undefined, cheap))).toBe(200);
    const answer = await ask(secret, undefined, cheap);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.text()).toContain('US dollars per month (estimated)');
  });

  test('model lists, token counts, /v1/usage and what the relay refuses use up nothing', async () => {
    const { secret } = await newKey('--rpm', '2', '--tokens-per-month', '5000');
    for (let round = 0; round < 3; round += 1) {
      await done(relay.fetch('/v1/models', { headers: bearer(secret) }));
      await done(relay.fetch('/v1beta/models', { headers: bearer(secret) }));
      await done(relay.fetch('/health', { headers: bearer(secret) }));
      await done(ask(secret, `/v1beta/models/${MODEL}:countTokens`, native));
      expect(await done(ask(secret, undefined, { ...chat, model: 'no-such-model' }))).toBe(404);
      expect(await done(ask(secret, undefined, { ...chat, messages: 'wrong' }))).toBe(400);
      expect((await usageOf(secret)).remaining).toMatchObject({ rpm: 2, tokens_per_month: 5000 });
    }
  });

  test('what fails at Google counts as a request, with the tokens that Google counted', async () => {
    const { secret } = await newKey('--rpm', '2', '--tokens-per-day', '5000');
    relay.simulator.next('generate', serverError(500));
    expect(await done(ask(secret))).toBeGreaterThanOrEqual(500);
    expect((await usageOf(secret)).remaining).toMatchObject({ rpm: 1, tokens_per_day: 5000 });
  });

  test('what the client left in mid-stream counts as far as it was seen, and its place is free', async () => {
    const { secret } = await newKey('--concurrent', '1', '--tokens-per-day', '5000');
    relay.simulator.next('generate', stallAfter(2));
    const leaving = new AbortController();
    const answer = await relay.post(
      '/v1/chat/completions',
      { ...chat, stream: true },
      {
        headers: bearer(secret),
        signal: leaving.signal,
      },
    );
    await answer.body?.getReader().read();
    expect((await ask(secret)).status).toBe(429);
    leaving.abort();
    await eventually(async () => {
      expect((await usageOf(secret)).remaining).toMatchObject({ concurrent: 1 });
    });
    const { remaining, today } = await usageOf(secret);
    const used = (today['input_tokens'] ?? 0) + (today['output_tokens'] ?? 0);
    expect(used).toBeGreaterThan(0);
    expect(remaining['tokens_per_day']).toBe(5000 - used);

    relay.simulator.next('generate', stallBeforeHeaders());
    const early = new AbortController();
    const gone = relay.post('/v1/chat/completions', chat, { headers: bearer(secret), signal: early.signal });
    await relay.simulator.until(() => relay.simulator.waiting() === 0);
    early.abort();
    await gone.catch(() => undefined);
    await eventually(async () => {
      expect((await usageOf(secret)).remaining).toEqual(remaining);
    });
  });

  test("the owner's keys have no limits, and no headers of any", async () => {
    const answer = await relay.post('/v1/chat/completions', chat);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    const { key, limits, today } = await usageOf(relay.key);
    expect(key).toEqual({ name: 'GEMINI_AUTH_PASSWORD', prefix: null });
    expect(new Set(Object.values(limits))).toEqual(new Set([null]));
    expect(today['requests']).toBeGreaterThan(0);
  });
});

describe('models', () => {
  test('one outside the list is 403 in the words of each client, naming what is allowed; lists show only that', async () => {
    const { secret } = await newKey('--models', 'gemini-2.5-flash,gemini-3*pro*');
    expect(await done(ask(secret))).toBe(200);
    expect(await done(ask(secret, undefined, { ...chat, model: 'gemini-2.5-flash-nothinking' }))).toBe(200);
    const openai = await ask(secret, undefined, { ...chat, model: 'gemini-2.5-pro' });
    expect(openai.status).toBe(403);
    expect(await errorOf(openai)).toMatchObject({
      code: 'model_not_allowed',
      param: 'model',
      message: expect.stringContaining('gemini-2.5-flash, gemini-3*pro*') as string,
    });
    for (const method of ['generateContent', 'countTokens']) {
      const google = await ask(secret, `/v1beta/models/gemini-2.5-pro:${method}`, native);
      expect(google.status).toBe(403);
      expect(await errorOf(google)).toMatchObject({ status: 'PERMISSION_DENIED' });
    }
    const list = (await (await relay.fetch('/v1/models', { headers: bearer(secret) })).json()) as {
      data: { id: string }[];
    };
    const ids = list.data.map(({ id }) => id);
    expect(ids).toContain('gemini-2.5-flash');
    expect(
      ids.filter((id) => !/^gemini-(?:2\.5-flash(?:-(?:search|nothinking|maxthinking))*|3.*pro.*)$/.test(id)),
    ).toEqual([]);
    const googles = (await (await relay.fetch('/v1beta/models?pageSize=1000', { headers: bearer(secret) })).json()) as {
      models: { name: string }[];
    };
    expect(googles.models.map(({ name }) => name.slice('models/'.length)).sort()).toEqual([...ids].sort());
    expect((await relay.fetch('/v1/models/gemini-2.5-pro', { headers: bearer(secret) })).status).toBe(403);
    expect((await relay.fetch('/v1/models/gemini-2.5-flash', { headers: bearer(secret) })).status).toBe(200);
  });
});

describe('doors', () => {
  test('a key goes through its own doors only, and is told where this relay has none of them', async () => {
    const mine = await newKey('--doors', 'code-assist');
    expect(await done(ask(mine.secret))).toBe(200);
    const elsewhere = await newKey('--doors', 'gemini-api,vertex');
    for (const [path, body] of [
      [undefined, undefined],
      [NATIVE, native],
    ] as const) {
      const response = await ask(elsewhere.secret, path, body);
      expect(response.status).toBe(403);
      expect((await errorOf(response))['message']).toContain('may only use gemini-api, vertex');
    }
  });

  test('of several doors the ones that are meant, also when they are not the first', async () => {
    const several = await startRelay({
      env: {
        DATABASE_URL: undefined,
        UPSTREAM: 'code-assist,gemini-api',
        GEMINI_API_KEY: `AIza${'Simulated'.repeat(4).slice(0, 35)}`,
      },
    });
    try {
      const { secret } = await makeKey(databaseOf(several), '--doors', 'gemini-api');
      const response = await eventually(async () => {
        const answer = await several.post('/v1/chat/completions', chat, { headers: bearer(secret) });
        expect(answer.status).toBe(200);
        return answer;
      }, 200);
      expect(response.headers.get('x-relay-door')).toBe('gemini-api');
    } finally {
      await several.close();
    }
  });
});

describe('GET /v1/usage', () => {
  test('says what the key may use, has left, and has used; by any way to present it', async () => {
    const { name, secret } = await newKey('--rpm', '9', '--cost-per-month', '2');
    expect(await done(ask(secret))).toBe(200);
    const said = await usageOf(secret);
    expect(said.key).toEqual({ name, prefix: secret.slice(0, 8) });
    expect(said.limits).toMatchObject({ rpm: 9, cost_per_month: 2, tpm: null });
    expect(said.remaining).toMatchObject({ rpm: 8, tpm: null });
    expect(said.remaining['cost_per_month']).toBeLessThan(2);
    expect(said.resets['rpm']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    expect(said.resets['tpm']).toBeNull();
    expect(Object.keys(said.today).sort()).toEqual(
      ['cached_tokens', 'cost_usd', 'errors', 'input_tokens', 'output_tokens', 'requests', 'thought_tokens'].sort(),
    );
    expect(said.today['output_tokens']).toBeGreaterThan(0);
    expect(said.month).toEqual(said.today);
    // Whoever looks uses nothing.
    expect((await usageOf(secret)).today).toEqual(said.today);
    const google = await relay.fetch('/v1/usage', { headers: { authorization: '', 'x-goog-api-key': secret } });
    expect(google.status).toBe(200);
    expect((await relay.fetch('/v1/usage', { headers: { authorization: '' } })).status).toBe(401);
  });

  test('of a name that another key has had before, only what this one has used', async () => {
    const { name, secret: former } = await newKey();
    for (let count = 0; count < 3; count += 1) expect(await done(ask(former))).toBe(200);
    await command('remove', name);
    const secret = (await command('add', name)).out.trim();
    await known(secret, 200);
    const before = await usageOf(secret);
    expect([before.today['output_tokens'], before.month['output_tokens']]).toEqual([0, 0]);
    expect(await done(ask(secret))).toBe(200);
    const after = await usageOf(secret);
    expect(after.today['output_tokens']).toBeGreaterThan(0);
    expect(after.month).toEqual(after.today);
  });
});

test('no secret of any key in the database, in its files, in the log, in any answer of the relay', async () => {
  const { name, secret } = await newKey('--rpm', '1');
  const rotated = (await command('rotate', name)).out.trim();
  await known(rotated, 200);
  const answers: string[] = [];
  for (const key of [secret, rotated]) {
    for (const path of ['/v1/usage', '/v1/models', `/nothing?key=${key}`, `/v1/models/${key}`]) {
      answers.push(await (await relay.fetch(path, { headers: bearer(key) })).text());
    }
    answers.push(await (await ask(key, undefined, { ...chat, model: MODEL, nonsense: key })).text());
  }
  answers.push((await command('list', '--json')).out, (await command('show', name)).out);
  await delay(1500);
  const files = readdirSync(relay.folder).map((file) => readFileSync(join(relay.folder, file)).toString('latin1'));
  expect(files.join('')).toContain(createHash('sha256').update(rotated).digest('hex'));
  for (const key of [secret, rotated]) {
    const tail = key.slice(8);
    for (const text of [...files, ...relay.logs]) expect(text.includes(tail)).toBe(false);
  }
  expect(answers.filter((text) => text.includes(rotated.slice(8)) && !text.includes('does not exist'))).toEqual([]);
});

describe('what others do', () => {
  test('an alias on the list may be asked for, and so may what is served for it by its own name', async () => {
    const { secret } = await newKey('--models', 'claude-*haiku*');
    expect(await done(ask(secret, undefined, { ...chat, model: 'claude-haiku-4-5' }))).toBe(200);
    expect(await done(ask(secret, undefined, { ...chat, model: 'claude-opus-4-5' }))).toBe(403);
    expect(await done(ask(secret, undefined, chat))).toBe(403);
  });

  test('no model outside the list stands in for one that is over its quota', async () => {
    const apart = await startRelay({
      env: { DATABASE_URL: undefined, FALLBACKS: 'gemini-2.5-flash>gemini-2.5-pro', MAX_RETRIES: '0' },
    });
    try {
      const { secret } = await newKeyAt(apart, '--models', MODEL);
      apart.simulator.next('generate', dailyQuota());
      expect((await apart.post('/v1/chat/completions', chat, { headers: bearer(secret) })).status).toBe(429);
      apart.simulator.next('generate', dailyQuota());
      const owners = await apart.post('/v1/chat/completions', chat);
      expect([owners.status, owners.headers.get('x-relay-model')]).toEqual([200, 'gemini-2.5-pro']);
    } finally {
      await apart.close();
    }
  });

  test('an ordinary answer of Koa says where the key stands, too', async () => {
    const { secret } = await newKey('--rpm', '5');
    const path = '/v1/models?client_version=0.100.0';
    const etag = (await relay.fetch(path, { headers: bearer(secret) })).headers.get('etag') ?? '';
    const same = await relay.fetch(path, { headers: { ...bearer(secret), 'if-none-match': etag } });
    expect([same.status, same.headers.get('x-ratelimit-remaining-requests')]).toEqual([304, '5']);
  });
});

test('an alias on the list of a key, and models/ before a name: what is listed is what may be used', async () => {
  const apart = await startRelay({ env: { DATABASE_URL: undefined, MODEL_ALIASES: `fast=${MODEL}` } });
  try {
    const answers = async (secret: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
      const headers = bearer(secret);
      const response = await (body === undefined
        ? apart.fetch(path, { headers })
        : apart.post(path, body, { headers }));
      return { status: response.status, ...((await response.json()) as object) };
    };
    const idsOf = async (secret: string): Promise<readonly string[]> =>
      ((await answers(secret, '/v1/models'))['data'] as { id: string }[]).map(({ id }) => id);
    const alias = await newKeyAt(apart, '--models', 'fast');
    expect(await idsOf(alias.secret)).toEqual(['fast']);
    expect(await answers(alias.secret, '/v1/models/fast')).toMatchObject({ status: 200, id: 'fast' });
    expect(await answers(alias.secret, `/v1/models/${MODEL}`)).toMatchObject({ status: 403 });
    const ask = (secret: string, model: string) => answers(secret, '/v1/chat/completions', { ...chat, model });
    expect(await ask(alias.secret, 'fast')).toMatchObject({ status: 200 });
    const prefixed = await newKeyAt(apart, '--models', `models/${MODEL}`);
    expect(await idsOf(prefixed.secret)).toContain(MODEL);
    expect(await ask(prefixed.secret, `models/${MODEL}`)).toMatchObject({ status: 200 });
  } finally {
    await apart.close();
  }
});
