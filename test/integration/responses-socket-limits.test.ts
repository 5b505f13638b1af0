/** What holds for requests over HTTP holds for those on a WebSocket: keys, crowds, slow readers, slow senders, memory. */
import { afterEach, describe, expect, test } from 'vitest';
import { answering, stallAfter, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import * as scripted from '../../src/simulator/scripted.ts';
import { databaseOf, makeKey, runKeys } from '../keys/people.ts';
import { openLimited } from '../support/limited.ts';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { checkFrames, openSocket } from '../support/responses-socket.ts';
import type { ResponsesSocket } from '../support/responses-socket.ts';
import { eventually } from '../support/eventually.ts';

const MODEL = 'gemini-3-pro-preview';
const SAY = { model: MODEL, store: false, input: 'say exactly: Hello, you.' };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const start = async (options?: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  closing.push(() => relay.close());
  return relay;
};
const open = async ({ url }: Pick<TestRelay, 'url'>, key: string): Promise<ResponsesSocket> => {
  const socket = await openSocket(`${url}/v1/responses`, { headers: { authorization: `Bearer ${key}` } });
  closing.push(() => {
    socket.ws.terminate();
  });
  return socket;
};
const ask = async (socket: ResponsesSocket, request: object = SAY) => {
  socket.send(request);
  return (await socket.answer()).at(-1);
};

describe('a client key', () => {
  const withKey = async (...options: readonly string[]) => {
    const relay = await start({ env: { DATABASE_URL: undefined } });
    const made = await makeKey(databaseOf(relay), ...options);
    const socket = await eventually(() => open(relay, made.secret), 200);
    return { relay, socket, ...made };
  };

  test('has its limit over the whole of a socket, which serves on', async () => {
    const { relay, socket } = await withKey('--rpm', '2');
    socket.send(SAY);
    const first = checkFrames(await socket.answer());
    expect(first.events[0]?.['headers']).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
    });
    expect(await ask(socket)).toMatchObject({ type: 'response.completed' });
    expect(await ask(socket)).toMatchObject({
      type: 'error',
      status: 429,
      error: { code: 'rate_limit_exceeded', message: expect.stringMatching(/try again in [\d.]+s/) as string },
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string, 'x-ratelimit-remaining-requests': '0' },
    });
    expect(relay.simulator.asked('generate')).toHaveLength(2);
    expect(socket.ws.readyState).toBe(socket.ws.OPEN);
  });

  test('opens its models alone', async () => {
    const { socket } = await withKey('--models', 'gemini-2.5-*');
    expect(await ask(socket)).toMatchObject({ type: 'error', status: 403, error: { code: 'model_not_allowed' } });
    expect(await ask(socket, { ...SAY, model: 'gemini-2.5-flash' })).toMatchObject({ type: 'response.completed' });
  });

  test('that is disabled ends what its open sockets may ask', async () => {
    const { relay, socket, name } = await withKey();
    expect(await ask(socket)).toMatchObject({ type: 'response.completed' });
    expect((await runKeys(['disable', name], databaseOf(relay))).exit).toBe(0);
    await eventually(async () => {
      expect(await ask(socket)).toMatchObject({ type: 'error', status: 401 });
    }, 200);
  });

  test('has so many requests at once, on however many sockets', async () => {
    const { relay, socket, secret } = await withKey('--concurrent', '1');
    relay.simulator.next('generate', stallAfter(1));
    socket.send(SAY);
    await socket.next();
    const other = await open(relay, secret);
    expect(await ask(other)).toMatchObject({ type: 'error', status: 429 });
    socket.ws.terminate();
    await eventually(async () => {
      expect(await ask(other)).toMatchObject({ type: 'response.completed' });
    });
  });
});

describe('a crowd', () => {
  test('waits for places and is refused beyond them, as over HTTP', async () => {
    const relay = await start({ env: { MAX_CONCURRENT_REQUESTS: '1', MAX_QUEUED_REQUESTS: '1' } });
    relay.simulator.next('generate', stallBeforeHeaders());
    const [served, waiting, refused] = await Promise.all([0, 1, 2].map(() => open(relay, relay.key)));
    served?.send(SAY);
    await relay.simulator.until(() => relay.simulator.asked('generate').length === 1);
    waiting?.send(SAY);
    await eventually(async () => {
      expect(await (await relay.fetch('/health')).json()).toMatchObject({ requests: { active: 1, queued: 1 } });
    });
    expect(refused && (await ask(refused))).toMatchObject({
      type: 'error',
      status: 503,
      error: { code: 'server_overloaded' },
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string },
    });
    served?.ws.terminate();
    expect((await waiting?.answer())?.at(-1)).toMatchObject({ type: 'response.completed' });
    expect(refused && (await ask(refused))).toMatchObject({ type: 'response.completed' });
  });

  test('of idle sockets makes room for a new connection, and takes none from who is at work', async () => {
    const relay = await start();
    const limited = await openLimited(relay, { maxConnections: 3 });
    closing.push(limited.close);
    const busy = await open(limited, relay.key);
    relay.simulator.next('generate', stallAfter(1));
    busy.send(SAY);
    await busy.next();
    const idle = await open(limited, relay.key);
    await open(limited, relay.key);
    await open(limited, relay.key);
    expect((await idle.closed)[0]).toBe(1006);
    expect(busy.ws.readyState).toBe(busy.ws.OPEN);
  });
});

describe('whoever is too slow', () => {
  test('at reading is cut, and the answer with it', async () => {
    const relay = await start();
    // With room for what the answer keeps until its end.
    const impatient = await openLimited(relay, { slowReaderMs: 500, maxBodiesBytes: 100_000_000 });
    closing.push(impatient.close);
    const socket = await open(impatient, relay.key);
    const long = scripted.says('x'.repeat(64_000));
    relay.simulator.next('generate', answering(...Array.from({ length: 400 }, () => long.slice(0, 1)).flat(), ...long));
    socket.send(SAY);
    await socket.next();
    socket.ws.pause();
    await relay.simulator.until(() => relay.simulator.asked('generate')[0]?.aborted === true, 10_000);
    socket.ws.resume();
    expect((await socket.closed)[0]).toBe(1006);
  });

  test('at sending a message is told so, and cut', async () => {
    const relay = await start();
    const impatient = await openLimited(relay, { receiveTimeoutMs: 300 });
    closing.push(impatient.close);
    const socket = await open(impatient, relay.key);
    socket.ws.send('{"type":"response.create"', { fin: false });
    expect(await socket.next()).toMatchObject({ type: 'error', status: 408 });
    expect((await socket.closed)[0]).toBe(1006);
  });
});

test('messages that arrive count with the bodies of all requests', async () => {
  const relay = await start();
  const small = await openLimited(relay, { maxBodiesBytes: 300_000 });
  closing.push(small.close);
  const [first, second] = await Promise.all([0, 1].map(() => open(small, relay.key)));
  first?.ws.send('x'.repeat(250_000), { fin: false });
  second?.ws.send('x'.repeat(250_000), { fin: false });
  const refused = await Promise.race([first?.next(), second?.next()]);
  expect(refused).toMatchObject({ type: 'error', status: 503 });
});
