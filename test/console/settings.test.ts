/** Settings changed on the page: in force at once, kept, and never what the environment has set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { errorOf, openSession } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';
import { quietNow } from '../support/machine.ts';
import { eventually } from '../support/eventually.ts';

/** Where the tests' own environment would lock what they change. */
const FREE = { DATABASE_URL: undefined, LOG_LEVEL: undefined };

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  relay = await startRelay({ env: { ...FREE, MAX_BODY_BYTES: '100000' } });
  visitor = await openSession(relay);
});
afterAll(() => relay.close());

interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly origin: string;
  readonly locked: boolean;
  readonly restart: boolean;
  readonly pending: boolean;
  readonly problem: string | null;
  readonly secret: boolean;
}

const read = async (from = visitor): Promise<Map<string, Setting>> => {
  const { settings } = (await from.get('settings')) as unknown as { settings: Setting[] };
  return new Map(settings.map((setting) => [setting.name, setting]));
};
const change = async (changes: object, of = visitor): Promise<void> => {
  const response = await of.ask('PATCH', 'settings', changes);
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
};
const MODEL = 'gemini-2.5-flash';

describe('what is told', () => {
  test('value, origin, lock, restart, meaning and section of each, and no secret', async () => {
    const settings = await read();
    expect(settings.get('PORT')).toMatchObject({ value: 0, origin: 'environment', locked: true, restart: true });
    expect(settings.get('LOG_LEVEL')).toMatchObject({
      ...{ value: 'info', origin: 'default', locked: false, restart: false, section: 'log', kind: 'choice' },
      choices: ['error', 'warn', 'info', 'debug'],
      meaning: expect.stringContaining('Least weight') as string,
    });
    expect(settings.get('GEMINI_AUTH_PASSWORD')).toMatchObject({ value: true, secret: true, locked: true });
    expect(settings.get('API_KEY')).toMatchObject({ value: false, origin: 'default', secret: true, locked: true });
    const text = await (await visitor.ask('GET', 'settings')).text();
    expect(text).not.toContain(relay.key);
  });

  test('these are in force at once, all others say restart', async () => {
    const live = [...(await read()).values()].filter(({ restart }) => !restart).map(({ name }) => name);
    expect(live.sort()).toEqual(
      [
        ...['LOG_LEVEL', 'MODELS', 'MODEL_ALIASES', 'FALLBACKS', 'MAX_RETRIES', 'CORS_ORIGIN', 'FETCH_REMOTE_IMAGES'],
        'STORE_INTERACTIONS',
        ...['REQUEST_LOG_DAYS', 'MAX_BODY_BYTES', 'MAX_CONCURRENT_REQUESTS', 'MAX_QUEUED_REQUESTS', 'QUEUE_TIMEOUT_MS'],
        ...['CONNECT_TIMEOUT_MS', 'FIRST_BYTE_TIMEOUT_MS', 'IDLE_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS', 'HEARTBEAT_MS'],
        ...['RESPONSES_TTL_HOURS', 'SHUTDOWN_DELAY_MS', 'SHUTDOWN_GRACE_MS'],
      ].sort(),
    );
  });
});

describe('what is refused', () => {
  test.each([
    [{ MAX_RETRIES: 'many' }, 400, 'invalid_value', 'MAX_RETRIES'],
    [{ MAX_RETRIES: 3, LOG_LEVEL: 'loud' }, 400, 'invalid_value', 'LOG_LEVEL'],
    [{ IDLE_TIMEOUT_MS: 9_000_000 }, 400, 'invalid_value', 'IDLE_TIMEOUT_MS'],
    [{ MOON: 1 }, 400, 'unknown_parameter', 'MOON'],
    [{ PORT: 1234 }, 409, 'setting_locked', 'PORT'],
    [{ MAX_BODY_BYTES: null }, 409, 'setting_locked', 'MAX_BODY_BYTES'],
    [{ API_KEY: 'a-key-of-twenty-letters' }, 409, 'setting_locked', 'API_KEY'],
    [{ VERTEX_ENDPOINT: 'https://elsewhere.example' }, 409, 'setting_locked', 'VERTEX_ENDPOINT'],
  ])('%j', async (changes, status, code, param) => {
    if ('IDLE_TIMEOUT_MS' in changes) await change({ REQUEST_TIMEOUT_MS: 8_000_000 });
    expect(await errorOf(await visitor.ask('PATCH', 'settings', changes))).toMatchObject({ status, code, param });
    expect((await read()).get('MAX_RETRIES')).toMatchObject({ value: 2, origin: 'default' });
    await change({ REQUEST_TIMEOUT_MS: null });
  });
});

describe('If-Match', () => {
  const changeFrom = (tag: string, changes: object): Promise<Response> =>
    fetch(`${relay.url}/console/api/settings`, {
      method: 'PATCH',
      body: JSON.stringify(changes),
      headers: { authorization: `Bearer ${visitor.token}`, 'if-match': tag },
    });
  const tagNow = async (of = visitor): Promise<string> => (await of.ask('GET', 'settings')).headers.get('etag') ?? '';

  test('with the version of now a change is made, with a former one nothing is, and without it all as ever', async () => {
    const before = await tagNow();
    const made = await changeFrom(before, { MAX_RETRIES: 3 });
    expect(made.status).toBe(200);
    const after = await tagNow();
    expect(made.headers.get('etag')).toBe(after);
    expect(after).toMatch(/^"[\w-]{22}"$/);
    expect(after).not.toBe(before);
    for (const changes of [{ MAX_RETRIES: 4 }, { MAX_RETRIES: null }, { LOG_LEVEL: 'warn' }]) {
      expect(await errorOf(await changeFrom(before, changes))).toMatchObject({ status: 412, code: 'settings_changed' });
    }
    expect((await read()).get('MAX_RETRIES')).toMatchObject({ value: 3 });
    expect((await read()).get('LOG_LEVEL')).toMatchObject({ value: 'info' });
    for (const tag of [`"another", W/${after}`, '*']) {
      expect((await changeFrom(tag, { MAX_RETRIES: 3 })).status).toBe(200);
    }
    await change({ MAX_RETRIES: null });
    // What is as it was has the version that it had.
    expect(await tagNow()).toBe(before);
  });

  test('what another relay on the same database has changed this moment counts as well', async () => {
    const url = `sqlite:${join(relay.folder, 'relay.db')}`;
    const second = await startRelay({ env: { ...FREE, DATABASE_URL: url } });
    try {
      const other = await openSession(second);
      const before = await tagNow();
      expect(await tagNow(other)).toBe(before);
      await change({ MAX_RETRIES: 5 }, other);
      expect((await changeFrom(before, { MAX_RETRIES: 4 })).status).toBe(412);
      // It has learned of it by that.
      expect((await read()).get('MAX_RETRIES')).toMatchObject({ value: 5 });
      await change({ MAX_RETRIES: null });
    } finally {
      await second.close();
    }
  });
});

describe('kept', () => {
  test('another relay on the same database knows within 2 s; at a start all of it counts', async () => {
    const url = `sqlite:${join(relay.folder, 'relay.db')}`;
    const second = await startRelay({ env: { ...FREE, DATABASE_URL: url } });
    try {
      const other = await openSession(second);
      await change({ MAX_RETRIES: 6, UPSTREAM_USER_AGENT: 'my-relay/1' });
      const since = quietNow();
      await eventually(async () => {
        expect((await read(other)).get('MAX_RETRIES')).toMatchObject({ value: 6, origin: 'page' });
      }, 50);
      expect(quietNow() - since).toBeLessThan(2000);
      expect((await read()).get('UPSTREAM_USER_AGENT')).toMatchObject({
        value: 'my-relay/1',
        restart: true,
        pending: true,
      });
    } finally {
      await second.close();
    }
    const third = await startRelay({ env: { ...FREE, DATABASE_URL: url } });
    try {
      await third.post('/v1/chat/completions', { model: MODEL, messages: [{ role: 'user', content: 'Hi' }] });
      const agents = third.simulator.requests.map(({ headers }) => headers['user-agent']);
      expect(agents.at(-1)).toContain('my-relay/1');
      const settings = await read(await openSession(third));
      expect(settings.get('UPSTREAM_USER_AGENT')).toMatchObject({ origin: 'page', pending: false });
    } finally {
      await third.close();
    }
    await change({ MAX_RETRIES: null, UPSTREAM_USER_AGENT: null });
  });

  test('a value that works no more falls back, is told, and does not stop the start', async () => {
    const { store } = relay.relay.parts;
    const rows = [
      ['HEARTBEAT_MS', 'often', 1],
      ['SETTING_OF_OLD', 'secret-looking', 1],
      ['QUEUE_TIMEOUT_MS', '333', 1],
    ];
    await store.write([{ into: 'settings (name, value, changed_at)', rows }]);
    const url = `sqlite:${join(relay.folder, 'relay.db')}`;
    const upgraded = await startRelay({ env: { ...FREE, DATABASE_URL: url } });
    try {
      const settings = await read(await openSession(upgraded));
      expect(settings.get('HEARTBEAT_MS')).toMatchObject({ value: 15_000, origin: 'default' });
      expect(settings.get('HEARTBEAT_MS')?.problem).toContain('whole number');
      expect(settings.get('QUEUE_TIMEOUT_MS')).toMatchObject({ value: 333, origin: 'page', problem: null });
      const health = (await (await upgraded.fetch('/health')).json()) as { settings: object };
      expect(health.settings).toMatchObject({ problems: [{ name: 'HEARTBEAT_MS' }, { name: 'SETTING_OF_OLD' }] });
      expect(upgraded.logs.join('')).toContain('a setting that was kept cannot be used');
      expect(upgraded.logs.join('')).not.toContain('secret-looking');
    } finally {
      await upgraded.close();
      await store.write([{ sql: 'DELETE FROM settings' }]);
    }
  });

  test('without a database nothing can be kept, and that is said', async () => {
    const without = await startRelay({ env: { LOG_LEVEL: undefined } });
    try {
      const there = await openSession(without);
      expect((await read(there)).get('LOG_LEVEL')?.value).toBe('info');
      expect(await errorOf(await there.ask('PATCH', 'settings', { LOG_LEVEL: 'warn' }))).toMatchObject({ status: 503 });
    } finally {
      await without.close();
    }
  });

  test('no secret of the owner stands in the database', () => {
    expect(readFileSync(join(relay.folder, 'relay.db')).includes(relay.key)).toBe(false);
  });
});
