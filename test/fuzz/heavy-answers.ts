/** Answers of Google's side made of the smallest pieces, and heads of requests: what is heavy without a body. */
import { raw } from '../../src/simulator/faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { RELAY_KEY } from '../support/relay.ts';

export interface HeavyAnswer {
  readonly name: string;
  readonly make: (bytes: number) => Fault;
}

const chunk = (text: string): string =>
  JSON.stringify({ response: { candidates: [{ content: { role: 'model', parts: [{ text }] } }] } });
const LAST = JSON.stringify({
  response: { candidates: [{ content: { role: 'model', parts: [{ text: 'b' }] }, finishReason: 'STOP' }] },
});
const EVENT = `data: ${chunk('a')}\n\n`;
const END = `data: ${LAST}\n\n`;

const events = (...steps: readonly string[]): Fault => raw(200, { 'content-type': 'text/event-stream' }, ...steps);
const filled = (item: string, bytes: number): string => item.repeat(Math.floor(bytes / item.length));

/** What the others are compared with. */
export const PLAIN_ANSWER: HeavyAnswer = {
  name: 'one long text in pieces of 4 KB',
  make: (bytes) => events(filled(`data: ${chunk('a'.repeat(4000))}\n\n`, bytes), END),
};

/** An event holds no more. */
const LARGEST_EVENT = 12 * 1024 * 1024;

export const ANSWERS: readonly HeavyAnswer[] = [
  { name: 'events of one letter', make: (bytes) => events(filled(`data: ${chunk('a')}\n\n`, bytes), END) },
  { name: 'comments', make: (bytes) => events(filled(':\n', bytes), END) },
  { name: 'blank lines', make: (bytes) => events(filled('\r\n', bytes), END) },
  {
    name: 'lines without data in one event',
    make: (bytes) => events(`data: ${chunk('a')}\n${filled('data:\n', Math.min(bytes, LARGEST_EVENT))}\n`, END),
  },
  {
    name: 'bytes one by one',
    make: (bytes) =>
      events(
        ...Array.from({ length: EVENT.length * Math.ceil(bytes / 2048 / EVENT.length) }, (_, at) =>
          EVENT.charAt(at % EVENT.length),
        ),
        END,
      ),
  },
  {
    name: 'one long event',
    make: (bytes) => events(`data: ${chunk('a'.repeat(Math.min(bytes, LARGEST_EVENT)))}\n\n`, END),
  },
  {
    name: 'parts of one letter in one event',
    make: (bytes) =>
      events(
        `data: ${JSON.stringify({
          response: {
            candidates: [
              { content: { parts: Array.from({ length: Math.min(bytes, MIB) / 14 }, () => ({ text: 'a' })) } },
            ],
          },
        })}\n\n`,
        END,
      ),
  },
];

const MIB = 1024 * 1024;

const head = (lines: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${RELAY_KEY}\r\n${lines}content-length: 2\r\n\r\n{}`;

/** As many bytes as a head may have, or more. */
export const HEADS: readonly (readonly [name: string, text: string])[] = [
  ['headers of one letter', head(filled('a:b\r\n', 15_000))],
  ['headers of one name', head(filled('x-a: 1\r\n', 15_000))],
  ['one long header', head(`x-a: ${'a'.repeat(15_000)}\r\n`)],
  ['keys', head(filled('x-api-key: aaaa\r\n', 15_000))],
  ['more than a head may have', head(filled('a:b\r\n', 400_000))],
];
