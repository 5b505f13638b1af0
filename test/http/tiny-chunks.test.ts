import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createTinyChunks } from '../../src/http/tiny-chunks.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const CONNECTIONS = 8;
/** Several looks at each connection. */
const CHUNKS = 60_000;

test('R25: connections with bodies of chunks of one byte are read one at a time, all to their end', async () => {
  /** Of each round of the event loop: who has brought anything. */
  const rounds: Set<number>[] = [];
  const begun = new Set<number>();
  let current: Set<number> | undefined;
  let count = 0;
  const server = createServer((req, res) => {
    const number = count;
    count += 1;
    const tinyChunks = createTinyChunks(req);
    let bytes = 0;
    req.on('data', (piece: Buffer) => {
      tinyChunks(piece);
      bytes += piece.length;
      if (!current) {
        current = new Set();
        // What all bring at first is there before anybody is asked to wait.
        if (begun.size === CONNECTIONS) rounds.push(current);
        setImmediate(() => (current = undefined));
      }
      current.add(number);
      begun.add(number);
    });
    req.on('end', () => res.end(String(bytes)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = `${'1\r\na\r\n'.repeat(CHUNKS)}0\r\n\r\n`;
  const send = (): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      socket.on('data', (text: string) => (answer += text)).on('error', reject);
      socket.on('close', () => {
        resolve(answer);
      });
      socket.write('POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n');
      socket.write(body);
    });
  const answers = await Promise.all(Array.from({ length: CONNECTIONS }, send));
  for (const answer of answers) expect(answer.endsWith(`\r\n\r\n${CHUNKS}`)).toBe(true);
  expect(rounds.length).toBeGreaterThan(CONNECTIONS);
  const together = rounds.filter((who) => who.size > 2);
  expect(together.length).toBeLessThan(rounds.length / 10);
});
