/** A client that is still sending when it is refused: it can send the rest, reads the whole answer, and is not cut. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, 'a');
const BOUNDARY = 'the-boundary';
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api', env: { MAX_BODY_BYTES: String(4 * MIB) } });
});
afterAll(() => relay.close());

interface Heard {
  readonly status: number;
  readonly body: string;
  readonly error: Error | undefined;
}

/** Reads nothing before it has sent all, as simple clients do. */
const sendAll = (path: string, type: string, begin: string, key: string, isChunked: boolean): Promise<Heard> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(relay.url);
    const socket = connect(Number(port), hostname);
    let error: Error | undefined;
    let text = '';
    socket.on('error', (thrown) => (error = thrown));
    const bytes = 8 * MIB;
    const head = [
      `POST ${path} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      `x-goog-api-key: ${key}`,
      `content-type: ${type}`,
      isChunked ? 'transfer-encoding: chunked' : `content-length: ${begin.length + bytes}`,
    ];
    const framed = (piece: Buffer | string): Buffer =>
      isChunked
        ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), Buffer.from(piece), Buffer.from('\r\n')])
        : Buffer.from(piece);
    socket.pause();
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    if (begin !== '') socket.write(framed(begin));
    let sent = 0;
    const send = (): void => {
      while (sent < bytes) {
        sent += PIECE.length;
        if (!socket.write(framed(PIECE))) {
          socket.once('drain', send);
          return;
        }
      }
      if (isChunked) socket.write('0\r\n\r\n');
      socket
        .setEncoding('latin1')
        .on('data', (more: string) => (text += more))
        .resume();
    };
    send();
    socket.once('close', () => {
      const [answerHead = '', body = ''] = text.split('\r\n\r\n');
      resolve({ status: Number(answerHead.split(' ')[1]), body, error });
    });
  });

const partOf = (name: string, filename?: string): string =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${filename ? `; filename="${filename}"` : ''}\r\n\r\n`;

test.each([
  ['a form with a field that is refused', '/v1/images/edits', FORM, partOf('mask', 'a.png'), 400, /mask/],
  ['a form with a file too many', '/v1/audio/transcriptions', FORM, partOf('what', 'a.wav'), 400, /what/],
  ['a file of no type', '/v1/files', FORM, `${partOf('purpose')}nonsense\r\n${partOf('file', 'a')}`, 415, /./],
  ['a text where a form belongs', '/v1/files', 'text/plain', '', 413, /./],
  ['an upload that nobody began', '/upload/v1beta/files?upload_id=none', 'text/plain', '', 404, /uploads/],
  ['a body over the limit', '/v1/chat/completions', 'application/json', '{"a":"', 413, /MAX_BODY_BYTES|large/],
  ['a route that is not there', '/v1/nothing', 'application/json', '{"a":"', 404, /nothing/],
])('%s', async (_what, path, type, begin, status, says) => {
  for (const isChunked of [false, true]) {
    const heard = await sendAll(path, type, begin, RELAY_KEY, isChunked);
    expect([heard.status, heard.error]).toEqual([status, undefined]);
    expect((JSON.parse(heard.body) as { error: { message: string } }).error.message).toMatch(says);
  }
});

test('a wrong key', async () => {
  const heard = await sendAll('/v1/images/edits', FORM, partOf('image', 'a.png'), 'wrong-key', false);
  expect([heard.status, heard.error]).toEqual([401, undefined]);
});
