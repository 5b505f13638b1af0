/** A body that is still on its way: all of it, within the bounds of bodies, of time and of memory. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { createBodyBuffer } from '../engine/body-buffer.ts';
import type { Deadline } from '../engine/deadlines.ts';
import { LONG_BYTES } from '../engine/turns.ts';
import { failed, toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { Pieces } from '../pieces.ts';
import { clientLeft } from './body-pieces.ts';
import { checkSize, giveBack } from './held-bytes.ts';
import { createTinyChunks } from './tiny-chunks.ts';

/** Most bodies are there at once. */
const DAWDLING_MS = 1000;

/** Who takes long to send a body holds no place of those that are answered meanwhile: two hundred such would be all. */
export const readInPlace = (ctx: Context, maxBytes: number | undefined): Promise<Buffer> => {
  const { server, signal } = ctx.state;
  const collection: Collection = {};
  const reading = readBytes(ctx, collection, maxBytes);
  const stop = (): void => {
    collection.end?.(toRelayError(signal.reason));
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let clock = server.deadlines(Math.min(DAWDLING_MS, server.receiveTimeoutMs));
  let deadline: Deadline;
  deadline = clock.start(() => {
    server.admission.leave(ctx);
    server.connections.wait(ctx.req.socket);
    clock = server.deadlines(server.receiveTimeoutMs - clock.limitMs);
    deadline = clock.start(() => collection.end?.(arrivedTooSlowly()));
  });
  return reading.then(
    (bytes) => {
      clock.stop(deadline);
      signal.removeEventListener('abort', stop);
      server.connections.goOn(ctx.req.socket);
      const back = server.admission.comeBack(ctx);
      return back ? back.then(() => bytes) : bytes;
    },
    (error: unknown) => {
      clock.stop(deadline);
      signal.removeEventListener('abort', stop);
      throw error;
    },
  );
};

export const arrivedTooSlowly = (): RelayError =>
  failed('request_too_slow', 'The request arrived too slowly.', { headers: { connection: 'close' } });

const readBytes = (ctx: Context, collection: Collection, maxBytes?: number): Promise<Buffer> => {
  const { bodies } = ctx.state.server;
  const declared = Number(ctx.req.headers['content-length'] ?? 0);
  checkSize(ctx, declared, maxBytes);
  // Its 'close' has been: nobody would give the bytes back.
  if (ctx.res.closed) throw clientLeft();
  if (ctx.req.headers.expect !== undefined) ctx.res.writeContinue();
  return collect(ctx.req, collection, declared, (total) => {
    checkSize(ctx, total, maxBytes);
    // What has come, not what was announced: an announcement costs a client nothing.
    try {
      bodies.take(total - ctx.state.bodyBytes, total);
    } catch (error) {
      // At once: others who arrive now may still find room, and not all be refused together.
      giveBack(ctx);
      throw error;
    }
    ctx.state.bodyBytes = total;
  });
};

/** A body that is being collected. */
interface Collection {
  /** No more of it is wanted. */
  end?: (error: RelayError) => void;
}

/** `check` sees the size so far with each piece, and throws to end it. */
const collect = (
  req: IncomingMessage,
  collection: Collection,
  declared: number,
  check: (total: number) => void,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const pieces = new Pieces();
    let buffer = declared > LONG_BYTES ? createBodyBuffer(declared) : undefined;
    let total = 0;
    const tinyChunks = createTinyChunks(req);
    const onData = (piece: Buffer): void => {
      total += piece.length;
      tinyChunks(piece);
      try {
        check(total);
      } catch (error) {
        collection.end?.(toRelayError(error));
        return;
      }
      if (buffer) buffer.add(piece);
      else pieces.add(piece);
    };
    const end = (error: RelayError): void => {
      req.off('data', onData).pause();
      buffer = undefined;
      pieces.take();
      reject(error);
    };
    collection.end = end;
    req.on('data', onData);
    req.on('end', () => {
      resolve(buffer ? buffer.whole() : pieces.take());
      // The request lives as long as its answer, and must not hold its body so long.
      buffer = undefined;
    });
    // A broken connection is a close, too.
    req.on('close', () => {
      if (!req.readableEnded) reject(clientLeft());
    });
  });
