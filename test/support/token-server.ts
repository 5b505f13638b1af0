import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the next call is answered: a JSON body with its status, or by hand. */
export type TokenReply =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | ((response: ServerResponse) => void);

export interface TokenServer {
  readonly url: string;
  /** The forms that were sent, oldest first. */
  readonly calls: readonly Readonly<Record<string, string>>[];
  /** Answers, in order; when none is left, a fresh token that is good for an hour. */
  answer(...replies: TokenReply[]): void;
  /** The answer to every call from now on. */
  always(reply: TokenReply | undefined): void;
  close(): Promise<void>;
}

/** A token endpoint that does as it is told: for the ways in which one can fail. */
export const startTokenServer = async (): Promise<TokenServer> => {
  const calls: Record<string, string>[] = [];
  const replies: TokenReply[] = [];
  let standing: TokenReply | undefined;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      calls.push({ path: request.url ?? '', ...Object.fromEntries(new URLSearchParams(text)) });
      const fresh = { access_token: `fresh-${calls.length}`, expires_in: 3600, token_type: 'Bearer' };
      const reply = replies.shift() ?? standing ?? { body: fresh };
      if (typeof reply === 'function') {
        reply(response);
        return;
      }
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    calls,
    answer: (...more) => {
      replies.push(...more);
    },
    always: (reply) => {
      standing = reply;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
