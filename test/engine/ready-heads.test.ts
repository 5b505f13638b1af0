import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readyHead, writeReadyHead } from '../../src/engine/ready-heads.ts';
import type { HeadFields } from '../../src/engine/ready-heads.ts';

const SHARED = { 'x-content-type-options': 'nosniff', 'content-type': 'application/json; charset=utf-8' };
const OWN = { 'x-request-id': 'req_1', 'x-relay-door': 'main', 'x-name': 'Zo\u00eb' };
const READY = readyHead(SHARED);
const BODY = '{"a":1}';

type WriteHead = (answer: ServerResponse, own: HeadFields, bytes?: number) => void;
const ours: WriteHead = (answer, own, bytes) => {
  writeReadyHead(answer, READY, own, bytes);
};
const nodes: WriteHead = (answer, own, bytes) => {
  answer.writeHead(200, { ...SHARED, ...own, ...(bytes !== undefined && { 'content-length': bytes }) });
};

const byNode = vi.spyOn(ServerResponse.prototype, 'writeHead');
const servers: Server[] = [];
afterEach(() => {
  byNode.mockClear();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Case {
  readonly question?: string;
  readonly own?: HeadFields;
  readonly bytes?: number;
  readonly before?: (answer: ServerResponse) => void;
  readonly options?: ServerOptions;
  readonly maxRequests?: number;
}

const KEPT = 'GET / HTTP/1.1\r\nhost: here\r\n\r\n';

/** All that comes over one connection, until it is closed. */
const ask = async (writeHead: WriteHead, one: Case): Promise<{ said: string; thrown: string }> => {
  const { question = KEPT, own = OWN, bytes, before, options = {}, maxRequests } = one;
  let thrown = '';
  const serve = (_req: IncomingMessage, answer: ServerResponse): void => {
    before?.(answer);
    try {
      writeHead(answer, own, bytes);
      answer.end(BODY);
    } catch (error) {
      thrown = (error as NodeJS.ErrnoException).code ?? String(error);
      answer.destroy();
    }
  };
  const server = createServer(options, serve).on('checkContinue', serve);
  if (maxRequests !== undefined) server.maxRequestsPerSocket = maxRequests;
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let said = '';
  socket.setEncoding('latin1').on('data', (piece: string) => (said += piece));
  // The second is answered on what the first has left of the connection, and the third is no HTTP, which ends it.
  socket.write(`${question}${question}?\r\n\r\n`);
  await once(socket, 'close');
  return { said, thrown };
};

/** Names of headers in any letters and in any order. */
const plain = (said: string): string =>
  said
    .replaceAll(/date: [^\r]+ GMT/gi, 'date: now')
    .replaceAll(/(HTTP\/1\.1 [^\r]+)\r\n([\s\S]*?)\r\n\r\n/g, (_all, status: string, lines: string) =>
      [
        status,
        ...lines
          .split('\r\n')
          .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
          .sort(),
        '',
        '',
      ].join('\r\n'),
    );

const CLOSING = 'GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n';
const OLD = 'GET / HTTP/1.0\r\n\r\n';
const OLD_KEPT = 'GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n';
const HEAD = 'HEAD / HTTP/1.1\r\nhost: here\r\n\r\n';
const EXPECTING = 'GET / HTTP/1.1\r\nhost: here\r\nexpect: 100-continue\r\n\r\n';

const IN_ONE_TEXT: readonly (readonly [string, Case])[] = [
  ['a connection that is kept', {}],
  ['a time that it is kept for', { options: { keepAliveTimeout: 65_000 } }],
  ['one of few questions', { maxRequests: 5 }],
  ['the last of few questions', { maxRequests: 1 }],
  ['a client that closes', { question: CLOSING }],
  ['a server that closes', { before: (answer) => (answer.shouldKeepAlive = false) }],
  ['no date', { before: (answer) => (answer.sendDate = false) }],
  ['nothing of its own', { own: {} }],
  ['a number', { own: { 'x-count': 3 } }],
];

const BY_NODE: readonly (readonly [string, Case])[] = [
  ['HTTP/1.0', { question: OLD }],
  ['HTTP/1.0 on a connection that is kept', { question: OLD_KEPT }],
  ['HEAD', { question: HEAD }],
  ['who waits to be told to go on', { question: EXPECTING }],
  [
    'who was told to go on',
    {
      question: EXPECTING,
      before: (answer) => {
        answer.writeContinue();
      },
    },
  ],
  ['a relay that is about to go', { own: { ...OWN, connection: 'close' } }],
  ['a date of its own', { own: { ...OWN, date: 'Thu, 01 Jan 1970 00:00:00 GMT' } }],
  ['another value for what all have', { own: { ...OWN, 'content-type': 'text/plain' } }],
  ['middleware that has set a header', { before: (answer) => answer.setHeader('X-Other', 'yes') }],
  ['middleware that has words for the status', { before: (answer) => (answer.statusMessage = 'Fine') }],
  [
    'middleware that waits for the head',
    {
      before: (answer) => {
        const late = answer.writeHead.bind(answer);
        answer.writeHead = (status: number, headers?: unknown) =>
          late(status, { ...(headers as HeadFields), 'x-late': 'yes' });
      },
    },
  ],
  ['a line end in a value', { own: { ...OWN, 'x-name': 'a\r\nset-cookie: b=c' } }],
  ['a value beyond Latin-1', { own: { ...OWN, 'x-name': '\u4e2d' } }],
  ['a head that is written already', { before: (answer) => answer.writeHead(206) }],
];

describe.each([
  ['whole', BODY.length],
  ['in chunks', undefined],
])('an answer that is %s is told as by Node:', (_name, length) => {
  const both = async (one: Case) => {
    const bytes = length === undefined ? {} : { bytes: length };
    const expected = await ask(nodes, { ...one, ...bytes });
    byNode.mockClear();
    const got = await ask(ours, { ...one, ...bytes });
    expect({ ...got, said: plain(got.said) }).toEqual({ ...expected, said: plain(expected.said) });
    return got;
  };

  test.each(IN_ONE_TEXT)('%s', async (_case, one) => {
    const { said } = await both(one);
    expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\nx-content-type-options: nosniff\r\n/);
    expect(byNode).not.toHaveBeenCalledWith(200, expect.anything());
  });

  test.each(BY_NODE)('%s', async (_case, one) => {
    await both(one);
    expect(byNode).toHaveBeenCalled();
  });
});
