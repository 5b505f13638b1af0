import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { endWithChunk, writeChunk } from '../../src/engine/whole-chunks.ts';

type Speak = (answer: ServerResponse) => void;

const server = createServer({ noDelay: true });
let socket: Socket | undefined;
afterEach(() => {
  socket?.destroy();
  server.removeAllListeners('request');
  server.closeAllConnections();
  server.close();
});

/** Asks once; who speaks has written the head. */
const ask = async (speak: Speak, version = '1.1'): Promise<Socket> => {
  server.on('request', (_req: IncomingMessage, answer: ServerResponse) => {
    answer.sendDate = false;
    answer.writeHead(200);
    speak(answer);
  });
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write(`GET / HTTP/${version}\r\nhost: here\r\nconnection: close\r\n\r\n`);
  return socket;
};

const read = async (from: Socket): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of from) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('latin1');
};

/** Strict about each length and line end. */
const unframed = (answer: string): string => {
  const start = answer.indexOf('\r\n\r\n') + 4;
  if (!/transfer-encoding: chunked/i.test(answer.slice(0, start))) return answer.slice(start);
  let said = '';
  for (let at = start; ;) {
    const [line = '', size = ''] = /^([\da-f]+)\r\n/.exec(answer.slice(at, at + 16)) ?? [];
    const length = Number.parseInt(size, 16);
    if (Number.isNaN(length)) throw new Error(`no length of a chunk, but ${answer.slice(at, at + 40)}`);
    at += line.length;
    expect(answer.slice(at + length, at + length + 2)).toBe('\r\n');
    if (length === 0) {
      expect(answer.length).toBe(at + 2);
      return said;
    }
    said += answer.slice(at, at + length);
    at += length + 2;
  }
};

interface Writer {
  readonly write: (answer: ServerResponse, text: string) => boolean;
  readonly end: (answer: ServerResponse, text: string) => void;
}

const own: Writer = {
  write: (answer, text) => writeChunk(answer, text, Buffer.byteLength(text)),
  end: (answer, text) => {
    endWithChunk(answer, text, Buffer.byteLength(text));
  },
};
const nodes: Writer = {
  write: (answer, text) => answer.write(text),
  end: (answer, text) => answer.end(text),
};

const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  ['letters', ['data: {"a":1}\n\n', 'data: [DONE]\n\n']],
  ['other scripts', ['grün', '一些中文', '🙂 and more', 'é'.repeat(2000)]],
  ['half of a pair', ['\ud83d', '\ude42']],
  ['nothing, which is no end', ['a', '', 'b']],
];

describe.each(['1.1', '1.0'])('HTTP/%s', (version) => {
  test.each(TEXTS)('what a client reads is what Node would write: %s', async (_name, texts) => {
    const said = async ({ write, end }: Writer): Promise<string> => {
      const bytes = await read(
        await ask((answer) => {
          const [head = '', ...rest] = texts;
          write(answer, head);
          // In one turn, held together, and each in its own.
          setImmediate(() => {
            answer.socket?.cork();
            for (const text of rest) write(answer, text);
            answer.socket?.uncork();
            setImmediate(() => {
              for (const text of texts) write(answer, text);
              setImmediate(end, answer, texts.at(-1) ?? '');
            });
          });
        }, version),
      );
      server.removeAllListeners('request');
      return unframed(bytes);
    };
    const byNode = await said(nodes);
    expect(byNode.length).toBeGreaterThan(0);
    expect(await said(own)).toBe(byNode);
  });

  test.each(TEXTS)('and so is an answer of one chunk: %s', async (_name, [text = '']) => {
    const said = async ({ end }: Writer): Promise<string> => {
      const bytes = await read(
        await ask((answer) => {
          end(answer, text);
        }, version),
      );
      server.removeAllListeners('request');
      return unframed(bytes);
    };
    expect(await said(own)).toBe(await said(nodes));
  });
});

test('a short answer goes to its connection in one piece, and the connection serves on', async () => {
  const told: (string | number)[] = [];
  server.on('request', (_req: IncomingMessage, answer: ServerResponse) => {
    const before = answer.socket?.writableLength ?? -1;
    answer.on('finish', () => told.push('finish', String(answer.writableFinished)));
    answer.on('close', () => told.push('close'));
    answer.writeHead(200);
    answer.socket?.cork();
    own.end(answer, 'a short answer');
    told.push(before, String(answer.writableEnded));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  socket = connect(port, '127.0.0.1');
  for (let round = 0; round < 2; round += 1) {
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    const [piece] = (await once(socket, 'data')) as [Buffer];
    expect(unframed(piece.toString('latin1'))).toBe('a short answer');
    await new Promise(setImmediate);
  }
  expect(told).toEqual([...[0, 'true', 'finish', 'true', 'close'], ...[0, 'true', 'finish', 'true', 'close']]);
});

test('of an answer that is asked for before the one ahead of it is through, nothing comes before its time', async () => {
  const answers: ServerResponse[] = [];
  const both = Promise.withResolvers<undefined>();
  server.on('request', (_req: IncomingMessage, answer: ServerResponse) => {
    answer.writeHead(200);
    if (answers.push(answer) === 2) both.resolve(undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /1 HTTP/1.1\r\nhost: here\r\n\r\nGET /2 HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n');
  await both.promise;
  const [first, second] = answers;
  if (!first || !second) throw new Error('two were asked for');
  own.write(second, 'the second, ');
  own.end(second, 'and its end');
  own.write(first, 'the first, ');
  setImmediate(own.end, first, 'and its end');
  const said = await read(socket);
  const behind = said.indexOf('HTTP/1.1', 1);
  expect(unframed(said.slice(0, behind))).toBe('the first, and its end');
  expect(unframed(said.slice(behind))).toBe('the second, and its end');
});

test('an end that its reader does not take at once is an end once all is taken', async () => {
  let finished = false;
  const client = await ask((answer) => {
    answer.on('finish', () => (finished = true));
    for (let pieces = 0; pieces < 400; pieces += 1) answer.write('x'.repeat(60_000));
    own.end(answer, 'last');
  });
  client.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(finished).toBe(false);
  expect(unframed(await read(client.resume())).slice(-9)).toBe('xxxxxlast');
  expect(finished).toBe(true);
});

test('a reader who is behind is waited for, and gets all of it', async () => {
  const text = 'x'.repeat(4000);
  let written = 0;
  const waited = Promise.withResolvers<number>();
  const client = await ask((answer) => {
    const writeOn = (): void => {
      for (let taken = true; taken && written < 5000;) {
        taken = own.write(answer, text);
        written += 1;
      }
      if (written === 5000) {
        answer.end();
        return;
      }
      waited.resolve(answer.writableLength);
      answer.once('drain', writeOn);
    };
    writeOn();
  });
  client.pause();
  expect(await waited.promise).toBeLessThan(200_000);
  expect(unframed(await read(client.resume()))).toBe(text.repeat(5000));
});

test('what the answer still keeps is not overtaken', async () => {
  const client = await ask((answer) => {
    // Node gathers what is written where nobody holds the connection.
    for (const [index, text] of ['a', 'b', 'c', 'd'].entries()) {
      if (index % 2 === 0) answer.write(text);
      else own.write(answer, text);
    }
    answer.end();
  });
  expect(unframed(await read(client))).toBe('abcd');
});

test('an answer whose reader has gone takes no more, and nothing is thrown', async () => {
  const taken: boolean[] = [];
  const over = Promise.withResolvers<undefined>();
  await ask((answer) => {
    answer.on('close', () => {
      taken.push(own.write(answer, 'much too late'));
      own.end(answer, 'and its end');
      over.resolve(undefined);
    });
    answer.destroy();
    taken.push(own.write(answer, 'too late'));
  });
  await over.promise;
  expect(taken).toEqual([false, false]);
});

test('an end that comes when the connection was just cut does not count as said', async () => {
  const finished = Promise.withResolvers<boolean>();
  await ask((answer) => {
    own.write(answer, 'begun');
    answer.on('close', () => {
      finished.resolve(answer.writableFinished);
    });
    answer.socket?.destroy();
    own.end(answer, 'its end');
  });
  expect(await finished.promise).toBe(false);
});
