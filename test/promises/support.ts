/** What the tests of the promises share: both families of clients, raw sockets, clients that leave, measured memory. */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { RELAY_KEY } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { allowed, quietNow } from '../support/machine.ts';

export const MODEL = 'gemini-2.5-flash';

export type Family = 'openai' | 'gemini';
export const FAMILIES: readonly Family[] = ['openai', 'gemini'];

/** Path and body of the same question in each family. */
export const question = (family: Family, text: string, stream = false): readonly [path: string, body: object] =>
  family === 'openai'
    ? ['/v1/chat/completions', { model: MODEL, stream, messages: [{ role: 'user', content: text }] }]
    : [
        `/v1beta/models/${MODEL}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        { contents: [{ role: 'user', parts: [{ text }] }] },
      ];

export const ask = (relay: TestRelay, family: Family, text: string, stream = false): Promise<Response> =>
  relay.post(...question(family, text, stream));

/** `reason` of an error in either envelope; native clients read it from Google's status and the message. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly code: string | number | null;
    readonly status?: string;
    readonly type?: string;
    readonly param?: string | null;
  };
}

export const errorOf = async (response: Response): Promise<ErrorBody['error']> =>
  ((await response.json()) as ErrorBody).error;

/** Throws unless this is the error envelope of the family. */
export const checkEnvelope = (family: Family, status: number, text: string): void => {
  const { error } = JSON.parse(text) as ErrorBody;
  const own = family === 'openai' ? ['code', 'message', 'param', 'type'] : ['code', 'message', 'status'];
  const keys = Object.keys(error).filter((key) => key !== 'details');
  if (keys.sort().join() !== own.join()) throw new Error(`no envelope of ${family}: ${text}`);
  if (family === 'gemini' && error.code !== status) throw new Error(`code and status differ: ${text}`);
  if (error.message === '') throw new Error(`an error without a message: ${text}`);
};

export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  /** The other side ended the connection. */
  readonly closed: boolean;
  readonly ms: number;
}

/** So long after a whole answer a second one would show, or the end of the connection. */
const AFTERWARDS_MS = 30;

/** Sends these bytes on a socket of their own; gathers what comes until the end, or a whole answer and a moment more. */
export const sendRaw = (port: number, bytes: string | Buffer, waitMs = 1500): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const startedAt = quietNow();
    let firstAt: number | undefined;
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
    });
    const done = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      resolve({ text, status, closed, ms: (firstAt ?? quietNow()) - startedAt });
    };
    let timer = setTimeout(done, waitMs, false);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      firstAt ??= quietNow();
      text += piece;
      if (!isWhole(text) || /\r\nconnection: close\r\n/i.test(text)) return;
      clearTimeout(timer);
      timer = setTimeout(done, AFTERWARDS_MS, false);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      done(true);
    });
  });

const isWhole = (text: string): boolean => {
  const end = text.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
  return end !== -1 && length !== undefined && text.length >= end + 4 + Number(length);
};

/** The head of a JSON post with the relay's key. */
export const rawHead = (path: string, headers: readonly string[] = [], method = 'POST'): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${RELAY_KEY}`,
    'Content-Type: application/json',
    ...headers,
    '',
    '',
  ].join('\r\n');

export interface Caller {
  /** Settles with the head of the answer. */
  readonly answer: Promise<IncomingMessage>;
  /** Breaks the connection. */
  leave(): void;
}

/** A client on a connection of its own, which can be broken at any moment. */
export const call = (relay: { readonly port: number }, [path, body]: readonly [string, object]): Caller => {
  const text = JSON.stringify(body);
  const req = request({
    port: relay.port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${RELAY_KEY}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve).once('error', reject);
  });
  answer.catch(() => undefined);
  req.end(text);
  return { answer, leave: () => void req.destroy() };
};

export const textOf = async (message: AsyncIterable<unknown>): Promise<string> => {
  let text = '';
  for await (const piece of message) text += String(piece);
  return text;
};

/** Real time, but waits are over a hundred times as soon. */
export const createQuickSystem = (): System => {
  const system = createSystem();
  return { ...system, sleep: (ms, signal) => system.sleep(ms >= 10_000 ? ms : ms / 100, signal) };
};

/** Polls for as long as a promise allows; the time it took. */
export const within = async (limitMs: number, what: string, condition: () => boolean | Promise<boolean>) => {
  const startedAt = quietNow();
  for (;;) {
    if (await condition()) return quietNow() - startedAt;
    const ms = quietNow() - startedAt;
    if (ms > limitMs && ms > allowed(limitMs)) throw new Error(`not within ${limitMs} ms: ${what}`);
    await delay(2);
  }
};

/** The least of some measurements: the machine's other work is not what a promise is about. */
export const best = async (count: number, measure: () => Promise<number>): Promise<number> => {
  let least = Infinity;
  for (let index = 0; index < count; index += 1) least = Math.min(least, await measure());
  return least;
};

export const linesOf = (relay: TestRelay, message: string): Record<string, unknown>[] =>
  relay.logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter((entry) => entry['message'] === message);
