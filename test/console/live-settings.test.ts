/** Each setting that claims to be in force at once is, with the next request, while an answer is under way. */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dailyQuota, serverError } from '../../src/simulator/google-faults.ts';
import { slowChunks, stallAfter, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { allowed } from '../support/machine.ts';
import { environmentOf, spawnRelay, startRelay } from '../support/relay.ts';
import type { SpawnedRelay, TestRelay } from '../support/relay.ts';
import { openSession, visitorOf } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';
import { eventually } from '../support/eventually.ts';

/** Where the tests' own environment would lock what they change. */
const FREE = { DATABASE_URL: undefined, LOG_LEVEL: undefined };
const MODEL = 'gemini-2.5-flash';
const CHAT = '/v1/chat/completions';

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api', env: FREE });
  visitor = await openSession(relay);
});
afterAll(() => relay.close());
afterEach(async () => {
  relay.simulator.clear();
  const { settings } = (await visitor.get('settings')) as unknown as { settings: { name: string; origin: string }[] };
  const changed = settings.filter(({ origin }) => origin === 'page').map(({ name }) => [name, null]);
  await change(Object.fromEntries(changed) as Record<string, null>);
});

type Value = string | number | boolean | readonly string[] | null;

const change = async (changes: Readonly<Record<string, Value>>, of = visitor): Promise<void> => {
  const response = await of.ask('PATCH', 'settings', changes);
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
};

const question = (text: string, model = MODEL): object => ({ model, messages: [{ role: 'user', content: text }] });
const chat = (model = MODEL): Promise<Response> => relay.post(CHAT, question('Hi', model));
const stream = (text: string, to = relay): Promise<Response> => to.post(CHAT, { ...question(text), stream: true });

/** Its status, with what an error says. */
const outcome = async (asked: Promise<Response>): Promise<string> => {
  const response = await asked;
  const text = await response.text();
  return response.ok ? String(response.status) : `${response.status} ${text}`;
};

/** While a request waits for Google, and holds its place. */
const whileOneWaits = async (work: () => Promise<void>): Promise<void> => {
  const leaving = new AbortController();
  const before = relay.simulator.asked('generate').length;
  relay.simulator.next('generate', stallBeforeHeaders());
  const first = relay.post(CHAT, question('Hi'), { signal: leaving.signal }).catch(() => 'left');
  await relay.simulator.until(() => relay.simulator.asked('generate').length > before);
  await work();
  leaving.abort();
  expect(await first).toBe('left');
};

/** So short that a wait is one of them, and each smaller than the whole. */
const SHORT = { FIRST_BYTE_TIMEOUT_MS: 150, IDLE_TIMEOUT_MS: 150, CONNECT_TIMEOUT_MS: 150, QUEUE_TIMEOUT_MS: 150 };

const TRIALS: Readonly<Record<string, () => Promise<void>>> = {
  MAX_RETRIES: async () => {
    await change({ MAX_RETRIES: 0 });
    relay.simulator.next('generate', serverError(500));
    expect(await outcome(chat())).toMatch(/^50\d/);
    await change({ MAX_RETRIES: null });
    relay.simulator.next('generate', serverError(500));
    expect(await outcome(chat())).toBe('200');
  },

  MODELS: async () => {
    const names = async (): Promise<string> => (await relay.fetch('/v1/models')).text();
    await change({ MODELS: 'gemini-9-made-up' });
    expect(await names()).toContain('gemini-9-made-up');
    await change({ MODELS: null });
    expect(await names()).not.toContain('gemini-9-made-up');
  },

  MODEL_ALIASES: async () => {
    expect(await outcome(chat('my-own'))).toMatch(/^404/);
    await change({ MODEL_ALIASES: ['my-own=gemini-2.5-flash', 'other=gemini-2.5-pro'] });
    expect(await outcome(chat('my-own'))).toBe('200');
    await change({ MODEL_ALIASES: null });
    expect(await outcome(chat('my-own'))).toMatch(/^404/);
  },

  FALLBACKS: async () => {
    await change({ FALLBACKS: 'gemini-3-pro-preview>gemini-2.5-pro', MAX_RETRIES: 0 });
    relay.simulator.next('generate', dailyQuota());
    const response = await chat('gemini-3-pro-preview');
    expect([response.status, response.headers.get('x-relay-model')]).toEqual([200, 'gemini-2.5-pro']);
    await change({ FALLBACKS: null });
    relay.simulator.next('generate', dailyQuota());
    expect(await outcome(chat('gemini-3-pro-preview'))).toMatch(/^429/);
    await visitor.ask('POST', 'doors/gemini-api/reset');
  },

  CORS_ORIGIN: async () => {
    const allows = async (): Promise<string | null> =>
      (await relay.fetch('/v1/models', { headers: { origin: 'https://a.example' } })).headers.get(
        'access-control-allow-origin',
      );
    expect(await allows()).toBe('*');
    await change({ CORS_ORIGIN: 'none' });
    expect(await allows()).toBeNull();
  },

  LOG_LEVEL: async () => {
    await change({ LOG_LEVEL: 'error' });
    const lines = relay.logs.length;
    expect(await outcome(chat())).toBe('200');
    expect(relay.logs.length).toBe(lines);
    await change({ LOG_LEVEL: null });
    expect(relay.logs.length).toBeGreaterThan(lines);
  },

  FETCH_REMOTE_IMAGES: async () => {
    await change({ FETCH_REMOTE_IMAGES: false });
    const image = { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } };
    const asked = relay.post(CHAT, { model: MODEL, messages: [{ role: 'user', content: [image] }] });
    expect(await outcome(asked)).toContain('does not fetch images');
  },

  STORE_INTERACTIONS: async () => {
    const ask = async (): Promise<readonly unknown[]> => {
      const response = await relay.post('/v1beta/interactions', { model: MODEL, input: 'Hello' });
      await response.text();
      const sent = relay.simulator.requests.at(-1)?.body as { readonly store?: boolean } | undefined;
      return [response.status, sent?.store, response.headers.get('x-relay-ignored')];
    };
    expect(await ask()).toEqual([200, undefined, null]);
    await change({ STORE_INTERACTIONS: false });
    expect(await ask()).toEqual([200, false, expect.stringContaining('store')]);
  },

  REQUEST_LOG_DAYS: async () => {
    const isListed = async (): Promise<boolean> => {
      const response = await chat();
      await response.text();
      const id = response.headers.get('x-request-id');
      await relay.relay.parts.ledger.flush();
      await change({ REQUEST_LOG_DAYS: null });
      const { rows } = (await visitor.get('requests')) as unknown as { rows: { id: string }[] };
      return rows.some((row) => row.id === id);
    };
    expect(await isListed()).toBe(true);
    await change({ REQUEST_LOG_DAYS: 0 });
    expect(await isListed()).toBe(false);
  },

  MAX_BODY_BYTES: async () => {
    const long = (): Promise<Response> => relay.post(CHAT, question('long '.repeat(500)));
    expect(await outcome(long())).toBe('200');
    await change({ MAX_BODY_BYTES: 1000 });
    expect(await outcome(long())).toMatch(/^413/);
    expect(await outcome(chat())).toBe('200');
    // However small it is, who has set it signs in and puts it right.
    await change({ MAX_BODY_BYTES: 16 });
    expect(await outcome(chat())).toMatch(/^413/);
    await openSession(relay);
    await change({ MAX_BODY_BYTES: null });
    expect(await outcome(chat())).toBe('200');
  },

  MAX_CONCURRENT_REQUESTS: () =>
    whileOneWaits(async () => {
      expect(await outcome(chat())).toBe('200');
      await change({ MAX_CONCURRENT_REQUESTS: 1 });
      // Nor does one get in where another leaves, as long as more are there than may be.
      const waiting = [outcome(chat()), outcome(chat())];
      await eventually(async () => {
        expect(await visitor.get('status')).toMatchObject({ requests: { active: 1, queued: 2 } });
      });
      await change({ MAX_CONCURRENT_REQUESTS: 3 });
      expect(await outcome(chat())).toBe('200');
      expect(await Promise.all(waiting)).toEqual(['200', '200']);
    }),

  MAX_QUEUED_REQUESTS: () =>
    whileOneWaits(async () => {
      await change({ MAX_CONCURRENT_REQUESTS: 1, MAX_QUEUED_REQUESTS: 1, QUEUE_TIMEOUT_MS: 300 });
      const both = await Promise.all([outcome(chat()), outcome(chat())]);
      expect(both.filter((one) => one.includes('busy for 300 ms'))).toHaveLength(1);
      await change({ MAX_QUEUED_REQUESTS: 0 });
      expect(await outcome(chat())).not.toContain('busy for');
    }),

  QUEUE_TIMEOUT_MS: () =>
    whileOneWaits(async () => {
      await change({ MAX_CONCURRENT_REQUESTS: 1, QUEUE_TIMEOUT_MS: 70 });
      expect(await outcome(chat())).toMatch(/^503.*busy for 70 ms/);
    }),

  CONNECT_TIMEOUT_MS: async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const env = { ...FREE, GEMINI_API_ENDPOINT: `https://127.0.0.1:${port}`, MAX_RETRIES: '0' };
    const other = await startRelay({ door: 'gemini-api', env });
    try {
      await change({ CONNECT_TIMEOUT_MS: 200 }, await openSession(other));
      const startedAt = performance.now();
      expect(await outcome(other.post(CHAT, question('Hi')))).toMatch(/^502.*CONNECT_TIMEOUT_MS/);
      expect(performance.now() - startedAt).toBeLessThan(allowed(2000));
    } finally {
      await other.close();
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  },

  FIRST_BYTE_TIMEOUT_MS: async () => {
    await change({ FIRST_BYTE_TIMEOUT_MS: 80, MAX_RETRIES: 0 });
    relay.simulator.next('generate', stallBeforeHeaders());
    expect(await outcome(chat())).toMatch(/^504.*FIRST_BYTE_TIMEOUT_MS/);
  },

  IDLE_TIMEOUT_MS: async () => {
    await change({ IDLE_TIMEOUT_MS: 80 });
    relay.simulator.next('generate', stallAfter(1));
    const text = await (await stream('stream 9 words')).text();
    expect(text).toContain('IDLE_TIMEOUT_MS');
    expect(text).not.toContain('[DONE]');
  },

  REQUEST_TIMEOUT_MS: async () => {
    await change({ REQUEST_TIMEOUT_MS: 250, ...SHORT });
    relay.simulator.next('generate', slowChunks(30));
    const text = await (await stream('stream 60 words')).text();
    expect(text).toContain('REQUEST_TIMEOUT_MS');
    expect(text).not.toContain('[DONE]');
  },

  HEARTBEAT_MS: async () => {
    await change({ HEARTBEAT_MS: 30 });
    relay.simulator.next('generate', stallBeforeHeaders());
    const response = await stream('Hi');
    const [first = new Uint8Array()] = await Array.fromAsync(take(response, 1));
    expect(Buffer.from(first).toString()).toContain(': keep-alive');
  },

  RESPONSES_TTL_HOURS: async () => {
    const ask = async (): Promise<string> => {
      const response = await relay.post('/v1/responses', { model: MODEL, input: 'Hi' });
      return ((await response.json()) as { id: string }).id;
    };
    const isKept = async (id: string): Promise<boolean> => (await relay.fetch(`/v1/responses/${id}`)).status === 200;
    const first = await ask();
    expect(await isKept(first)).toBe(true);
    await change({ RESPONSES_TTL_HOURS: 0 });
    expect(await isKept(first)).toBe(false);
    expect(await isKept(await ask())).toBe(false);
  },

  SHUTDOWN_DELAY_MS: () =>
    besides(async ({ other, child }) => {
      await change({ SHUTDOWN_DELAY_MS: 600 }, visitorOf(other, relay.key));
      const headers = { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' };
      child.kill();
      await eventually(async () => {
        const health = await fetch(`${other.url}/health`);
        expect(await health.json()).toMatchObject({ status: 'draining' });
      });
      const body = JSON.stringify(question('Hello'));
      const late = await fetch(`${other.url}${CHAT}`, { method: 'POST', body, headers });
      expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
      expect(await child.ended).toBe(0);
    }),

  SHUTDOWN_GRACE_MS: () =>
    besides(async ({ other, child, simulator }) => {
      await change({ SHUTDOWN_GRACE_MS: 100 }, visitorOf(other, relay.key));
      simulator.always('generate', stallAfter(1));
      const body = JSON.stringify({ ...question('stream 9 words'), stream: true });
      const headers = { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' };
      const under = await fetch(`${other.url}${CHAT}`, { method: 'POST', body, headers });
      const startedAt = performance.now();
      child.kill();
      expect(await under.text()).toContain('server_shutting_down');
      expect(await child.ended).toBe(0);
      // 25 seconds is the default.
      expect(performance.now() - startedAt).toBeLessThan(allowed(5000));
    }),
};

interface Besides {
  readonly other: TestRelay;
  readonly child: SpawnedRelay;
  readonly simulator: Simulator;
}

/** With a relay in a process of its own, that may end. */
const besides = async (trial: (besides: Besides) => Promise<void>): Promise<void> => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'live-settings-'));
  const child = spawnRelay(environmentOf(simulator, folder, { env: FREE }), folder);
  try {
    await trial({ other: { ...relay, url: await child.listening }, child, simulator });
  } finally {
    child.kill('SIGKILL');
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const take = async function* (response: Response, count: number): AsyncGenerator<Uint8Array> {
  let taken = 0;
  for await (const bytes of response.body ?? []) {
    yield bytes as Uint8Array;
    taken += 1;
    if (taken === count) return;
  }
};

test.each(Object.entries(TRIALS))('%s', async (_name, trial) => {
  relay.simulator.next('generate', slowChunks(20));
  const underWay = await stream('stream 8 words');
  await trial();
  expect(await underWay.text()).toContain('[DONE]');
});

test('each setting that needs no restart is tried here, and no other', async () => {
  const { settings } = (await visitor.get('settings')) as unknown as {
    settings: { readonly name: string; readonly restart: boolean }[];
  };
  const live = settings.filter(({ restart }) => !restart).map(({ name }) => name);
  expect(Object.keys(TRIALS).sort()).toEqual(live.sort());
});
