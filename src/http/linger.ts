import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { RelayError } from '../errors.ts';
import type { Dialect } from './dialect.ts';
import { writeHead } from './head.ts';

/** Node reads the rest of a small body by itself, and the connection lives on. */
const SMALL_REST_BYTES = 65_536;
/** So long a client may take to notice the answer and stop sending. */
const LINGER_MS = 1000;

/** Whether much of the request's body may still be on its way. */
export const isBodyPending = (req: IncomingMessage): boolean => {
  if (req.complete) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || Number(length ?? 0) > SMALL_REST_BYTES;
};

/**
 * Answers while the client is still sending, and closes the connection. Closing at once would reset it, and the client
 * would lose the answer that is on its way: so the rest is read and thrown away for a moment.
 */
export const lingerThenClose = (ctx: Context, dialect: Dialect, error: RelayError): void => {
  const { req, res } = ctx;
  const { status, headers, body } = dialect.renderError(error, ctx.state.requestId);
  writeHead(ctx, status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
    connection: 'close',
  });
  // The whole answer is out with this; only the end of the exchange waits.
  res.write(body);
  const close = (): void => {
    if (!res.writableEnded) res.end();
  };
  req.once('end', close).once('error', close).once('close', close).resume();
  void ctx.state.server.system.sleep(LINGER_MS).then(close);
};
