import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../../src/http/server.ts';
import type { RunningServer, Served } from '../../../src/http/server.ts';
import { createSystem } from '../../../src/system.ts';

const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
  const said = `ordinary ${req.method} ${req.url}: ${await text(req)}`;
  res.writeHead(200, { 'content-length': said.length }).end(said);
};

const nothing = () => undefined;
const SERVED: Served = {
  connected: nothing,
  handle: (req, res) => void answer(req, res),
  clientError: (_error, socket) => socket.destroy(),
  wantsUpgrade: ({ method, url, headers }) =>
    method === 'GET' && url === '/socket' && headers['upgrade'] === 'websocket' && headers['x-last'] === 'yes',
  upgrade: ({ socket, url }, head) => {
    socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\ntaken ${url}: ${head.toString()}`);
  },
  leave: nothing,
  drain: nothing,
  heard: () => Promise.resolve(),
  abort: nothing,
  idle: () => Promise.resolve(),
  cut: nothing,
};

const upgrade = (line: string, protocol: string, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: ${protocol}\r\n${more}X-Last: yes\r\n\r\n`;

/** The last that does not ask and the first that does, the oldest that is served, and what runs. */
describe.each(['24.8.0', '24.0.0', '24.9.0', process.versions.node])('the ways of Node %s', (nodeVersion) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await openServer(SERVED, { host: '127.0.0.1', port: 0, nodeVersion }, createSystem());
  });
  afterAll(() => server.close(0));

  const send = async (request: string): Promise<string> => {
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write(request);
    return text(socket);
  };

  test('takes the upgrade that is wanted, with what came behind it', async () => {
    expect(await send(upgrade('GET /socket', 'websocket') + 'a first frame')).toMatch(
      /^HTTP\/1\.1 101 .*\r\n\r\ntaken \/socket: a first frame$/,
    );
  });

  test.each([
    [upgrade('POST /socket', 'h2c', 'Content-Length: 4\r\n') + 'body', 'ordinary POST /socket: body'],
    [upgrade('GET /elsewhere', 'websocket'), 'ordinary GET /elsewhere: '],
    ['GET /socket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'ordinary GET /socket: '],
  ])('serves another as an ordinary request, with its body: %j', async (request, said) => {
    expect((await send(request)).split('\r\n\r\n')[1]).toBe(said);
  });

  test('gives CONNECT to nobody', async () => {
    expect(await send('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  });
});
