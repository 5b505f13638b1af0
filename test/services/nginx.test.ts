/** What docs/deploy.md puts before one relay: nginx as it stands there, asked by callers of several addresses. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readPage } from '../docs/page.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { startNginxWith } from './nginx.ts';
import type { Proxy } from './nginx.ts';

/** Wrong keys of one address that are answered as such; all further ones are too many. */
const FREE_TRIES = 10;

const running: { readonly relay: TestRelay; readonly nginx: Proxy }[] = [];

beforeAll(async () => {
  const relay = await startRelay({ env: { TRUST_PROXY_HOPS: '1' } });
  const [, map = '', location = ''] =
    /```nginx\n(map [^`]*?\n}\n)\n(location [^`]*)```/.exec(readPage('docs/deploy.md')) ?? [];
  const nginx = await startNginxWith(
    (port) =>
      `events {}\nhttp {\n${map}\nserver {\nlisten 127.0.0.1:${port};\n` +
      `${location.replace('127.0.0.1:8888', `127.0.0.1:${relay.port}`)}\n}\n}\n`,
  );
  running.push({ relay, nginx });
});

afterAll(async () => {
  for (const { relay, nginx } of running) {
    await nginx.stop();
    await relay.close();
  }
});

const only = (): (typeof running)[number] => {
  const [first] = running;
  if (!first) throw new Error('nothing runs');
  return first;
};

/** From one of this machine's own addresses, each time with another claim of where it comes from. */
const statusOf = (from: string, claim: number, key: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': `203.0.113.${claim}` };
    request(`${only().nginx.url}/v1/models`, { localAddress: from, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });

test('wrong keys are counted for the address that they come from, whatever it claims', async () => {
  for (let count = 1; count <= FREE_TRIES; count += 1) expect(await statusOf('127.0.0.2', count, 'wrong')).toBe(401);
  expect(await statusOf('127.0.0.2', 99, 'wrong')).toBe(429);
  expect(await statusOf('127.0.0.3', 99, 'wrong')).toBe(401);
  expect(await statusOf('127.0.0.2', 99, RELAY_KEY)).toBe(200);
});

test('addresses that the relay tells are those that its clients use', async () => {
  const answer = await fetch(`${only().nginx.url}/console/api/connect`, {
    headers: { authorization: `Bearer ${RELAY_KEY}` },
  });
  expect(await answer.text()).toContain(only().nginx.url);
});

test('a WebSocket passes', async () => {
  const socket = new WebSocket(`${only().nginx.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${RELAY_KEY}` },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.close();
});
