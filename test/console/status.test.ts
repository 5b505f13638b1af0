/** What the console tells of the relay, its doors and models. */
import { get } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openSession } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  relay = await startRelay();
  visitor = await openSession(relay);
});
afterAll(() => relay.close());

test('status', async () => {
  await relay.relay.parts.door.ready();
  await relay.post('/v1/chat/completions', { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] });
  const status = await visitor.get('status');
  expect(status).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    status: 'healthy',
    requests: { active: 0, queued: 0 },
    doors: [{ id: 'code-assist', kind: 'code-assist', state: 'ok', cause: null, until: null, models: [], requests: 1 }],
    quota: expect.arrayContaining([
      {
        ...{ door: 'code-assist', model: 'gemini-2.5-flash' },
        ...{ remaining_fraction: 0.98, reset_at: expect.stringMatching(/T00:00:00\.000Z$/) as string },
      },
    ]) as unknown[],
    store: { kind: 'none', ok: true },
    redis: null,
  });
  await visitor.get('status');
  expect(relay.simulator.asked('retrieveUserQuota')).toHaveLength(1);
  expect(status['uptime_seconds']).toBeTypeOf('number');
});

test('what models take and make is what the catalogue says', async () => {
  const withAll = await startRelay({ door: 'gemini-api' });
  try {
    const { models } = (await (await openSession(withAll)).get('models')) as { models: Record<string, unknown>[] };
    const can = (id: string): string => {
      const found = models.find((model) => model['id'] === id) ?? {};
      return ['images_in', 'images_out', 'audio_in', 'audio_out'].filter((name) => found[name]).join();
    };
    expect(can('gemini-2.5-flash')).toBe('images_in,audio_in');
    expect(can('gemini-2.5-flash-image')).toBe('images_in,images_out');
    expect(can('gemini-3.8-flash-tts')).toBe('audio_out');
    expect(can('gemini-3.8-live')).toBe('images_in,audio_in,audio_out');
    expect(can('gemini-2.5-flash-native-audio-preview-12-2025')).toBe('audio_in,audio_out');
    expect(can('gemini-embedding-001')).toBe('');
  } finally {
    await withAll.close();
  }
});

test('models', async () => {
  const { models } = (await visitor.get('models')) as { models: Record<string, unknown>[] };
  const flash = models.find(({ id }) => id === 'gemini-2.5-flash');
  expect(flash).toMatchObject({
    name: 'Gemini 2.5 Flash',
    doors: ['code-assist'],
    input_token_limit: 1_048_576,
    price: { input_usd: 0.3, cached_usd: 0.03, output_usd: 2.5 },
    thinking: true,
    aliases: [],
  });
  const named = models.flatMap(({ aliases }) => aliases as string[]);
  expect(named).toEqual(expect.arrayContaining(['claude-*opus*', 'claude-*haiku*', 'claude-*']));
  expect(models.filter(({ id }) => String(id).endsWith('-nothinking'))).toEqual([]);
});

test('of thousands of doors: in a tenth of the bytes for who takes gzip', async () => {
  const keys = Array.from({ length: 2000 }, (_, index) => `p${index}=AQ.key-of-the-tests-${index}`).join('\n');
  const many = await startRelay({ door: 'none', env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: keys } });
  try {
    const { token } = await openSession(many);
    const ask = (encoding: string): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: Buffer }> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, 'accept-encoding': encoding };
        get(`${many.url}/console/api/status`, { headers }, (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('end', () => {
            resolve({ headers: response.headers, body: Buffer.concat(pieces) });
          });
        }).on('error', reject);
      });
    const [packed, plain] = [await ask('gzip, br'), await ask('identity')];
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(packed.body.length).toBeLessThan(plain.body.length / 10);
    const { doors } = JSON.parse(gunzipSync(packed.body).toString()) as { doors: object[] };
    expect(doors).toEqual((JSON.parse(plain.body.toString()) as { doors: object[] }).doors);
  } finally {
    await many.close();
  }
});
