import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { answerPings } from '../../src/engine/pongs.ts';

let server: WebSocketServer;
let asked: WebSocket;
let asking: WebSocket;
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
  await once(server, 'listening');
});
afterAll(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});
beforeEach(async () => {
  asking = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  [asked] = (await once(server, 'connection')) as [WebSocket];
  answerPings(asked);
  await once(asking, 'open');
});

/** Each says its number, all come in one piece. */
const pings = (count: number, letters = 6): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      Buffer.concat([
        Buffer.from([0x89, 0x80 | letters, 0, 0, 0, 0]),
        Buffer.from(String(index).padStart(letters, '0')),
      ]),
    ),
  );
const write = (bytes: Buffer): void => {
  (Reflect.get(asking, '_socket') as Socket).write(bytes);
};

test('R25: a hundred thousand pings at once end nothing, and the last is answered', async () => {
  const heard: number[] = [];
  const last = new Promise<void>((resolve) => {
    asking.on('pong', (said) => {
      heard.push(Number(said.toString()));
      if (heard.at(-1) === 99_999) resolve();
    });
  });
  write(pings(100_000));
  await last;
  expect(heard).toEqual(heard.toSorted((one, other) => one - other));
  expect(asking.readyState).toBe(WebSocket.OPEN);
});

test('each of those that come one by one is answered', async () => {
  for (const said of ['a', '', 'b']) {
    asking.ping(said);
    expect(String(await once(asking, 'pong'))).toBe(said);
  }
});

test('R25: who asks and reads no answer leaves one answer waiting', async () => {
  asking.pause();
  for (let round = 0; round < 6; round += 1) {
    write(pings(20_000, 125));
    await delay(10);
  }
  expect(asked.bufferedAmount).toBeLessThan(1024);
  expect(asked.readyState).toBe(WebSocket.OPEN);
  asking.resume();
  expect(await once(asking, 'pong')).toHaveLength(1);
});
