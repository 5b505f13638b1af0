import { once } from 'node:events';
import WebSocket from 'ws';
import type { ClientOptions } from 'ws';
import { checkResponsesStream, type CheckedResponseStream } from './responses-stream-checker.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A client of the WebSocket of Responses. What comes is kept in order. */
export interface ResponsesSocket {
  readonly ws: WebSocket;
  send(request: object | string | Buffer): void;
  /** The next frame. Rejects when the socket closes before. */
  next(): Promise<Fields>;
  /** All frames up to the end of an answer, an error among them. */
  answer(): Promise<readonly Fields[]>;
  /** Code and reason. */
  readonly closed: Promise<readonly [number, string]>;
}

export const openSocket = async (url: string, options: ClientOptions = {}): Promise<ResponsesSocket> => {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), options);
  const frames: Fields[] = [];
  const waiting: ((frame: Fields | undefined) => void)[] = [];
  const closed = Promise.withResolvers<readonly [number, string]>();
  ws.on('message', (message: Buffer) => {
    const frame = JSON.parse(message.toString()) as Fields;
    const wait = waiting.shift();
    if (wait) wait(frame);
    else frames.push(frame);
  });
  ws.on('close', (code, reason) => {
    closed.resolve([code, reason.toString()]);
    for (const wait of waiting.splice(0)) wait(undefined);
  });
  await once(ws, 'open');
  ws.on('error', () => undefined);

  const next = async (): Promise<Fields> => {
    const frame =
      frames.shift() ??
      (ws.readyState === WebSocket.CLOSED ? undefined : await new Promise<Fields | undefined>((r) => waiting.push(r)));
    if (!frame) throw new Error('the socket closed');
    return frame;
  };
  return {
    ws,
    send: (request) => {
      const isText = typeof request === 'string' || Buffer.isBuffer(request);
      ws.send(isText ? request : JSON.stringify({ type: 'response.create', ...request }));
    },
    next,
    answer: async () => {
      const all: Fields[] = [];
      for (;;) {
        const frame = await next();
        all.push(frame);
        if (LAST.has(String(frame['type']))) return all;
      }
    },
    closed: closed.promise,
  };
};

const LAST = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error']);

/** Frames read by the rules of the stream that they would be over HTTP. */
export const checkFrames = (frames: readonly Fields[]): CheckedResponseStream =>
  checkResponsesStream(
    frames.map((frame) => `event: ${String(frame['type'])}\ndata: ${JSON.stringify(frame)}\n\n`).join(''),
  );

/** The HTTP answer to a handshake that is refused. */
export const refusedHandshake = (
  url: string,
  options: ClientOptions = {},
): Promise<{ readonly status: number; readonly body: Fields; readonly headers: Fields }> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url.replace(/^http/, 'ws'), options);
    ws.on('open', () => {
      ws.terminate();
      reject(new Error('the handshake was accepted'));
    });
    ws.on('error', () => undefined);
    ws.on('unexpected-response', (_req, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Fields, headers: response.headers });
      });
    });
  });
