import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowChunks, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import { checkEnvelope, question, rawHead } from '../promises/support.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(async () => {
  await relay.close();
});

/** All that comes back until the relay closes the connection. */
const send = async (packets: Iterable<string>): Promise<string> => {
  const socket = connect(relay.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  // Whoever writes may hear of the end so.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const packet of packets) {
    if (socket.destroyed) break;
    socket.write(packet);
    await delay(10);
  }
  await closed;
  return text;
};

const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const chat = (isStreamed = false, ...headers: readonly string[]): string => {
  const [path, body] = question('openai', 'Hello', isStreamed);
  const text = JSON.stringify(body);
  return `${rawHead(path, [`Content-Length: ${text.length}`, ...headers])}${text}`;
};

function* behind(first: string): Generator<string, never> {
  yield first;
  for (;;) yield 'x';
}

const LAST = 'Connection: close';
const PREFLIGHT = `OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\n${LAST}\r\n\r\n`;
const KEYLESS = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n${LAST}\r\nContent-Length: 2\r\n\r\n{}`;

describe('R28: a sound request is answered, whatever stands behind it on its connection', () => {
  test.each<[string, readonly string[], readonly number[]]>([
    ['what is no HTTP', [`${chat()}x`], [200, 400]],
    ['what is no HTTP, behind three', [`${chat()}${chat()}${chat()}x`, 'yy', 'zz'], [200, 200, 200, 400]],
    ['a request behind one that is the last', [chat(false, LAST) + chat()], [200]],
    ['a request behind the last of two', [chat() + chat(false, LAST) + chat()], [200, 200]],
    ['behind a preflight', [`${PREFLIGHT}x`], [204]],
    ['behind one without a key', [`${KEYLESS}x`], [401]],
    ['a request behind one of HTTP/1.0', ['GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n'], [200]],
  ])('%s', async (_name, packets, expected) => {
    expect(statuses(await send(packets))).toEqual(expected);
  });

  test('a WebSocket does not begin in the middle of an answer', async () => {
    relay.simulator.always('generate', slowChunks(40));
    try {
      const upgrade = [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ];
      const handshake = rawHead('/v1/responses', upgrade, 'GET');
      const text = await send([`${chat(true)}${handshake}`]);
      expect(statuses(text)).toEqual([200, 426]);
      expect(text.indexOf('[DONE]')).toBeLessThan(text.indexOf(' 426 '));
    } finally {
      relay.simulator.clear();
    }
  });

  test('unless that has no end', async () => {
    relay.simulator.always('generate', stallBeforeHeaders());
    try {
      expect(await send(behind(chat()))).toBe('');
      await relay.simulator.until(() => relay.simulator.asked('generate').at(-1)?.aborted === true, 1000);
    } finally {
      relay.simulator.clear();
    }
  });

  test('a stream goes on to its end', async () => {
    relay.simulator.always('generate', slowChunks(40));
    try {
      const text = await send([chat(true), 'x', 'yy']);
      expect(statuses(text)).toEqual([200, 400]);
      expect(text.indexOf('[DONE]')).toBeGreaterThan(0);
      expect(text.indexOf('[DONE]')).toBeLessThan(text.indexOf(' 400 '));
    } finally {
      relay.simulator.clear();
    }
  });
});

test.each([
  ['openai', '/v1/responses'],
  ['gemini', '/v1beta/models/x:generateContent'],
] as const)(
  'R28: a body that is no HTTP is told in the words of its address, by the id it came with (%s)',
  async (family, path) => {
    const text = await send([rawHead(path, ['Transfer-Encoding: chunked', 'X-Request-Id: my-own']), 'zz\r\n']);
    expect(statuses(text)).toEqual([400]);
    expect(text).toMatch(/\r\nx-request-id: my-own\r\n/i);
    checkEnvelope(family, 400, text.slice(text.indexOf('\r\n\r\n') + 4));
  },
);
