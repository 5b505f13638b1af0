import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { createSystem } from '../../src/system.ts';
import { createTransport } from '../../src/upstreams/transport.ts';
import type { Transport, TransportSettings } from '../../src/upstreams/transport.ts';
import { collectGarbage } from '../support/garbage.ts';
import { until } from '../support/virtual-system.ts';
import { live, testTransport } from './rig.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const transportWith = (settings: Partial<TransportSettings> = {}): Transport => {
  const transport = testTransport(settings);
  open.push(transport);
  return transport;
};

const listening = async (server: Server | TcpServer): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  });
  return (server.address() as AddressInfo).port;
};

const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> =>
  `http://127.0.0.1:${await listening(createHttpServer(answer))}`;

/** A server below HTTP. */
const serveRaw = async (answer: (socket: Duplex) => void): Promise<number> =>
  listening(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    }),
  );

const failureOf = async (work: Promise<unknown>): Promise<RelayError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof RelayError) return error;
    throw error;
  }
  throw new Error('it went well');
};

const post = (transport: Transport, url: string, signal = live()) =>
  transport.post(url, { headers: { 'content-type': 'application/json' }, body: '{}', signal });

describe('what stays in memory', () => {
  test('of answers that go on: nothing of what they have brought', async () => {
    const piece = Buffer.alloc(48 * 1024, 'x');
    const url = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(200).write(piece));
    });
    const transport = transportWith();
    const begin = async (): Promise<AsyncIterator<Buffer>> => {
      const { body } = await post(transport, url);
      const answer = body[Symbol.asyncIterator]();
      for (let read = 0; read < piece.length;) read += ((await answer.next()).value as Buffer).length;
      return answer;
    };
    await begin();
    await collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const answers = await Promise.all(Array.from({ length: 100 }, begin));
    await collectGarbage();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
    expect(answers).toHaveLength(100);
  });
});

describe('what is sent', () => {
  test('body, headers, our name, and no wish for compression', async () => {
    let seen: IncomingMessage | undefined;
    let body = '';
    const url = await serve((request, response) => {
      seen = request;
      request.on('data', (bytes: Buffer) => (body += bytes.toString()));
      request.on('end', () => response.end('{"ok":true}'));
    });
    const reply = await transportWith().post(`${url}/a/b?c=d`, {
      headers: { 'x-test': '1' },
      body: '{"é":1}',
      signal: live(),
    });
    expect(await reply.text(100)).toBe('{"ok":true}');
    expect(body).toBe('{"é":1}');
    expect(seen?.url).toBe('/a/b?c=d');
    expect(seen?.headers).toMatchObject({
      'user-agent': 'gemini-cli-relay/test',
      'accept-encoding': 'identity',
      'x-test': '1',
      'content-length': '8',
    });
  });

  test('connections are kept, and each carries one request at a time', async () => {
    const sockets = new Set<unknown>();
    const url = await serve((request, response) => {
      sockets.add(request.socket);
      setTimeout(() => response.end('x'), 20);
    });
    const transport = transportWith();
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 5 }, async () => (await post(transport, url)).text(10)));
    }
    // A connection that has ended its answer this very moment is not yet taken again.
    expect(sockets.size).toBeGreaterThanOrEqual(5);
    expect(sockets.size).toBeLessThanOrEqual(10);
  });

  test('R14: redirects are answers, not instructions', async () => {
    let count = 0;
    const url = await serve((_request, response) => {
      count += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const transport = transportWith();
    expect((await post(transport, url)).status).toBe(302);
    expect((await transport.fetch(url)).status).toBe(302);
    expect(count).toBe(2);
  });
});

describe('failures have a kind and a way out', () => {
  test('a refused connection', async () => {
    const port = await serveRaw(() => undefined);
    await open.pop()?.close();
    const error = await failureOf(post(transportWith(), `http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_unreachable', tries: 3 });
    expect(error.message).toContain(`127.0.0.1:${port}: the connection is refused`);
  });

  test('a name that does not resolve', async () => {
    const error = await failureOf(post(transportWith(), 'http://nowhere.invalid/'));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_unreachable', tries: 3 });
    expect(error.message).toMatch(/nowhere\.invalid: (its name does not resolve|name resolution does not answer)/);
  });

  test('a reset in the TLS handshake', async () => {
    const port = await serveRaw((socket) => socket.destroy());
    const error = await failureOf(post(transportWith(), `https://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_unreachable', tries: 3 });
  });

  test('a TLS handshake that never ends', async () => {
    const port = await serveRaw(() => undefined);
    const error = await failureOf(post(transportWith({ connectTimeoutMs: 300 }), `https://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_unreachable', tries: 3 });
    expect(error.message).toContain('CONNECT_TIMEOUT_MS');
  });

  test('the same for another protocol, within a time that was set meanwhile', async () => {
    const port = await serveRaw(() => undefined);
    const settings = {
      ...{ httpsProxy: undefined, httpProxy: undefined, noProxy: undefined, userAgent: 'test' },
      ...{ connectTimeoutMs: 100_000, firstByteTimeoutMs: 100_000, idleTimeoutMs: 100_000 },
    };
    const transport = createTransport(settings, createSystem());
    open.push(transport);
    settings.connectTimeoutMs = 300;
    const url = `https://127.0.0.1:${port}/`;
    const error = await failureOf(transport.upgrade(url, 'websocket', { headers: {}, signal: live() }));
    expect(error.message).toContain('CONNECT_TIMEOUT_MS');
  });

  test('something that is not HTTP', async () => {
    const port = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    const error = await failureOf(post(transportWith(), `http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_bad_response', tries: 1 });
  });

  test('a body longer than its reader takes', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(1000)));
    const reply = await post(transportWith(), url);
    expect(await failureOf(reply.text(999))).toMatchObject({ status: 502, reason: 'upstream_bad_response' });
  });

  test('an excerpt takes what it needs and never fails', async () => {
    const url = await serve((_request, response) => {
      response.write('abcdef');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await (await post(transportWith(), url)).excerpt(3)).toBe('abc');
    expect(await (await post(transportWith(), url)).excerpt(100)).toBe('');
  });
});

describe('R22: an abort is felt at once', () => {
  test('while a connection is being made; the request is never sent', async () => {
    let bytes = 0;
    const port = await serveRaw((socket) => {
      // The handshake's first message comes before any answer; a request would come after one.
      socket.on('data', (data: Buffer) => (bytes += data.length));
    });
    const controller = new AbortController();
    const pending = post(transportWith(), `https://127.0.0.1:${port}/`, controller.signal).catch(
      (error: unknown) => error,
    );
    await until('the handshake has begun', () => bytes > 0);
    const reason = new Error('left');
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });

  test('before anything', async () => {
    await expect(post(transportWith(), 'http://127.0.0.1:9/', AbortSignal.abort(new Error('left')))).rejects.toThrow(
      'left',
    );
  });
});

test('R23: who does not read is not sent more than some buffers full', async () => {
  let written = 0;
  const url = await serve((_request, response) => {
    const piece = Buffer.alloc(65_536);
    const more = (): void => {
      let isRoom = true;
      while (written < 200_000_000 && isRoom) {
        isRoom = response.write(piece);
        written += piece.length;
      }
      response.once('drain', more);
    };
    more();
  });
  const reply = await post(transportWith(), url);
  const iterator = reply.body[Symbol.asyncIterator]();
  await iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const paused = written;
  // The sockets of both ends hold some megabytes; without a pause all 200 would have come by now.
  expect(paused).toBeLessThan(20_000_000);
  for (let count = 0; count < 300; count += 1) await iterator.next();
  await until('the server goes on', () => written > paused);
  await iterator.return?.();
});

describe('limits of time', () => {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  /** Writes a piece each `gapMs`, so many of them, and tells when the connection is gone. */
  const drip = async (count: number, gapMs: number): Promise<{ url: string; closed: () => boolean }> => {
    let isClosed = false;
    const url = await serve((_request, response) => {
      response.on('close', () => (isClosed = true));
      void (async () => {
        for (let index = 0; index < count; index += 1) {
          response.write('x');
          await wait(gapMs);
        }
      })();
    });
    return { url, closed: () => isClosed };
  };

  test('a head that does not come in time, and whose connection is not kept', async () => {
    let isClosed = false;
    const url = await serve((_request, response) => {
      response.on('close', () => (isClosed = true));
    });
    const error = await failureOf(post(transportWith({ firstByteTimeoutMs: 150 }), url));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'upstream_timeout' });
    expect(error.message).toContain('did not begin to answer within 150 ms');
    await until('the connection is closed', () => isClosed);
  });

  test('an answer that arrived while the program was busy is in time', async () => {
    const url = await serve((_request, response) => {
      response.end('in time');
      // The answer is with the system, and nobody can read it.
      for (const end = performance.now() + 400; performance.now() < end;);
    });
    const reply = await post(transportWith({ firstByteTimeoutMs: 150 }), url);
    expect(await reply.text(100)).toBe('in time');
  });

  test('silence ends an answer, bytes that keep coming do not', async () => {
    const { url, closed } = await drip(8, 50);
    const reply = await post(transportWith({ firstByteTimeoutMs: 150, idleTimeoutMs: 150 }), url);
    let read = '';
    const error = await failureOf(
      (async () => {
        for await (const bytes of reply.body) read += bytes.toString();
      })(),
    );
    expect(read).toBe('x'.repeat(8));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'upstream_timeout' });
    expect(error.message).toContain('fell silent in the middle of its answer for 150 ms');
    await until('the connection is closed', closed);
  });

  test('a reader that takes its time is not taken for silence of Google', async () => {
    const { url } = await drip(1, 10);
    const reply = await post(transportWith({ idleTimeoutMs: 150 }), url);
    const iterator = reply.body[Symbol.asyncIterator]();
    await iterator.next();
    await wait(400);
    const startedAt = performance.now();
    await failureOf(iterator.next());
    expect(performance.now() - startedAt).toBeGreaterThan(100);
  });
});

describe('proxies', () => {
  interface Proxy {
    readonly url: string;
    readonly asked: string[];
  }

  const startProxy = async (status = 200): Promise<Proxy> => {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
      response.end('from the proxy');
    });
    server.on('connect', (request: IncomingMessage, socket: Duplex) => {
      asked.push(`CONNECT ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
      socket.on('error', () => undefined);
      if (status !== 200) {
        socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
    });
    return { url: `http://127.0.0.1:${await listening(server)}`, asked };
  };

  test('HTTP_PROXY takes plain requests', async () => {
    const proxy = await startProxy();
    const reply = await post(transportWith({ httpProxy: proxy.url }), 'http://models.example/v1');
    expect(await reply.text(100)).toBe('from the proxy');
    expect(proxy.asked).toEqual(['POST http://models.example/v1 ']);
  });

  test('HTTPS_PROXY tunnels, with its password, and the error names it without', async () => {
    const proxy = await startProxy();
    const withPassword = proxy.url.replace('//', '//user:canary-password@');
    const closed = await serveRaw((socket) => socket.destroy());
    const error = await failureOf(post(transportWith({ httpsProxy: withPassword }), `https://127.0.0.1:${closed}/`));
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${closed} Basic ${btoa('user:canary-password')}`]);
    expect(error.reason).toBe('upstream_unreachable');
    expect(error.message).toContain(proxy.url);
    expect(error.message).not.toContain('canary-password');
  });

  test('NO_PROXY goes past it', async () => {
    const proxy = await startProxy();
    const url = await serve((_request, response) => response.end('direct'));
    const reply = await post(transportWith({ httpProxy: proxy.url, noProxy: 'example.com, 127.0.0.1' }), url);
    expect(await reply.text(100)).toBe('direct');
    expect(proxy.asked).toEqual([]);
  });

  test('a proxy that refuses', async () => {
    const proxy = await startProxy(407);
    const error = await failureOf(post(transportWith({ httpsProxy: proxy.url }), 'https://models.example/'));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_unreachable' });
    expect(error.message).toContain('user name and password');
  });

  test('a proxy that never answers', async () => {
    const port = await serveRaw((socket) => socket.resume());
    const settings = { connectTimeoutMs: 300, firstByteTimeoutMs: 100_000, httpsProxy: `http://127.0.0.1:${port}` };
    const error = await failureOf(post(transportWith(settings), 'https://models.example/'));
    expect(error).toMatchObject({ status: 502, reason: 'upstream_unreachable', doorCause: 'network', tries: 3 });
    expect(error.message).toContain('the proxy does not answer (CONNECT_TIMEOUT_MS)');
  });

  test('the environment of the process plays no part', async () => {
    const proxy = await startProxy();
    process.env['HTTP_PROXY'] = proxy.url;
    try {
      const url = await serve((_request, response) => response.end('direct'));
      const settings = { httpsProxy: 'http://127.0.0.1:9', httpProxy: undefined };
      expect(await (await post(transportWith(), url)).text(100)).toBe('direct');
      await post(transportWith(settings), url).catch(() => undefined);
      expect(proxy.asked).toEqual([]);
    } finally {
      delete process.env['HTTP_PROXY'];
    }
  });
});
