/** Who may read `/metrics`, and whom METRICS_KEY lets in elsewhere: nobody. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { METRICS_KEY, scrape } from './scrape.ts';

const ADMIN_KEY = 'admin-key-of-the-tests-0123456789';

describe('with METRICS_KEY and ADMIN_KEY', () => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ env: { METRICS_KEY, ADMIN_KEY } });
  });
  afterAll(() => relay.close());

  const ask = (headers: Record<string, string>, path = '/metrics') => fetch(`${relay.url}${path}`, { headers });

  test.each([
    ['METRICS_KEY', { authorization: `Bearer ${METRICS_KEY}` }],
    ['ADMIN_KEY', { authorization: `Bearer ${ADMIN_KEY}` }],
    ['a password', { authorization: `Basic ${Buffer.from(`prometheus:${METRICS_KEY}`).toString('base64')}` }],
  ])('%s opens them', async (_name, headers) => {
    const answer = await ask(headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toMatch(/^# HELP /);
  });

  test.each([
    ['nobody', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['the key of clients, where ADMIN_KEY is set', { authorization: `Bearer ${RELAY_KEY}` }],
  ])('401 for %s', async (_name, headers) => {
    const answer = await ask(headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    const text = await answer.text();
    expect(text).toContain('METRICS_KEY');
    expect(text).not.toContain('relay_');
  });

  test.each(['/v1/models', '/v1/usage', '/console/api/status'])('METRICS_KEY does not open %s', async (path) => {
    expect((await ask({ authorization: `Bearer ${METRICS_KEY}` }, path)).status).toBe(401);
  });

  test('METRICS_KEY brings no details of /health', async () => {
    const answer = await ask({ authorization: `Bearer ${METRICS_KEY}` }, '/health');
    expect(await answer.json()).not.toHaveProperty('version');
  });

  test('HEAD has the head alone; what comes behind the path is not the path', async () => {
    const head = await fetch(`${relay.url}/metrics`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${METRICS_KEY}` },
    });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await ask({ authorization: `Bearer ${METRICS_KEY}` }, '/metrics/x')).status).toBe(401);
  });

  test('never a key in them', async () => {
    const text = await (await ask({ authorization: `Bearer ${METRICS_KEY}` })).text();
    for (const secret of [RELAY_KEY, METRICS_KEY, ADMIN_KEY]) expect(text).not.toContain(secret);
  });
});

test("without ADMIN_KEY the owner's key opens them, and API_KEY does not", async () => {
  const apiKey = 'second-key-of-the-tests-0123456789';
  const relay = await startRelay({ env: { API_KEY: apiKey } });
  await scrape(relay, RELAY_KEY);
  const answer = await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  expect(answer.status).toBe(401);
  await relay.close();
});

test('many wrong keys are slowed and told so, and the right one passes all the same', async () => {
  const relay = await startRelay({ env: { METRICS_KEY } });
  const wrong = () => fetch(`${relay.url}/metrics`, { headers: { authorization: 'Bearer wrong' } });
  const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await wrong()).status));
  expect(statuses).toContain(429);
  await scrape(relay);
  await relay.close();
});
