/** Section 5 of the promises: clients that leave, dawdle, or come in crowds. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import type { Step } from '../../src/simulator/reply.ts';
import { collectGarbage } from '../support/garbage.ts';
import { openLimited } from '../support/limited.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { FAMILIES, ask, best, call, errorOf, linesOf, question, rawHead, sendRaw, textOf, within } from './support.ts';
import type { Family } from './support.ts';
import { allowed } from '../support/machine.ts';

const opened: TestRelay[] = [];
const open = async (options?: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  opened.push(relay);
  // So that what follows meets a relay that knows its project.
  if (options?.simulator?.now === undefined) await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
  relay.simulator.clear();
  relay.logs.length = 0;
  return relay;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((relay) => relay.close()));
});

const requestsIn = async (relay: TestRelay): Promise<{ active: number; queued: number }> =>
  ((await (await relay.fetch('/health')).json()) as { requests: { active: number; queued: number } }).requests;

const left = (relay: TestRelay): boolean => linesOf(relay, 'request').some(({ status }) => status === 499);

describe('R22: a client that leaves takes its upstream request along within 100 ms', () => {
  /** Leaves when `ready` holds; the time until the upstream request is broken off. */
  const leave = async (relay: TestRelay, family: Family, stream: boolean, ready: () => boolean): Promise<number> => {
    const caller = call(relay, question(family, 'Hello', stream));
    await relay.simulator.until(ready);
    const at = Date.now();
    caller.leave();
    await within(1000, 'a line with 499', () => left(relay));
    const [request] = relay.simulator.asked('generate');
    await relay.simulator.until(() => request?.abortedAt !== undefined);
    return (request?.abortedAt ?? Infinity) - at;
  };

  const STAGES: readonly (readonly [string, boolean, Fault])[] = [
    ['while it waits for the head', false, faults.stallBeforeHeaders()],
    ['while it waits for the head of a stream', true, faults.stallBeforeHeaders()],
    ['in mid-stream', true, faults.slowChunks(300)],
    ['while the stream is silent', true, faults.stallAfter(1)],
    ['in the middle of a whole answer', false, faults.dripping(10, 300)],
  ];

  test.each(
    STAGES.flatMap(([name, stream, fault]) => FAMILIES.map((family) => [name, family, stream, fault] as const)),
  )('R22: %s (%s)', async (_name, family, stream, fault) => {
    const relay = await open();
    const measured = await best(3, () => {
      relay.simulator.clear();
      relay.simulator.next('generate', fault);
      relay.logs.length = 0;
      return leave(relay, family, stream, () => relay.simulator.asked('generate').length === 1);
    });
    expect(measured).toBeLessThanOrEqual(allowed(100));
    expect(leave).toBeTypeOf('function');
  });

  test('R22: in the queue: it is out of it, and Google is never asked', async () => {
    const relay = await open({ env: { MAX_CONCURRENT_REQUESTS: '1' } });
    relay.simulator.always('generate', faults.stallBeforeHeaders());
    const first = call(relay, question('openai', 'Hello'));
    await relay.simulator.until(() => relay.simulator.asked('generate').length === 1);
    const second = call(relay, question('gemini', 'Hello'));
    await within(1000, 'a queue of one', async () => (await requestsIn(relay)).queued === 1);
    second.leave();
    const ms = await within(1000, 'an empty queue', async () => (await requestsIn(relay)).queued === 0);
    expect(ms).toBeLessThanOrEqual(allowed(100));
    first.leave();
    await within(1000, 'nobody inside', async () => (await requestsIn(relay)).active === 0);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  test('R22: while it waits for a token', async () => {
    const relay = await open({ simulator: { now: () => Date.now() - 7_200_000 } });
    relay.simulator.always('token', faults.stallBeforeHeaders());
    const measured = await best(3, async () => {
      relay.logs.length = 0;
      const caller = call(relay, question('openai', 'Hello'));
      await within(1000, 'a request', async () => (await requestsIn(relay)).active === 1);
      caller.leave();
      return within(1000, 'a line with 499', () => left(relay));
    });
    expect(measured).toBeLessThanOrEqual(allowed(100));
    expect(relay.simulator.asked('generate')).toHaveLength(0);
  });

  test('R22: while it sleeps before a retry: there is none', async () => {
    const relay = await open();
    relay.simulator.always('generate', google.rateLimited({ retryDelay: '1s' }));
    const measured = await best(3, async () => {
      relay.logs.length = 0;
      const caller = call(relay, question('openai', 'Hello'));
      await within(1000, 'the wait', () => linesOf(relay, 'a call to Google is tried again').length === 1);
      caller.leave();
      return within(1000, 'a line with 499', () => left(relay));
    });
    expect(measured).toBeLessThanOrEqual(allowed(100));
    await delay(1300);
    expect(relay.simulator.asked('generate')).toHaveLength(3);
  });
});

describe('R22: who has only said all it has to say is not taken for one that has left', () => {
  /** Sends a request and closes its own half of the connection at once; what came until the relay closed the other. */
  const sayAndWait = (port: number, head: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = '';
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
        socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      });
      socket.setEncoding('utf8');
      socket.on('data', (piece: string) => {
        text += piece;
      });
      socket.on('error', reject);
      socket.on('end', () => {
        resolve(text);
      });
    });

  test.each(FAMILIES.flatMap((family) => [false, true].map((stream) => [family, stream] as const)))(
    'R22: a client that has closed its half gets the whole answer (%s, stream: %s)',
    async (family, stream) => {
      const relay = await open();
      relay.simulator.next('generate', faults.slowHeaders(400));
      const [path, body] = question(family, 'Hello', stream);
      const head = `POST ${path} HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer ${RELAY_KEY}\r\ncontent-type: application/json\r\n`;
      const text = await sayAndWait(relay.port, head, JSON.stringify(body));
      expect(text).toMatch(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)+HTTP\/1\.1 200 /);
      expect(text).toMatch(/"finish_?reason": ?"stop"|"finishReason": ?"STOP"/i);
      expect(linesOf(relay, 'request')).toMatchObject([{ status: 200 }]);
    },
  );
});

describe('R23: slow readers', () => {
  /** Twice, with a while between: what lies outside the heap goes only after what held it. */
  const memoryUsed = async (): Promise<number> => {
    await collectGarbage();
    await delay(20);
    await collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };

  /** 64 KB events without end in sight; counts what was taken. */
  const flood = (events: number): { readonly fault: Fault; readonly taken: () => number } => {
    const chunk = (finish: boolean): Buffer =>
      Buffer.from(
        `data: ${JSON.stringify({
          response: {
            candidates: [
              {
                content: { role: 'model', parts: [{ text: finish ? 'end' : 'x'.repeat(65_536) }] },
                ...(finish && { finishReason: 'STOP' }),
              },
            ],
          },
        })}\r\n\r\n`,
      );
    const middle: Step = { kind: 'bytes', bytes: chunk(false) };
    let taken = 0;
    const steps = {
      *[Symbol.iterator](): Generator<Step> {
        for (; taken < events; taken += 1) yield middle;
        yield { kind: 'bytes', bytes: chunk(true) };
      },
    };
    const reply = { status: 200, headers: { 'content-type': 'text/event-stream' }, steps: steps as unknown as Step[] };
    return { fault: () => reply, taken: () => taken };
  };

  const openReader = (port: number, [path, body]: readonly [string, object]): Socket => {
    const text = JSON.stringify(body);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`${rawHead(path, [`Content-Length: ${Buffer.byteLength(text)}`, 'Connection: close'])}${text}`);
    return socket;
  };

  test.each(FAMILIES)(
    'R23: 100 MB to a reader that pauses: its upstream is paused, and memory stays within some MB (%s)',
    async (family) => {
      const relay = await open();
      const { fault, taken } = flood(1600);
      relay.simulator.next('generate', fault);
      const before = await memoryUsed();
      const socket = openReader(relay.port, question(family, 'Hello', true));
      let last = -1;
      await within(10_000, 'a paused upstream', async () => {
        const now = taken();
        const still = now === last && now > 0;
        last = now;
        await delay(200);
        return still;
      });
      expect(taken()).toBeLessThan(800);

      // Looked at by what has come and not by the clock: every 20 MB the reader halts, and the relay has time to hoard.
      const held: number[] = [];
      let bytes = 0;
      let tail = '';
      for await (const piece of socket as AsyncIterable<Buffer>) {
        bytes += piece.length;
        tail = (tail + piece.toString('latin1', Math.max(0, piece.length - 2000))).slice(-2000);
        if (bytes > 20_000_000 * (held.length + 1)) held.push((await memoryUsed()) - before);
      }
      expect(bytes).toBeGreaterThan(100_000_000);
      expect(tail).toMatch(family === 'openai' ? /\[DONE\]/ : /"finishReason": ?"STOP"/);
      expect(held).toHaveLength(5);
      expect(Math.max(...held)).toBeLessThan(48 * 1024 * 1024);
    },
    120_000,
  );

  test.each(FAMILIES)(
    'R23: a stream that is not read holds about 1 MiB, whatever has passed (%s)',
    async (family) => {
      const relay = await open();
      const streams = 10;
      const endless = flood(Infinity);
      relay.simulator.always('generate', endless.fault);
      const hold = async (count: number): Promise<Socket[]> => {
        const sockets = Array.from({ length: count }, () => openReader(relay.port, question(family, 'Hello', true)));
        let last = -1;
        await within(15_000, 'paused upstreams', async () => {
          const still = endless.taken() === last && last > 0;
          last = endless.taken();
          await delay(250);
          return still;
        });
        return sockets;
      };
      const first = await hold(2);
      const before = await memoryUsed();
      const sockets = await hold(streams);
      // The simulator's side of each connection is in this process, too, and holds two events of 64 KB.
      expect(((await memoryUsed()) - before) / streams).toBeLessThan(1.5 * 1024 * 1024);
      for (const socket of [...first, ...sockets]) socket.destroy();
    },
    120_000,
  );

  test.each(FAMILIES)(
    'R23: of a large event that is not taken only its bytes wait (%s)',
    async (family) => {
      const relay = await open();
      const bytes = 8_000_000;
      relay.simulator.always('generate', faults.hugeChunk(bytes));
      const hold = async (count: number): Promise<Socket[]> => {
        const sockets = Array.from({ length: count }, () => openReader(relay.port, question(family, 'Hello', true)));
        for (const socket of sockets) socket.once('data', () => socket.pause()).resume();
        await within(15_000, 'heads', () => Promise.resolve(sockets.every(({ bytesRead }) => bytesRead > 0)));
        await delay(200);
        return sockets;
      };
      const first = await hold(1);
      const before = await memoryUsed();
      const streams = 4;
      const sockets = await hold(streams);
      expect(((await memoryUsed()) - before) / streams).toBeLessThan(1.5 * bytes);
      for (const socket of [...first, ...sockets]) socket.destroy();
    },
    60_000,
  );

  test.each(FAMILIES)('R23: a reader that takes nothing is cut, and its upstream aborted (%s)', async (family) => {
    const relay = await open();
    const impatient = await openLimited(relay, { slowReaderMs: 500 });
    try {
      relay.simulator.clear();
      relay.simulator.always('generate', flood(1600).fault);
      const socket = openReader(impatient.port, question(family, 'Hello', true));
      await relay.simulator.until(() => relay.simulator.asked('generate')[0]?.aborted === true, 10_000);
      socket.destroy();
    } finally {
      await impatient.close();
    }
  });
});

describe('R24: more requests than the relay takes', () => {
  const crowded = async (): Promise<{ relay: TestRelay; letGo: () => void }> => {
    const relay = await open({ env: { MAX_CONCURRENT_REQUESTS: '1', MAX_QUEUED_REQUESTS: '1' } });
    relay.simulator.always('generate', faults.stallBeforeHeaders());
    const callers = [call(relay, question('openai', 'Hello'))];
    await relay.simulator.until(() => relay.simulator.asked('generate').length === 1);
    callers.push(call(relay, question('gemini', 'Hello')));
    await within(1000, 'a queue of one', async () => (await requestsIn(relay)).queued === 1);
    return {
      relay,
      letGo: () => {
        for (const caller of callers) caller.leave();
      },
    };
  };

  test.each(FAMILIES)('R24: are refused at once, with a time to come back (%s)', async (family) => {
    const { relay, letGo } = await crowded();
    const response = await ask(relay, family, 'Hello', true);
    expect(response.status).toBe(503);
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds >= 1 && seconds <= 5).toBe(true);
    const { message, code } = await errorOf(response);
    expect(message).toContain('queue is full');
    if (family === 'openai') expect(code).toBe('server_overloaded');
    letGo();
  });

  test('R24: a refusal reads no body and costs less than 5 ms; /livez and /health answer meanwhile', async () => {
    const { relay, letGo } = await crowded();
    const refuse = (waitMs: number) =>
      sendRaw(relay.port, rawHead('/v1/chat/completions', ['Content-Length: 50000000']), waitMs);
    const { text, status } = await refuse(120);
    expect(status).toBe(503);
    expect(text).toContain('server_overloaded');
    // One right after the other: a processor that has rested takes several times as long for its first work.
    expect(await best(24, async () => (await refuse(10)).ms)).toBeLessThan(allowed(5));
    for (const path of ['/livez', '/health']) {
      const ms = await best(3, async () => {
        const startedAt = performance.now();
        await (await fetch(`${relay.url}${path}`)).arrayBuffer();
        return performance.now() - startedAt;
      });
      expect(ms).toBeLessThan(allowed(100));
    }
    letGo();
  });

  test('R24: who waits too long in the queue is told so', async () => {
    const relay = await open({ env: { MAX_CONCURRENT_REQUESTS: '1', QUEUE_TIMEOUT_MS: '100' } });
    relay.simulator.always('generate', faults.stallBeforeHeaders());
    const first = call(relay, question('openai', 'Hello'));
    await relay.simulator.until(() => relay.simulator.asked('generate').length === 1);
    const startedAt = performance.now();
    const response = await ask(relay, 'openai', 'Hello');
    expect(response.status).toBe(503);
    expect((await errorOf(response)).code).toBe('server_overloaded');
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    first.leave();
  });

  test('R24: whoever waits in turn is served in turn', async () => {
    const relay = await open({ env: { MAX_CONCURRENT_REQUESTS: '4', MAX_QUEUED_REQUESTS: '200' } });
    relay.simulator.always('generate', faults.slowHeaders(20));
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(relay, FAMILIES[index % 2] ?? 'openai', 'Hello')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

test('R30: of 500 streams at once each holds its own marks and nobody else’s', async () => {
  const relay = await open({ env: { MAX_CONCURRENT_REQUESTS: '500' } });
  const mark = (index: number) => `mark-${index}-${Math.random().toString(36).slice(2)}`;
  const marks = Array.from({ length: 500 }, (_, index) => mark(index));
  const answers = await Promise.all(
    marks.map(async (own, index) => {
      const family = FAMILIES[index % 2] ?? 'openai';
      const caller = call(relay, question(family, `say exactly: ${`${own} `.repeat(20)}`, true));
      const answer = await caller.answer;
      return { status: answer.statusCode, text: await textOf(answer), own };
    }),
  );
  for (const { status, text, own } of answers) {
    expect(status).toBe(200);
    const words = text.replaceAll(/"\}\]?,?[^]*?"(?:content|text)":\s?"|\\n/g, '');
    const found = new Set(words.match(/mark-\d+-[a-z0-9]+/g));
    expect(found.has(own)).toBe(true);
    // Cut between two events a mark may lose its tail, never its number.
    for (const each of found) expect(own.startsWith(each) || each.startsWith(own)).toBe(true);
  }
  const ids = linesOf(relay, 'request').map(({ requestId }) => requestId);
  expect(new Set(ids).size).toBe(ids.length);
  const keys = new Set(relay.simulator.asked('generate').map(({ headers }) => headers.authorization));
  expect(keys.size).toBe(1);
  expect([...keys].join()).not.toContain(RELAY_KEY);
}, 120_000);
