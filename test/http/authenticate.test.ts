import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from 'koa';
import { createCallers, NOBODY } from '../../src/callers/caller.ts';
import { createAddressRights } from '../../src/http/address-rights.ts';
import { createDoorkeeper } from '../../src/http/authenticate.ts';
import { sendJson } from '../../src/http/respond.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

const SECOND = 'second-key-of-these-tests-987654';

/** Past fetch, which tidies paths and headers. */
const get = (
  porch: Porch,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: porch.port, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
      });
    });
    sent.on('error', reject).end();
  });

const basic = (pair: string): string => Buffer.from(pair).toString('base64');

describe('authenticate', () => {
  let porch: Porch;
  beforeAll(async () => {
    porch = await openPorch({
      keys: [
        { name: 'FIRST', value: KEY },
        { name: 'SECOND', value: SECOND },
        { name: 'EMPTY', value: ' ' },
      ],
      mount: (router) => {
        router.get('/v1/who', (ctx) => {
          sendJson(
            ctx,
            JSON.stringify({ caller: ctx.state.caller.name, url: ctx.originalUrl, query: ctx.querystring }),
          );
        });
      },
    });
  });
  afterAll(() => porch.close());

  test.each<[string, string, Record<string, string>, string]>([
    ['Bearer', '', { authorization: `Bearer ${KEY}` }, 'FIRST'],
    ['bearer in any case, more blanks', '', { authorization: `bEARER   ${SECOND} ` }, 'SECOND'],
    ['Basic with any user', '', { authorization: `Basic ${basic(`any:${KEY}`)}` }, 'FIRST'],
    ['x-goog-api-key', '', { 'x-goog-api-key': SECOND }, 'SECOND'],
    ['x-api-key', '', { 'x-api-key': KEY }, 'FIRST'],
    ['?key=', `?a=1&key=${KEY}`, {}, 'FIRST'],
    ['an escaped ?key=', `?k%65y=${KEY.replaceAll('key', '%6bey')}`, {}, 'FIRST'],
    ['the same key twice in the URL', `?key=${KEY}&key=${KEY}`, {}, 'FIRST'],
    [
      'H4: a token of the Space in Authorization, ours beside it',
      '',
      { authorization: 'Bearer hf_other', 'x-api-key': KEY },
      'FIRST',
    ],
  ])('S5: %s lets in', async (_name, query, headers, caller) => {
    const { status, body } = await get(porch, `/v1/who${query}`, headers);
    expect([status, (JSON.parse(body) as { caller: string }).caller]).toEqual([200, caller]);
  });

  test.each<[string, string, Record<string, string>, RegExp]>([
    ['nothing', '', {}, /No key was presented/],
    ['a wrong key', '', { authorization: 'Bearer canary-1' }, /a key behind "Bearer"/],
    ['Bearer with a colon', '', { authorization: `Bearer: ${KEY}` }, /"Bearer:".*without a colon/],
    ['no scheme', '', { authorization: KEY }, /without a scheme/],
    ['another scheme', '', { authorization: `Token ${KEY}` }, /scheme other than/],
    ['Bearer and nothing', '', { authorization: 'Bearer ' }, /without a value/],
    ['an empty header', '', { 'x-api-key': '' }, /x-api-key without a value/],
    ['an empty ?key=', '?key=', {}, /"key" parameter/],
    ['blanks only', '?key=%20', {}, /"key" parameter/],
    ['a Basic without a colon', '', { authorization: `Basic ${basic(KEY)}` }, /"Basic".*without a value/],
    ['two different keys in the URL', `?key=${KEY}&key=canary-2`, {}, /two different/],
    [
      'two different keys in the URL, whatever else',
      `?key=${KEY}&key=x`,
      { authorization: `Bearer ${KEY}` },
      /two different/,
    ],
  ])('T4: %s is refused, and told what was seen', async (_name, query, headers, seen) => {
    const { status, body, headers: answer } = await get(porch, `/v1/who${query}`, headers);
    expect(status).toBe(401);
    expect(answer['www-authenticate']).toBe('Bearer');
    const refusal = JSON.parse(body) as { message: string; reason: string };
    expect(refusal.message).toMatch(seen);
    expect(refusal.reason).toBe('invalid_api_key');
    expect(body).not.toMatch(new RegExp(`canary|${KEY}`));
  });

  test.each(['//health', '/health/../v1/models', '/HEALTH', '/health%2f..', '/livez/', '/health;a', '/./livez'])(
    'S5: %s is not open',
    async (path) => {
      expect((await get(porch, path)).status).toBe(401);
    },
  );

  test.each(['/', '/livez', '/health', '/health?x=1'])('S5: %s is open', async (path) => {
    expect((await get(porch, path)).status).toBe(200);
  });

  test('S8: the key in the URL is gone before anything can log or pass it on', async () => {
    const { body } = await get(porch, `/v1/who?x=1&key=${KEY}&y=2`);
    expect(JSON.parse(body)).toMatchObject({ url: '/v1/who?x=1&y=2', query: 'x=1&y=2' });
    expect(porch.lines.join('')).not.toContain(KEY);
  });

  test('S6: the refusal comes in the words of the path', async () => {
    expect((await get(porch, '/v1beta/models')).body).toMatch(/"family":"second"/);
    expect((await get(porch, '/v1/models')).body).toMatch(/"family":"first"/);
  });

  test('a forwarded address counts for nothing by itself', async () => {
    await get(porch, '/v1/who', { 'x-api-key': 'wrong', 'x-forwarded-for': '203.0.113.9' });
    expect(porch.lines.join('')).not.toContain('203.0.113.9');
  });
});

describe('S7: guessing', () => {
  test('after ten wrong keys wrong keys get 429, the right one still comes in', async () => {
    const porch = await openPorch({
      mount: (router) => {
        router.get('/v1/who', (ctx) => {
          sendJson(ctx, '{}');
        });
      },
    });
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      const answer = await porch.fetch('/v1/who', { headers: { authorization: `Bearer wrong-${tries}` } });
      statuses.push(answer.status);
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect((await porch.fetch('/v1/who')).status).toBe(200);
    // One line at the first, one when it goes too far.
    expect(porch.entries().filter(({ level }) => level === 'warn')).toHaveLength(2);
    await porch.close();
  });

  test('with TRUST_PROXY_HOPS the address is that many steps from the right', async () => {
    const porch = await openPorch({ trustProxyHops: 2 });
    const from = (forwarded: string) =>
      porch.fetch('/v1/who', { headers: { authorization: 'Bearer wrong', 'x-forwarded-for': forwarded } });
    await from('1.1.1.1, 2.2.2.2, 3.3.3.3');
    expect(porch.entries('wrong key')).toMatchObject([{ address: '2.2.2.2' }]);
    await porch.close();
  });
});

test('an address that is a right lets its holder in without a key, and is a guess where it is a right to nothing', async () => {
  let guesses = 0;
  const holder = { ...NOBODY, id: 'ann', name: 'ann' };
  const doorkeeper = createDoorkeeper(createCallers([{ name: 'FIRST', value: KEY }]), {
    guesses: {
      count: () => {
        guesses += 1;
        return Promise.resolve();
      },
    },
    rights: createAddressRights({
      nameAt: (path) => (path.startsWith('/right/') ? path.slice('/right/'.length) : undefined),
      ownerOf: (name) => Promise.resolve({ hers: 'ann', gone: 'bob', ours: 'owner' }[name]),
      clients: { known: () => Promise.resolve(true), withId: (id) => (id === 'ann' ? holder : undefined) },
      ownersName: 'FIRST',
    }),
  });
  const ask = (path: string, headers: Record<string, string> = {}) =>
    doorkeeper.lookAgain({
      query: {},
      req: { socket: {} },
      state: { path, requestHeaders: headers, urlKeys: [] },
    } as unknown as Context);
  expect(await ask('/right/hers')).toBe(holder);
  expect(await ask('/right/ours')).toMatchObject({ id: 'owner', name: 'FIRST', limits: undefined });
  await expect(ask('/elsewhere')).rejects.toMatchObject({ status: 401 });
  expect(guesses).toBe(0);
  for (const path of ['/right/gone', '/right/made-up']) await expect(ask(path)).rejects.toMatchObject({ status: 401 });
  // A wrong key is a wrong key.
  await expect(ask('/right/hers', { 'x-api-key': 'wrong' })).rejects.toMatchObject({ status: 401 });
  expect(guesses).toBe(3);
});
