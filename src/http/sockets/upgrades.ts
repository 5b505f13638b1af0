/** From a request for a WebSocket to the socket: who may have one, and who serves it. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from 'koa';
import type { WebSocket } from 'ws';
import { answerPings } from '../../engine/pongs.ts';
import { failed } from '../../errors.ts';
import { headersOf } from '../head.ts';
import { openAnswer } from '../open-answer.ts';
import { answerRaw } from '../raw-answer.ts';
import { pathOf } from '../request-target.ts';
import type { Chain } from '../chain.ts';
import type { Handshake } from './frame-request.ts';
import { SocketResponse } from './response.ts';
import type { AnswerSink } from './response.ts';
import type { Session } from './session.ts';

/** What is served over WebSockets at some addresses. */
export interface SocketRoute {
  claims(path: string): boolean;
  /** For a caller who is known. `accept` opens the socket; what is thrown before it becomes an HTTP answer. */
  open(ctx: Context, handshake: Handshake, accept: Accept): Promise<Session>;
}

export type Accept = (terms?: Partial<Terms>) => Promise<WebSocket>;

/** Of one socket, where they are not those of all. */
export interface Terms {
  readonly maxMessageBytes: number;
  /** All that goes on upon it is one request, from the handshake to the close. */
  readonly isOneRequest: boolean;
}

export interface Upgrades {
  /** All other upgrades are refused as ordinary requests. */
  wants(req: IncomingMessage): boolean;
  take(req: IncomingMessage, head: Buffer): void;
  drain(graceMs: number): void;
  /** Resolves when no socket is open. */
  idle(): Promise<void>;
  /** Ends those that are left. */
  cut(): void;
}

export interface UpgradeNeeds {
  readonly routes: readonly SocketRoute[];
  /** What stands before every request, up to the key. */
  readonly porch: Chain;
  readonly contextOf: (req: IncomingMessage, res: SocketResponse) => Context;
  readonly maxMessageBytes: () => number;
  /** From now on an answer takes as long as it takes, unless what waits of it is not taken. */
  readonly outlast: (answer: SocketResponse, waitingBytes: () => number) => void;
}

export const createUpgrades = (needs: UpgradeNeeds): Upgrades => {
  const open = new Map<WebSocket, Session>();
  const waiting: (() => void)[] = [];
  let drainMs: number | undefined;

  const routeOf = (req: IncomingMessage): SocketRoute | undefined => {
    const path = pathOf(req);
    return needs.routes.find((route) => route.claims(path));
  };
  const keep = (ws: WebSocket, session: Session): void => {
    open.set(ws, session);
    ws.on('close', () => {
      open.delete(ws);
      if (open.size === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    if (drainMs !== undefined) session.drain(drainMs);
  };

  return {
    // Behind a request that is not answered yet the socket would begin in the middle of that answer.
    wants: (req) =>
      req.method === 'GET' &&
      req.headers.upgrade?.toLowerCase() === 'websocket' &&
      openAnswer(req.socket) === undefined &&
      !!routeOf(req),
    take: (req, head) => {
      const { socket } = req;
      const answer = new SocketResponse(req, httpOn(socket));
      const leave = (): void => {
        answer.destroy();
      };
      socket.on('close', leave).on('error', leave);
      // Before the key is taken out of it.
      const handshake = { req, url: req.url ?? '' };
      const ctx = needs.contextOf(req, answer);
      const accept: Accept = async ({ maxMessageBytes = needs.maxMessageBytes(), isOneRequest = false } = {}) => {
        const headers = toldIn(ctx);
        const ws = await upgrade(req, head, headers, maxMessageBytes);
        socket.off('close', leave).off('error', leave);
        ctx.respond = false;
        answer.writeHead(SWITCHED, {});
        if (!isOneRequest) answer.end();
        else {
          needs.outlast(answer, () => ws.bufferedAmount);
          ws.on('close', (code) => {
            if (code === BROKEN) answer.destroy();
            else answer.end();
          });
        }
        return ws;
      };
      void needs.porch(ctx, async () => {
        let accepted: WebSocket | undefined;
        const session = await routeOf(req)?.open(ctx, handshake, async (terms) => (accepted = await accept(terms)));
        if (accepted && session) keep(accepted, session);
      });
    },
    drain: (graceMs) => {
      drainMs = graceMs;
      for (const session of open.values()) session.drain(graceMs);
    },
    idle: () =>
      new Promise((resolve) => {
        if (open.size === 0) resolve();
        else waiting.push(resolve);
      }),
    cut: () => {
      for (const ws of open.keys()) ws.terminate();
    },
  };
};

const SWITCHED = 101;
/** Without a word of goodbye. */
const BROKEN = 1006;

/** What the head of every answer tells of how it came about. */
const toldIn = (ctx: Context): readonly string[] =>
  Object.entries(headersOf(ctx))
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => `${name}: ${value}`);

/** What is said over HTTP instead of opening a socket. */
const httpOn = (socket: Socket): AnswerSink => {
  const pieces: Buffer[] = [];
  return {
    write: (piece, _answer, done) => {
      pieces.push(piece);
      done();
    },
    end: ({ statusCode, head }, done) => {
      if (statusCode !== SWITCHED) answerRaw(socket, statusCode, head, Buffer.concat(pieces));
      done();
    },
    cut: () => {
      socket.destroy();
    },
  };
};

/** `ws` is loaded by the first who needs it: it takes Node's own HTTP client and TLS along. */
const upgrade = async (
  req: IncomingMessage,
  head: Buffer,
  told: readonly string[],
  maxPayload: number,
): Promise<WebSocket> => {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Of a read full of short messages each has a round of the event loop, and no more is read until they are through.
    allowSynchronousEvents: false,
    autoPong: false,
    maxPayload,
  });
  return new Promise((resolve, reject) => {
    // For what its handshake lacks; else it would answer in words of its own.
    server.on('wsClientError', ({ message }) => {
      reject(failed('invalid_http', `This is no WebSocket handshake: ${message}.`));
    });
    server.on('headers', (headers) => headers.push(...told));
    server.handleUpgrade(req, req.socket, head, (ws) => {
      answerPings(ws);
      resolve(ws);
    });
  });
};
