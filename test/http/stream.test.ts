import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { readJsonBody } from '../../src/http/body.ts';
import { signalOf } from '../../src/http/respond.ts';
import { sendStream } from '../../src/http/stream.ts';
import type { StreamEncoder } from '../../src/http/stream.ts';
import { KEY, openPorch } from '../support/porch.ts';
import type { Porch, PorchOptions } from '../support/porch.ts';
import { quietNow } from '../support/machine.ts';

const encoder = (more: Partial<StreamEncoder<string>> = {}): StreamEncoder<string> => ({
  contentType: 'text/event-stream',
  heartbeat: () => ': beat\n\n',
  encode: (text) => (text === '' ? '' : `data: ${text}\n\n`),
  end: () => 'data: [DONE]\n\n',
  fail: (error) => `data: error ${error.reason ?? error.code}\n\n`,
  cutAfterFailure: false,
  ...more,
});

/** The batches of an answer; an error ends it. */
async function* giving(...items: readonly (string | Error)[]): AsyncGenerator<string> {
  for (const item of items) {
    await Promise.resolve();
    if (item instanceof Error) throw item;
    yield item;
  }
}

/** So many pieces of 64 KiB, each counted when it is asked for. */
async function* flood(pieces: number, asked: () => void = () => undefined): AsyncGenerator<string> {
  for (let count = 0; count < pieces; count += 1) {
    asked();
    await Promise.resolve();
    yield 'x'.repeat(65_536);
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 500) throw new Error('it did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

type Source = (signal: AbortSignal) => AsyncIterable<string> | Promise<AsyncIterable<string>>;

let porch: Porch | undefined;
afterEach(async () => {
  await porch?.close();
  porch = undefined;
});

const serve = async (
  source: Source,
  more: Partial<StreamEncoder<string>> = {},
  heartbeatMs = 60_000,
  options: PorchOptions = {},
): Promise<Porch> =>
  (porch = await openPorch({
    ...options,
    mount: (router) => {
      router.post('/v1/stream', async (ctx) => {
        await readJsonBody(ctx);
        const opened = Promise.resolve().then(() => source(signalOf(ctx)));
        await sendStream(ctx, opened, encoder(more), heartbeatMs);
      });
    },
  }));

const post = (from: Porch) => from.fetch('/v1/stream', { method: 'POST', body: '{}' });

/** A client that asks and then does as little as the test wants. */
const ask = (port: number): Socket => {
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST /v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 2\r\n\r\n{}`);
  socket.on('error', () => undefined);
  return socket;
};

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });

describe('sendStream', () => {
  test('sends batches in order, skips empty ones, and ends', async () => {
    const answer = await post(await serve(() => giving('a', '', 'b')));
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe('data: a\n\ndata: b\n\ndata: [DONE]\n\n');
  });

  test.each<[string, string[]]>([
    ['short', ['a', 'b', 'c']],
    ['short, of several scripts', ['gr\u00fcn', '\u4e00\u4e9b', '\u{1f642}']],
    ['short, and together long', Array.from({ length: 60 }, (_none, index) => String(index).repeat(100))],
    ['long', ['x'.repeat(5000), 'y'.repeat(70_000)]],
    ['short before long, and behind it', ['a', 'x'.repeat(5000), 'b', 'y'.repeat(4090)]],
  ])('what comes in one turn is sent whole and in order, and the connection serves on: %s', async (_name, texts) => {
    const from = await serve(() => ({
      async *[Symbol.asyncIterator]() {
        yield* texts;
        await new Promise(setImmediate);
        yield* texts;
      },
    }));
    const frames = texts.map((text) => `data: ${text}\n\n`).join('');
    const whole = `${frames}${frames}data: [DONE]\n\n`;
    for (let round = 0; round < 2; round += 1) expect(await (await post(from)).text()).toBe(whole);
    expect(porch?.entries('request')).toMatchObject(Array(2).fill({ status: 200, bytesOut: Buffer.byteLength(whole) }));
  });

  test.each<[string, Source]>([
    [
      'before the source is there',
      () => Promise.reject(new RelayError('RESOURCE_EXHAUSTED', 'slow down', { retryAfterMs: 1500 })),
    ],
    [
      'before the first text',
      () => giving('', new RelayError('RESOURCE_EXHAUSTED', 'slow down', { retryAfterMs: 1500 })),
    ],
  ])('R19: an error %s is a status', async (_name, source) => {
    const answer = await post(await serve(source));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
  });

  test.each(['short', 'x'.repeat(5000)])('all that comes in one turn goes out at once', async (text) => {
    const writes: (() => number)[] = [];
    porch = await openPorch({
      mount: (router) => {
        router.post('/v1/stream', async (ctx) => {
          const { socket } = ctx.res;
          if (!socket) throw new Error('no connection');
          const [one, several] = [vi.spyOn(socket, '_write'), vi.spyOn(socket, '_writev' as '_write')];
          writes.push(() => one.mock.calls.length + several.mock.calls.length);
          await sendStream(ctx, Promise.resolve([text]), encoder(), 60_000);
        });
      },
    });
    expect(await (await post(porch)).text()).toBe(`data: ${text}\n\ndata: [DONE]\n\n`);
    expect(writes.map((count) => count())).toEqual([1]);
  });

  test('R18: an error in mid-stream is an error frame, and no end', async () => {
    const answer = await post(
      await serve(() => giving('a', new RelayError('UNAVAILABLE', 'gone', { reason: 'upstream_closed' }))),
    );
    const whole = 'data: a\n\ndata: error upstream_closed\n\n';
    expect([answer.status, await answer.text()]).toEqual([200, whole]);
    const bytesOut = Buffer.byteLength(whole);
    expect(porch?.entries('request').at(-1)).toMatchObject({ status: 200, error: 'upstream_closed', bytesOut });
  });

  test('R18: an encoder that sees no true end says so', async () => {
    const end = () => {
      throw new RelayError('UNAVAILABLE', 'cut', { reason: 'upstream_incomplete' });
    };
    const answer = await post(await serve(() => giving('a'), { end }));
    expect(await answer.text()).toBe('data: a\n\ndata: error upstream_incomplete\n\n');
  });

  test('R18: where the dialect asks for it, the connection is cut after the error frame', async () => {
    await serve(() => giving('a', new RelayError('UNAVAILABLE', 'gone', { reason: 'upstream_closed' })), {
      cutAfterFailure: true,
    });
    const socket = ask(porch?.port ?? 0);
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toContain('data: error upstream_closed');
    // The chunk that ends a complete answer is missing.
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  test('R18: a fault of ours tells nothing of itself', async () => {
    const answer = await post(await serve(() => giving('a', new TypeError('inner secret'))));
    expect(await answer.text()).toBe('data: a\n\ndata: error internal_error\n\n');
    expect(porch?.lines.join('')).toContain('inner secret');
  });

  test('a silent source gets a 200 and heartbeats', async () => {
    const enough = Promise.withResolvers<undefined>();
    const silent = async function* () {
      await enough.promise;
      yield 'late';
    };
    const from = await serve(silent, {}, 30);
    const startedAt = performance.now();
    let text = '';
    for await (const piece of (await post(from)).body ?? []) {
      text += Buffer.from(piece as Uint8Array).toString();
      if (text.startsWith(': beat\n\n'.repeat(3))) enough.resolve(undefined);
    }
    expect(text).toMatch(/^(: beat\n\n){3,}data: late\n\ndata: \[DONE\]\n\n$/);
    expect(performance.now() - startedAt).toBeGreaterThan(3 * 30 - 5);
  });

  test('an encoder is told once when it is over, however it ended', async () => {
    const refused = new RelayError('UNAVAILABLE', 'gone', { reason: 'upstream_closed' });
    let over = 0;
    const counted = { over: () => (over += 1) };
    for (const source of [() => giving('a'), () => giving('a', refused), () => giving(refused)]) {
      const before = over;
      await (await post(await serve(source, counted))).text();
      expect(over).toBe(before + 1);
      await porch?.close();
    }
    await serve(async function* (signal) {
      yield 'a';
      await forever(signal);
    }, counted);
    const socket = ask(porch?.port ?? 0);
    await new Promise((resolve) => socket.once('data', resolve));
    expect(over).toBe(3);
    socket.destroy();
    await until(() => over === 4);
  });

  test('R22: the source learns at once that the client has left, and the log says 499', async () => {
    let leftAfterMs = -1;
    let leftAt = 0;
    await serve(async function* (signal) {
      yield 'a';
      await forever(signal).catch(() => {
        leftAfterMs = quietNow() - leftAt;
      });
    });
    const socket = ask(porch?.port ?? 0);
    await new Promise((resolve) => socket.once('data', resolve));
    leftAt = quietNow();
    socket.destroy();
    await until(() => leftAfterMs >= 0);
    expect(leftAfterMs).toBeLessThan(100);
    await until(() => (porch?.entries('request') ?? []).length > 0);
    expect(porch?.entries('request').at(-1)).toMatchObject({ status: 499 });
  });

  test('R23: a slow reader holds up the source', async () => {
    let produced = 0;
    await serve(() => flood(2000, () => (produced += 1)));
    const socket = ask(porch?.port ?? 0);
    socket.pause();
    await until(() => produced > 5);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // The sockets' own buffers hold a few MiB; the rest was never asked for.
    expect(produced).toBeLessThan(400);
    socket.destroy();
  });

  test('R23: a reader that takes nothing is cut', async () => {
    let cut = false;
    await serve(
      (signal) => {
        signal.addEventListener('abort', () => (cut = true));
        return flood(Infinity);
      },
      {},
      60_000,
      { limits: { slowReaderMs: 200 } },
    );
    const socket = ask(porch?.port ?? 0);
    socket.pause();
    await until(() => cut);
    await until(() => (porch?.entries('request') ?? []).length > 0);
    expect(porch?.entries('request').at(-1)).toMatchObject({ error: 'slow_reader' });
    socket.destroy();
  });

  test('REQUEST_TIMEOUT_MS ends a request before its first text with 504', async () => {
    const answer = await post(
      await serve((signal) => forever(signal), {}, 60_000, { limits: { requestTimeoutMs: 100 } }),
    );
    expect(answer.status).toBe(504);
    expect(await answer.text()).toMatch(/request_timeout/);
  });
});
