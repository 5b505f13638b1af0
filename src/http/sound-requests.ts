import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Reason } from '../reasons.ts';

/** What Node's parser lets pass, and what it would answer itself, without the headers and words of every answer. */
export const soundRequests: Middleware = (ctx, next) => {
  checkSound(ctx.req);
  const { upgrade } = ctx.req.headers;
  // Not of other upgrades: some clients offer HTTP/2 with each request, and go on without.
  if (upgrade !== undefined && upgrade.toLowerCase().includes('websocket')) {
    throw refusal('websocket_not_supported', 'There is no WebSocket at this address: send an ordinary HTTP request.');
  }
  return next();
};

/** The same of who asks for a WebSocket where there is one. */
export const soundHandshakes: Middleware = (ctx, next) => {
  checkSound(ctx.req);
  return next();
};

const checkSound = ({ headers, rawHeaders, httpVersion }: IncomingMessage): void => {
  const hosts = countOf('host', rawHeaders);
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    throw refusal('invalid_http', `The request has ${hosts === 0 ? 'no' : 'more than one'} Host header.`);
  }
  const { 'transfer-encoding': coding, expect } = headers;
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    throw refusal('unsupported_transfer_encoding', 'Of transfer-encoding the relay reads "chunked" alone.');
  }
  if (expect !== undefined && expect.trim().toLowerCase() !== '100-continue') {
    throw refusal('expectation_failed', 'Of Expect the relay knows "100-continue" alone.');
  }
};

const countOf = (wanted: string, rawHeaders: readonly string[]): number => {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === wanted.length && name.toLowerCase() === wanted) count += 1;
  }
  return count;
};

/** And the end of the connection: what follows on it may be meant otherwise than it would be read. */
const refusal = (reason: Reason, message: string): RelayError =>
  failed(reason, message, { headers: { connection: 'close' } });
