/**
 * Who takes next to nothing of what waits for it is cut, whatever it reads and whatever it says meanwhile; who is held up
 * by somebody else, or has not ended what it says, is not. The relay's clock goes on as it is told.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answering, raw } from '../../src/simulator/faults.ts';
import * as scripted from '../../src/simulator/scripted.ts';
import { eventually } from '../support/eventually.ts';
import { LIVE_ADDRESS, LIVE_MODEL, openLive } from '../support/live-socket.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openSocket } from '../support/responses-socket.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const PIECE_BYTES = 64 * 1024;
/** With what systems hold on the way, nothing takes as much. */
const PIECES = 400;
const STEP_MS = 2000;
const MOST_STEPS = 200;
const LIMIT_MS = 60_000;

const system = createVirtualSystem();
let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api', system });
});
afterAll(() => relay.close());

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  relay.simulator.reset();
});

/** The machine has time to carry what was sent. */
const step = async (ms = STEP_MS): Promise<void> => {
  await delay(3);
  await system.advance(ms);
};

/** Reads eight bytes, whenever it is told to read. */
const dial = (head: string): Socket => {
  const onread = { buffer: Buffer.alloc(8), callback: () => false };
  const socket = connect({ port: relay.port, host: '127.0.0.1', onread });
  socket.on('error', () => undefined);
  socket.write(head);
  closing.push(() => {
    socket.destroy();
  });
  return socket;
};

const [TEXT, PING] = [1, 9];
const frame = (opcode: number, payload: string, bytes = payload.length): Buffer => {
  const head = Buffer.from([128 | opcode, 128 | 127, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes, 6);
  return opcode === PING ? Buffer.from([128 | PING, 128, 0, 0, 0, 0]) : Buffer.concat([head, Buffer.from(payload)]);
};
const handshake = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${relay.key}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
  'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

const googles = () => relay.simulator.live.sessions.at(-1);
const PIECE = Buffer.from(`{"serverContent":{"modelTurn":{"parts":[{"text":"${'A'.repeat(PIECE_BYTES)}"}]}}}`);
const WORD = '{"realtimeInput":{"text":"a"}}';
const CREATE = `{"type":"response.create","model":"gemini-2.5-flash","store":false,"input":"Hello"}`;
const SETUP = `{"setup":{"model":"models/${LIVE_MODEL}","generationConfig":{"responseModalities":["TEXT"]}}}`;

interface Reader {
  readonly socket: Socket;
  /** Said meanwhile. */
  readonly word: string | Buffer;
  readonly isGoogleFree: () => boolean;
}

const upload = async (): Promise<string> => {
  const form = new FormData();
  form.append('purpose', 'user_data');
  form.append('file', new Blob(['Hello.']), 'hello.txt');
  const answer = await relay.fetch('/v1/files', { method: 'POST', body: form });
  return ((await answer.json()) as { readonly id: string }).id;
};

const download = async (pathOf: (id: string) => string): Promise<Reader> => {
  const path = pathOf(await upload());
  const content = Array.from({ length: PIECES }, () => Buffer.alloc(PIECE_BYTES));
  relay.simulator.next('downloadFile', raw(200, { 'content-type': 'video/mp4' }, ...content));
  const socket = dial(`GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${relay.key}\r\n\r\n`);
  await relay.simulator.until(() => relay.simulator.asked('downloadFile').length === 1);
  socket.write('GET /v1/models HTTP/1.1\r\nx-more: ');
  return { socket, word: 'x', isGoogleFree: () => relay.simulator.asked('downloadFile')[0]?.aborted === true };
};

const READERS: readonly (readonly [what: string, open: () => Promise<Reader>])[] = [
  ['a download', () => download((id) => `/v1beta/files/${id.replace('file-', '')}:download?alt=media`)],
  ['a download in OpenAI’s words', () => download((id) => `/v1/files/${id}/content`)],
  [
    'a session of the Live API',
    async () => {
      const socket = dial(handshake(LIVE_ADDRESS));
      socket.write(frame(TEXT, SETUP));
      const before = relay.simulator.live.sessions.length;
      await eventually(() => {
        expect(relay.simulator.live.sessions.slice(before)[0]?.setup).toBeDefined();
      });
      const google = googles()?.ws;
      for (let piece = 0; piece < PIECES; piece += 1) google?.send(PIECE);
      return { socket, word: frame(TEXT, WORD), isGoogleFree: () => google?.readyState === WebSocket.CLOSED };
    },
  ],
  [
    'the WebSocket of Responses',
    async () => {
      const long = scripted.says('x'.repeat(PIECE_BYTES));
      relay.simulator.next('generate', answering(...Array.from({ length: PIECES }, () => long.slice(0, 1)).flat()));
      const socket = dial(handshake('/v1/responses'));
      socket.write(frame(TEXT, CREATE));
      await relay.simulator.until(() => relay.simulator.asked('generate').length === 1);
      const isGoogleFree = (): boolean => relay.simulator.asked('generate')[0]?.aborted === true;
      return { socket, word: frame(PING, ''), isGoogleFree };
    },
  ],
];

describe.each(READERS)('R23: whoever takes next to nothing of %s', (_what, open) => {
  test.each([
    ['nothing', () => undefined],
    ['eight bytes every two seconds', (socket: Socket) => socket.resume()],
  ])('but %s is cut, whatever it sends meanwhile', async (_how, read) => {
    const cut = (): number => relay.logs.filter((line) => line.includes('"error":"slow_reader"')).length;
    const before = cut();
    const { socket, word, isGoogleFree } = await open();
    const begunAt = system.monotonic();
    for (let steps = 0; cut() === before; steps += 1) {
      expect(steps).toBeLessThan(MOST_STEPS);
      read(socket);
      socket.write(word);
      await step();
    }
    expect(system.monotonic() - begunAt).toBeGreaterThanOrEqual(LIMIT_MS);
    await eventually(() => {
      expect(isGoogleFree()).toBe(true);
    });
    expect(cut()).toBe(before + 1);
  });
});

describe('R23: who is held up by somebody else is not cut', () => {
  const still = async (bytes: () => number): Promise<void> => {
    for (let before = -1; bytes() !== before;) {
      before = bytes();
      await delay(200);
    }
  };

  test('a client of the Live API that says more than Google takes, as long as that takes something', async () => {
    const socket = await openLive(relay.url, relay.key);
    closing.push(() => {
      socket.ws.terminate();
    });
    await socket.setUp();
    const google = googles();
    if (!google) throw new Error('no session');
    google.ws.pause();
    const sound = `{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":"${'A'.repeat(PIECE_BYTES)}"}}}`;
    for (let piece = 0; piece < PIECES; piece += 1) socket.ws.send(Buffer.from(sound));
    await still(() => socket.ws.bufferedAmount);
    expect(socket.ws.bufferedAmount).toBeGreaterThan(PIECE_BYTES);
    // The system has room again for what waits only when much was taken.
    let enough = 4;
    google.ws.on('message', () => {
      if (google.received.length > enough) google.ws.pause();
    });
    for (; enough <= 160; enough += 4) {
      google.ws.resume();
      while (google.received.length <= enough && socket.ws.readyState === WebSocket.OPEN) await step(0);
      await step();
    }
    enough = Infinity;
    google.ws.resume();
    expect(await socket.ask('say exactly: still here')).toContain('still');
  }, 60_000);

  test.each([
    ['the Live API', LIVE_ADDRESS, SETUP],
    ['the WebSocket of Responses', '/v1/responses', CREATE],
  ])(
    'a client of %s that has not ended its message, which leaves no room for an answer to pings',
    async (_what, path, text) => {
      const socket = await openSocket(relay.url + path, {
        headers: { authorization: `Bearer ${relay.key}` },
        autoPong: false,
      });
      closing.push(() => {
        socket.ws.terminate();
      });
      const inner = Reflect.get(socket.ws, '_socket') as Socket;
      if (path === LIVE_ADDRESS) {
        socket.send(text);
        await socket.next();
      }
      const message = path === LIVE_ADDRESS ? WORD : text;
      inner.write(frame(TEXT, message.slice(0, 1), 100 + message.length));
      for (let steps = 0; steps < 50; steps += 1) {
        inner.write('  ');
        await step();
      }
      inner.write(message.slice(1));
      if (path === LIVE_ADDRESS)
        await eventually(() => {
          expect(googles()?.received).toHaveLength(2);
        });
      else expect((await socket.answer()).at(-1)).toMatchObject({ type: 'response.completed' });
    },
  );
});
