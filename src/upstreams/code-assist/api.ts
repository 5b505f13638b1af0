/** The methods of Code Assist: address, headers, authorization. */
import { createMemo } from '../../engine/memo.ts';
import type { WrittenBody } from '../../engine/payloads.ts';
import type { System } from '../../system.ts';
import { authorized } from '../authorized.ts';
import type { AuthorizedReply, BearerTokens } from '../authorized.ts';
import type { Transport } from '../transport.ts';

export interface CodeAssistApi {
  /** Any answer but a 401. `method` may carry a query. */
  post(method: string, body: WrittenBody, signal: AbortSignal): Promise<AuthorizedReply>;
  /** An operation that Google named. */
  operation(name: string, signal: AbortSignal): Promise<AuthorizedReply>;
}

export interface CodeAssistApiNeeds {
  readonly endpoint: string;
  readonly transport: Transport;
  readonly tokens: BearerTokens;
  readonly system: Pick<System, 'now'>;
}

const MOST_METHODS = 16;
const LONGEST_METHOD = 64;

export const createCodeAssistApi = ({ endpoint, transport, tokens, system }: CodeAssistApiNeeds): CodeAssistApi => {
  const base = `${endpoint.replace(/(?<!\/)\/+$/, '')}/v1internal`;
  const now = (): number => system.now();
  // No x-goog-user-project: the project travels in the body, and the header would ask for rights on another API.
  let latest = { token: '', headers: {} };
  const headersFor = (token: string): Readonly<Record<string, string>> => {
    if (latest.token !== token) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: '*/*' };
      latest = { token, headers };
    }
    return latest.headers;
  };
  /** The methods are a handful, and an address put together anew each time would be looked up letter by letter. */
  const addresses = createMemo<string>(MOST_METHODS, LONGEST_METHOD);
  return {
    post: (method, body, signal) =>
      authorized(tokens, signal, now, ({ token }) => {
        const address = addresses.get(method) ?? addresses.keep(method, `${base}:${method}`);
        return transport.post(address, { headers: headersFor(token), body, signal });
      }),
    operation: (name, signal) =>
      authorized(tokens, signal, now, ({ token }) =>
        transport.get(`${base}/${name}`, {
          headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
          signal,
        }),
      ),
  };
};
