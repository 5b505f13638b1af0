import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { readJsonBody } from '../../src/http/body.ts';
import { sendJson } from '../../src/http/respond.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';
import { quietNow } from '../support/machine.ts';

const AUTH = `authorization: Bearer ${KEY}\r\n`;

/** Bytes in, bytes out, until the relay closes or falls silent. */
const raw = (porch: Porch, bytes: string, waitMs = 3000): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const socket = connect(porch.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const timer = setTimeout(() => socket.destroy(), waitMs);
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

describe('the porch', () => {
  let porch: Porch;
  beforeAll(async () => {
    porch = await openPorch({
      listen: { headersTimeoutMs: 300 },
      limits: { receiveTimeoutMs: 600 },
      mount: (router) => {
        router.get('/v1/things', (ctx) => {
          sendJson(ctx, '{"things":[]}');
        });
        router.post('/v1/echo', async (ctx) => {
          sendJson(ctx, JSON.stringify(await readJsonBody(ctx)));
        });
        router.get('/v1/boom', () => {
          throw new TypeError('the inner secret');
        });
        router.get('/v1/refused', () => {
          throw new RelayError('UNAVAILABLE', 'Log in.', { reason: 'login_required', cause: new Error('the cause') });
        });
      },
    });
  });
  afterAll(() => porch.close());

  test.each([
    ['/', 200],
    ['/health', 200],
    ['/v1/things', 200],
    ['/v1/nothing', 404],
    ['/v1/boom', 500],
  ])('S10: %s has the headers of every answer', async (path, status) => {
    const answer = await porch.fetch(path);
    await answer.arrayBuffer();
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-request-id': expect.stringMatching(/^req_[A-Za-z0-9]{24}$/) as unknown,
    });
    expect(answer.headers.has('server') || answer.headers.has('x-powered-by')).toBe(false);
  });

  test.each([
    ['mine-1.2_3', 'mine-1.2_3'],
    ['x'.repeat(65), undefined],
    ['a b', undefined],
    ['<script>', undefined],
  ])('S11: the request id %s', async (sent, kept) => {
    const answer = await porch.fetch('/v1/things', { headers: { 'x-request-id': sent } });
    const id = answer.headers.get('x-request-id') ?? '';
    if (kept === undefined) expect(id).toMatch(/^req_/);
    else expect(id).toBe(kept);
  });

  test('S12: a fault of ours tells the client nothing of itself, and the log its cause', async () => {
    const answer = await porch.fetch('/v1/boom');
    expect(await answer.text()).not.toMatch(/inner secret|TypeError|\.ts/);
    const line = porch
      .entries('request failed')
      .find(({ requestId }) => requestId === answer.headers.get('x-request-id'));
    expect(line).toMatchObject({ level: 'error', error: 'TypeError: the inner secret' });
    expect(porch.lines.join('')).not.toMatch(/\bat .*\.ts:/);
  });

  test('an error that is meant keeps its status and reason', async () => {
    const answer = await porch.fetch('/v1/refused');
    expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ reason: 'login_required' })]);
  });

  test('S14: one line per request, which says how it went and nothing that was said', async () => {
    const body = '{"prompt":"canary-prompt"}';
    const answer = await porch.fetch('/v1/echo?canary=query', { method: 'POST', body });
    await answer.arrayBuffer();
    const id = answer.headers.get('x-request-id');
    const lines = porch.entries('request').filter(({ requestId }) => requestId === id);
    expect(lines).toEqual([
      expect.objectContaining({
        method: 'POST',
        route: '/v1/echo',
        status: 200,
        caller: 'TEST_KEY',
        bytesIn: body.length,
      }),
    ]);
    expect(porch.lines.join('')).not.toMatch(/canary/);
  });

  test.each([
    ['GET', '/v1/echo', 405, 'POST'],
    ['POST', '/v1/things', 405, 'GET, HEAD'],
    ['DELETE', '/v1/things', 405, 'GET, HEAD'],
    ['POST', '/health', 405, 'GET, HEAD'],
    ['PUT', '/', 405, 'GET, HEAD'],
    ['GET', '/v1/nothing', 404, null],
    ['GET', '/V1/nothing', 404, null],
  ])('%s %s is %i and names what is allowed', async (method, path, status, allow) => {
    const answer = await porch.fetch(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, allow]);
    const { message } = (await answer.json()) as { message: string };
    expect(message).toMatch(status === 405 ? /use / : /There is no GET .*The first API is served at GET/);
  });

  test.each([
    ['/v1/thing', 'first', 'GET /v1/things'],
    ['/v1beta/thing', 'second', 'GET /v1beta/things'],
    ['/heath', 'first', 'GET /health'],
  ])('%s: the family names the nearest address in its own form', async (path, family, nearest) => {
    const said: unknown = await (await porch.fetch(path)).json();
    expect(said).toMatchObject({
      family,
      message: expect.stringContaining(` The nearest: ${nearest}. The `) as string,
    });
  });

  test('the family of an unknown path answers', async () => {
    expect(await (await porch.fetch('/v1beta/nothing')).json()).toMatchObject({ family: 'second' });
    expect(await (await porch.fetch('/nothing')).json()).toMatchObject({ family: 'first' });
  });

  test('who asks at an address that is nobody’s alone is answered in the language shown, to the last error', async () => {
    const speaking = (headers: Record<string, string>, method = 'GET') =>
      porch.fetch('/v1/shared', { method, headers }).then((answer) => answer.json());
    expect(await speaking({})).toMatchObject({ family: 'first', code: 'NOT_FOUND' });
    expect(await speaking({ 'x-speaks': 'second' })).toMatchObject({ family: 'second', code: 'NOT_FOUND' });
    expect(await speaking({ 'x-speaks': 'second', authorization: 'Bearer no' })).toMatchObject({
      family: 'second',
      code: 'UNAUTHENTICATED',
    });
    const own = await porch.fetch('/v1/nothing', { headers: { 'x-speaks': 'second' } });
    expect(await own.json()).toMatchObject({ family: 'first' });
  });

  test('HEAD is GET without its body', async () => {
    const answer = await porch.fetch('/v1/things', { method: 'HEAD' });
    expect([answer.status, await answer.text(), answer.headers.get('content-length')]).toEqual([200, '', '13']);
  });

  test('S13: the page for browsers is constant, without script, its style allowed by its hash', async () => {
    const answer = await porch.fetch('/?x=<canary>', { headers: { accept: 'text/html', referer: 'http://canary' } });
    const page = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
    expect(page).not.toMatch(/<script|canary/);
    expect(page).toContain('GET /v1/things');
  });

  test('R31: /health without a key shows the way out and nothing more', async () => {
    const open = (await (await fetch(`${porch.url}/health`)).json()) as object;
    expect(Object.keys(open)).toEqual(['status', 'service', 'upstream', 'message']);
    const keyed = (await (await porch.fetch('/health')).json()) as object;
    expect(keyed).toMatchObject({ version: '1.2.3', credentials: { source: 'file' }, requests: { active: 0 } });
    const wrong = await fetch(`${porch.url}/health`, { headers: { authorization: 'Bearer wrong' } });
    expect([wrong.status, Object.keys((await wrong.json()) as object)]).toEqual([200, Object.keys(open)]);
  });

  test.each<[string, string, number]>([
    [
      'both length and chunked',
      `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a bad chunk', `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a bare CR', `GET /v1/things HTTP/1.1\rhost: x\r\n${AUTH}\r\n`, 400],
    [
      'duplicate length',
      `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
      400,
    ],
    ['unknown transfer coding', `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}transfer-encoding: zip\r\n\r\n{}`, 400],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['who takes it for a proxy', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n', 405],
    ['no Host', `GET /v1/things HTTP/1.1\r\n${AUTH}\r\n`, 400],
    ['two Hosts', `GET /v1/things HTTP/1.1\r\nhost: x\r\nHOST: y\r\n${AUTH}\r\n`, 400],
    [
      'a coding within chunked',
      `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      501,
    ],
    [
      'another expectation',
      `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}expect: 200-ok\r\ncontent-length: 2\r\n\r\n{}`,
      417,
    ],
    [
      'a WebSocket',
      `GET /v1/things HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: WebSocket\r\nsec-websocket-key: a\r\nsec-websocket-version: 13\r\n\r\n`,
      426,
    ],
    ['headers over 16 KiB', `GET /v1beta/x HTTP/1.1\r\nhost: x\r\n${AUTH}a: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    [
      'more than 100 headers',
      `GET /v1/things HTTP/1.1\r\nhost: x\r\n${AUTH}${'a: b\r\n'.repeat(101)}connection: close\r\n\r\n`,
      431,
    ],
    [
      'an address over 8 KiB',
      `GET /v1/things?${'x'.repeat(9000)} HTTP/1.1\r\nhost: x\r\n${AUTH}connection: close\r\n\r\n`,
      414,
    ],
  ])('R28: %s', async (_name, bytes, status) => {
    const answer = await raw(porch, bytes);
    expect([statusOf(answer), answer.includes('"family"')]).toEqual([status, true]);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toMatch(/\r\nx-request-id: req_\w+\r\n/);
    expect(answer).toContain('x-content-type-options: nosniff');
    expect(answer).not.toMatch(/\r\nupgrade:/i);
  });

  test.each([
    ['at once', 0],
    ['while it is read', 100],
  ])(
    'R28: the log says of a body that turns out to be no HTTP, %s, what its client was told',
    async (_when, afterMs) => {
      const id = `no-http-${afterMs}`;
      const socket = connect(porch.port, '127.0.0.1');
      const [told, closed] = [once(socket, 'data'), once(socket, 'close')];
      const begin = `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}x-request-id: ${id}\r\ntransfer-encoding: chunked\r\n\r\n`;
      const pieces = afterMs > 0 ? [`${begin}2\r\n{}\r\n`, 'zz\r\n'] : [`${begin}2\r\n{}\r\nzz\r\n`];
      for (const piece of pieces) {
        socket.write(piece);
        await delay(afterMs);
      }
      expect(statusOf(String((await told)[0]))).toBe(400);
      await closed;
      const lines = porch.entries('request').filter(({ requestId }) => requestId === id);
      expect(lines).toMatchObject([{ status: 400, error: 'invalid_http', route: '/v1/echo' }]);
    },
  );

  const target = (spelled: string): Promise<string> =>
    raw(porch, `GET ${spelled} HTTP/1.1\r\nhost: x\r\n${AUTH}connection: close\r\n\r\n`);

  test.each([
    ['http://[/v1/things', 200],
    ['http://[', 200],
    ['http://x:y?a', 200],
    ['http://user:word@elsewhere:99999999/v1/things?a=b#c', 200],
    ['//a@[#', 404],
    ['//a@b:99999999#c', 404],
    ['/v1/things#//a@[', 200],
    ['*', 404],
  ])('R28: the address %s is read as far as it is a path', async (spelled, status) => {
    expect(statusOf(await target(spelled))).toBe(status);
  });

  test('R28: no spelling of an address is a fault', async () => {
    const before = porch.entries('request failed');
    const begins = ['', '/', '//', '/\\', 'http://', 'http:///', 'WS://', '*'];
    const hosts = ['', '[', '[::1', 'a@[', 'x:y', 'a@b:99999999', '%', '%ff', ';'];
    const ends = ['', '/', '?', '#', '#x', '?a#b', '\t', '\f', '\xa0'];
    const all = begins.flatMap((begin) => hosts.flatMap((host) => ends.map((end) => begin + host + end)));
    for (const spelled of all) {
      expect([spelled, statusOf(await target(spelled))]).toEqual([spelled, expect.toBeOneOf([200, 400, 404, 405])]);
    }
    expect(porch.entries('request failed')).toEqual(before);
  });

  test('HTTP/1.0 needs no Host, and an offer of HTTP/2 changes nothing', async () => {
    expect(statusOf(await raw(porch, `GET /v1/things HTTP/1.0\r\n${AUTH}\r\n`))).toBe(200);
    const offer = 'connection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n';
    expect(statusOf(await raw(porch, `GET /v1/things HTTP/1.1\r\nhost: x\r\n${offer}${AUTH}\r\n`))).toBe(200);
  });

  test.each([
    ['headers', `GET /v1/things HTTP/1.1\r\nhost: x\r\n`],
    ['a body', `POST /v1/echo HTTP/1.1\r\nhost: x\r\n${AUTH}content-length: 10\r\n\r\n{`],
  ])('R28: %s that never end get 408 or the end, within 5 s of the limit', async (_name, bytes) => {
    const begun = quietNow();
    const answer = await raw(porch, bytes, 8000);
    expect(quietNow() - begun).toBeLessThan(5600);
    expect([0, 408]).toContain(statusOf(answer));
  });

  test('whoever asks first is told to send the body only when it is wanted', async () => {
    const head = `host: x\r\nexpect: 100-continue\r\nconnection: close\r\n`;
    const refused = await raw(porch, `POST /v1/echo HTTP/1.1\r\n${head}content-length: 2\r\n\r\n`, 1500);
    expect([statusOf(refused), refused.includes('100 Continue')]).toEqual([401, false]);
    const wanted = await raw(porch, `POST /v1/echo HTTP/1.1\r\n${head}${AUTH}content-length: 2\r\n\r\n{}`, 1500);
    expect(wanted).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });
});

describe('S9: CORS', () => {
  let porch: Porch | undefined;
  afterEach(() => porch?.close());
  const ask = async (allowed: '*' | 'none' | string[], method: string) => {
    porch = await openPorch({ cors: allowed });
    const answer = await fetch(`${porch.url}/v1/anything`, { method, headers: { origin: 'https://a.example' } });
    return { status: answer.status, headers: Object.fromEntries(answer.headers) };
  };

  test('a preflight needs no key and lists what the SDKs send', async () => {
    const { status, headers } = await ask('*', 'OPTIONS');
    expect(status).toBe(204);
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-max-age': '86400' });
    for (const name of [
      'authorization',
      'x-api-key',
      'x-goog-api-key',
      'anthropic-version',
      'x-stainless-retry-count',
    ]) {
      expect(headers['access-control-allow-headers']).toContain(name);
    }
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test.each([
    ['x-new, X-Stainless-Something,authorization', true],
    ['x-new\tx', false],
    ['x-ü', false],
    ['a b', false],
    [Array.from({ length: 65 }, (_, index) => `x-${index}`).join(', '), false],
    ['x'.repeat(65), false],
    ['', false],
  ])('a preflight that asks for "%s" is given it: %s', async (asked, isGiven) => {
    porch = await openPorch();
    const answer = await raw(
      porch,
      `OPTIONS /v1/x HTTP/1.1\r\nhost: x\r\norigin: https://a.example\r\naccess-control-request-headers: ${asked}\r\nconnection: close\r\n\r\n`,
    );
    const given = /access-control-allow-headers: (.*)\r\n/.exec(answer)?.[1] ?? '';
    if (isGiven) expect(given).toBe(asked);
    else expect(given).toMatch(/^authorization, .*x-stainless-timeout$/);
  });

  test('an error can be read by the page, too', async () => {
    const { status, headers } = await ask('*', 'GET');
    expect([status, headers['access-control-allow-origin']]).toEqual([401, '*']);
    expect(headers['access-control-expose-headers']).toContain('x-request-id');
  });

  test.each<[string, string[] | 'none', string | undefined]>([
    ['an allowed origin', ['https://b.example', 'https://a.example'], 'https://a.example'],
    ['another origin', ['https://b.example'], undefined],
    ['none', 'none', undefined],
  ])('%s', async (_name, allowed, origin) => {
    const { status, headers } = await ask(allowed, 'OPTIONS');
    expect([status, headers['access-control-allow-origin']]).toEqual([204, origin]);
    if (Array.isArray(allowed)) expect(headers['vary']).toMatch(/Origin/);
    if (origin === undefined) expect(JSON.stringify(headers)).not.toContain('a.example');
  });
});

describe('R24: overload', () => {
  test('beyond concurrent and queued there is a quick 503, and open addresses answer all the same', async () => {
    const gate = Promise.withResolvers<undefined>();
    const porch = await openPorch({
      limits: { maxConcurrentRequests: 2, maxQueuedRequests: 1 },
      mount: (router) => {
        router.get('/v1/slow', async (ctx) => {
          await gate.promise;
          sendJson(ctx, '{}');
        });
      },
    });
    const admitted = [porch.fetch('/v1/slow'), porch.fetch('/v1/slow'), porch.fetch('/v1/slow')];
    const keyed = async () => ((await (await porch.fetch('/health')).json()) as { requests: object }).requests;
    await expect.poll(keyed).toMatchObject({ active: 2, queued: 1 });
    const begun = quietNow();
    const refused = await porch.fetch('/v1/slow');
    expect([refused.status, ((await refused.json()) as { reason: string }).reason]).toEqual([503, 'server_overloaded']);
    expect(Number(refused.headers.get('retry-after'))).toBeOneOf([1, 2, 3, 4, 5]);
    expect((await fetch(`${porch.url}/livez`)).status).toBe(200);
    expect((await fetch(`${porch.url}/health`)).status).toBe(200);
    expect(quietNow() - begun).toBeLessThan(1000);
    gate.resolve(undefined);
    expect((await Promise.all(admitted)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await porch.close();
  });

  test('whoever waits too long is refused', async () => {
    const gate = Promise.withResolvers<undefined>();
    const porch = await openPorch({
      limits: { maxConcurrentRequests: 1, queueTimeoutMs: 100 },
      mount: (router) => {
        router.get('/v1/slow', async (ctx) => {
          await gate.promise;
          sendJson(ctx, '{}');
        });
      },
    });
    const first = porch.fetch('/v1/slow');
    await expect.poll(() => porch.fetch('/v1/slow').then(({ status }) => status)).toBe(503);
    gate.resolve(undefined);
    expect((await first).status).toBe(200);
    await porch.close();
  });
});

describe('R26: the end', () => {
  test('open connections hear of it, those in flight finish, those in the queue are refused', async () => {
    const gate = Promise.withResolvers<undefined>();
    const porch = await openPorch({
      limits: { maxConcurrentRequests: 1 },
      mount: (router) => {
        router.get('/v1/slow', async (ctx) => {
          await gate.promise;
          sendJson(ctx, '{}');
        });
      },
    });
    // A connection that is open, and idle when the end begins.
    const idle = connect(porch.port, '127.0.0.1');
    let heard = '';
    idle.setEncoding('latin1').on('data', (text: string) => (heard += text));
    await new Promise((resolve) => idle.once('connect', resolve));
    const inFlight = porch.fetch('/v1/slow');
    const requests = async () => ((await (await porch.fetch('/health')).json()) as { requests: object }).requests;
    await expect.poll(requests).toMatchObject({ active: 1 });
    const queued = porch.fetch('/v1/slow');
    await expect.poll(requests).toMatchObject({ queued: 1 });

    const closed = porch.close(5000);
    expect((await queued).status).toBe(503);
    idle.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
    await expect.poll(() => heard).toMatch(/^HTTP\/1\.1 503 [\s\S]*"status":"draining"/);
    expect(heard).toMatch(/connection: close/i);
    const late = connect(porch.port, '127.0.0.1');
    expect(
      await new Promise((resolve) =>
        late.once('error', (error) => {
          resolve((error as NodeJS.ErrnoException).code);
        }),
      ),
    ).toBe('ECONNREFUSED');

    gate.resolve(undefined);
    expect((await inFlight).status).toBe(200);
    await closed;
  });

  test('who was taken before it stopped is served, also where nothing was asked yet', async () => {
    const porch = await openPorch({
      mount: (router) => {
        router.get('/v1/quick', (ctx) => {
          sendJson(ctx, '{}');
        });
      },
    });
    const taken = connect(porch.port, '127.0.0.1');
    let heard = '';
    taken.setEncoding('latin1').on('data', (text: string) => (heard += text));
    await new Promise((resolve) => taken.once('connect', resolve));
    const over = new Promise((resolve) => taken.once('close', resolve));
    const closed = porch.close(5000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    taken.write(`GET /v1/quick HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n\r\n`);
    await Promise.all([closed, over]);
    expect(heard).toMatch(/^HTTP\/1\.1 200 /);
    expect(heard).toMatch(/connection: close/i);
  });

  test('what is not done when the time is over is ended', async () => {
    const porch = await openPorch({
      mount: (router) => {
        router.get('/v1/endless', async (ctx) => {
          await new Promise((_resolve, reject) => {
            ctx.state.signal.addEventListener('abort', () => {
              reject(new Error('aborted'));
            });
          });
        });
      },
    });
    const endless = porch.fetch('/v1/endless');
    await expect
      .poll(
        async () => ((await (await porch.fetch('/health')).json()) as { requests: { active: number } }).requests.active,
      )
      .toBe(1);
    const begun = quietNow();
    await porch.close(100);
    expect(quietNow() - begun).toBeLessThan(2000);
    const answer = await endless;
    expect([answer.status, ((await answer.json()) as { reason: string }).reason]).toEqual([
      503,
      'server_shutting_down',
    ]);
  });
});
