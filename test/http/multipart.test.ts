import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failed } from '../../src/errors.ts';
import { readMultipart, wholeFile } from '../../src/http/multipart.ts';
import { sendJson } from '../../src/http/respond.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch } from '../support/porch.ts';

const BOUNDARY = 'the-boundary';
const TYPE = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

/** On a busy machine a second is soon over. */
const AWAITED = { timeout: 10_000 };

describe('a form with files', () => {
  let porch: Porch;
  /** Requests to count what comes. */
  let begun = 0;
  beforeAll(async () => {
    porch = await openPorch({
      limits: { maxBodyBytes: 200_000, maxBodiesBytes: 250_000 },
      mount: (router) => {
        router.post('/v1/whole', async (ctx) => {
          const files: unknown[] = [];
          const fields = await readMultipart(ctx, { files: 2, fields: 3, fieldBytes: 1000 }, async (file) => {
            const bytes = await wholeFile(ctx, file);
            files.push({ ...file, bytes: bytes.length, begins: bytes.toString('latin1', 0, 8) });
          });
          sendJson(ctx, JSON.stringify({ fields, files }));
        });
        router.post('/v1/counted', async (ctx) => {
          let bytes = 0;
          begun += 1;
          await readMultipart(ctx, { files: 1 }, async (file) => {
            for await (const piece of file.bytes) bytes += piece.length;
          });
          sendJson(ctx, JSON.stringify({ bytes }));
        });
        router.post('/v1/refused', async (ctx) => {
          await readMultipart(ctx, { files: 1 }, () =>
            Promise.reject(failed('unsupported_value', 'No such files.', { param: 'file' })),
          );
          sendJson(ctx, '{}');
        });
        router.post('/v1/unread', async (ctx) => {
          const fields = await readMultipart(ctx, { files: 1 }, () => Promise.resolve());
          sendJson(ctx, JSON.stringify({ fields }));
        });
      },
    });
  });
  afterAll(() => porch.close());

  const form = (...entries: readonly (readonly [string, string | Blob, string?])[]): FormData => {
    const made = new FormData();
    for (const [name, value, filename] of entries) {
      if (typeof value === 'string') made.append(name, value);
      else made.append(name, value, filename);
    }
    return made;
  };
  const post = async (path: string, body: FormData | string, headers: Record<string, string> = {}) => {
    const answer = await porch.fetch(path, { method: 'POST', body, headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('files and fields in any order, with names beyond ASCII', async () => {
    const body = form(
      ['before', 'höher'],
      ['image[]', new Blob(['GIF89a..'], { type: 'image/gif' }), 'größe.gif'],
      ['image[]', new Blob([new Uint8Array(100_000)]), 'blob'],
      ['behind', ''],
    );
    expect(await post('/v1/whole', body)).toEqual({
      status: 200,
      body: {
        fields: [
          { name: 'before', value: 'höher' },
          { name: 'behind', value: '' },
        ],
        files: [
          { name: 'image[]', filename: 'größe.gif', mediaType: 'image/gif', bytes: 8, begins: 'GIF89a..' },
          expect.objectContaining({ filename: 'blob', mediaType: 'application/octet-stream', bytes: 100_000 }),
        ],
      },
    });
  });

  test('a file is not bound by the limit of bodies where nobody wants it whole', async () => {
    const body = form(['file', new Blob([new Uint8Array(3_000_000)]), 'large']);
    expect(await post('/v1/counted', body)).toEqual({ status: 200, body: { bytes: 3_000_000 } });
    expect(
      await post('/v1/unread', form(['file', new Blob([new Uint8Array(3_000_000)]), 'large'], ['a', 'b'])),
    ).toEqual({
      status: 200,
      body: { fields: [{ name: 'a', value: 'b' }] },
    });
  });

  test.each<[string, () => FormData, number, RegExp]>([
    ['too large a file', () => form(['file', new Blob([new Uint8Array(210_000)]), 'x']), 413, /MAX_BODY_BYTES/],
    [
      'too many files',
      () => form(...[1, 2, 3].map((n) => [`f${n}`, new Blob(['x']), 'x'] as const)),
      400,
      /more than 2 files/,
    ],
    [
      'too many fields',
      () => form(...['a', 'b', 'c', 'd'].map((name) => [name, 'x'] as const)),
      400,
      /more than 3 fields/,
    ],
    ['too long a field', () => form(['prompt', 'x'.repeat(2000)]), 400, /'prompt'.*too long/],
  ])('%s is a %s', async (_name, body, status, message) => {
    const answer = await post('/v1/whole', body());
    expect([answer.status, answer.body['message']]).toEqual([status, expect.stringMatching(message)]);
  });

  test.each<[string, string, Record<string, string>, number, RegExp]>([
    ['JSON', '{}', { 'content-type': 'application/json' }, 415, /multipart\/form-data/],
    ['no boundary', 'x', { 'content-type': 'multipart/form-data' }, 400, /boundary/],
    ['a compressed form', 'x', { ...TYPE, 'content-encoding': 'gzip' }, 415, /content-encoding/],
    ['no form at all', 'hello', TYPE, 400, /cannot be read/],
    ['nothing', '', TYPE, 400, /cannot be read/],
    [
      'a form that breaks off',
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf`,
      TYPE,
      400,
      /cannot be read/,
    ],
    [
      'a head that breaks off',
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="fi`,
      TYPE,
      400,
      /cannot be read/,
    ],
  ])('%s is a precise 4xx', async (_name, body, headers, status, message) => {
    for (const path of ['/v1/whole', '/v1/counted']) {
      const answer = await post(path, body, headers);
      expect([answer.status, answer.body['message']]).toEqual([status, expect.stringMatching(message)]);
    }
  });

  test('what the taker of a file refuses is told while the file is still on its way', async () => {
    const answer = await post('/v1/refused', form(['file', new Blob([new Uint8Array(30_000_000)]), 'x']));
    expect([answer.status, answer.body['reason']]).toEqual([400, 'unsupported_value']);
  });

  test('a client that leaves in the middle ends the request', async () => {
    const begunBefore = begun;
    const socket = connect(porch.port, '127.0.0.1');
    socket.write(
      `POST /v1/counted HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 1000\r\n` +
        `content-type: ${TYPE['content-type']}\r\n\r\n--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf`,
    );
    const ended = () => porch.entries('request').filter(({ route }) => route === '/v1/counted');
    const before = ended().length;
    await expect.poll(() => begun, AWAITED).toBe(begunBefore + 1);
    socket.destroy();
    await expect.poll(() => ended().slice(before), AWAITED).toEqual([expect.objectContaining({ status: 499 })]);
  });
});

describe('fuzzed forms', () => {
  test('whatever comes is answered with a 2xx or 4xx, in time', async () => {
    const porch = await openPorch({
      mount: (router) => {
        router.post('/v1/form', async (ctx) => {
          const fields = await readMultipart(ctx, { files: 2 }, async (file) => {
            await wholeFile(ctx, file);
          });
          sendJson(ctx, JSON.stringify(fields));
        });
      },
    });
    const pieces = [
      '\r\n',
      '--',
      BOUNDARY,
      `--${BOUNDARY}`,
      'content-disposition: form-data; ',
      'name="a"',
      'filename="b"',
      ';',
      '\0',
      'x'.repeat(3000),
      '\r',
      '\n',
      'content-type: text/plain',
      '"',
      '\\',
    ];
    let seed = 1;
    const chance = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    try {
      for (let round = 0; round < 150; round += 1) {
        const body = Array.from({ length: chance(40) }, () => pieces[chance(pieces.length)]).join('');
        const answer = await porch.fetch('/v1/form', { method: 'POST', body, headers: TYPE });
        await answer.arrayBuffer();
        expect([200, 400, 413]).toContain(answer.status);
      }
    } finally {
      await porch.close();
    }
  });
});

describe('a form of which nothing goes on before all of it is there', () => {
  const HEAD =
    `POST /v1/whole HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n` +
    `content-type: multipart/form-data; boundary=${BOUNDARY}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const inChunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const FIELD = inChunk(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"\r\n\r\nx`);
  const END = `${inChunk(`\r\n--${BOUNDARY}--\r\n`)}0\r\n\r\n`;

  test('comes back for a place among those that are answered', async () => {
    const held = Promise.withResolvers<undefined>();
    const porch = await openPorch({
      limits: { maxConcurrentRequests: 2, maxQueuedRequests: 8 },
      mount: (router) => {
        router.post('/v1/whole', async (ctx) => {
          const fields = await readMultipart(ctx, { files: 1, isWhole: true }, () => Promise.resolve());
          answering += 1;
          await held.promise;
          sendJson(ctx, JSON.stringify({ fields }));
        });
      },
    });
    let answering = 0;
    const active = async (): Promise<[active: number, queued: number]> => {
      const { requests } = (await (await porch.fetch('/health')).json()) as {
        requests: { active: number; queued: number };
      };
      return [requests.active, requests.queued];
    };
    const answers: string[] = [];
    const sockets = [];
    for (let pair = 1; pair <= 2; pair += 1) {
      for (let one = 0; one < 2; one += 1) {
        const socket = connect(porch.port, '127.0.0.1').on('error', () => undefined);
        socket.on('data', (bytes: Buffer) => answers.push(bytes.toString('latin1', 0, 15)));
        socket.write(HEAD + FIELD);
        sockets.push(socket);
      }
      await expect.poll(active).toEqual([2, 0]);
      // They dawdle, and others may have their places.
      await expect.poll(active, AWAITED).toEqual([0, 0]);
    }
    for (const socket of sockets) socket.write(END);
    await expect.poll(active, AWAITED).toEqual([2, 2]);
    expect(answering).toBe(2);
    held.resolve(undefined);
    await expect.poll(() => answers, AWAITED).toEqual(Array(4).fill('HTTP/1.1 200 OK'));
    expect(await active()).toEqual([0, 0]);
    await porch.close();
  });

  test('has as long to arrive as any other body', async () => {
    const porch = await openPorch({
      limits: { receiveTimeoutMs: 600 },
      mount: (router) => {
        router.post('/v1/whole', async (ctx) => {
          await readMultipart(ctx, { files: 1, isWhole: true }, () => Promise.resolve());
          sendJson(ctx, '{}');
        });
      },
    });
    const socket = connect(porch.port, '127.0.0.1').on('error', () => undefined);
    let answer = '';
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
    socket.write(HEAD + FIELD);
    const drip = setInterval(() => socket.write(inChunk('x')), 50);
    await expect.poll(() => answer, AWAITED).toContain('HTTP/1.1 408 ');
    clearInterval(drip);
    socket.destroy();
    await porch.close();
  });
});
