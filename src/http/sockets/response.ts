import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Headers } from '../head.ts';

/** Where an answer goes that no HTTP server writes. */
export interface AnswerSink {
  /** Calls `done` when its reader has taken the piece: that is the pace of the answer. */
  write(piece: Buffer, answer: SocketResponse, done: () => void): void;
  end(answer: SocketResponse, done: () => void): void;
  /** The answer breaks off. */
  cut(): void;
}

type HeaderValue = string | number | readonly string[];

/** As much of Node's answer as middleware and routes use: so what serves HTTP serves a WebSocket as well. */
export class SocketResponse extends Writable {
  readonly req: { readonly socket: Socket };
  readonly socket: Socket;
  statusCode = 200;
  statusMessage = '';
  headersSent = false;
  /** The head, once it is written. */
  head: Readonly<Headers> = {};
  readonly #headers = new Map<string, HeaderValue>();
  readonly #sink: AnswerSink;

  constructor(req: { readonly socket: Socket }, sink: AnswerSink) {
    super();
    this.req = req;
    this.socket = req.socket;
    this.#sink = sink;
  }

  writeHead(status: number, headers: Readonly<Headers>): this {
    this.statusCode = status;
    this.head = { ...Object.fromEntries([...this.#headers].map(([name, value]) => [name, String(value)])), ...headers };
    this.headersSent = true;
    return this;
  }

  /** Who sends a frame does not wait to be told to go on. */
  writeContinue(): void {
    return undefined;
  }

  setHeader(name: string, value: HeaderValue): this {
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#openHead();
    this.#sink.write(piece, this, done);
  }

  override _final(done: () => void): void {
    this.#openHead();
    this.#sink.end(this, done);
  }

  override _destroy(_error: Error | null, done: () => void): void {
    if (!this.writableFinished) this.#sink.cut();
    done();
  }

  /** Ordinary middleware leaves the head to the first piece. */
  #openHead(): void {
    if (!this.headersSent) this.writeHead(this.statusCode, {});
  }
}
