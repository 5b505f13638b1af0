import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { createDeadlines } from '../../../src/engine/deadlines.ts';
import type { Deadline, Deadlines } from '../../../src/engine/deadlines.ts';
import { openFrameSession } from '../../../src/http/sockets/frame-session.ts';
import type { ServerScope } from '../../../src/http/state.ts';
import { createSystem } from '../../../src/system.ts';
import { eventually } from '../../support/eventually.ts';

test('a socket that its client closes during an answer keeps no clock running', async () => {
  const system = createSystem();
  const running = new Set<Deadline>();
  const counted = (limitMs: number): Deadlines => {
    const deadlines = createDeadlines(limitMs, system);
    return {
      ...deadlines,
      start: (late) => {
        const deadline = deadlines.start(late);
        running.add(deadline);
        return deadline;
      },
      stop: (deadline) => {
        running.delete(deadline);
        deadlines.stop(deadline);
      },
    };
  };
  const server = {
    ...{ system, deadlines: counted, limits: { maxBodyBytes: 1000 }, log: { debug: () => undefined } },
    bodies: { take: () => undefined, give: () => undefined },
  } as unknown as ServerScope;
  const asked = Promise.withResolvers<undefined>();
  const isClosed = Promise.withResolvers<undefined>();
  const http = createServer().listen(0, '127.0.0.1');
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (ws, req: IncomingMessage) => {
    openFrameSession(
      ws,
      { req, url: '/' },
      {
        server,
        handle: () => {
          asked.resolve(undefined);
        },
        renderError: () => ({ status: 500, body: '{}' }),
      },
    );
    ws.on('close', () => {
      isClosed.resolve(undefined);
    });
  });
  onTestFinished(() => {
    sockets.close();
    http.close();
  });
  await once(http, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  await once(client, 'open');
  expect(running.size).toBeGreaterThan(0);
  client.send('{}');
  await asked.promise;
  client.terminate();
  await isClosed.promise;
  await eventually(() => {
    expect(running.size).toBe(0);
  });
});
