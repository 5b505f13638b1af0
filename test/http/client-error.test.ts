import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClientErrors } from '../../src/http/client-error.ts';
import type { Dialect } from '../../src/http/dialect.ts';
import { createSystem } from '../../src/system.ts';

const DIALECT: Dialect = {
  name: 'plain',
  title: 'Plain',
  base: '',
  endpoints: [],
  owns: () => true,
  speaks: () => true,
  renderError: ({ status }) => ({ status, headers: {}, body: 'too slow' }),
};

/** So long the head of a request may take. */
const HEAD_MS = 200;
const ANSWER_MS = 1500;

let server: Server;
beforeAll(async () => {
  server = createServer({ headersTimeout: HEAD_MS, connectionsCheckingInterval: 20 }, (req, res) => {
    setTimeout(() => res.end(req.url), req.url === '/slow' ? ANSWER_MS : 0);
  });
  server.on(
    'clientError',
    createClientErrors([DIALECT], createSystem(), () => undefined),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const told = async (rest: string): Promise<string[]> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /late HTTP/1.1\r\n');
  // While the first is answered, the head of the second takes too long.
  await delay(HEAD_MS * 3);
  socket.write(rest);
  await delay(ANSWER_MS + 500);
  socket.destroy();
  return text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
};

test('a head that comes too slowly behind a request is told when that one is answered', async () => {
  expect(await told('')).toEqual(['HTTP/1.1 200', 'HTTP/1.1 408']);
});

test('one that has come by then is answered, and not told twice', async () => {
  expect(await told('Host: x\r\n\r\n')).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
});
