/** Answers of Google's side made of the smallest pieces, and heads of requests: what is heavy without a body. */
import { raw } from '../../src/simulator/faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { RELAY_KEY } from '../support/relay.ts';
import type { Asked } from './heavy-relay.ts';

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
];

/** An answer as one JSON text, which comes as one event or whole. */
export interface HeavyText {
  readonly name: string;
  readonly make: (bytes: number) => string;
}

const listOf = (bytes: number, item: (index: number) => string): string =>
  Array.from({ length: Math.floor(bytes / (item(0).length + 1)) }, (_, index) => item(index)).join(',');
const said = (parts: string, more = ''): string =>
  `{"response":{"candidates":[{"content":{"parts":[${parts}]},"finishReason":"STOP"${more}}]}}`;
const beside = (member: string): string => said('{"text":"a"}').replace('{"candidates"', `{${member},"candidates"`);
const padded = (letters: number, index: number): string => String(index).padStart(letters, 'k');

const PARTS = [
  '{}',
  '{"text":null}',
  '{"text":"a"}',
  '{"text":"a","thought":true},{"text":"b"}',
  '{"functionCall":{"name":"f"}}',
  '{"functionCall":{"name":"f","args":{"a":1.0}}}',
  '{"functionCall":{"name":"f","willContinue":true,"partialArgs":[{"jsonPath":"$.a","stringValue":"b"}]}}',
  '{"inlineData":{"mimeType":"image/png","data":"AAAA"}}',
  '{"executableCode":{"language":"PYTHON","code":"a"}}',
];

/** Beyond this the engine tells strings of one length apart only by comparing them. */
const LONG_NAME = 16_900;

export const TEXTS: readonly HeavyText[] = [
  ...PARTS.map((part) => ({ name: `parts ${part}`, make: (bytes: number) => said(listOf(bytes, () => part)) })),
  ...['{}', '{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}'].map((candidate) => ({
    name: `candidates ${candidate}`,
    make: (bytes: number) => `{"response":{"candidates":[${listOf(bytes, () => candidate)}]}}`,
  })),
  {
    name: 'arguments of numbers',
    make: (bytes) => said(`{"functionCall":{"name":"f","args":{"x":[${listOf(bytes, () => '1.0')}]}}}`),
  },
  {
    name: 'ids that begin alike',
    make: (bytes) => said(listOf(bytes, (index) => `{"functionCall":{"name":"f","id":"${padded(LONG_NAME, index)}"}}`)),
  },
  { name: 'members', make: (bytes) => beside(`"x":{${listOf(bytes, (index) => `"${padded(8, index)}":1`)}}`) },
  {
    name: 'members that begin alike',
    make: (bytes) => beside(`"x":{${listOf(bytes, (index) => `"${padded(LONG_NAME, index)}":1`)}}`),
  },
  { name: 'nesting', make: (bytes) => beside(`"x":${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}`) },
  { name: 'one number', make: (bytes) => beside(`"x":${'1'.repeat(bytes)}`) },
  { name: 'white space', make: (bytes) => beside(`"x":${' '.repeat(bytes)}1`) },
  {
    name: 'counts',
    make: (bytes) =>
      beside(`"usageMetadata":{"promptTokensDetails":[${listOf(bytes, () => '{"modality":"TEXT","tokenCount":1}')}]}`),
  },
  {
    name: 'log-probabilities',
    make: (bytes) =>
      said(
        '{"text":"a"}',
        `,"logprobsResult":{"chosenCandidates":[${listOf(bytes, () => '{"token":"a","logProbability":0}')}]}`,
      ),
  },
  {
    name: 'sources',
    make: (bytes) =>
      said(
        '{"text":"a"}',
        `,"groundingMetadata":{"groundingChunks":[${listOf(bytes / 2, () => '{"web":{"uri":"http://a"}}')}],"groundingSupports":[${listOf(bytes / 2, () => '{"segment":{"endIndex":1},"groundingChunkIndices":[0]}')}]}`,
      ),
  },
  { name: 'escapes', make: (bytes) => said(`{"text":"${'\\n'.repeat(bytes / 2)}"}`) },
  {
    name: 'as many escapes as there may be',
    make: () => said(`{"text":"${'\\na'.repeat(3_900_000)}"}`),
  },
  { name: 'escaped quotes', make: (bytes) => said(`{"text":"${'\\"'.repeat(bytes / 2)}"}`) },
];

export const asEvent = (json: string): Fault => events(`data: ${json}\n\n`);
export const asWhole = (json: string): Fault => raw(200, { 'content-type': 'application/json' }, json);

/** Who asks for an answer, in each language. */
export interface Asking extends Asked {
  readonly name: string;
  readonly stream: boolean;
}

const MODEL = 'gemini-2.5-flash';
const HELLO = [{ role: 'user', content: 'Hi' }];

const translated = (name: string, path: string, body: object): readonly Asking[] =>
  [true, false].map((stream) => ({
    ...{ name, stream, path },
    body: Buffer.from(JSON.stringify({ model: MODEL, stream, ...body })),
  }));

const native = (stream: boolean, method: string): Asking => ({
  ...{ name: 'native', stream, path: `/v1beta/models/${MODEL}:${method}` },
  body: Buffer.from(JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] })),
});

export const ASKINGS: readonly Asking[] = [
  ...translated('chat', '/v1/chat/completions', { messages: HELLO }),
  ...translated('responses', '/v1/responses', { input: 'Hi' }),
  ...translated('messages', '/v1/messages', { messages: HELLO, max_tokens: 9 }),
  native(true, 'streamGenerateContent?alt=sse'),
  native(false, 'generateContent'),
];

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
