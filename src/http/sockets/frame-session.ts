/**
 * A WebSocket on which each message is a request, answered in frames: one at a time, in order. Each goes the way of all
 * requests, so that keys, limits, admission, log and usage are the same.
 */
import type { WebSocket } from 'ws';
import type { Deadline } from '../../engine/deadlines.ts';
import type { RelayError } from '../../errors.ts';
import type { ServerScope } from '../state.ts';
import { watchArriving } from './arriving.ts';
import { FrameRequest } from './frame-request.ts';
import type { FrameConnection, Handshake } from './frame-request.ts';
import { framesOf } from './frames.ts';
import { SocketResponse } from './response.ts';
import type { Session } from './session.ts';
import { createThere } from './there.ts';

export interface FrameSessionNeeds {
  readonly server: ServerScope;
  readonly handle: (req: FrameRequest, res: SocketResponse) => void;
  /** An error that belongs to no request, as its family says it. */
  readonly renderError: (error: RelayError) => { readonly status: number; readonly body: string };
}

/** So many requests wait on a busy socket; then it is read no further. */
const MOST_WAITING = 4;
/** What was read already when it should have been read no further. */
const MOST_OVERTAKEN = 256;
/** Between requests; who comes back opens another. */
const IDLE_MS = 30 * 60_000;
/** Whether anybody is there: asked between requests, and gone who has not answered by the next time. */
const ASK_EVERY_MS = 30_000;

const GOING_AWAY = 1001;
const POLICY = 1008;

export const openFrameSession = (ws: WebSocket, handshake: Handshake, needs: FrameSessionNeeds): Session => {
  const { server } = needs;
  const { bodies, system } = server;
  const over = new AbortController();
  const connection: FrameConnection = { id: system.newId('socket_'), closed: over.signal };
  const waiting: Buffer[] = [];
  let current: SocketResponse | undefined;
  let isDraining = false;

  const refuse = (error: RelayError): void => {
    const { status, body } = needs.renderError(error);
    ws.send(`{"type":"error","status":${status},${body.slice(1, -1)}}`, () => {
      ws.terminate();
    });
  };
  const arriving = watchArriving(ws, handshake.req.socket, server, refuse);
  const rest = createRest(ws, server);

  const begin = (body: Buffer): void => {
    const req = new FrameRequest(handshake, body, connection);
    const answer = new SocketResponse(req, framesOf(ws));
    current = answer;
    rest.end();
    answer.on('close', next);
    needs.handle(req, answer);
  };
  const next = (): void => {
    current = undefined;
    if (over.signal.aborted) return;
    if (isDraining) {
      ws.close(GOING_AWAY, 'The relay is shutting down.');
      return;
    }
    const body = waiting.shift();
    if (waiting.length < MOST_WAITING) ws.resume();
    if (body === undefined) {
      rest.begin();
      return;
    }
    bodies.give(body.length);
    begin(body);
  };
  const wait = (body: Buffer): void => {
    waiting.push(body);
    bodies.take(body.length, 0);
    if (waiting.length >= MOST_WAITING) ws.pause();
    if (waiting.length > MOST_OVERTAKEN) ws.close(POLICY, 'Too many requests wait on this socket.');
  };

  ws.on('message', (message: Buffer) => {
    arriving.complete();
    if (isDraining || ws.readyState !== ws.OPEN) return;
    if (current) wait(message);
    else begin(message);
  });
  ws.on('close', () => {
    over.abort();
    rest.end();
    for (const body of waiting.splice(0)) bodies.give(body.length);
    current?.destroy();
  });
  // Its close tells the same: no valid frames, a message that is too long.
  ws.on('error', (error) => {
    server.log.debug('a WebSocket failed', { error });
  });
  rest.begin();

  return {
    drain: () => {
      isDraining = true;
      if (!current) ws.close(GOING_AWAY, 'The relay is shutting down.');
    },
  };
};

/** The time between requests. */
const createRest = (ws: WebSocket, { deadlines }: ServerScope) => {
  const [idle, asks] = [deadlines(IDLE_MS), deadlines(ASK_EVERY_MS)];
  const there = createThere(ws);
  let end: Deadline | undefined;
  let asking: Deadline | undefined;

  const ask = (): void => {
    if (there.ask()) asking = asks.start(ask);
    else ws.terminate();
  };
  return {
    begin: (): void => {
      there.begin();
      asking = asks.start(ask);
      end = idle.start(() => {
        ws.close(GOING_AWAY, 'Nothing was asked on this socket for half an hour.');
      });
    },
    end: (): void => {
      if (asking) asks.stop(asking);
      if (end) idle.stop(end);
    },
  };
};
