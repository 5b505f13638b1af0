/** A request's body as it arrives, at its reader's pace: for what is never held whole. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Deadline, Deadlines } from '../engine/deadlines.ts';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { Pieces } from '../pieces.ts';
import { createTinyChunks } from './tiny-chunks.ts';

/** So long a client may send nothing while more of its body is waited for. */
const SILENCE_MS = 60_000;
/** Whoever sends for longer holds no place of those that are answered meanwhile. */
const SHORT_MS = 1000;
/**
 * What comes with one look at the connection goes on as one piece: a million chunks of one byte would be a million writes
 * to Google. With this much of it nothing more is waited for.
 */
const ENOUGH_BYTES = 32 * 1024;

/**
 * For one reader. What a client sends faster than it is read waits in its own connection. Leaving the loop early leaves
 * the rest of the body where it is.
 */
export const bodyPieces = (ctx: Context, silenceMs = SILENCE_MS): BodyPieces => {
  const { server, signal, notes } = ctx.state;
  const isLong = server.deadlines(SHORT_MS);
  const deadline = isLong.start(() => {
    server.admission.leave(ctx);
    server.connections.wait(ctx.req.socket);
  });
  if (ctx.req.headers.expect !== undefined) ctx.res.writeContinue();
  return new BodyPieces(ctx.req, signal, server.deadlines(silenceMs), (bytes) => {
    if (bytes === undefined) {
      isLong.stop(deadline);
      server.connections.goOn(ctx.req.socket);
    } else {
      notes.bytesIn = (notes.bytesIn ?? 0) + bytes;
      server.passing(bytes);
    }
  });
};

/** Of how many bytes have come with each piece, and that no more will. */
type Told = (bytes: number | undefined) => void;

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** Not the stream's own iterator: that one destroys the connection, or keeps it from being read to its end. */
class BodyPieces implements AsyncIterableIterator<Buffer> {
  readonly #req: IncomingMessage;
  readonly #signal: AbortSignal;
  readonly #silence: Deadlines;
  readonly #told: Told;
  readonly #gathered = new Pieces();
  readonly #tinyChunks: (piece: Buffer) => void;
  #handing: NodeJS.Immediate | undefined;
  #deadline: Deadline | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Buffer>> | undefined;
  #failure: Error | undefined;
  #ended = false;

  constructor(req: IncomingMessage, signal: AbortSignal, silence: Deadlines, told: Told) {
    this.#req = req;
    this.#tinyChunks = createTinyChunks(req);
    this.#signal = signal;
    this.#silence = silence;
    this.#told = told;
    req.pause();
    req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose);
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
    else if (req.readableEnded) this.#onEnd();
    else if (req.destroyed) this.#onClose();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer>> {
    if (this.#gathered.bytes > 0) return Promise.resolve({ value: this.#gathered.take(), done: false });
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(DONE);
    this.#waiting = Promise.withResolvers();
    this.#deadline = this.#silence.start(this.#onSilence);
    this.#req.resume();
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<Buffer>> {
    this.#leave();
    if (this.#waiting) this.#settle().resolve(DONE);
    return Promise.resolve(DONE);
  }

  readonly #onData = (piece: Buffer): void => {
    this.#tinyChunks(piece);
    this.#told(piece.length);
    this.#gathered.add(piece);
    if (this.#gathered.bytes >= ENOUGH_BYTES) this.#hand();
    else this.#handing ??= setImmediate(this.#hand);
  };

  readonly #onEnd = (): void => {
    this.#leave();
    this.#hand();
    if (this.#waiting) this.#settle().resolve(DONE);
  };

  readonly #hand = (): void => {
    if (this.#handing) clearImmediate(this.#handing);
    this.#handing = undefined;
    if (!this.#ended) this.#req.pause();
    if (!this.#waiting || this.#gathered.bytes === 0) return;
    this.#settle().resolve({ value: this.#gathered.take(), done: false });
  };

  readonly #onClose = (): void => {
    if (!this.#ended) this.#fail(clientLeft());
  };

  readonly #onAbort = (): void => {
    this.#fail(this.#signal.reason as Error);
  };

  readonly #onSilence = (): void => {
    this.#fail(tooSlow(this.#silence.limitMs));
  };

  #fail(error: Error): void {
    this.#leave();
    this.#failure = error;
    if (this.#waiting) this.#settle().reject(error);
  }

  #settle(): PromiseWithResolvers<IteratorResult<Buffer>> {
    const waiting = this.#waiting ?? Promise.withResolvers();
    this.#waiting = undefined;
    if (this.#deadline) this.#silence.stop(this.#deadline);
    this.#deadline = undefined;
    return waiting;
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#told(undefined);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
  }
}

export const clientLeft = (): RelayError => failed('client_closed', 'The request ended before its body was complete.');

const tooSlow = (limitMs: number): RelayError =>
  failed('request_too_slow', `Nothing more of the request's body came for ${limitMs} ms.`);
