/** What `/metrics` says after real requests. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/names.ts';
import { failing, stallAfter } from '../../src/simulator/faults.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { done, METRICS_KEY, scrape } from './scrape.ts';
import { eventually } from '../support/eventually.ts';

const messages = [{ role: 'user', content: 'Hello' }];
const chat = { model: 'gemini-2.5-flash', messages };
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({
    env: { METRICS_KEY, DATABASE_URL: undefined, MAX_RETRIES: '1', MAX_CONCURRENT_REQUESTS: '2' },
  });
});
afterAll(() => relay.close());

test('each metric of the list is there, with its kind and its labels, and those of Node', async () => {
  await done(relay.post('/v1/chat/completions', chat));
  await done(relay.post('/v1/chat/completions', { ...chat, stream: true }));
  const { families, samples } = await scrape(relay);
  for (const [name, { kind, labels }] of Object.entries(METRICS)) {
    expect(families.get(name), name).toBe(kind);
    for (const sample of samples.filter(({ family }) => family === name)) {
      const { le: _bound, ...own } = sample.labels;
      expect(Object.keys(own).sort(), name).toEqual([...labels].sort());
    }
  }
  for (const name of ['nodejs_heap_size_used_bytes', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']) {
    expect(families.has(name), name).toBe(true);
  }
});

test('requests by format, model, status and reason; tokens, durations and first texts by model', async () => {
  const before = await scrape(relay);
  await done(relay.post('/v1/chat/completions', { ...chat, stream: true }));
  await done(relay.post('/v1beta/models/gemini-2.5-flash:generateContent', { contents }));
  await done(relay.post('/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 100, messages }));
  await done(relay.post('/v1/chat/completions', { messages }));
  await done(fetch(`${relay.url}/v1/models`, { headers: { authorization: 'Bearer wrong' } }));
  const after = await scrape(relay);
  const grown = (name: string, labels: Record<string, string> = {}): number =>
    after.sum(name, labels) - before.sum(name, labels);

  const flash = { model: 'gemini-2.5-flash', status: '200', reason: '' };
  expect(grown('relay_requests_total', { ...flash, format: 'openai' })).toBe(1);
  expect(grown('relay_requests_total', { ...flash, format: 'gemini' })).toBe(1);
  // By the model that serves it: a client may write what it likes behind claude-.
  expect(grown('relay_requests_total', { format: 'anthropic', status: '200' })).toBe(1);
  expect(after.sum('relay_requests_total', { model: 'claude-sonnet-4-5' })).toBe(0);
  expect(grown('relay_requests_total', { status: '400', model: '' })).toBe(1);
  expect(grown('relay_requests_total', { status: '401', reason: 'invalid_api_key', model: '' })).toBe(1);
  expect(grown('relay_requests_total')).toBe(5);

  const chats = { gen_ai_operation_name: 'chat', gen_ai_provider_name: 'gcp.gen_ai', error_type: '' };
  expect(grown('gen_ai_server_request_duration_seconds_count', chats)).toBe(2);
  const natives = { gen_ai_operation_name: 'generate_content' };
  expect(grown('gen_ai_server_request_duration_seconds_count', natives)).toBe(1);
  expect(grown('gen_ai_server_time_to_first_token_seconds_count')).toBe(1);
  const output = { gen_ai_token_type: 'output' };
  expect(grown('gen_ai_client_token_usage_count', output)).toBe(3);
  expect(grown('gen_ai_client_token_usage_sum', { gen_ai_token_type: 'input' })).toBeGreaterThan(0);
  const key = 'GEMINI_AUTH_PASSWORD';
  expect(grown('relay_key_requests_total', { key })).toBe(4);
  expect(grown('relay_key_requests_total')).toBe(4);
  expect(grown('relay_key_tokens_total', { key, type: 'output' })).toBe(grown('gen_ai_client_token_usage_sum', output));
});

test('buckets grow with their bounds, and the last one is the count', async () => {
  const { samples } = await scrape(relay);
  const ofName = (name: string) => samples.filter((sample) => sample.name === name);
  const counts = ofName('gen_ai_client_token_usage_count');
  expect(counts.length).toBeGreaterThan(1);
  for (const { labels, value } of counts) {
    const own = ofName('gen_ai_client_token_usage_bucket').filter((bucket) =>
      Object.entries(labels).every(([name, word]) => bucket.labels[name] === word),
    );
    const values = own.map((bucket) => bucket.value);
    expect(values).toEqual(values.toSorted((one, other) => one - other));
    expect(own.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value });
    expect(own).toHaveLength(METRICS.gen_ai_client_token_usage.buckets.length + 1);
  }
});

test('what is of no client is not counted, and what asks no model has no duration', async () => {
  const before = await scrape(relay);
  const ofRelay = ['/', '/health', '/livez', '/console', '/console/api/status', '/metrics'];
  for (const path of ofRelay) await done(relay.fetch(path));
  await done(
    fetch(`${relay.url}/v1/models`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
    }),
  );
  expect((await scrape(relay)).sum('relay_requests_total')).toBe(before.sum('relay_requests_total'));
  await done(relay.fetch('/v1/models'));
  const after = await scrape(relay);
  expect(after.sum('relay_requests_total') - before.sum('relay_requests_total')).toBe(1);
  const durations = 'gen_ai_server_request_duration_seconds_count';
  expect(after.sum(durations)).toBe(before.sum(durations));
});

test('tries beyond the first, connections, door, token, store', async () => {
  relay.simulator.next('generateContent', failing({ code: 503, status: 'UNAVAILABLE', message: 'Overloaded.' }));
  expect(await done(relay.post('/v1/chat/completions', chat))).toBe(200);
  const found = await scrape(relay);
  const tries = found.samples.filter(({ name }) => name === 'relay_retries_total');
  expect(tries).toMatchObject([{ labels: { door: 'code-assist' }, value: 1 }]);
  expect(tries[0]?.labels['reason']).not.toBe('');
  expect(found.sum('relay_upstream_connections', { origin: relay.simulator.url })).toBeGreaterThan(0);
  expect(found.sum('relay_door_state', { door: 'code-assist' })).toBe(1);
  expect(found.sum('relay_healthy')).toBe(1);
  expect(found.sum('relay_token_expires_seconds')).toBeGreaterThan(0);
  expect(found.sum('relay_store_dropped_total')).toBe(0);
  const quota = found.samples.filter(({ name }) => name === 'relay_quota_remaining_ratio');
  expect(quota.length).toBeGreaterThan(0);
  for (const { labels, value } of quota) {
    expect(labels).toEqual({ door: 'code-assist', model: expect.stringMatching(/^gemini-/) as string });
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
});

test('streams that are open, requests that have a place and that wait', async () => {
  const before = await scrape(relay);
  relay.simulator.next('streamGenerateContent', stallAfter(1));
  relay.simulator.next('streamGenerateContent', stallAfter(1));
  const leaving = new AbortController();
  const stream = { ...chat, stream: true };
  const open = [0, 1].map(() => relay.post('/v1/chat/completions', stream, { signal: leaving.signal }));
  await Promise.all(open);
  const waiting = relay.post('/v1/chat/completions', chat);
  await eventually(async () => {
    const found = await scrape(relay);
    expect(found.sum('relay_streams_open')).toBe(2);
    expect(found.sum('relay_active_requests')).toBe(2);
    expect(found.sum('relay_queued_requests')).toBe(1);
  });
  leaving.abort();
  expect(await done(waiting)).toBe(200);
  await eventually(async () => {
    const found = await scrape(relay);
    expect(found.sum('relay_streams_open')).toBe(0);
    expect(found.sum('relay_queued_requests')).toBe(0);
    expect(found.sum('relay_queue_wait_seconds_count') - before.sum('relay_queue_wait_seconds_count')).toBe(1);
    expect(found.sum('relay_requests_total', { status: '499', reason: 'client_closed' })).toBe(2);
  });
});

test('hostile names of models make one series', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `gemini-no-such-${at}`);
  for (const model of names) await done(relay.post('/v1/messages', { model, max_tokens: 1, messages }));
  const { samples } = await scrape(relay);
  expect(samples.filter(({ labels }) => JSON.stringify(labels).includes('no-such'))).toEqual([]);
  const others = samples.filter(({ name, labels }) => name === 'relay_requests_total' && labels['model'] === 'other');
  expect(others.length).toBeGreaterThan(0);
  expect(others.length).toBeLessThan(4);
  expect(others.reduce((sum, { value }) => sum + value, 0)).toBe(names.length);
});
