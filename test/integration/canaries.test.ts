/** Every secret that a relay holds, looked for in all that it writes and says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failing } from '../../src/simulator/faults.ts';
import { createSystem } from '../../src/system.ts';
import { usage } from '../../src/usage/command/command.ts';
import { databaseOf, makeKey, runKeys } from '../keys/people.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { eventually } from '../support/eventually.ts';

const API_KEY = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;
const SPARE_KEY = 'AQ.a-key-that-google-does-not-know-0123456789';
const PROMPT = 'canary-of-the-prompt-31415926';
/** Google's words may hold anything. */
const REFUSAL = { code: 400, status: 'INVALID_ARGUMENT', message: `No: ${API_KEY}` } as const;
const messages = [{ role: 'user', content: PROMPT }];
const contents = [{ role: 'user', parts: [{ text: PROMPT }] }];

const usageOutput = async (relay: TestRelay, ...args: readonly string[]): Promise<string> => {
  let out = '';
  const console = { isTerminal: false, colors: false, columns: Infinity, write: (text: string) => (out += text) };
  const needs = { env: {}, loadEnvironment: () => databaseOf(relay), system: createSystem() };
  expect(await usage(args, { ...needs, out: console, err: console })).toBe(0);
  return out;
};

test('no secret in the files of the database, the log, any answer, or the output of keys and usage', async () => {
  const relay = await startRelay({
    env: {
      DATABASE_URL: undefined,
      UPSTREAM: 'code-assist,gemini-api',
      GEMINI_API_KEYS: `mine=${API_KEY},spare=${SPARE_KEY}`,
      LOG_LEVEL: 'debug',
    },
  });
  try {
    const env = databaseOf(relay);
    const first = await makeKey(env, '--rpm', '60');
    const second = (await runKeys(['rotate', first.name], env)).out.trim();
    const said: string[] = [];
    const ask = async (path: string, body: unknown, key: string, headers: Record<string, string> = {}) => {
      const answer = await relay.post(path, body, { headers: { authorization: `Bearer ${key}`, ...headers } });
      said.push(await answer.text(), JSON.stringify([...answer.headers]));
      return answer.status;
    };
    await eventually(async () => {
      const { status } = await relay.fetch('/v1/models', { headers: { authorization: `Bearer ${second}` } });
      expect(status).toBe(200);
    });
    for (const key of [first.secret, second, RELAY_KEY]) {
      const chat = { model: 'gemini-2.5-flash', messages };
      expect(await ask('/v1/chat/completions', chat, key)).toBe(200);
      expect(await ask('/v1/chat/completions', { ...chat, stream: true }, key)).toBe(200);
      expect(await ask('/v1/responses', { model: 'gemini-2.5-flash', input: PROMPT }, key)).toBe(200);
      expect(await ask(`/v1beta/models/gemini-2.5-flash:generateContent?key=${key}`, { contents }, key)).toBe(200);
      relay.simulator.next('generate', failing(REFUSAL));
      await ask('/v1/chat/completions', { ...chat, user: key }, key, { 'user-agent': key, 'x-request-id': `${key}/x` });
      // Where a key got into the place of a model, it is not kept as one.
      expect(await ask('/v1/chat/completions', { ...chat, model: key }, RELAY_KEY)).toBe(404);
      for (const path of ['/health', '/v1/usage', '/v1/models']) {
        said.push(await (await relay.fetch(path, { headers: { authorization: `Bearer ${key}` } })).text());
      }
    }
    await relay.relay.parts.ledger.flush();
    for (const by of ['key', 'model', 'door', 'format']) {
      said.push(await usageOutput(relay, '--by', by, '--json'), await usageOutput(relay, '--by', by));
    }
    for (const words of [['list'], ['list', '--json'], ['show', first.name], ['show', first.secret]]) {
      const { out, err } = await runKeys(words, env);
      said.push(out, err);
    }

    const { access_token: access, refresh_token: refresh } = JSON.parse(
      readFileSync(relay.credentialsFile, 'utf8'),
    ) as Record<string, string>;
    const secrets = { first: first.secret, second, owner: RELAY_KEY, access, refresh, API_KEY, SPARE_KEY };
    const files = readdirSync(relay.folder).filter((name) => name.startsWith('relay.db'));
    expect(files).toContain('relay.db-wal');
    const places = new Map([
      ...files.map((name) => [name, readFileSync(join(relay.folder, name), 'latin1')] as const),
      ['log', relay.logs.join('\n')],
      // A model that does not exist is told by its name, to whoever has written it.
      ['answers', said.filter((text) => !text.includes('does not exist')).join('\n')],
    ]);
    // What is there to be found is found.
    expect(places.get('relay.db-wal')).toContain(first.name);
    expect(places.get('log')).toContain('request');
    for (const [place, text] of places) {
      for (const [name, secret] of Object.entries(secrets)) {
        expect(secret).toMatch(/.{16}/);
        // The first characters of a client key are how it is recognised.
        expect([place, name, text.includes(secret?.slice(8) ?? '')]).toEqual([place, name, false]);
      }
      if (place !== 'answers') expect([place, text.includes(PROMPT)]).toEqual([place, false]);
    }
  } finally {
    await relay.close();
  }
});
