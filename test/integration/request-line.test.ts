import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failing } from '../../src/simulator/faults.ts';
import { serverError } from '../../src/simulator/google-faults.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { until } from '../support/virtual-system.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.clear();
  relay.logs.length = 0;
});

const requestLine = async (): Promise<Record<string, unknown>> => {
  const find = (): string | undefined => relay.logs.find((line) => line.includes('"message":"request"'));
  await until('the request line', () => find() !== undefined);
  return JSON.parse(find() ?? '{}') as Record<string, unknown>;
};

const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };

describe('S14: the one line of a request', () => {
  test('names the door and counts the tries beyond the first', async () => {
    relay.simulator.next('generateContent', serverError(503), serverError(503));
    await relay.post('/v1beta/models/gemini-2.5-flash:generateContent', hello);
    expect(await requestLine()).toMatchObject({
      route: '/v1beta/models/{model}:generateContent',
      door: 'code-assist',
      model: 'gemini-2.5-flash',
      status: 200,
      retries: 2,
    });
  });

  test.each(['/v1/models', '/v1beta/models', '/v1beta/openai/models'])('names %s', async (path) => {
    await relay.fetch(path);
    expect(await requestLine()).toMatchObject({ route: path, status: 200 });
  });
});

describe('T7: a slip in the name of a model', () => {
  test.each([
    ['/v1/chat/completions', { model: 'gemini-2.5-flsh', messages: [{ role: 'user', content: 'Hello' }] }],
    ['/v1beta/models/gemini-2.5-flsh:generateContent', hello],
    ['/v1beta/models/gemini-2.5-flsh-search:generateContent', hello],
  ])('%s: the 404 is Google’s, and names the nearest ids', async (path, body) => {
    const answer = await relay.post(path, body);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toMatch(/nearest ids: gemini-2\.5-flash/);
  });

  test('a known model that this account may not call is not taken for a slip', async () => {
    const status = 'NOT_FOUND';
    relay.simulator.next('generateContent', failing({ code: 404, status, message: 'Requested entity was not found.' }));
    const answer = await relay.post('/v1beta/models/gemini-2.5-pro:generateContent', hello);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toMatch(/nearest/);
  });
});
