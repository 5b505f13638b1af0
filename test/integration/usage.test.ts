/** What the relay keeps of real requests: one row for each that named a valid key, whatever came of it. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cutAfter, failing, stallAfter } from '../../src/simulator/faults.ts';
import type { Row } from '../../src/store/database.ts';
import { startRelay } from '../support/relay.ts';
import type { Init, TestRelay } from '../support/relay.ts';
import { sumsOfRows } from '../usage/sums-of-rows.ts';
import { eventually } from '../support/eventually.ts';

const CANARY = 'canary-of-the-prompt';
const SECOND_KEY = 'second-key-of-the-tests-0123456789';
const contents = [{ role: 'user', parts: [{ text: CANARY }] }];
const messages = [{ role: 'user', content: CANARY }];

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined, API_KEY: SECOND_KEY } });
});
afterAll(() => relay.close());

const rowOf = (id: string): Promise<Row> =>
  eventually(async () => {
    const [row] = await relay.relay.parts.store.read('SELECT * FROM requests WHERE id = ?', [id]);
    if (!row) throw new Error(`no row of ${id}`);
    return row;
  });

let count = 0;
/** Sends it, reads all of the answer, and gives the row that was kept of it. */
const kept = async (path: string, body: unknown, init: Init = {}): Promise<Row> => {
  const id = `usage-${(count += 1)}`;
  const sent = { ...init, headers: { 'x-request-id': id, ...init.headers } };
  const answer = body === undefined ? await relay.fetch(path, sent) : await relay.post(path, body, sent);
  await answer.text().catch(() => undefined);
  return rowOf(id);
};

describe.concurrent('one row for each request', () => {
  test.each([
    ['/v1/chat/completions', { model: 'gemini-2.5-flash', messages }, 'openai', false],
    ['/v1/chat/completions', { model: 'gemini-2.5-flash', messages, stream: true }, 'openai', true],
    ['/v1beta/models/gemini-2.5-flash:generateContent', { contents }, 'gemini', false],
    ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', { contents }, 'gemini', true],
  ])('%s %j', async (path, body, format, stream) => {
    const before = Date.now();
    const row = await kept(path, body, { headers: { 'user-agent': 'OpenAI/JS 7.55.0 (linux; x64)' } });
    expect(row).toMatchObject({
      key: 'GEMINI_AUTH_PASSWORD',
      door: 'code-assist',
      format,
      model: 'gemini-2.5-flash',
      served_model: 'gemini-2.5-flash',
      stream: Number(stream),
      status: 200,
      reason: null,
      retries: 0,
      client: 'OpenAI/JS 7.55.0',
    });
    for (const name of ['input_tokens', 'output_tokens', 'cost_nanos', 'ms']) expect(row[name]).toBeGreaterThan(0);
    expect(Number(row['time'])).toBeGreaterThanOrEqual(before - 2);
    expect(Number(row['first_ms'])).toBeLessThanOrEqual(Number(row['ms']));
    expect(row['first_ms']).toBeGreaterThan(0);
  });

  test('a suffix is part of what was asked for, not of what Google was asked for', async () => {
    const row = await kept('/v1/chat/completions', { model: 'gemini-2.5-flash-nothinking', messages });
    expect(row).toMatchObject({ model: 'gemini-2.5-flash-nothinking', served_model: 'gemini-2.5-flash' });
    expect(row['cost_nanos']).toBeGreaterThan(0);
  });

  test('with the name of the key that it came with', async () => {
    const row = await kept('/v1/models', undefined, { headers: { authorization: `Bearer ${SECOND_KEY}` } });
    expect(row).toMatchObject({
      key: 'API_KEY',
      route: '/v1/models',
      model: null,
      door: null,
      cost_nanos: 0,
      status: 200,
    });
  });

  test('refused by the relay', async () => {
    expect(await kept('/v1/chat/completions', { messages })).toMatchObject({
      status: 400,
      reason: 'missing_required_parameter',
      door: null,
      cost_nanos: 0,
    });
    expect(await kept('/v1/chat/completions', '{')).toMatchObject({ status: 400 });
    expect(await kept(`/v1/nowhere/${CANARY}`, {})).toMatchObject({
      status: 404,
      route: 'unmatched',
      format: 'openai',
    });
    expect(await kept('/v1beta/models/gpt-9:generateContent', { contents })).toMatchObject({ status: 404 });
  });

  test('an answer of many tokens in an embedding, and a count that uses nothing', async () => {
    const counted = await kept('/v1beta/models/gemini-2.5-flash:countTokens', { contents });
    expect(counted).toMatchObject({ status: 200, model: 'gemini-2.5-flash', input_tokens: 0, cost_nanos: 0 });
  });
});

test('refused by Google, broken off, and left by its client', async () => {
  const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
  relay.simulator.next(
    'streamGenerateContent',
    failing({ code: 400, status: 'INVALID_ARGUMENT', message: 'Google does not like it.' }),
  );
  expect(await kept(path, { contents })).toMatchObject({ status: 400, door: 'code-assist', cost_nanos: 0 });

  relay.simulator.next('streamGenerateContent', cutAfter(2));
  const broken = await kept(path, { contents });
  expect(broken).toMatchObject({ status: 200, stream: 1 });
  expect(broken['reason']).toEqual(expect.any(String));

  relay.simulator.next('streamGenerateContent', stallAfter(2));
  const leaving = new AbortController();
  const answer = await relay.post(path, { contents }, { signal: leaving.signal, headers: { 'x-request-id': 'left' } });
  await answer.body?.getReader().read();
  leaving.abort();
  expect(await rowOf('left')).toMatchObject({
    status: 499,
    reason: 'client_closed',
    stream: 1,
    model: 'gemini-2.5-flash',
  });

  const { sums, ofRows } = await sumsOfRows(relay.relay.parts.store);
  expect(sums).toEqual(ofRows);
  const errors = sums.reduce((sum, row) => sum + Number(row['errors']), 0);
  const all = await relay.relay.parts.store.read('SELECT COUNT(*) AS count FROM requests WHERE status IN (200, 499)');
  expect(errors).toBeLessThan(Number(all[0]?.['count']));
});

test('a wrong key makes no row under any name, and health asked with a key none either', async () => {
  await fetch(`${relay.url}/v1/models`, { headers: { authorization: 'Bearer wrong', 'x-request-id': 'wrong' } });
  await fetch(`${relay.url}/v1/models`, { headers: { 'x-request-id': 'without' } });
  await relay.fetch('/health', { headers: { 'x-request-id': 'health' } });
  await kept('/v1/models', undefined);
  expect(
    await relay.relay.parts.store.read("SELECT id FROM requests WHERE id IN ('wrong', 'without', 'health')"),
  ).toEqual([]);
});

test('no word of prompt or answer and no key is in any file of the database', async () => {
  const said = await relay.post('/v1/chat/completions', { model: 'gemini-2.5-flash', messages });
  const { choices } = (await said.json()) as { choices: { message: { content: string } }[] };
  const answered = choices[0]?.message.content ?? '';
  expect(answered.length).toBeGreaterThan(10);
  await kept(`/v1beta/models/${CANARY}:generateContent?key=${SECOND_KEY}`, { contents });
  const files = readdirSync(relay.folder).filter((name) => name.startsWith('relay.db'));
  expect(files).toContain('relay.db');
  const all = Buffer.concat(files.map((name) => readFileSync(join(relay.folder, name)))).toString('latin1');
  for (const secret of [relay.key, SECOND_KEY, answered.slice(0, 20)]) expect(all).not.toContain(secret);
  expect(all).not.toMatch(/canary-of-the-prompt(?!:)/);
});

test('health tells a caller with a key how the store is, and others nothing', async () => {
  const { store } = (await (await relay.fetch('/health')).json()) as { store?: unknown };
  expect(store).toMatchObject({ kind: 'sqlite', ok: true, dropped: 0 });
  expect(await (await fetch(`${relay.url}/health`)).json()).not.toHaveProperty('store');
});

test('a store that cannot be opened fails no request, and is told', async () => {
  const broken = await startRelay({ env: { DATABASE_URL: 'postgres://relay:hidden@127.0.0.1:1/x' } });
  try {
    const answer = await broken.post('/v1/chat/completions', { model: 'gemini-2.5-flash', messages });
    expect(answer.status).toBe(200);
    await broken.relay.parts.store.opened();
    const health = await broken.fetch('/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: 'healthy',
      store: {
        kind: 'postgres',
        ok: false,
        trouble: 'unreachable',
        message: expect.stringContaining('DATABASE_URL') as string,
      },
    });
    expect(broken.logs.filter((line) => line.includes('store in trouble'))).toHaveLength(1);
    expect(broken.logs.join('')).not.toContain('hidden');
  } finally {
    await broken.close();
  }
});

test('what was kept before the relay ends in order is all there', async () => {
  const folder = join(relay.folder, 'other');
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  const url = `sqlite:${join(folder, 'x.db')}`;
  const first = await startRelay({ env: { DATABASE_URL: url } });
  for (let index = 0; index < 5; index += 1) await (await first.fetch('/v1/models')).text();
  await first.close();
  const second = await startRelay({ env: { DATABASE_URL: url } });
  await second.relay.parts.store.opened();
  expect(await second.relay.parts.store.read('SELECT requests FROM day_sums')).toEqual([{ requests: 5 }]);
  await second.close();
  rmSync(folder, { recursive: true });
});
