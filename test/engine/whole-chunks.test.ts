import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { writeChunk } from '../../src/engine/whole-chunks.ts';

type Speak = (answer: ServerResponse) => void;

const server = createServer({ noDelay: true });
let socket: Socket | undefined;
afterEach(() => {
  socket?.destroy();
  server.removeAllListeners('request');
  server.closeAllConnections();
  server.close();
});

/** Asks once; who speaks has sent the head. */
const ask = async (speak: Speak, version = '1.1'): Promise<Socket> => {
  server.on('request', (_req: IncomingMessage, answer: ServerResponse) => {
    answer.sendDate = false;
    answer.writeHead(200);
    answer.write('first');
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
    at += line.length;
    expect(answer.slice(at + length, at + length + 2)).toBe('\r\n');
    if (length === 0) return said;
    said += answer.slice(at, at + length);
    at += length + 2;
  }
};

const own: (answer: ServerResponse, text: string) => boolean = (answer, text) =>
  writeChunk(answer, text, Buffer.byteLength(text));

const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  ['letters', ['data: {"a":1}\n\n', 'data: [DONE]\n\n']],
  ['other scripts', ['grün', '一些中文', '🙂 and more', 'é'.repeat(2000)]],
  ['half of a pair', ['\ud83d', '\ude42']],
  ['nothing, which is no end', ['a', '', 'b']],
];

describe.each(['1.1', '1.0'])('HTTP/%s', (version) => {
  test.each(TEXTS)('what a client reads is what Node would write: %s', async (_name, texts) => {
    const said = async (write: (answer: ServerResponse, text: string) => boolean): Promise<string> => {
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
              answer.end('last');
            });
          });
        }, version),
      );
      server.removeAllListeners('request');
      return unframed(bytes);
    };
    const byNode = await said((answer, text) => answer.write(text));
    expect(byNode).toContain('last');
    expect(await said(own)).toBe(byNode);
  });
});

test('a reader who is behind is waited for, and gets all of it', async () => {
  const text = 'x'.repeat(4000);
  let written = 0;
  const waited = Promise.withResolvers<number>();
  const client = await ask((answer) => {
    const writeOn = (): void => {
      for (let taken = true; taken && written < 5000;) {
        taken = own(answer, text);
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
  expect(unframed(await read(client.resume()))).toBe(`first${text.repeat(5000)}`);
});

test('what the answer still keeps is not overtaken', async () => {
  const client = await ask((answer) => {
    // Node gathers what is written where nobody holds the connection.
    for (const [index, text] of ['a', 'b', 'c', 'd'].entries()) {
      if (index % 2 === 0) answer.write(text);
      else own(answer, text);
    }
    answer.end();
  });
  expect(unframed(await read(client))).toBe('firstabcd');
});

test('an answer whose reader has gone takes no more, and nothing is thrown', async () => {
  const result = Promise.withResolvers<boolean>();
  await ask((answer) => {
    answer.destroy();
    result.resolve(own(answer, 'too late'));
  });
  expect(await result.promise).toBe(false);
});
