import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { Reach } from '../../src/images/reach.ts';

export const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');

/** Self-signed, for images.example and what is below it. It protects nothing. */
export const CERTIFICATE = fixture('certificate.pem');

export const PNG = Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1');

export interface TestServer {
  readonly port: number;
  close(): Promise<void>;
}

const listen = async (server: Server & { closeAllConnections?: () => void }): Promise<TestServer> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections?.();
      }),
  };
};

export const startImageServer = (listener: RequestListener): Promise<TestServer> =>
  listen(createServer({ key: fixture('key.pem'), cert: CERTIFICATE }, listener));

/** A way that notes each address it is asked for, and ends at the test's server whatever the address. */
export const createTestReach = (port: number): { reach: Reach; readonly reached: string[] } => {
  const reached: string[] = [];
  const connector = buildConnector({ ca: CERTIFICATE, allowH2: false });
  return {
    reached,
    reach: ({ address }) =>
      new Agent({
        connect: (options, callback) => {
          reached.push(`${options.hostname}:${options.port || '443'}`);
          if (options.hostname !== address) throw new Error('another address than the checked one');
          connector({ ...options, hostname: '127.0.0.1', port: String(port) }, callback);
        },
      }),
  };
};

/** An HTTP proxy that notes where it is to CONNECT to, and connects to the test's server. */
export const startProxy = async (port: number): Promise<TestServer & { readonly targets: string[] }> => {
  const targets: string[] = [];
  const server = createHttpServer();
  const sockets = new Set<{ destroy(): void }>();
  server.on('connect', (req, socket) => {
    targets.push(req.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined);
    }
  });
  const started = await listen(server);
  return {
    port: started.port,
    targets,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return started.close();
    },
  };
};
