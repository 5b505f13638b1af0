import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { RelayError } from '../../src/errors.ts';
import { parseWith, readJsonBody } from '../../src/http/body.ts';
import { sendJson } from '../../src/http/respond.ts';
import { writeJson } from '../../src/json.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

type Body = NonNullable<RequestInit['body']>;

describe('R28: a body that is none has a precise 4xx', () => {
  let porch: Porch;
  beforeAll(async () => {
    porch = await openPorch({
      limits: { maxBodyBytes: 200_000, maxBodiesBytes: 250_000 },
      mount: (router) => {
        router.post('/v1/echo', async (ctx) => {
          sendJson(ctx, writeJson(await readJsonBody(ctx)));
        });
      },
    });
  });
  afterAll(() => porch.close());

  const post = (body: Body, headers: Record<string, string> = {}) =>
    porch.fetch('/v1/echo', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  test.each<[string, Body, Record<string, string>, number, RegExp]>([
    ['broken JSON', '{"a":', {}, 400, /invalid_json.*too early/],
    ['broken JSON, with its place', '{"a":1,\n"b" 2}', {}, 400, /line 2, column 5/],
    ['nothing', '', {}, 400, /empty/],
    ['an array', '[1]', {}, 400, /must be a JSON object/],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 400, /UTF-8/],
    [
      'nesting over the limit',
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`.slice(0, 199_000),
      {},
      400,
      /invalid_json/,
    ],
    ['nesting of 201', `{"a":${'['.repeat(201)}${']'.repeat(201)}}`, {}, 400, /deeper than 200/],
    ['gzip', gzipSync('{}'), { 'content-encoding': 'gzip' }, 415, /content-encoding/],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /application\/json/],
    ['xml', '<a/>', { 'content-type': 'application/xml' }, 415, /application\/json/],
    ['multipart', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 415, /application\/json/],
    ['declared too large', `{"a":"${'x'.repeat(300_000)}"}`, {}, 413, /MAX_BODY_BYTES/],
  ])('%s', async (_name, body, headers, status, message) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(message);
    if (status === 413) expect(answer.headers.get('connection')).toBe('close');
  });

  test('too large without a declared length', async () => {
    const pieces = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(50_000));
      },
    });
    const answer = await porch.fetch('/v1/echo', { method: 'POST', body: pieces, duplex: 'half' });
    expect(answer.status).toBe(413);
  });

  test.each<[string, Body, Record<string, string>, string]>([
    ['a byte order mark', '\ufeff{"a":1}', {}, '{"a":1}'],
    ['no content type', Buffer.from('{"a":1}'), { 'content-type': '' }, '{"a":1}'],
    ['text/plain', '{"a":1}', { 'content-type': 'text/plain' }, '{"a":1}'],
    ['identity', '{"a":1}', { 'content-encoding': 'identity' }, '{"a":1}'],
    ['R29: duplicate keys, the last wins', '{"a":1,"a":2}', {}, '{"a":2}'],
    ['R29: names of Object are data', '{"constructor":1,"toString":2}', {}, '{"constructor":1,"toString":2}'],
    ['R29: half a surrogate pair', '{"a":"\\ud83d"}', {}, '{"a":"\ufffd"}'],
    ['numbers keep their digits', '{"a":9007199254740993,"b":1.0}', {}, '{"a":9007199254740993,"b":1.0}'],
  ])('%s is read', async (_name, body, headers, text) => {
    const answer = await post(body, headers);
    expect([answer.status, await answer.text()]).toEqual([200, text]);
  });

  test('R24: bodies beyond the memory for all are refused, and the memory comes back', async () => {
    const large = `{"a":"${'x'.repeat(150_000)}"}`;
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(large)));
    for (const answer of answers) {
      expect([200, 503]).toContain(answer.status);
      await answer.arrayBuffer();
    }
    expect((await post(large)).status).toBe(200);
  });
});

describe('R24: the memory for all bodies', () => {
  const opened: Socket[] = [];
  const upload = (porch: Porch, declared: number, sent: number): Socket => {
    const socket = connect(porch.port, '127.0.0.1').on('error', () => undefined);
    opened.push(socket);
    const head = `POST /v1/echo HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: ${declared}\r\n\r\n`;
    socket.write(`${head}{"a":"${'x'.repeat(sent)}`);
    return socket;
  };
  const open = () =>
    openPorch({
      limits: { maxBodyBytes: 1_000_000, maxBodiesBytes: 1_000_000, maxConcurrentRequests: 64 },
      mount: (router) => {
        router.post('/v1/echo', async (ctx) => {
          sendJson(ctx, writeJson(await readJsonBody(ctx)));
        });
      },
    });
  const large = `{"a":"${'x'.repeat(400_000)}"}`;
  const post = (porch: Porch, body: string) => porch.fetch('/v1/echo', { method: 'POST', body });

  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy();
  });

  test('what was announced and has not come takes none of it', async () => {
    const porch = await open();
    for (let count = 0; count < 20; count += 1) upload(porch, 1_000_000, 1);
    await expect.poll(() => activeIn(porch)).toBe(20);
    expect((await post(porch, large)).status).toBe(200);
    await porch.close();
  });

  test('who dawdles with a body holds no place of those that are answered, and gets one with the whole of it', async () => {
    const porch = await openPorch({
      limits: { maxConcurrentRequests: 4, maxQueuedRequests: 4 },
      mount: (router) => {
        router.post('/v1/echo', async (ctx) => {
          sendJson(ctx, writeJson(await readJsonBody(ctx)));
        });
      },
    });
    const answers: string[] = [];
    const uploads = Array.from({ length: 4 }, () =>
      upload(porch, 11, 1).on('data', (bytes: Buffer) => answers.push(bytes.toString())),
    );
    await expect.poll(() => activeIn(porch)).toBe(4);
    await expect.poll(() => activeIn(porch), { timeout: 5000 }).toBe(0);
    expect((await post(porch, '{}')).status).toBe(200);
    for (const socket of uploads) socket.write('"}  ');
    await expect.poll(() => answers.filter((text) => text.startsWith('HTTP/1.1 200 ')).length).toBe(4);
    await expect.poll(() => activeIn(porch)).toBe(0);
    await porch.close();
  });

  test('where large bodies fill it, another large one is refused, a small one is read', async () => {
    const porch = await open();
    upload(porch, 999_999, 490_000);
    upload(porch, 999_999, 490_000);
    // Both have come before the third asks: whoever comes last is the one that finds no room.
    await expect.poll(() => activeIn(porch)).toBe(2);
    for (let turn = 0; turn < 20; turn += 1) await activeIn(porch);
    await expect.poll(async () => (await post(porch, large)).status).toBe(503);
    expect((await post(porch, `{"a":"${'x'.repeat(60_000)}"}`)).status).toBe(200);
    for (const socket of opened) socket.destroy();
    await expect.poll(async () => (await post(porch, large)).status).toBe(200);
    await porch.close();
  });
});

const activeIn = async (porch: Porch): Promise<number> =>
  ((await (await porch.fetch('/health')).json()) as { requests: { active: number } }).requests.active;

describe('a large body', () => {
  let porch: Porch;
  beforeAll(async () => {
    porch = await openPorch({
      limits: { maxBodyBytes: 10_000_000, maxBodiesBytes: 50_000_000 },
      mount: (router) => {
        router.post('/v1/echo', async (ctx) => {
          sendJson(ctx, writeJson(await readJsonBody(ctx)));
        });
      },
    });
  });
  afterAll(() => porch.close());

  const text = JSON.stringify({ a: Array.from({ length: 90_000 }, (_, index) => `${index} ${'中é😀'.repeat(3)}`) });
  const inPieces = () =>
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(Buffer.from(text));
        controller.close();
      },
    });

  test.each<[string, () => RequestInit]>([
    ['with its length', () => ({ body: text })],
    ['in chunks, without', () => ({ body: inPieces(), duplex: 'half' })],
  ])('%s, two at a time', async (_name, init) => {
    const headers = { 'content-type': 'application/json' };
    const answers = await Promise.all(
      [1, 2].map(() => porch.fetch('/v1/echo', { method: 'POST', headers, ...init() })),
    );
    for (const answer of answers) expect(await answer.text()).toBe(text);
  });
});

describe('parseWith', () => {
  const schema = z.looseObject({
    model: z.string(),
    n: z.number().min(1).max(8).optional(),
    mode: z.enum(['a', 'b']).optional(),
    messages: z
      .array(
        z.object({ content: z.union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))]) }),
      )
      .min(1),
  });
  const good = { model: 'm', messages: [{ content: 'x' }] };

  test.each<[string, unknown, string, string | undefined, RegExp]>([
    [
      'missing',
      { messages: good.messages },
      'missing_required_parameter',
      'model',
      /^Missing required parameter: 'model'\.$/,
    ],
    [
      'type',
      { ...good, model: 5 },
      'invalid_type',
      'model',
      /^Invalid type for 'model': expected a string, but got a number instead\.$/,
    ],
    ['null', { ...good, model: null }, 'invalid_type', 'model', /got null instead/],
    ['enum', { ...good, mode: 'c' }, 'invalid_value', 'mode', /Supported values are: 'a', 'b'/],
    ['range', { ...good, n: 9 }, 'invalid_value', 'n', /at most 8/],
    ['empty array', { ...good, messages: [] }, 'empty_array', 'messages', /empty/],
    [
      'deep in a union',
      { ...good, messages: [{ content: [{ type: 'text' }] }] },
      'missing_required_parameter',
      'messages[0].content[0].text',
      /text/,
    ],
  ])('%s', (_name, body, reason, param, message) => {
    let thrown: unknown;
    try {
      parseWith(schema, body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RelayError);
    expect(thrown).toMatchObject({ code: 'INVALID_ARGUMENT', status: 400, reason, param });
    expect((thrown as RelayError).message).toMatch(message);
  });

  test('what is right passes, with fields it does not know', () => {
    expect(parseWith(schema, { ...good, extra: 1 })).toEqual({ ...good, extra: 1 });
  });
});

describe('a body that is there before anybody reads it', () => {
  let porch: Porch;
  beforeAll(async () => {
    porch = await openPorch({
      limits: { maxBodyBytes: 1_000_000 },
      mount: (router) => {
        router.post('/v1/echo', async (ctx) => {
          // As long as routes take that are loaded by their first request.
          await once(ctx.req, 'readable');
          await expect.poll(() => ctx.req.complete).toBe(true);
          sendJson(ctx, writeJson(await readJsonBody(ctx)));
        });
      },
    });
  });
  afterAll(() => porch.close());

  test.each([
    ['in one piece', ['{"a":1}']],
    ['in two', ['{"a":', '1}']],
    ['byte by byte', Array.from(`{"a":"${'x'.repeat(200)}"}`)],
    ['in more than Node reads at once', [`{"a":"${'x'.repeat(40_000)}`, `${'y'.repeat(40_000)}"}`]],
  ])('is read whole: %s', async (_name, pieces) => {
    const client = connect(Number(new URL(porch.url).port), '127.0.0.1');
    const body = pieces.join('');
    client.write(`POST /v1/echo HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer ${KEY}\r\n`);
    client.write('content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n');
    for (const piece of pieces) client.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    client.write('0\r\n\r\n');
    let answer = '';
    for await (const read of client) answer += String(read);
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(body);
  });
});
