/** Questions to the relay on this machine: never through a proxy, and with a key only where one is given. */
import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { CHECKER } from '../health.ts';
import { parsePlain } from '../json.ts';

export interface LocalAnswer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export interface LocalQuestion {
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: string;
}

export interface RelayClient {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  ask(path: string, question: LocalQuestion, signal: AbortSignal): Promise<LocalAnswer>;
  close(): Promise<void>;
}

const LIMIT_BYTES = 1024 * 1024;

export const createRelayClient = (listen: { readonly host: string; readonly port: number }): RelayClient => {
  const host = reachable(listen.host);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}`;
  const dispatcher = new Agent({ pipelining: 1 });
  return {
    url,
    host,
    port: listen.port,
    ask: async (path, { headers = {}, body }, signal) => {
      const answer = await request(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          'user-agent': CHECKER,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        dispatcher,
        signal,
      });
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        size += piece.length;
        pieces.push(piece);
        if (size > LIMIT_BYTES) break;
      }
      const text = Buffer.concat(pieces).toString('utf8');
      return { status: answer.statusCode, text, json: parsePlain(text) };
    },
    close: () => dispatcher.destroy(),
  };
};

/** An address that stands for all of this machine's is reached by the nearest of them. */
const reachable = (host: string): string => {
  const plain = host.replace(/^\[|\]$/g, '');
  if (plain === '0.0.0.0') return '127.0.0.1';
  return plain === '::' ? '::1' : plain;
};

export const isListening = (host: string, port: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const answer = (listening: boolean) => (): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });
