import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import etag from '@koa/etag';
import conditional from 'koa-conditional-get';
import files from 'koa-static';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendJson } from '../../src/http/respond.ts';
import { openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

const PROMISED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-request-id': expect.stringMatching(/^req_/) as unknown,
  'access-control-allow-origin': '*',
};

describe('ordinary Koa', () => {
  test('who has answered is told as on every other answer', async () => {
    const { headers } = await porch.fetch('/v1/served');
    expect([headers.get('x-relay-door'), headers.get('x-relay-model')]).toEqual(['vertex', 'gemini-2.5-flash']);
  });

  const folder = mkdtempSync(join(tmpdir(), 'koa-'));
  writeFileSync(join(folder, 'page.html'), '<p>a page</p>');
  let porch: Porch;

  beforeAll(async () => {
    porch = await openPorch({
      mount: (router) => {
        router.get('/v1/sync', (ctx) => {
          ctx.body = { said: 'at once' };
        });
        router.get('/v1/async', async (ctx) => {
          await Promise.resolve();
          ctx.status = 201;
          ctx.set('x-own', 'yes');
          ctx.body = 'later';
        });
        router.get('/v1/status', (ctx) => {
          ctx.status = 204;
        });
        router.get('/v1/teapot', (ctx) => {
          ctx.set('etag', '"of what never came"');
          ctx.throw(418, 'No coffee here.', { headers: { 'X-Pot': 'tea' } });
        });
        router.get('/v1/away', async (ctx) => {
          await Promise.resolve();
          ctx.throw(503, 'the inner secret');
        });
        router.get('/v1/quick', (ctx) => {
          sendJson(ctx, '{"quick":true}');
        });
        router.get('/v1/served', (ctx) => {
          ctx.state.record.door = 'vertex';
          ctx.state.record.standIn = 'gemini-2.5-flash';
          ctx.body = { served: true };
        });
        router.get('/v1/buffer', (ctx) => (ctx.body = Buffer.from([1, 2, 3])));
        router.get('/v1/null', (ctx) => (ctx.body = null));
        router.get('/v1/message', (ctx) => (ctx.status = 202));
        router.get('/v1/stream', (ctx) => (ctx.body = Readable.from(['one ', 'two'])));
        router.get('/v1/web', (ctx) => (ctx.body = new Blob(['of the web'])));
        router.get('/v1/response', (ctx) => (ctx.body = new Response('answered', { status: 203 })));
        router.get('/v1/early', (ctx) => (ctx.body = Readable.from(failing(0))));
        router.get('/v1/late', (ctx) => (ctx.body = Readable.from(failing(1))));
        router.get('/v1/circle', (ctx) => {
          const circle: { self?: unknown } = {};
          circle.self = circle;
          ctx.body = circle;
        });
        router.get('/v1/silent', () => undefined);
        router.get('/v1/moved', (ctx) => {
          ctx.redirect('/v1/sync');
        });
        router.get('/v1/named/:first/:second', (ctx) => (ctx.body = ctx.params));
        router.get(
          '/v1/around',
          async (ctx, next) => {
            await next();
            ctx.body = `<${String(ctx.body)}>`;
          },
          (ctx) => (ctx.body = 'inside'),
        );
        router.get(
          '/v1/twice',
          async (_ctx, next) => {
            await next();
            await next();
          },
          (ctx) => (ctx.body = 'once'),
        );
        router.get('/v1/files/{*path}', conditional(), etag(), async (ctx, next) => {
          ctx.path = ctx.path.slice('/v1/files'.length);
          await files(folder)(ctx, next);
        });
      },
    });
  });
  afterAll(async () => {
    await porch.close();
    rmSync(folder, { recursive: true });
  });

  const get = async (path: string, init: RequestInit = {}) => {
    const answer = await porch.fetch(path, {
      redirect: 'manual',
      ...init,
      headers: { origin: 'http://a.example', ...(init.headers as Record<string, string> | undefined) },
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  };

  test.each<[string, number, string, Record<string, string>]>([
    ['/v1/sync', 200, '{"said":"at once"}', { 'content-type': 'application/json; charset=utf-8' }],
    ['/v1/async', 201, 'later', { 'content-type': 'text/plain; charset=utf-8', 'x-own': 'yes' }],
    ['/v1/status', 204, '', {}],
    ['/v1/quick', 200, '{"quick":true}', {}],
    ['/v1/buffer', 200, '\u0001\u0002\u0003', { 'content-type': 'application/octet-stream' }],
    ['/v1/null', 204, '', {}],
    ['/v1/message', 202, 'Accepted', { 'content-length': '8' }],
    ['/v1/stream', 200, 'one two', {}],
    ['/v1/web', 200, 'of the web', { 'content-length': '10' }],
    ['/v1/response', 203, 'answered', {}],
    ['/v1/moved', 302, 'Redirecting to /v1/sync.', { location: '/v1/sync' }],
    ['/v1/named/a%20b/c', 200, '{"first":"a b","second":"c"}', {}],
    ['/v1/around', 200, '<inside>', {}],
    ['/v1/files/page.html', 200, '<p>a page</p>', { 'cache-control': 'max-age=0' }],
  ])('%s is answered with %i', async (path, status, text, headers) => {
    for (let round = 0; round < 2; round += 1) {
      expect(await get(path)).toEqual({
        status,
        text,
        headers: expect.objectContaining({ ...PROMISED, ...headers }) as unknown,
      });
    }
  });

  test('what is thrown for the client is told in the words of the path’s family', async () => {
    const { status, headers, text } = await get('/v1/teapot');
    expect([status, JSON.parse(text)]).toEqual([
      418,
      { family: 'first', code: 'INVALID_ARGUMENT', message: 'No coffee here.' },
    ]);
    expect(headers).toMatchObject({ ...PROMISED, 'x-pot': 'tea' });
    expect(headers).not.toHaveProperty('etag');
    expect(porch.entries('request failed')).toEqual([]);
  });

  test('what is thrown and not for the client keeps its status, and stays in the log', async () => {
    const { status, text } = await get('/v1/away');
    expect([status, JSON.parse(text)]).toMatchObject([503, { code: 'UNAVAILABLE', message: 'Service Unavailable.' }]);
    expect(porch.lines.join('')).toContain('the inner secret');
  });

  test.each([
    ['/v1/circle', 500, 'internal_error'],
    ['/v1/early', 500, 'internal_error'],
    ['/v1/twice', 500, 'internal_error'],
    ['/v1/silent', 404, 'unsupported_endpoint'],
    ['/v1/files/none.html', 404, 'unsupported_endpoint'],
  ])('%s is an error in the envelope', async (path, status, reason) => {
    const answer = await get(path);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { family: 'first', reason }]);
    expect(answer.headers).toMatchObject(PROMISED);
  });

  test('a body that breaks off is cut, so that nobody takes it for whole', async () => {
    await expect(get('/v1/late')).rejects.toThrow();
    expect(porch.entries('request failed').at(-1)).toMatchObject({ error: 'Error: broken off' });
  });

  test('HEAD is GET without its body', async () => {
    for (const [path, length] of [
      ['/v1/sync', '18'],
      ['/v1/files/page.html', '13'],
    ] as const) {
      const { status, headers, text } = await get(path, { method: 'HEAD' });
      expect([status, headers['content-length'], text]).toEqual([200, length, '']);
      expect(porch.entries('request').at(-1)).toMatchObject({ method: 'HEAD', bytesOut: 0 });
    }
  });

  test('a file that the client knows is not sent again', async () => {
    const { headers } = await get('/v1/files/page.html');
    // Otherwise `fetch` asks for no cached answer.
    const known = { 'if-none-match': headers['etag'] ?? '', 'cache-control': 'max-age=0' };
    expect(known['if-none-match']).not.toBe('');
    expect(await get('/v1/files/page.html', { headers: known })).toMatchObject({ status: 304, text: '' });
  });

  test('the line in the log has what it has of every answer', async () => {
    const { headers } = await get('/v1/sync');
    const line = porch.entries('request').find(({ requestId }) => requestId === headers['x-request-id']);
    expect(line).toMatchObject({
      route: '/v1/sync',
      status: 200,
      bytesOut: 18,
      firstByteMs: expect.any(Number) as unknown,
    });
  });
});

const failing = async function* (after: number) {
  for (let count = 0; count < after; count += 1) yield 'x'.repeat(1000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw new Error('broken off');
};
