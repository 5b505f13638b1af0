import { once } from 'node:events';
import WebSocket from 'ws';
import type { ClientOptions } from 'ws';

type Fields = Readonly<Record<string, unknown>>;

export const LIVE_MODEL = 'gemini-3.1-flash-live-preview';
export const LIVE_ADDRESS = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';

/** A client of the Live API that keeps what it hears in order. */
export interface LiveSocket {
  readonly ws: WebSocket;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly heard: readonly Fields[];
  readonly closed: Promise<readonly [code: number, reason: string]>;
  send(message: unknown): void;
  setUp(more?: object): Promise<void>;
  /** The first message, from what was not read so far, that has this member. Rejects when the socket closes before. */
  until(member: string): Promise<Fields>;
  /** Says a text and waits for the end of the turn: what was said. */
  ask(text: string): Promise<string>;
}

export const openLive = async (
  url: string,
  key: string,
  options: ClientOptions = {},
  address = LIVE_ADDRESS,
): Promise<LiveSocket> => {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${address}?key=${key}`, options);
  const heard: Fields[] = [];
  const waiting = new Set<() => void>();
  const closed = Promise.withResolvers<readonly [number, string]>();
  let headers: LiveSocket['headers'] = {};
  let isClosed = false;
  let read = 0;
  ws.on('upgrade', (answer) => {
    ({ headers } = answer);
  });
  ws.on('message', (message: Buffer) => {
    heard.push(JSON.parse(message.toString()) as Fields);
    for (const look of waiting) look();
  });
  ws.on('close', (code, reason) => {
    isClosed = true;
    closed.resolve([code, reason.toString()]);
    for (const look of waiting) look();
  });
  await once(ws, 'open');
  ws.on('error', () => undefined);

  const until: LiveSocket['until'] = (member) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const at = heard.findIndex((message, index) => index >= read && member in message);
        if (at === -1 && !isClosed) return;
        waiting.delete(look);
        read = at + 1;
        const found = heard[at];
        if (found) resolve(found);
        else reject(new Error('the socket closed'));
      };
      waiting.add(look);
      look();
    });
  const send = (message: unknown): void => {
    ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  };
  return {
    ws,
    headers,
    heard,
    closed: closed.promise,
    send,
    setUp: async (more = {}) => {
      send({
        setup: { model: `models/${LIVE_MODEL}`, generationConfig: { responseModalities: ['TEXT'] }, ...more },
      });
      await until('setupComplete');
    },
    until,
    ask: async (text) => {
      const from = heard.length;
      send({ clientContent: { turns: [{ role: 'user', parts: [{ text }] }], turnComplete: true } });
      await until('usageMetadata');
      return JSON.stringify(heard.slice(from));
    },
  };
};
