/** What comes on a WebSocket in the smallest pieces or at one stretch, from clients and from Google, holds up nobody. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { empty } from '../../src/simulator/faults.ts';
import { openLive } from '../support/live-socket.ts';
import type { LiveSocket } from '../support/live-socket.ts';
import { allowed } from '../support/machine.ts';
import { RELAY_KEY } from '../support/relay.ts';
import { openSocket } from '../support/responses-socket.ts';
import type { ResponsesSocket } from '../support/responses-socket.ts';
import { openHeavyRelay } from './heavy-relay.ts';
import type { HeavyRelay } from './heavy-relay.ts';

/** A message of the Live API has 16 MiB at most. */
const BYTES = 15 * 1024 * 1024;
const PAUSE_MS = 250;
const MOST_TIMES = 8;

let relay: HeavyRelay;
beforeAll(async () => {
  relay = await openHeavyRelay(512, undefined, 'gemini-api');
  const first = await begun();
  await first.ask('Hello');
  first.ws.terminate();
}, 60_000);
afterAll(() => relay.close());

const opened: WebSocket[] = [];
afterEach(() => {
  for (const ws of opened.splice(0)) ws.terminate();
});

const begun = async (): Promise<LiveSocket> => {
  const socket = await openLive(relay.url, RELAY_KEY);
  opened.push(socket.ws);
  await socket.setUp();
  return socket;
};

const hold = async (work: () => Promise<number>, codes: readonly number[], bytes = BYTES): Promise<void> => {
  let [pauseMs, peakBytes] = [Infinity, Infinity];
  for (let tries = 0; tries < 4 && pauseMs > PAUSE_MS; tries += 1) {
    const measured = await relay.during(work);
    expect(codes).toContain(measured.status);
    pauseMs = Math.min(pauseMs, measured.pauseMs);
    peakBytes = Math.min(peakBytes, measured.peakBytes);
  }
  expect(pauseMs).toBeLessThan(allowed(PAUSE_MS));
  expect(peakBytes).toBeLessThan(MOST_TIMES * bytes);
  expect(await relay.isAlive()).toBe(true);
};

/** Of the end of a session, or 0 where it goes on: the next question is answered, or has been. */
const codeOf = (socket: LiveSocket): Promise<number> =>
  Promise.race([
    socket.closed.then(([code]) => code),
    socket.until('usageMetadata').then(
      () => 0,
      () => socket.closed.then(([code]) => code),
    ),
  ]);

const LAST = '{"clientContent":{"turns":[{"role":"user","parts":[{"text":"end"}]}],"turnComplete":true}}';
const saying = (text: string): string => LAST.replace('end', text);
const filled = (item: string, bytes = BYTES): string => item.repeat(Math.floor(bytes / item.length));

/** A frame of a client's, masked with zeros. */
const frame = (opcode: number, payload: string, isLast = true): Buffer =>
  Buffer.from([(isLast ? 128 : 0) | opcode, 128 | payload.length, 0, 0, 0, 0, ...Buffer.from(payload)]);
/** The same of Google's, who masks nothing. */
const bare = (opcode: number, payload: string, isLast = true): Buffer =>
  Buffer.from([(isLast ? 128 : 0) | opcode, payload.length, ...Buffer.from(payload)]);
const [CONTINUED, TEXT, PING, PONG] = [0, 1, 9, 10];
const frames = (one: Buffer, count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => one));
const write = (ws: WebSocket, bytes: Buffer): void => {
  (Reflect.get(ws, '_socket') as Socket).write(bytes);
};

describe('R25: a client of the Live API', () => {
  const floodsWith = (bytes: Buffer, codes: readonly number[]): Promise<void> =>
    hold(async () => {
      const socket = await begun();
      write(socket.ws, bytes);
      socket.send(LAST);
      return codeOf(socket);
    }, codes);

  test.each([
    ['escapes beside a name', saying(`files/${filled('\\n')}`), [0]],
    ['escaped quotes', saying(filled('\\"')), [0]],
    ['letters of three bytes', saying(`\\n${filled('中', BYTES / 3)}`), [0]],
    ['turns without number', `{"clientContent":{"turns":[${filled('{},')}{}]},"x":"setup"}`, [1007]],
    ['nesting', `{"clientContent":"setup","x":${'['.repeat(BYTES / 2)}${']'.repeat(BYTES / 2)}}`, [1007]],
  ])(
    'says %s in one message',
    async (_what, message, codes) => {
      await hold(async () => {
        const socket = await begun();
        socket.send(message);
        return codeOf(socket);
      }, codes);
    },
    60_000,
  );

  test.each([
    ['pings', frames(frame(PING, ''), 100_000)],
    ['long pings', frames(frame(PING, 'a'.repeat(125)), 100_000)],
    ['pongs', frames(frame(PONG, ''), 100_000)],
    ['sounds', frames(frame(TEXT, '{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":"AAAA"}}}'), 20_000)],
    ['words', frames(frame(TEXT, '{"realtimeInput":{"text":"a"}}'), 20_000)],
  ])('sends %s by the thousand, and is answered', (_what, bytes) => floodsWith(bytes, [0]), 60_000);

  test('begins with a setup of 15 MiB', async () => {
    await hold(async () => {
      const socket = await openLive(relay.url, RELAY_KEY);
      opened.push(socket.ws);
      await socket.setUp({ systemInstruction: { parts: [{ text: '\n"'.repeat(BYTES / 4) }] } });
      return 0;
    }, [0]);
  }, 60_000);

  test.each([
    [
      'empty pieces of a message',
      Buffer.concat([
        frame(TEXT, LAST.slice(0, 40), false),
        frames(frame(CONTINUED, '', false), 10_000),
        frame(CONTINUED, LAST.slice(40)),
      ]),
    ],
    [
      'more pieces than a message may have',
      Buffer.concat([frame(TEXT, 'a', false), frames(frame(CONTINUED, 'a', false), 200_000)]),
    ],
    ['messages of one letter', frames(frame(TEXT, ' '), 200_000)],
  ])('sends %s', (_what, bytes) => floodsWith(bytes, [0, 1002, 1007, 1008, 1009, 1011]), 60_000);
});

describe('R25: Google, in a session of the Live API', () => {
  test.each([
    ['escapes beside counts', `{"usageMetadata":{"candidatesTokenCount":1},"x":"${filled('\\n')}"}`],
    ['values without number beside counts', `{"x":[${filled('{},')}{}],"usageMetadata":{"responseTokenCount":1}}`],
    [
      'members beside counts',
      `{"x":{${Array.from({ length: BYTES / 14 }, (_, index) => `"${String(index).padStart(8, 'k')}":1`).join(',')}},"usageMetadata":{}}`,
    ],
    ['a long text', `{"serverContent":{"modelTurn":{"parts":[{"text":"${filled('a')}"}]}}}`],
  ])(
    'says %s in one message',
    async (_what, message) => {
      await hold(async () => {
        const socket = await begun();
        relay.simulator.live.sessions.at(-1)?.ws.send(Buffer.from(message));
        const heard = once(socket.ws, 'message').then(() => 0);
        return Promise.race([heard, socket.closed.then(([code]) => code)]);
      }, [0, 1011]);
    },
    60_000,
  );

  test.each([
    ['messages', '{"serverContent":{}}', 100_000],
    ['messages with counts', '{"usageMetadata":{"promptTokenCount":1}}', 20_000],
  ])(
    'says very many %s',
    async (_what, message, count) => {
      await hold(async () => {
        const socket = await begun();
        const google = relay.simulator.live.sessions.at(-1)?.ws;
        const bytes = Buffer.from(message);
        for (let said = 0; said < count; said += 1) google?.send(bytes);
        while (socket.heard.length <= count) await once(socket.ws, 'message');
        return 0;
      }, [0]);
    },
    60_000,
  );

  test.each([
    ['pings', frames(bare(PING, ''), 100_000), [0]],
    ['pongs', frames(bare(PONG, ''), 100_000), [0]],
    [
      'empty pieces of a message',
      Buffer.concat([bare(TEXT, '{', false), frames(bare(CONTINUED, '', false), 10_000), bare(CONTINUED, '}')]),
      [0],
    ],
    [
      'more pieces than a message may have',
      Buffer.concat([bare(TEXT, '{', false), frames(bare(CONTINUED, ' ', false), 200_000)]),
      [1011],
    ],
    ['a frame that is masked', frame(TEXT, '{}'), [1011]],
  ])(
    'sends %s',
    async (_what, bytes, codes) => {
      await hold(async () => {
        const socket = await begun();
        const google = relay.simulator.live.sessions.at(-1)?.ws;
        if (google) write(google, bytes);
        socket.send(LAST);
        return codeOf(socket);
      }, codes);
    },
    60_000,
  );
});

describe('R25: a client of the WebSocket of Responses', () => {
  const CREATE = '{"type":"response.create","model":"gemini-2.5-flash","store":false,"input":"Hello"}';
  const opening = async (): Promise<ResponsesSocket> => {
    const socket = await openSocket(`${relay.url}/v1/responses`, {
      headers: { authorization: `Bearer ${RELAY_KEY}` },
    });
    opened.push(socket.ws);
    return socket;
  };

  const LARGEST = 60 * 1024 * 1024;
  test.each([
    ['line breaks', '\\n'],
    ['letters by their numbers', '\\u0041'],
  ])(
    'asks with 60 MiB of %s in one message',
    async (_what, escape) => {
      const message = CREATE.replace('Hello', filled(escape, LARGEST));
      await hold(
        async () => {
          relay.simulator.next('generate', empty(400));
          const socket = await opening();
          socket.send(message);
          expect((await socket.answer()).at(-1)).toMatchObject({ type: 'error', status: 400 });
          socket.ws.terminate();
          return 0;
        },
        [0],
        LARGEST,
      );
    },
    60_000,
  );

  test('sends pings by the thousand, and is answered', async () => {
    await hold(async () => {
      const socket = await opening();
      write(socket.ws, frames(frame(PING, ''), 100_000));
      socket.send(CREATE);
      await socket.answer();
      return 0;
    }, [0]);
  }, 60_000);

  test.each([
    [
      'empty pieces of a message',
      Buffer.concat([
        frame(TEXT, CREATE.slice(0, 40), false),
        frames(frame(CONTINUED, '', false), 10_000),
        frame(CONTINUED, CREATE.slice(40)),
      ]),
    ],
    [
      'more pieces than a message may have',
      Buffer.concat([frame(TEXT, 'a', false), frames(frame(CONTINUED, 'a', false), 200_000)]),
    ],
    ['messages of one letter', frames(frame(TEXT, ' '), 100_000)],
  ])(
    'sends %s',
    async (_what, bytes) => {
      await hold(async () => {
        const socket = await opening();
        write(socket.ws, bytes);
        socket.send(CREATE);
        return Promise.race([
          socket.answer().then(
            () => 0,
            () => 1,
          ),
          socket.closed.then(([code]) => code),
        ]);
      }, [0, 1, 1002, 1006, 1008, 1009]);
    },
    60_000,
  );
});
