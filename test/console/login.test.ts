/** The browser login from the page, and settings for clients. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { errorOf, openSession } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeEach(async () => {
  relay = await startRelay({ door: 'none' });
  visitor = await openSession(relay);
});
afterEach(() => relay.close());

interface State {
  readonly state: string;
  readonly url: string | null;
  readonly message: string;
}

const post = async (path: string, body: object = {}): Promise<State> =>
  (await (await visitor.ask('POST', path, body)).json()) as State;

/** Google's consent, up to the address that it sends the browser back to. */
const consent = async (url: string): Promise<string> =>
  (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';

describe('login', () => {
  test('by pasting the address on which the browser ended: the relay serves at once', async () => {
    expect(await visitor.get('login')).toMatchObject({ state: 'none', url: null });
    const begun = await post('login');
    expect(begun).toMatchObject({ state: 'waiting', url: expect.stringContaining('code_challenge=') as string });
    expect(await post('login')).toEqual(begun);
    expect(await visitor.get('login')).toEqual(begun);
    for (const pasted of ['something else', 'http://localhost:1/?state=other&code=4/abcdefgh', begun.url ?? '']) {
      expect(await errorOf(await visitor.ask('POST', 'login/finish', { pasted }))).toMatchObject({
        ...{ status: 400, code: 'invalid_value', param: 'pasted' },
        message: expect.stringMatching(/address|code/) as string,
      });
    }
    const back = await consent(begun.url ?? '');
    expect(await post('login/finish', { pasted: back })).toMatchObject({ state: 'done', url: null });
    const chat = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] };
    expect((await relay.post('/v1/chat/completions', chat)).status).toBe(200);
    // Neither code nor tokens are told to anybody.
    const { refresh_token: token } = JSON.parse(readFileSync(relay.credentialsFile, 'utf8')) as {
      refresh_token: string;
    };
    const code = new URL(back).searchParams.get('code') ?? '?';
    for (const secret of [token, code]) {
      expect(relay.logs.join('')).not.toContain(secret);
      expect(JSON.stringify(await visitor.get('login'))).not.toContain(secret);
    }
  });

  test('pasted twice at once: each is told of what it gave', async () => {
    const { url } = await post('login');
    const back = await consent(url ?? '');
    const both = await Promise.all([post('login/finish', { pasted: back }), post('login/finish', { pasted: back })]);
    expect(both).toMatchObject([{ state: 'done' }, { state: 'done' }]);
  });

  test('by the callback, where the browser is on this machine', async () => {
    const { url } = await post('login');
    const page = await fetch(await consent(url ?? ''));
    expect(await page.text()).toContain('You are logged in');
    await eventually(async () => {
      expect(await visitor.get('login')).toMatchObject({ state: 'done' });
    });
  });

  test('declined; without a login under way; and once more', async () => {
    const { url } = await post('login');
    const back = new URL(await consent(url ?? ''));
    back.searchParams.delete('code');
    back.searchParams.set('error', 'access_denied');
    expect(await post('login/finish', { pasted: back.href })).toMatchObject({ state: 'failed' });
    expect(existsSync(relay.credentialsFile)).toBe(false);
    expect(await errorOf(await visitor.ask('POST', 'login/finish', { pasted: back.href }))).toMatchObject({
      status: 404,
    });
    expect(await post('login')).toMatchObject({ state: 'waiting' });
  });

  test('nothing where GEMINI_CREDENTIALS is set', async () => {
    const set = await startRelay({
      door: 'none',
      env: { GEMINI_CREDENTIALS: JSON.stringify(relay.simulator.credentials) },
    });
    try {
      const there = await openSession(set);
      expect(await errorOf(await there.ask('POST', 'login'))).toMatchObject({ status: 409, code: 'setting_locked' });
    } finally {
      await set.close();
    }
  });
});
