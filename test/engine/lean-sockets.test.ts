import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { leanConnector, readWhereItLies } from '../../src/engine/lean-sockets.ts';
import { CERTIFICATE, fixture } from '../images/support.ts';

let server: Server | undefined;
let pool: Pool | undefined;
afterEach(async () => {
  await pool?.destroy();
  server?.close();
});

type Speak = (socket: Socket) => void;

const onceAsked =
  (speak: Speak): Speak =>
  (socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        speak(socket);
      });
  };

const listen = async (own: Server): Promise<number> => {
  server = own;
  await once(own.listen(0, '127.0.0.1'), 'listening');
  return (own.address() as AddressInfo).port;
};

/** Answers each connection's requests by hand. */
const serve = async (speak: Speak): Promise<Pool> => {
  const port = await listen(createServer({ noDelay: true }, onceAsked(speak)));
  pool = new Pool(`http://127.0.0.1:${port}`, { pipelining: 1, connect: leanConnector({}) });
  return pool;
};

const serveEncrypted = async (speak: Speak): Promise<Pool> => {
  const port = await listen(createTlsServer({ key: fixture('key.pem'), cert: CERTIFICATE }, onceAsked(speak)));
  const connect = leanConnector({ ca: CERTIFICATE, servername: 'images.example' });
  pool = new Pool(`https://127.0.0.1:${port}`, { pipelining: 1, connect });
  return pool;
};

interface Told {
  readonly body: Promise<Buffer>;
  readonly controller: Promise<Dispatcher.DispatchController>;
}

/** Asks once; `heard` is told of each piece, and may pause. */
const ask = (
  of: Pool,
  heard: (controller: Dispatcher.DispatchController, bytes: Buffer) => void = () => undefined,
): Told => {
  const pieces: Buffer[] = [];
  const body = Promise.withResolvers<Buffer>();
  const controller = Promise.withResolvers<Dispatcher.DispatchController>();
  of.dispatch(
    { method: 'GET', path: '/' },
    {
      onRequestStart: () => undefined,
      onResponseStart: (own) => {
        controller.resolve(own);
      },
      onResponseData: (own, bytes) => {
        pieces.push(Buffer.from(bytes));
        heard(own, bytes);
      },
      onResponseEnd: () => {
        body.resolve(Buffer.concat(pieces));
      },
      onResponseError: (_own, error) => {
        body.reject(error);
      },
    },
  );
  return { body: body.promise, controller: controller.promise };
};

const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

const writeInPieces = async (socket: Socket, answer: Buffer, lengths: readonly number[]): Promise<void> => {
  let at = 0;
  for (let turn = 0; at < answer.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    socket.write(answer.subarray(at, at + length));
    at += length;
    await new Promise((resolve) => setImmediate(resolve));
  }
};

test.each([
  { name: 'plain', open: serve, numRuns: 150 },
  { name: 'encrypted', open: serveEncrypted, numRuns: 60 },
])(
  '$name: an answer in pieces of any length is the same however often its reader pauses, and the next follows',
  async ({ open, numRuns }) => {
    let answer = Buffer.alloc(0);
    let lengths: readonly number[] = [];
    const write = (socket: Socket): void => void writeInPieces(socket, answer, lengths);
    const asked = await open((socket) => {
      write(socket);
      socket.on('data', () => {
        write(socket);
      });
    });
    const texts = fc.array(fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }), {
      minLength: 1,
      maxLength: 12,
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });
    const pauses = fc.infiniteStream(fc.constantFrom('on', 'pause', 'pause for no time' as const));
    await fc.assert(
      fc.asyncProperty(texts, cuts, pauses, async (said, pieces, acts) => {
        answer = Buffer.from(HEAD + said.map(chunked).join('') + chunked(''));
        lengths = pieces;
        const { body } = ask(asked, (controller) => {
          const act: unknown = acts.next().value;
          if (act === 'on') return;
          controller.pause();
          if (act === 'pause')
            setImmediate(() => {
              controller.resume();
            });
          else
            process.nextTick(() => {
              controller.resume();
            });
        });
        expect((await body).toString()).toBe(said.join(''));
      }),
      { numRuns },
    );
    expect(asked.stats.connected).toBeLessThan(5);
  },
);

test.each([
  { name: 'plain', open: serve },
  { name: 'encrypted', open: serveEncrypted },
])('$name: answers that come at once on several connections are not mixed', async ({ open }) => {
  let count = 0;
  const asked = await open((socket) => {
    const own = Buffer.alloc(300_000, `${(count += 1)}, `);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${own.length}\r\n\r\n`);
    void writeInPieces(socket, own, [1000, 70_000, 1, 16_384]);
  });
  const pauseNow = (controller: Dispatcher.DispatchController): void => {
    controller.pause();
    setImmediate(() => {
      controller.resume();
    });
  };
  const bodies = await Promise.all(Array.from({ length: 12 }, () => ask(asked, pauseNow).body));
  const found = new Set(bodies.map((body) => body.toString()));
  const sent = Array.from({ length: 12 }, (_, index) => Buffer.alloc(300_000, `${index + 1}, `).toString());
  expect(sent.filter((text) => !found.has(text))).toEqual([]);
});

const PIECE = Buffer.alloc(64 * 1024, 'x');

test('a server whose reader has paused is held up, and goes on when the reader does', async () => {
  let written = 0;
  const PIECES = 400;
  const asked = await serve((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${PIECES * PIECE.length}\r\n\r\n`);
    const goOn = (): void => {
      while (written < PIECES * PIECE.length) {
        written += PIECE.length;
        if (!socket.write(PIECE)) {
          socket.once('drain', goOn);
          return;
        }
      }
    };
    goOn();
  });
  let isFirst = true;
  const { body, controller } = ask(asked, (own) => {
    if (isFirst) own.pause();
    isFirst = false;
  });
  const own = await controller;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const held = written;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(written).toBe(held);
  // What the kernel holds of both ends.
  expect(held).toBeLessThan(15_000_000);
  own.resume();
  expect((await body).length).toBe(PIECES * PIECE.length);
});

test('an answer that is broken off is a failure, with what came before it', async () => {
  const asked = await serve((socket) => {
    socket.write(HEAD + chunked('the beginning'));
    setTimeout(() => socket.destroy(), 20);
  });
  let heard = '';
  const { body } = ask(asked, (_own, bytes) => {
    heard += bytes.toString();
  });
  await expect(body).rejects.toThrow('other side closed');
  expect(heard).toBe('the beginning');
});

test('what is no HTTP is a failure', async () => {
  const asked = await serve((socket) => socket.write('I speak something else.\r\n\r\n'));
  await expect(ask(asked).body).rejects.toThrow('HTTP');
});

test('a connection that goes on as something else is read as any other', async () => {
  const asked = await serve((socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nat once, ');
    socket.on('data', (bytes) => socket.write(bytes));
  });
  const { socket } = await asked.upgrade({ path: '/', protocol: 'echo' });
  socket.end('and what was said');
  let text = '';
  for await (const bytes of socket) text += String(bytes);
  expect(text).toBe('at once, and what was said');
});

/** A connection of its own, read by hand. */
const readByHand = async (read: (socket: Socket) => void): Promise<Socket> => {
  const port = await listen(createServer({ noDelay: true }, (socket) => void tellSlowly(socket)));
  const socket = connect(port, '127.0.0.1');
  readWhereItLies(socket);
  return socket.on('readable', () => {
    read(socket);
  });
};

const tellSlowly = async (socket: Socket): Promise<void> => {
  for (const letter of 'abcdef') {
    socket.write(letter.repeat(2));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.end();
};

const readAll = (socket: Socket): string => {
  let text = '';
  for (let chunk = readSome(socket); chunk !== ''; chunk = readSome(socket)) text += chunk;
  return text;
};

const readSome = (socket: Socket): string => ((socket.read() as Buffer | null) ?? '').toString();

test('what waits is read before what arrives', async () => {
  let text = '';
  let turn = 0;
  const socket = await readByHand((own) => {
    turn += 1;
    // Told of it a second time, as of what waits.
    if (turn !== 2 && turn !== 3) text += readAll(own);
  });
  await once(socket, 'end');
  expect(text).toBe('aabbccddeeff');
});

test('what is given back is there at once', async () => {
  const heard: string[] = [];
  const socket = await readByHand((own) => {
    const letters = readSome(own);
    if (letters === '') return;
    own.unshift(Buffer.from(letters.slice(1)));
    heard.push(`${letters[0] ?? ''}, then ${readAll(own)}`);
  });
  await once(socket, 'end');
  expect(heard).toEqual(Array.from('abcdef', (letter) => `${letter}, then ${letter}`));
});
