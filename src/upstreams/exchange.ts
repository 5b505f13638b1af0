/** One HTTP exchange: the response head as a promise, its body as bytes that are read at the reader's pace. */
import { StringDecoder } from 'node:string_decoder';
import type { Dispatcher } from 'undici';
import { createJointWork } from '../engine/joint-work.ts';
import type { Deadline, Deadlines } from '../engine/deadlines.ts';
import { badResponse } from '../errors/answers.ts';
import { Pieces } from '../pieces.ts';
import { FEW_BYTES } from './arriving.ts';
import type { Arriving, ArrivingRoom } from './arriving.ts';
import { decoded } from './decoding.ts';
import { dispatch } from './dispatch.ts';
import type { DispatchHandler, Exchange } from './dispatch.ts';
import { brokenBody, noAnswer, noHeadInTime, silentTooLong } from './network-error.ts';
import type { Peer } from './network-error.ts';
import type { Reply, ReplyHeaders } from './reply.ts';

export const exchange = (dispatcher: Dispatcher, request: Exchange): Promise<Reply> => {
  if (request.signal.aborted) return Promise.reject(request.signal.reason as Error);
  const running = new RunningExchange(request);
  dispatch(dispatcher, request, running);
  return running.reply;
};

/** Above this the connection is paused until the reader has caught up. */
const BUFFER_BYTES = 256 * 1024;
/** Each takes some hundred bytes besides, also where it has only one. */
const MANY_PIECES = 2048;

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

/**
 * What undici calls, what the reader gets, and the bytes between them: one object of a class, for every request makes
 * one, and closures for each part are 2 KB more. undici's dispatch is its cheapest interface: half the CPU of its
 * `request`, a sixth of its `fetch`. The queue is what pulling cannot replace: bytes that are already off the wire when
 * the connection pauses.
 */
export class RunningExchange implements DispatchHandler, Reply, AsyncIterable<Buffer>, AsyncIterator<Buffer> {
  readonly reply: Promise<Reply>;
  status = 0;
  headers: ReplyHeaders = NO_HEADERS;
  contentType = '';
  body: AsyncIterable<Buffer> = this;

  // Not the request: its body can be megabytes, and an answer can take minutes.
  readonly #peer: Peer;
  /** A text is sent at once. */
  readonly #sendsPieces: boolean;
  readonly #signal: AbortSignal;
  readonly #room: ArrivingRoom;
  /** Undefined for nearly all, which are short or come in short events. */
  #arriving: Arriving | undefined;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: Error) => void;
  readonly #abort = (): void => {
    // What is queued would only be written to somebody who has left.
    this.#empty();
    this.#cut(this.#signal.reason as Error);
  };
  /** Of what is waited for now. */
  #limit: Deadlines;
  readonly #idle: Deadlines;
  #deadline: Deadline | undefined;
  readonly #late = (): void => {
    const { limitMs } = this.#limit;
    this.#cut(this.#answered ? silentTooLong(this.#peer, limitMs) : noHeadInTime(this.#peer, limitMs));
  };
  #controller: Dispatcher.DispatchController | undefined;
  #started = false;
  #answered = false;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #ended = false;
  #failure: Error | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Buffer>> | undefined;

  constructor(request: Exchange) {
    const { url, proxy, body, firstByte, idle, signal, room } = request;
    this.#peer = { url, proxy };
    this.#sendsPieces = typeof body === 'object';
    this.#limit = firstByte;
    this.#idle = idle;
    this.#signal = signal;
    this.#room = room;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.reply = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#abort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici begins anew where a kept connection turns out to be closed.
    if (this.#started) this.#stopWaiting();
    this.#started = true;
    this.#controller = controller;
    // The caller has left while the connection was being made.
    if (this.#ended) controller.abort(new Error('aborted'));
    else this.#deadline = this.#limit.start(this.#late);
  }

  /** A body that is sent as it arrives takes its time: the answer is waited for from its last piece on. */
  onBodySent(): void {
    if (!this.#sendsPieces || this.#answered || this.#ended || !this.#deadline) return;
    this.#stopWaiting();
    this.#deadline = this.#limit.start(this.#late);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    this.#controller = controller;
    // undici's list is older than what it lists, and each piece would hold the whole read that the head came in.
    if (Array.isArray(controller.rawHeaders)) controller.rawHeaders.length = 0;
    if (status < 200) return;
    this.#stopWaiting();
    this.#limit = this.#idle;
    this.#answered = true;
    this.status = status;
    this.headers = headers;
    this.contentType = mediaType(headers['content-type']);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined) this.body = decoded(this, encoding, this.#peer.url.host);
    answering.add(this);
  }

  /** Its head is there, to whoever waits for it. */
  answer(): void {
    this.#resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    // Google writes each event in an HTTP chunk of its own, and one turn brings many: they are passed on together at its
    // end. For a burst of 200 that is a few hops instead of 200.
    if (this.#waiting && this.#queue.length === 0) flushing.add(this);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes >= BUFFER_BYTES || this.#queue.length >= MANY_PIECES) controller.pause();
  }

  onResponseEnd(): void {
    this.#settle();
    // As what it brought: where many end at once, their ends go in step, and those that begin wait less for them.
    if (this.#waiting && this.#queue.length === 0) flushing.add(this);
  }

  /** It goes on as something else. False where nobody waits for it any more. */
  leave(): boolean {
    const isAwaited = !this.#ended;
    this.#settle();
    return isAwaited;
  }

  onResponseError(_controller: unknown, error: unknown): void {
    if (this.#ended) return;
    this.#fail(this.#answered ? brokenBody(error, this.#peer) : noAnswer(error, this.#started, this.#peer));
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return this;
  }

  next(): Promise<IteratorResult<Buffer>> {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#takeAll(), done: false });
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(DONE);
    this.#waiting = Promise.withResolvers();
    this.#deadline = this.#limit.start(this.#late);
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<Buffer>> {
    this.discard();
    return Promise.resolve(DONE);
  }

  holds(bytes: number): Promise<void> | undefined {
    return (this.#arriving ??= this.#room.open()).holds(bytes);
  }

  discard(): void {
    this.#empty();
    this.#arriving?.leave();
    if (!this.#ended) this.#cut(new Error('nobody reads this answer any more'));
  }

  /** A short answer is there with its head, and need not be waited for piece by piece. */
  textNow(limitBytes: number): string | undefined {
    const isThere = this.body === this && this.#ended && this.#failure === undefined;
    return isThere && this.#queuedBytes <= limitBytes ? this.#takeAll().toString() : undefined;
  }

  async text(limitBytes: number): Promise<string> {
    const now = this.textNow(limitBytes);
    if (now !== undefined) return now;
    return this.#collect(limitBytes, () => {
      throw badResponse(`${this.#peer.url.host} sent a longer answer than the relay accepts.`);
    });
  }

  async excerpt(limitBytes: number): Promise<string> {
    try {
      return await this.#collect(limitBytes, () => undefined);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      return '';
    }
  }

  /** All that has come so far, or that there is no more, to the reader that waits for it. */
  flush(): void {
    const waiting = this.#waiting;
    const isThere = this.#queue.length > 0;
    if (!waiting || !(isThere || this.#ended)) return;
    this.#stopWaiting();
    // First: taking it lets more come at once, which is for the next time that is waited for.
    this.#waiting = undefined;
    waiting.resolve(isThere ? { value: this.#takeAll(), done: false } : DONE);
  }

  #stopWaiting(): void {
    if (this.#deadline) this.#limit.stop(this.#deadline);
    this.#deadline = undefined;
  }

  #takeAll(): Buffer {
    const [only] = this.#queue;
    const bytes = this.#queue.length === 1 && only ? only : Buffer.concat(this.#queue, this.#queuedBytes);
    this.#empty();
    if (this.#controller?.paused) this.#controller.resume();
    return bytes;
  }

  #empty(): void {
    // Not with another list: this one is as old as the request, and would keep what it lists until old garbage is
    // collected.
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  async #collect(limitBytes: number, tooLong: () => void): Promise<string> {
    const pieces = new Pieces();
    // A long one is read as it comes: all of it at the end would hold up everybody.
    const decoder = new StringDecoder();
    let text = '';
    let size = 0;
    for await (const bytes of this.body) {
      size += bytes.length;
      if (size > limitBytes) {
        tooLong();
        pieces.add(bytes.subarray(0, bytes.length - (size - limitBytes)));
        break;
      }
      pieces.add(bytes);
      if (pieces.bytes >= FEW_BYTES) text += decoder.write(pieces.take());
      if (size > FEW_BYTES) await this.holds(size);
    }
    this.#arriving?.leave();
    return text + decoder.end(pieces.take());
  }

  #settle(): void {
    if (this.#deadline) this.#stopWaiting();
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#abort);
  }

  #fail(error: Error): void {
    // What is read no more is held no more.
    this.#arriving?.leave();
    if (this.#ended) return;
    this.flush();
    this.#settle();
    this.#failure = error;
    if (!this.#answered) this.#reject(error);
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #cut(error: Error): void {
    this.#fail(error);
    this.#controller?.abort(error);
  }
}

const NO_HEADERS: ReplyHeaders = {};

const answering = createJointWork((running: RunningExchange) => {
  running.answer();
});

const flushing = createJointWork((running: RunningExchange) => {
  running.flush();
});

const mediaType = (header: string | string[] | undefined): string => {
  const value = (Array.isArray(header) ? header[0] : header) ?? '';
  const end = value.indexOf(';');
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
};
