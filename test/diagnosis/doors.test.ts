/** `npm run health` where there are several doors. */
import { afterEach, expect, test } from 'vitest';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { StartOptions } from '../support/relay.ts';
import { openRig } from './rig.ts';
import type { HealthRig } from './rig.ts';

const API_KEY = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;
const WRONG_KEY = 'AQ.a-key-that-google-does-not-know-0123456789';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const open = async (options: StartOptions): Promise<HealthRig> => {
  const rig = await openRig(options);
  ends.push(rig.close);
  return rig;
};

test('keys: each is asked; a bad one is named with its cause, and is no reason to fail while another is good', async () => {
  const rig = await open({
    door: 'none',
    env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `bad=${WRONG_KEY},good=${API_KEY}` },
  });
  const { checks } = await rig.run();
  expect(checks.get('upstream')).toMatchObject({
    status: 'pass',
    found: expect.stringContaining('gemini-api:bad, gemini-api:good') as string,
  });
  expect(checks.get('account')).toMatchObject({
    status: 'skip',
    found: expect.stringContaining('see doors') as string,
  });
  expect(checks.get('doors')).toMatchObject({
    status: 'pass',
    found: '2 doors; 1 is open; gemini-api:bad is invalid (invalid_key); none is spare',
    doors: [
      { id: 'gemini-api:bad', state: 'invalid', cause: 'invalid_key', spare: false },
      { id: 'gemini-api:good', state: 'ok', cause: null, spare: false },
    ],
  });
  const { out } = await rig.run({ args: [] });
  expect(out).toMatch(/✔ doors/);
  expect(out).toMatch(/✖ {3}gemini-api:bad .*GEMINI_API_KEYS \(bad\)/);
  expect(out).toMatch(/✔ {3}gemini-api:good .*answers \(\d+ ms\)/);
  expect(out).not.toContain(WRONG_KEY);
  expect(out).not.toContain(API_KEY);
});

test('no door is open: that fails, with each cause', async () => {
  const rig = await open({
    door: 'none',
    env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `a=${WRONG_KEY},b=${WRONG_KEY}b` },
  });
  const { checks, exit } = await rig.run();
  expect(exit).toBe(1);
  expect(checks.get('doors')).toMatchObject({ status: 'fail', found: expect.stringContaining('0 are open') as string });
});

test('a login before a key: the key is spare', async () => {
  const rig = await open({ env: { UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEY: API_KEY } });
  expect((await rig.run()).checks.get('doors')?.doors).toMatchObject([
    { id: 'code-assist', state: 'ok', spare: false },
    { id: 'gemini-api', state: 'ok', spare: true },
  ]);
  rig.simulator.always(({ door }) => door === 'code-assist', google.licenceMissing());
  expect((await rig.run()).checks.get('doors')?.doors).toMatchObject([
    { id: 'code-assist', state: 'invalid', cause: 'ineligible', spare: false },
    { id: 'gemini-api', state: 'ok', spare: false },
  ]);
});

test('one door: as before', async () => {
  const rig = await open({ door: 'gemini-api' });
  const { checks } = await rig.run();
  expect(checks.get('doors')).toMatchObject({ status: 'skip' });
  expect(checks.get('account')).toMatchObject({ status: 'pass' });
});

test('of 5,000 keys twenty are asked, first those that the relay has in trouble', async () => {
  const list = Array.from({ length: 5000 }, (_none, index) => `k${index}=AQ.key-number-${index}`);
  const { writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { tmpdir } = await import('node:os');
  const file = join(tmpdir(), `health-keys-${process.pid}.txt`);
  writeFileSync(file, list.join('\n'));
  const env = { UPSTREAM: 'gemini-api', GEMINI_API_KEYS_FILE: file };
  const relay = await startRelay({ door: 'none', env });
  ends.push(() => relay.close());
  for (let index = 0; index < 5000; index += 1) {
    relay.simulator.apiKeys.set(`AQ.key-number-${index}`, newApiKey(newProject(`p${index}`)));
  }
  relay.relay.parts.door.control.off('gemini-api:k77', true);
  relay.simulator.next('countTokens', google.billingDisabled());
  await relay.relay.parts.door.control.check('gemini-api:k4711', AbortSignal.timeout(5000));
  const rig = await openRig(
    { door: 'none', env: { ...env, PORT: String(relay.port), GEMINI_AUTH_PASSWORD: RELAY_KEY } },
    relay.simulator,
  );
  ends.push(rig.close);
  const doors = (await rig.run()).checks.get('doors');
  expect(doors?.doors).toHaveLength(20);
  expect(doors?.found).toMatch(/^20 of 5000 doors were asked; 18 are open; /);
  expect(doors?.doors?.filter(({ state }) => state !== 'ok')).toMatchObject([
    { id: 'gemini-api:k77', state: 'off' },
    // Google has nothing against it any more: the relay will find out by its own probe.
    { id: 'gemini-api:k4711', state: 'invalid', cause: 'billing', found: expect.stringContaining('answers') as string },
  ]);
});
