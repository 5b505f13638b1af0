/** Receives the browser that comes back from Google: on loopback only, once only. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf } from '../errors/errno.ts';
import type { System } from '../system.ts';
import { readRedirect } from './login-answer.ts';
import type { LoginAnswer } from './login-answer.ts';
import { NOT_FOUND, PAGE_HEADERS, WRONG_HOST, WRONG_STATE } from './login-pages.ts';
import type { Page } from './login-pages.ts';

export interface Visit {
  readonly answer: Extract<LoginAnswer, { kind: 'code' | 'declined' }>;
  /** The browser waits for this page until the login has succeeded or failed. */
  readonly show: (page: Page) => void;
}

export interface LoginListener {
  readonly port: number;
  /** The first valid answer; with it the listener is closed for all others. */
  readonly visit: Promise<Visit>;
  /** The page that was shown last still arrives. */
  close(): Promise<void>;
}

/** The port is taken, by this code (`EADDRINUSE`, `EACCES`). */
export class PortProblem extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`cannot listen: ${code}`);
    this.name = 'PortProblem';
    this.code = code;
  }
}

const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);
const ANY_PORT_TRIES = 5;
const LAST_PAGE_MS = 300;

export const openLoginListener = async (
  port: number,
  state: string,
  system: Pick<System, 'sleep'>,
): Promise<LoginListener> => {
  const visit = Promise.withResolvers<Visit>();
  const servers: Server[] = [];
  let bound = port;

  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    const show = (page: Page): void => {
      if (response.headersSent || response.destroyed) return;
      response.writeHead(page.status, PAGE_HEADERS).end(page.html);
    };
    if (!isOwnHost(request.headers.host, bound)) {
      show(WRONG_HOST);
      return;
    }
    const [path, query] = splitOnce(request.url ?? '', '?');
    if (request.method !== 'GET' || path !== '/') {
      show(NOT_FOUND);
      return;
    }
    const answer = readRedirect(new URLSearchParams(query), state);
    if (answer.kind === 'foreign' || answer.kind === 'nothing') {
      show(WRONG_STATE);
      return;
    }
    for (const server of servers) server.close();
    visit.resolve({ answer, show });
  };

  const listen = async (address: string, onPort: number): Promise<number> => {
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, receive);
    const opened = Promise.withResolvers<undefined>();
    server.once('error', opened.reject);
    server.listen({ host: address, port: onPort, exclusive: true }, () => {
      opened.resolve(undefined);
    });
    await opened.promise;
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };

  const close = async (): Promise<void> => {
    const open = servers.splice(0);
    const closed = open.map((server) => new Promise((resolve) => server.close(resolve)));
    // The last page gets a moment to leave; browsers keep further connections open for nothing.
    await Promise.race([Promise.all(closed), system.sleep(LAST_PAGE_MS)]);
    for (const server of open) server.closeAllConnections();
  };

  for (let tries = 1; ; tries++) {
    try {
      bound = await listen('127.0.0.1', port);
      await listen('::1', bound).catch((error: unknown) => {
        // A machine without IPv6 has nobody who could come that way.
        if (!NO_SUCH_ADDRESS.has(codeOf(error))) throw error;
      });
      return { port: bound, visit: visit.promise, close };
    } catch (error) {
      await close();
      // A port that was free on one address may be taken on the other.
      if (port !== 0 || tries >= ANY_PORT_TRIES) throw new PortProblem(codeOf(error));
    }
  }
};

/** Otherwise a page of somebody else's, under a name that leads to 127.0.0.1, could talk to us (DNS rebinding). */
const isOwnHost = (host: string | undefined, port: number): boolean => {
  const suffixes = port === 80 ? ['', ':80'] : [`:${port}`];
  return suffixes.some((suffix) =>
    ['localhost', '127.0.0.1', '[::1]'].some((name) => host?.toLowerCase() === name + suffix),
  );
};

const splitOnce = (text: string, sign: string): [string, string] => {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
};
