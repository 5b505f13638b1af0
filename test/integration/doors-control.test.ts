/** What the owner sees of the doors and may do to them, on a relay that serves. */
import { afterEach, describe, expect, test } from 'vitest';
import * as google from '../../src/simulator/google-faults.ts';
import type { DoorReport } from '../../src/upstreams/doors/report.ts';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';

const API_KEY = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;
const WRONG_KEY = 'AQ.a-key-that-google-does-not-know-0123456789';
const KEYS = { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `bad=${WRONG_KEY},good=${API_KEY}` };

const open: TestRelay[] = [];
const start = async (options: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  open.push(relay);
  return relay;
};
afterEach(async () => {
  for (const relay of open.splice(0)) await relay.close();
});

const chat = (relay: TestRelay, session = 'one'): Promise<Response> =>
  relay.post(
    '/v1/chat/completions',
    { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'say exactly: as ever' }] },
    { headers: { 'session-id': session } },
  );
const signal = (): AbortSignal => AbortSignal.timeout(10_000);
const controlOf = (relay: TestRelay) => relay.relay.parts.door.control;

describe('check', () => {
  test('asks Google with that very key, and closes the door that is refused', async () => {
    const relay = await start({ door: 'none', env: KEYS });
    const control = controlOf(relay);
    expect(await control.check('gemini-api:good', signal())).toMatchObject({ ok: true, cause: null });
    const bad = await control.check('gemini-api:bad', signal());
    expect(bad).toMatchObject({
      id: 'gemini-api:bad',
      ok: false,
      cause: 'invalid_key',
      door: { state: 'invalid', cause: 'invalid_key' },
    });
    expect(bad?.message).toContain('GEMINI_API_KEYS (bad)');
    expect(JSON.stringify(bad)).not.toContain(WRONG_KEY);
    expect(relay.simulator.asked('countTokens').map(({ headers }) => headers['x-goog-api-key'])).toEqual([
      API_KEY,
      WRONG_KEY,
    ]);
    expect(control.check('gemini-api:none', signal())).toBeUndefined();
    expect(control.check('gemini-api', signal())).toBeUndefined();
    // No client's request is counted for it.
    expect(control.states().map(({ requests, errors }) => [requests, errors])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('opens a door again that is well, and leaves quotas of models as they are', async () => {
    const relay = await start({ env: { UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEY: API_KEY } });
    const control = controlOf(relay);
    relay.simulator.next('generate', google.dailyQuota(), google.billingDisabled());
    await chat(relay);
    expect(control.states()).toMatchObject([
      { state: 'ok', models: [{ state: 'cooling', cause: 'daily_quota' }] },
      { state: 'invalid', cause: 'billing' },
    ]);
    for (const { id } of control.states()) expect(await control.check(id, signal())).toMatchObject({ ok: true });
    expect(control.states()).toMatchObject([{ models: [{ cause: 'daily_quota' }] }, { state: 'ok' }]);
    expect((await chat(relay)).headers.get('x-relay-door')).toBe('gemini-api');
  });

  test('of Code Assist takes no estimate for an answer, and of a login that is missing says what is missing', async () => {
    const relay = await start({ env: { UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEY: API_KEY } });
    relay.simulator.always('countTokens', google.serverError(500));
    expect(await controlOf(relay).check('code-assist', signal())).toMatchObject({ ok: false, cause: 'server_error' });
    const without = await start({ door: 'none', env: { UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEY: API_KEY } });
    expect(await controlOf(without).check('code-assist', signal())).toMatchObject({ ok: false, cause: 'login' });
    expect(without.simulator.asked('countTokens')).toEqual([]);
  });

  test('says that a model is not to be had, or has no quota left, of a door that is well', async () => {
    const relay = await start({ door: 'none', env: KEYS });
    relay.simulator.next('countTokens', google.rateLimited());
    const found = await controlOf(relay).check('gemini-api:good', signal());
    expect(found).toMatchObject({ ok: true, cause: 'rate_limit', door: { state: 'ok', models: [] } });
  });
});

describe('reset and off', () => {
  test('off: the door is passed over, alone it is told; back again: as before', async () => {
    const relay = await start({
      door: 'none',
      env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `a=${API_KEY},b=${API_KEY}x` },
    });
    const control = controlOf(relay);
    const changes: DoorReport[] = [];
    const stop = control.onChange((door) => changes.push(door));
    expect(control.off('gemini-api:b', true)).toMatchObject({ id: 'gemini-api:b', state: 'off', cause: null });
    for (let turn = 0; turn < 10; turn += 1) {
      expect((await chat(relay, String(turn))).headers.get('x-relay-door')).toBe('gemini-api:a');
    }
    control.off('gemini-api:a', true);
    const refused = await chat(relay);
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('2 switched off (off)')]);
    expect((await relay.fetch('/v1beta/models')).status).toBe(200);
    expect(relay.simulator.asked('listModels')).toHaveLength(0);
    control.off('gemini-api:a', false);
    expect((await chat(relay)).status).toBe(200);
    expect(changes.map(({ id, state }) => [id, state])).toEqual([
      ['gemini-api:b', 'off'],
      ['gemini-api:a', 'off'],
      ['gemini-api:a', 'ok'],
    ]);
    stop();
    expect(control.off('nobody', true)).toBeUndefined();
    expect(control.reset('nobody')).toBeUndefined();
  });

  test('reset: what was held against a door is forgotten', async () => {
    const relay = await start({ door: 'none', env: KEYS });
    const control = controlOf(relay);
    await control.check('gemini-api:bad', signal());
    expect(control.reset('gemini-api:bad')).toMatchObject({ state: 'ok', cause: null });
  });
});

describe('the only door', () => {
  test('has states, checks and a switch like any other', async () => {
    const relay = await start({ door: 'gemini-api' });
    const control = controlOf(relay);
    expect(await control.check('gemini-api', signal())).toMatchObject({ ok: true, door: { id: 'gemini-api' } });
    control.off('gemini-api', true);
    const refused = await chat(relay);
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('1 switched off (off)')]);
    expect((await relay.fetch('/health')).status).toBe(503);
    expect((await relay.fetch('/v1beta/models')).status).toBe(200);
    expect(relay.simulator.asked('listModels')).toHaveLength(0);
    control.off('gemini-api', false);
    expect((await chat(relay)).status).toBe(200);
    expect(control.states()).toMatchObject([{ id: 'gemini-api', state: 'ok', requests: 1 }]);
  });

  test('tells why Google refuses it, and is asked all the same', async () => {
    const relay = await start({ door: 'none', env: { UPSTREAM: 'gemini-api', GEMINI_API_KEY: 'AIzaOfTheOldForm' } });
    for (let turn = 0; turn < 2; turn += 1) expect((await chat(relay)).status).toBe(503);
    expect(relay.simulator.asked('generate')).toHaveLength(2);
    const control = controlOf(relay);
    expect(control.states()).toMatchObject([{ state: 'invalid', cause: 'retired_key', errors: 2 }]);
    expect(control.reset('gemini-api')).toMatchObject({ state: 'ok', cause: null });
    expect((await relay.fetch('/health')).status).toBe(200);
  });
});
