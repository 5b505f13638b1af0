/** What can be done with a door from the page. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { errorOf, openSession, watchEvents } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';
import { quietNow } from '../support/machine.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  relay = await startRelay();
  visitor = await openSession(relay);
});
afterAll(() => relay.close());

const doorOf = async (): Promise<object | undefined> => {
  const { doors } = (await visitor.get('status')) as unknown as { doors: object[] };
  return doors[0];
};

test('off, and back', async () => {
  const off = await visitor.ask('PATCH', 'doors/code-assist', { off: true });
  expect(await off.json()).toMatchObject({ id: 'code-assist', state: 'off' });
  expect(await doorOf()).toMatchObject({ state: 'off' });
  const chat = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] };
  expect((await relay.post('/v1/chat/completions', chat)).status).toBe(503);
  await visitor.ask('PATCH', 'doors/code-assist', { off: false });
  expect(await doorOf()).toMatchObject({ state: 'ok' });
  expect((await relay.post('/v1/chat/completions', chat)).status).toBe(200);
});

test('check asks Google the cheapest question, and says what came', async () => {
  const before = relay.simulator.asked('countTokens').length;
  const checked = await visitor.ask('POST', 'doors/code-assist/check');
  expect(await checked.json()).toMatchObject({
    id: 'code-assist',
    ok: true,
    cause: null,
    ms: expect.any(Number) as number,
  });
  expect(relay.simulator.asked('countTokens').length).toBe(before + 1);
});

test('reset', async () => {
  const reset = await visitor.ask('POST', 'doors/code-assist/reset');
  expect(await reset.json()).toMatchObject({ id: 'code-assist', state: 'ok' });
});

test('a door that is not there, and a body that is none', async () => {
  for (const path of ['doors/window/check', 'doors/gemini-api%3Aa%2Fb/reset']) {
    expect(await errorOf(await visitor.ask('POST', path))).toMatchObject({ status: 404, code: 'not_found' });
  }
  expect(await errorOf(await visitor.ask('PATCH', 'doors/window', { off: true }))).toMatchObject({ status: 404 });
  expect(await errorOf(await visitor.ask('PATCH', 'doors/code-assist', { off: 1 }))).toMatchObject({ param: 'off' });
  expect(await errorOf(await visitor.ask('PATCH', 'doors/code-assist', { on: true }))).toMatchObject({ status: 400 });
});

test('each change of a door is told to those who watch', async () => {
  const watched = watchEvents(relay, visitor);
  await eventually(() => {
    expect(watched.text()).toContain(': connected');
  });
  await visitor.ask('PATCH', 'doors/code-assist', { off: true });
  await visitor.ask('PATCH', 'doors/code-assist', { off: false });
  await eventually(() => {
    expect(watched.rows('door')).toMatchObject([{ id: 'code-assist', state: 'off' }, { state: 'ok' }]);
  });
  watched.leave();
});

test('5,000 API keys are listed quickly', async () => {
  const keys = Array.from({ length: 5000 }, (_, at) => `k${at}=AIzaSyTest${String(at).padStart(29, '0')}`);
  const many = await startRelay({ door: 'none', env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: keys.join(',') } });
  try {
    const there = await openSession(many);
    const before = quietNow();
    const { doors } = (await there.get('status')) as unknown as { doors: object[] };
    expect(doors).toHaveLength(5000);
    expect(quietNow() - before).toBeLessThan(1000);
  } finally {
    await many.close();
  }
});
