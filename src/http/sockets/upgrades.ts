/** From a request for a WebSocket to the socket: who may have one, and who serves it. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from 'koa';
import type { WebSocket } from 'ws';
import { failed } from '../../errors.ts';
import { answerRaw } from '../raw-answer.ts';
import type { Chain } from '../chain.ts';
import type { Handshake } from './frame-request.ts';
import { SocketResponse } from './response.ts';
import type { AnswerSink } from './response.ts';
import type { Session } from './session.ts';

/** What is served over WebSockets at some addresses. */
export interface SocketRoute {
  claims(path: string): boolean;
  /** For a caller who is known. `accept` opens the socket; what is thrown before it becomes an HTTP answer. */
  open(ctx: Context, handshake: Handshake, accept: () => Promise<WebSocket>): Promise<Session>;
}

export interface Upgrades {
  /** All other upgrades are refused as ordinary requests. */
  wants(req: IncomingMessage): boolean;
  take(req: IncomingMessage, head: Buffer): void;
  drain(): void;
  /** Resolves when no socket is open. */
  idle(): Promise<void>;
  /** Ends those that are left. */
  cut(): void;
}

export interface UpgradeNeeds {
  readonly routes: readonly SocketRoute[];
  /** What stands before every request, up to the key. */
  readonly porch: Chain;
  readonly createContext: (req: IncomingMessage, res: SocketResponse) => Context;
  readonly maxMessageBytes: () => number;
}

export const createUpgrades = (needs: UpgradeNeeds): Upgrades => {
  const open = new Map<WebSocket, Session>();
  const waiting: (() => void)[] = [];
  let isDraining = false;

  const routeOf = (req: IncomingMessage): SocketRoute | undefined => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    return needs.routes.find((route) => route.claims(path));
  };
  const keep = (ws: WebSocket, session: Session): void => {
    open.set(ws, session);
    ws.on('close', () => {
      open.delete(ws);
      if (open.size === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    if (isDraining) session.drain();
  };

  return {
    wants: (req) => req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket' && !!routeOf(req),
    take: (req, head) => {
      const { socket } = req;
      const answer = new SocketResponse(req, httpOn(socket));
      const leave = (): void => {
        answer.destroy();
      };
      socket.on('close', leave).on('error', leave);
      // Before the key is taken out of it.
      const handshake = { req, url: req.url ?? '' };
      const ctx = needs.createContext(req, answer);
      const accept = async (): Promise<WebSocket> => {
        const ws = await upgrade(req, head, ctx.state.requestId, needs.maxMessageBytes());
        socket.off('close', leave).off('error', leave);
        ctx.respond = false;
        answer.writeHead(SWITCHED, {}).end();
        return ws;
      };
      void needs.porch(ctx, async () => {
        let accepted: WebSocket | undefined;
        const session = await routeOf(req)?.open(ctx, handshake, async () => (accepted = await accept()));
        if (accepted && session) keep(accepted, session);
      });
    },
    drain: () => {
      isDraining = true;
      for (const session of open.values()) session.drain();
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
  requestId: string,
  maxPayload: number,
): Promise<WebSocket> => {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
  });
  return new Promise((resolve, reject) => {
    // For what its handshake lacks; else it would answer in words of its own.
    server.on('wsClientError', ({ message }) => {
      reject(failed('invalid_http', `This is no WebSocket handshake: ${message}.`));
    });
    server.on('headers', (headers) => headers.push(`x-request-id: ${requestId}`));
    server.handleUpgrade(req, req.socket, head, resolve);
  });
};
