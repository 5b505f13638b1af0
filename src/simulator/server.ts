import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ask, Route, Router } from './exchange.ts';
import type { FaultQueue } from './fault-queue.ts';
import { GoogleError } from './google-error.ts';
import type { RecordedRequest, Recording } from './recording.ts';
import { lostReply, type Reply, type Step } from './reply.ts';

export interface ServerNeeds {
  readonly host: string;
  readonly port: number;
  readonly routes: Router;
  readonly faults: FaultQueue;
  readonly recording: Recording;
  readonly now: () => number;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface RunningServer {
  readonly url: string;
  /** Connections that are open now. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
};

const honestReply = async (route: Route | undefined, ask: Ask): Promise<Reply> => {
  if (!route) return lostReply(ask.path);
  try {
    return await (route.receive ?? route.reply)(ask);
  } catch (error) {
    if (error instanceof GoogleError) return error.reply(route.operation === 'streamGenerateContent');
    throw error;
  }
};

/** The connection outlives whoever stops reading: an answer may come before the end. */
async function* counted(request: IncomingMessage, recorded: RecordedRequest): AsyncGenerator<Buffer> {
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    recorded.bytes += (piece as Buffer).length;
    yield piece as Buffer;
  }
}

/** Settles when `bytes` are on their way, or the connection is gone. */
const write = async (response: ServerResponse, bytes: Buffer, gone: AbortSignal): Promise<void> => {
  if (gone.aborted || response.write(bytes)) return;
  await new Promise<void>((resolve) => {
    response.once('drain', resolve);
    gone.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
};

/** Answers whether the reply goes on after this step. */
const perform = async (step: Step, response: ServerResponse, gone: AbortSignal): Promise<boolean> => {
  switch (step.kind) {
    case 'bytes':
      await write(response, step.bytes, gone);
      return true;
    case 'wait':
      await delay(step.ms, undefined, { signal: gone }).catch(() => undefined);
      return true;
    case 'stall':
      await new Promise<void>((resolve) => {
        gone.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      });
      return false;
    case 'reset':
      response.socket?.resetAndDestroy();
      return false;
  }
};

const send = async (reply: Reply, response: ServerResponse, recorded: RecordedRequest, gone: AbortSignal) => {
  /** Answers whether there is anybody left to send more to. */
  const run = async (steps: readonly Step[]): Promise<boolean> => {
    for (const step of steps) {
      // A break that was asked for is no departure of the other side.
      if (step.kind === 'reset') recorded.ended = true;
      if (gone.aborted || !(await perform(step, response, gone))) return false;
    }
    return !gone.aborted;
  };
  if (!(await run(reply.before ?? []))) return;
  recorded.status = reply.status;
  response.writeHead(reply.status, { vary: 'Origin, X-Origin, Referer', server: 'ESF', ...reply.headers });
  response.flushHeaders();
  if (!(await run(reply.steps))) return;
  recorded.ended = true;
  response.end();
};

/** Binds, answers and remembers. Knows neither Google's rules nor its words. */
export const startServer = async (needs: ServerNeeds): Promise<RunningServer> => {
  const { recording, faults, routes } = needs;
  const sockets = new Set<Socket>();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.method ?? 'GET';
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
    const path = decodeURIComponent(pathname);
    const route = routes(method, path);
    const arrival = { method, path, query: searchParams, headers: request.headers };
    const recorded = recording.add({ ...arrival, operation: route?.operation, door: route?.door });

    const gone = new AbortController();
    response.once('close', () => {
      if (!recorded.ended) {
        recorded.aborted = true;
        recorded.abortedAt = needs.now();
      }
      gone.abort();
    });

    const isReceived = route?.receive !== undefined;
    if (!isReceived) recorded.text = await bodyOf(request);
    const ask: Ask = { ...arrival, text: recorded.text, ...(isReceived && { body: counted(request, recorded) }) };
    const honest = () => honestReply(route, ask);
    const fault = faults.take(recorded);
    await send(await fault(ask, honest), response, recorded, gone.signal);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // A request that was broken off while its body came in needs no answer.
      if (!response.headersSent && !response.destroyed) response.writeHead(500).end(String(error));
      else response.destroy();
    });
  });
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  server.on('upgrade', needs.upgrade);
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(needs.port, needs.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${needs.host.includes(':') ? `[${needs.host}]` : needs.host}:${port}`,
    connections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
};
