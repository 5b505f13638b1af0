import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { bodyPieces } from '../../src/http/body-pieces.ts';
import { readJsonBody } from '../../src/http/body.ts';
import { createConnections } from '../../src/http/connections.ts';
import { sendJson } from '../../src/http/respond.ts';
import { sendStream } from '../../src/http/stream.ts';
import { createSystem } from '../../src/system.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch, PorchOptions } from '../support/porch.ts';
import { quietNow } from '../support/machine.ts';

const LARGE = `{"a":"${'x'.repeat(24_000_000)}"}`;

let porch: Porch | undefined;
/** Requests that have come to `/v1/slow`. */
let atWork = 0;
const sockets: (Socket & { isOver?: boolean })[] = [];

const open = async (
  limits: NonNullable<PorchOptions['limits']>,
  slow?: Promise<unknown>,
  system = createSystem(),
): Promise<Porch> => {
  atWork = 0;
  porch = await openPorch({
    limits,
    system,
    mount: (router) => {
      router.get('/v1/large', (ctx) => {
        sendJson(ctx, LARGE);
      });
      router.get('/v1/large-stream', (ctx) =>
        sendStream(
          ctx,
          Promise.resolve([LARGE]),
          {
            contentType: 'text/plain',
            heartbeat: () => '',
            encode: (batch) => batch,
            end: () => '',
            fail: () => '',
            cutAfterFailure: true,
          },
          15_000,
        ),
      );
      router.get('/v1/large-koa', (ctx) => {
        ctx.body = LARGE;
      });
      router.post('/v1/echo', async (ctx) => {
        sendJson(ctx, JSON.stringify(await readJsonBody(ctx)));
      });
      router.post('/v1/passed', async (ctx) => {
        for await (const piece of bodyPieces(ctx)) expect(piece.length).toBeGreaterThan(0);
        sendJson(ctx, '{}');
      });
      router.get('/v1/slow', async (ctx) => {
        atWork += 1;
        await slow;
        sendJson(ctx, '{}');
      });
    },
  });
  return porch;
};

const dial = async (to: Porch, bytes = '', localAddress = '127.0.0.1'): Promise<Socket & { isOver?: boolean }> => {
  const socket: Socket & { isOver?: boolean } = connect({ port: to.port, host: '127.0.0.1', localAddress });
  sockets.push(socket);
  socket.on('error', () => undefined).on('close', () => (socket.isOver = true));
  await new Promise((resolve) => socket.once('connect', resolve));
  if (bytes !== '') socket.write(bytes);
  return socket;
};

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n\r\n`;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await porch?.close();
});

describe('R24: connections on which nothing goes on keep nobody out', () => {
  test('at the limit the longest idle one goes, none with a request, and it is said once', async () => {
    const gate = Promise.withResolvers<undefined>();
    const to = await open({ maxConnections: 4 }, gate.promise);
    const busy = await dial(to, get('/v1/slow'));
    let heard = '';
    busy.setEncoding('latin1').on('data', (text: string) => (heard += text));
    const [first, second, third] = [await dial(to), await dial(to), await dial(to)];
    await expect.poll(() => to.entries('connections are full, idle ones are closed').length).toBe(0);
    const fourth = await dial(to);
    await expect.poll(() => first.isOver).toBe(true);
    const fifth = await dial(to);
    await expect.poll(() => second.isOver).toBe(true);
    expect([third, fourth, fifth, busy].map(({ isOver }) => isOver ?? false)).toEqual([false, false, false, false]);
    expect(to.entries('connections are full, idle ones are closed')).toEqual([
      expect.objectContaining({ level: 'warn', limit: 4, address: '127.0.0.1', ofAddress: 4, closed: 1 }),
    ]);
    gate.resolve(undefined);
    await expect.poll(() => heard).toMatch(/^HTTP\/1\.1 200/);
  });

  test('none goes whose request waits for its turn among many that came at once', async () => {
    const to = await open({ maxConnections: 200 });
    const crowd: (Socket & { isOver?: boolean })[] = [];
    for (let count = 0; count < 200; count += 1) crowd.push(await dial(to).then((socket) => socket.resume()));
    for (const socket of crowd) socket.write(get('/v1/slow'));
    await Promise.all(Array.from({ length: 20 }, () => dial(to)));
    // A connection may have to go before its question was read, and then has asked nothing.
    const waits = ({ bytesRead, isOver }: (typeof crowd)[number]): boolean => isOver !== true && bytesRead === 0;
    await expect.poll(() => crowd.some(waits)).toBe(false);
    await expect.poll(() => to.entries('request').length).toBeGreaterThan(100);
    expect(to.entries('request').filter(({ status }) => status !== 200)).toEqual([]);
  });

  test('a crowd from one address costs only that address its connections', async () => {
    const to = await open({ maxConnections: 6 });
    const owner = await dial(to, get('/v1/slow'), '127.0.0.2');
    const crowd: (Socket & { isOver?: boolean })[] = [];
    for (let count = 0; count < 20; count += 1) crowd.push(await dial(to, '', '127.0.0.3'));
    await expect.poll(() => crowd.filter(({ isOver }) => isOver !== true).length).toBe(5);
    expect(owner.isOver).toBeUndefined();
    expect((await to.fetch('/v1/slow')).status).toBe(200);
  });

  test('who comes when all are at work is turned away', async () => {
    const gate = Promise.withResolvers<undefined>();
    const to = await open({ maxConnections: 2 }, gate.promise);
    const busy = [await dial(to, get('/v1/slow')), await dial(to, get('/v1/slow'))];
    await expect.poll(() => atWork).toBe(2);
    const late = await dial(to);
    await expect.poll(() => late.isOver).toBe(true);
    expect(busy.some(({ isOver }) => isOver)).toBe(false);
    gate.resolve(undefined);
  });

  const announced = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 20\r\n\r\n{`;

  test.each([
    ['bodies that dawdle', announced('/v1/echo')],
    ['uploads that dawdle', announced('/v1/passed')],
    ['answers that are not taken', get('/v1/large')],
  ])('those with %s give way', async (_name, bytes) => {
    const to = await open({ maxConnections: 3 });
    const crowd = [await dial(to, bytes), await dial(to, bytes), await dial(to, bytes)];
    for (const socket of crowd) socket.pause();
    // From a second on a body dawdles.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect((await fetch(`${to.url}/livez`)).status).toBe(200);
    // One request of the crowd's is over, and the one for /livez.
    await expect.poll(() => to.entries('request').length).toBe(2);
    expect(to.entries('connections are full, idle ones are closed')).toHaveLength(1);
  });

  test('one whose body has come at last is at work again, and stays', async () => {
    const to = await open({ maxConnections: 2 });
    const late = await dial(to, announced('/v1/echo'));
    let heard = '';
    late.setEncoding('latin1').on('data', (text: string) => (heard += text));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    late.write(`"a":${'1'.repeat(14)}}`);
    await expect.poll(() => heard).toMatch(/^HTTP\/1\.1 200/);
    const idle = await dial(to);
    await dial(to);
    // Now the one that has asked before is as idle as the other, and for a shorter time than it has been there.
    await expect.poll(() => [late.isOver ?? false, idle.isOver ?? false]).toEqual([true, false]);
  });

  test('100,000 that come and go leave nothing behind', () => {
    const said: unknown[] = [];
    const log = { warn: (_text: string, fields: unknown) => said.push(fields) };
    const connections = createConnections(createSystem(), log, 100);
    let destroyed = 0;
    for (let count = 0; count < 100_000; count += 1) {
      const socket = { remoteAddress: `10.0.0.${count % 50}`, on: () => undefined, destroy: () => (destroyed += 1) };
      connections.open(socket as unknown as Socket);
    }
    expect(destroyed).toBe(99_900);
    expect(said).toHaveLength(1);
  });
});

describe('R23: who takes next to nothing of an answer is cut, whatever it sends meanwhile', () => {
  test.each(['/v1/large', '/v1/large-koa'])('%s', async (path) => {
    const to = await open({ slowReaderMs: 400 });
    const begun = performance.now();
    const reader = await dial(to, get(path));
    reader.pause();
    reader.write('GET /v1/slow HTTP/1.1\r\nx-more: ');
    const sending = setInterval(() => reader.write('x'), 50);
    await expect.poll(() => to.entries('request').length, { timeout: 10_000 }).toBe(1);
    clearInterval(sending);
    expect(performance.now() - begun).toBeGreaterThan(350);
    expect(to.entries('request')).toEqual([expect.objectContaining({ error: 'slow_reader' })]);
  });

  test.each(['/v1/large', '/v1/large-koa', '/v1/large-stream'])(
    'where answers that are not taken fill the memory, whoever waits longest goes (%s)',
    async (path) => {
      const to = await open({ maxUnreadBytes: 60_000_000 });
      const crowd: Socket[] = [];
      for (let count = 0; count < 4; count += 1) {
        crowd.push((await dial(to, get(path))).pause());
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      const cut = expect.objectContaining({ error: 'slow_reader' }) as unknown;
      await expect.poll(() => to.entries('request')).toEqual([cut, cut]);
      const whole = await to.fetch(path);
      expect((await whole.text()).length).toBe(LARGE.length);
      expect(to.entries('request')).toEqual([cut, cut, cut, expect.not.objectContaining({ error: 'slow_reader' })]);
    },
  );

  test('who reads slowly, but reads, is not', async () => {
    // The reader is in this process: what keeps one of them from its work keeps the other.
    const to = await open({ slowReaderMs: 300 }, undefined, { ...createSystem(), monotonic: quietNow });
    const reader = await dial(to, get('/v1/large'));
    let bytes = 0;
    let sincePause = 0;
    reader.on('data', (piece: Buffer) => {
      bytes += piece.length;
      sincePause += piece.length;
      if (sincePause < 400_000) return;
      sincePause = 0;
      reader.pause();
      setTimeout(() => reader.resume(), 20);
    });
    await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(LARGE.length);
    expect(to.entries('request')).toEqual([expect.not.objectContaining({ error: 'slow_reader' })]);
  }, 120_000);
});
