import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { createDeadlines } from '../../src/engine/deadlines.ts';
import type { WrittenBody } from '../../src/engine/payloads.ts';
import { createSystem } from '../../src/system.ts';
import { createArrivingRoom } from '../../src/upstreams/arriving.ts';
import { authorized } from '../../src/upstreams/authorized.ts';
import { exchange } from '../../src/upstreams/exchange.ts';
import type { Exchange } from '../../src/upstreams/dispatch.ts';
import { collectGarbage, collectYoungGarbage } from '../support/garbage.ts';

const controller = { paused: false, pause: () => undefined, resume: () => undefined, abort: () => undefined };

/** Answers each request with a head, and keeps nothing of it. */
const heads = {
  dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
    handler.onResponseStart?.(controller as unknown as Dispatcher.DispatchController, 200, {});
    return true;
  },
} as unknown as Dispatcher;

const deadlines = createDeadlines(1000, createSystem());

const token = { token: 'a-token', identity: 'someone', quotaProjectId: undefined };
const tokens = { known: () => token, get: () => Promise.resolve(token), discard: () => undefined };

/** One exchange over this dispatcher. */
const open = (dispatcher: Dispatcher, parts: Partial<Exchange> = {}) =>
  exchange(dispatcher, {
    method: 'POST',
    url: new URL('https://upstream.example/v1'),
    origin: 'https://upstream.example',
    path: '/v1',
    headers: {},
    body: '{}',
    signal: new AbortController().signal,
    firstByte: deadlines,
    idle: deadlines,
    proxy: undefined,
    room: createArrivingRoom(1_000_000),
    ...parts,
  });

const ask = (body: WrittenBody, signal: AbortSignal) =>
  authorized(tokens, signal, Date.now, () => open(heads, { body, signal }));

test('an answer that goes on keeps nothing of the request', async () => {
  const { signal } = new AbortController();
  const asked: WeakRef<object>[] = [];
  const begin = () => {
    const body = [Buffer.from('{"contents":'), Buffer.from('[]}')];
    asked.push(new WeakRef(body));
    return ask(body, signal);
  };
  const { reply } = await begin();
  await collectGarbage();
  expect(asked.map((body) => body.deref())).toEqual([undefined]);
  expect(reply.status).toBe(200);
});

test('a request that is begun anew has one limit, from then on', async () => {
  const short = createDeadlines(80, createSystem());
  const cut: unknown[] = [];
  let begin = (): void => undefined;
  let answer = (): void => undefined;
  const twice = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      const handle = { ...controller, abort: (reason: unknown) => cut.push(reason) };
      begin = () => handler.onRequestStart?.(handle as unknown as Dispatcher.DispatchController, undefined);
      answer = () => handler.onResponseStart?.(handle as unknown as Dispatcher.DispatchController, 200, {});
      return true;
    },
  } as unknown as Dispatcher;
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const reply = open(twice, { firstByte: short });
  begin();
  await wait(50);
  begin();
  await wait(50);
  answer();
  expect((await reply).status).toBe(200);
  await wait(100);
  expect(cut).toEqual([]);
});

async function* inPieces(...pieces: readonly string[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield Buffer.from(piece);
  }
}

test.each<[string, Exchange['body'], number]>([
  ['a text, from its beginning on', '{}', 1],
  ['one of several pieces, from its last one on', [Buffer.from('{'), Buffer.from('}')], 3],
  ['one that is sent as it arrives, from its last piece on', inPieces('{', '}'), 3],
])('the limit of an answer counts for %s', async (_name, body, expected) => {
  let starts = 0;
  const counted = {
    ...deadlines,
    start: (late: () => void) => {
      starts += 1;
      return deadlines.start(late);
    },
  };
  const sending = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      const handle = controller as unknown as Dispatcher.DispatchController;
      const told = handler as { onBodySent?: (piece: Buffer) => void };
      handler.onRequestStart?.(handle, undefined);
      for (const piece of ['{', '}']) told.onBodySent?.(Buffer.from(piece));
      handler.onResponseStart?.(handle, 200, {});
      return true;
    },
  } as unknown as Dispatcher;
  await open(sending, { body, firstByte: counted });
  expect(starts).toBe(expected);
});

const READ = 2 * 1024 * 1024;

test('what an old request brings goes with young garbage', async () => {
  let answer = (): void => undefined;
  const late = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      // As undici does: one read for all of it, and a list of headers that is there since the answer before this one.
      const handle = { ...controller, rawHeaders: [] as Buffer[] } as unknown as Dispatcher.DispatchController;
      answer = () => {
        const read = Buffer.alloc(READ, 'x');
        (handle.rawHeaders as Buffer[]).push(read.subarray(0, 4), read.subarray(6, 10));
        handler.onResponseStart?.(handle, 200, {});
        handler.onResponseData?.(handle, read.subarray(100, READ / 2));
        handler.onResponseData?.(handle, read.subarray(READ / 2));
        handler.onResponseEnd?.(handle, {});
      };
      return true;
    },
  } as unknown as Dispatcher;

  const held = () => process.memoryUsage().arrayBuffers;
  const readAll = async (): Promise<number> => {
    const reply = open(late);
    await collectYoungGarbage();
    answer();
    let length = 0;
    for await (const bytes of (await reply).body) length += bytes.length;
    return length;
  };

  await collectGarbage();
  const before = held();
  expect(await readAll()).toBe(READ - 100);
  answer = () => undefined;
  await collectYoungGarbage();
  expect(held() - before).toBeLessThan(READ / 2);
});

/** Brings one byte of a text at a time, as many as fit before it is paused, whenever it may. */
const byteByByte = (text: string) => {
  const bytes = Buffer.from(text);
  const seen = { mostAtOnce: 0 };
  let brought = 0;
  const dispatcher = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      const handle = {
        ...controller,
        pause: () => {
          handle.paused = true;
        },
        resume: () => {
          handle.paused = false;
          setImmediate(bring);
        },
      };
      const bring = (): void => {
        const from = brought;
        // A network read: undici tells each chunk of it.
        for (const stop = from + 10_000; brought < Math.min(stop, bytes.length) && !handle.paused; brought += 1) {
          handler.onResponseData?.(
            handle as unknown as Dispatcher.DispatchController,
            bytes.subarray(brought, brought + 1),
          );
        }
        seen.mostAtOnce = Math.max(seen.mostAtOnce, brought - from);
        if (brought === bytes.length) handler.onResponseEnd?.(handle as unknown as Dispatcher.DispatchController, {});
        else if (!handle.paused) setImmediate(bring);
      };
      handler.onResponseStart?.(handle as unknown as Dispatcher.DispatchController, 200, {});
      setImmediate(bring);
      return true;
    },
  } as unknown as Dispatcher;
  return { dispatcher, seen };
};

test('R25: a whole answer that comes byte by byte takes little more than it weighs', async () => {
  const text = 'größer als 中文 🙂 '.repeat(20_000);
  const { dispatcher, seen } = byteByByte(text);
  const reply = await open(dispatcher);
  await collectGarbage();
  const before = process.memoryUsage();
  expect(await reply.text(4_000_000)).toBe(text);
  const after = process.memoryUsage();
  expect(seen.mostAtOnce).toBeLessThan(4096);
  await collectGarbage();
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(60_000_000);
});

test('R25: an answer that its reader does not take holds few pieces, however small they are', async () => {
  const { dispatcher, seen } = byteByByte('x'.repeat(100_000));
  const reply = await open(dispatcher);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen.mostAtOnce).toBeLessThan(4096);
  let size = 0;
  for await (const bytes of reply.body) size += bytes.length;
  expect(size).toBe(100_000);
});

test('ends that come in one turn are told at its end, with what came before them', async () => {
  const handlers: Dispatcher.DispatchHandler[] = [];
  const handle = controller as unknown as Dispatcher.DispatchController;
  const held = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      handlers.push(handler);
      handler.onResponseStart?.(handle, 200, {});
      return true;
    },
  } as unknown as Dispatcher;
  const told: string[] = [];
  const read = async (name: string, body: AsyncIterable<Buffer>): Promise<void> => {
    for await (const bytes of body) told.push(`${name} says ${bytes.toString()}`);
    told.push(`${name} is over`);
  };
  const replies = await Promise.all([open(held), open(held)]);
  const reading = replies.map(({ body }, at) => read(`answer ${at}`, body));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();

  handlers[0]?.onResponseData?.(handle, Buffer.from('its last'));
  handlers[0]?.onResponseEnd?.(handle, {});
  handlers[1]?.onResponseEnd?.(handle, {});
  await Promise.resolve();
  expect(told).toEqual([]);
  await Promise.all(reading);
  expect(told.toSorted()).toEqual(['answer 0 is over', 'answer 0 says its last', 'answer 1 is over']);
});
