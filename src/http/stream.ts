/** An answer that is sent while it arrives. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import type { Deadline, Deadlines } from '../engine/deadlines.ts';
import type { Speaker } from '../engine/joint-writes.ts';
import { LONG_BYTES, turn } from '../engine/turns.ts';
import { endWithChunk, SHORT_CHUNK, writeChunk } from '../engine/whole-chunks.ts';
import { toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { giveWorkMemory } from './body-work.ts';
import { drained, openStream, tellIfMuchWaits } from './respond.ts';

/** A comment of an event stream. */
export const keepAlive = (): string => ': keep-alive\n\n';

/** A way to write an answer as a stream, mostly of text. It is asked once per batch, in order, and keeps its own state. */
export interface StreamEncoder<T, Piece extends string | Buffer = string> {
  readonly contentType: string;
  /** Written while there is nothing to say: a comment, or `\n` in a JSON array; '' where nothing can be said so. Not all clients read the same. */
  heartbeat(headers: IncomingHttpHeaders): string;
  /** Empty when there is nothing to say yet. */
  encode(batch: T): Piece;
  /** A true end. May throw RelayError (`upstream_incomplete`), which then is a failure like any other. */
  end(): string;
  /** The error frame in mid-stream. */
  fail(error: RelayError): string;
  /** Destroy the connection after the error frame, so that a client cannot take the answer for complete. */
  readonly cutAfterFailure: boolean;
  /** Last, once, however it has ended. */
  over?(): void;
}

/**
 * Sends an answer as it arrives, at the client's pace. Status and headers wait for the first text, so that an error
 * before it is thrown and becomes an HTTP status; only a silence of `heartbeatMs` commits to a 200 without any.
 */
export const sendStream = async <T>(
  ctx: Context,
  source: Promise<AsyncIterable<T> | Iterable<T>>,
  encoder: StreamEncoder<T, string | Buffer>,
  heartbeatMs: number,
): Promise<void> => {
  const { state } = ctx;
  const { signal, server } = state;
  const stream = new RunningStream(ctx, encoder, server.deadlines(heartbeatMs));
  const pulse = (): void => {
    stream.sayAlive();
  };
  const stopIfAborted = (): void => {
    if (signal.aborted) throw signal.reason;
  };
  const send = (text: string | Buffer): Promise<void> | undefined => {
    const isTaken = text.length === 0 || stream.write(text);
    if (isTaken && signal.aborted) throw signal.reason;
    return isTaken ? undefined : drained(ctx).then(stopIfAborted);
  };
  const sendInTurn = async (text: string | Buffer): Promise<void> => {
    stream.isWaiting = true;
    await turn();
    stream.isWaiting = false;
    // Returned, not awaited: of what waits for its reader only the bytes stay.
    return send(text);
  };

  state.notes.stream = true;
  state.pulse = pulse;
  server.streams.open += 1;
  try {
    const batches = await source;
    // Google has the request, and nobody holds it here any more.
    giveWorkMemory(ctx);
    await eachInTurn(batches, (batch) => {
      const text = encoder.encode(batch);
      return text.length > LONG_BYTES ? sendInTurn(text) : send(text);
    });
    stream.end(encoder.end());
  } catch (thrown) {
    // An abort reaches us as whatever the reader made of it; the reason says what happened.
    const error = toRelayError(signal.aborted ? signal.reason : thrown);
    if (!ctx.res.headersSent) throw error;
    state.notes.error = error.reason ?? error.code;
    if (error.code === 'INTERNAL')
      server.log.error('stream failed', { requestId: state.requestId, error: error.cause });
    stream.fail(error);
  } finally {
    stream.stopBeating();
    // Its last words may still wait to be written, and nothing stands between.
    state.pulse = nothing;
    encoder.over?.();
    server.streams.open -= 1;
  }
};

const nothing = (): void => undefined;

/** What of an encoder says something by itself. */
type Voice = Omit<StreamEncoder<unknown>, 'encode' | 'end'>;

/**
 * What is said of an answer in one turn goes to its connection as one piece, at the end of the turn: the head with the
 * first words, and the end with the last. Of a short stream that is all of it.
 */
class RunningStream implements Speaker {
  readonly #ctx: Context;
  readonly #encoder: Voice;
  readonly #heartbeats: Deadlines;
  #heartbeat: Deadline;
  /** Said in this turn. */
  #held = '';
  /** And with that, all. */
  #isOver = false;
  /** There is something to say, which may be the beginning. */
  isWaiting = false;

  constructor(ctx: Context, encoder: Voice, heartbeats: Deadlines) {
    this.#ctx = ctx;
    this.#encoder = encoder;
    this.#heartbeats = heartbeats;
    this.#heartbeat = heartbeats.start(this.#beat);
  }

  /** False where its reader is behind. */
  write(text: string | Buffer): boolean {
    const { res } = this.#ctx;
    if (!res.headersSent) openStream(this.#ctx, this.#encoder.contentType);
    this.stopBeating();
    this.#heartbeat = this.#heartbeats.start(this.#beat);
    if (typeof text === 'string' && text.length <= SHORT_CHUNK && !res.writableNeedDrain) {
      this.#hold(text);
      return true;
    }
    this.speak();
    // Encoded once, for the count and for the socket.
    const piece = typeof text === 'string' ? Buffer.from(text) : text;
    this.#count(piece.length);
    // Before Node's own tick, which sends what is written here: the end, where it comes in this turn, goes with it.
    this.#ctx.state.server.writes.add(this);
    const isTaken = res.write(piece);
    if (!isTaken) tellIfMuchWaits(this.#ctx);
    return isTaken;
  }

  end(last: string): void {
    if (!this.#ctx.res.headersSent) openStream(this.#ctx, this.#encoder.contentType);
    this.#hold(last);
    this.#isOver = true;
  }

  fail(error: RelayError): void {
    const { res } = this.#ctx;
    if (res.destroyed) return;
    this.speak();
    const text = this.#encoder.fail(error);
    this.#count(Buffer.byteLength(text));
    if (!this.#encoder.cutAfterFailure) {
      res.end(text);
      return;
    }
    // Only once the frame is with the kernel: destroying at once would take it along.
    res.write(text, () => {
      res.destroy();
    });
  }

  /** Where it has spoken early, it is told to once more in the same turn, and has nothing left. */
  speak(): void {
    const { res } = this.#ctx;
    const [text, isOver] = [this.#held, this.#isOver];
    if (text === '' && !isOver) return;
    const bytes = Buffer.byteLength(text);
    this.#held = '';
    this.#isOver = false;
    this.#count(bytes);
    if (isOver) endWithChunk(res, text, bytes);
    else if (!writeChunk(res, text, bytes)) tellIfMuchWaits(this.#ctx);
  }

  /** What there is to say is made only when it is said: for some it is the beginning of the answer. */
  sayAlive(): boolean {
    const isSilent = this.#held === '' && !this.isWaiting && this.#ctx.res.writableLength === 0;
    const text = isSilent ? this.#encoder.heartbeat(this.#ctx.state.requestHeaders) : '';
    if (text === '') return false;
    this.write(text);
    return true;
  }

  stopBeating(): void {
    this.#heartbeats.stop(this.#heartbeat);
  }

  readonly #beat = (): void => {
    if (!this.sayAlive()) this.#heartbeat = this.#heartbeats.start(this.#beat);
  };

  #hold(text: string): void {
    if (this.#held.length + text.length > SHORT_CHUNK) this.speak();
    if (this.#held === '') this.#ctx.state.server.writes.add(this);
    this.#held += text;
  }

  #count(bytes: number): void {
    const { notes } = this.#ctx.state;
    notes.bytesOut = (notes.bytesOut ?? 0) + bytes;
  }
}

/**
 * As `for await`, but that nothing of what was given to `use` is held while it waits: behind a slow reader that would be
 * several times what waits for it.
 */
const eachInTurn = async <T>(
  source: AsyncIterable<T> | Iterable<T>,
  use: (item: T) => Promise<void> | undefined,
): Promise<void> => {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let isInUse = false;
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      isInUse = true;
      const waits = use(next.value);
      if (waits) {
        letGo(next);
        await waits;
      }
      isInUse = false;
    }
  } finally {
    if (isInUse) await iterator.return?.();
  }
};

/** Whoever gave it may hold the result until the next is asked for. */
const letGo = (result: { value: unknown }): void => {
  result.value = undefined;
};
