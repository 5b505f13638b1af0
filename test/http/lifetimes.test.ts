import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLifetimes } from '../../src/http/lifetimes.ts';
import { createSystem } from '../../src/system.ts';

test('R22: a client that has left before its request is looked at has left early, and nothing of it stays', async () => {
  const lifetimes = createLifetimes(
    { requestTimeoutMs: 60_000, slowReaderMs: 60_000, maxUnreadBytes: 1_000_000 },
    createSystem(),
  );
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: relay\r\n\r\n');
  const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  req.socket.destroy();
  await once(res, 'close');
  const ended: boolean[] = [];
  const { signal } = lifetimes.begin(
    res,
    performance.now(),
    () => undefined,
    (clientLeft) => ended.push(clientLeft),
  );
  await turn();
  expect(ended).toEqual([true]);
  expect(signal.aborted).toBe(true);
  expect(lifetimes.open).toBe(0);
  client.destroy();
  server.close();
});

test('R22: a client that has closed its half before its request is looked at is asked whether it is there', async () => {
  const lifetimes = createLifetimes(
    { requestTimeoutMs: 60_000, slowReaderMs: 60_000, maxUnreadBytes: 1_000_000 },
    createSystem(),
  );
  const server = Object.assign(createServer(), { httpAllowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.end('GET / HTTP/1.1\r\nhost: relay\r\n\r\n');
  const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  if (!req.socket.readableEnded) await once(req.socket, 'end');
  lifetimes.begin(
    res,
    performance.now(),
    () => undefined,
    () => undefined,
  );
  const [told] = (await once(client, 'data')) as [Buffer];
  expect(told.toString()).toContain('100 Continue');
  client.destroy();
  server.close();
});
