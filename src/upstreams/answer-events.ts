/** The events of a stream as chunks of an answer, those of each read together. */
import { LONG_BYTES, turn } from '../engine/turns.ts';
import { toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { badResponse, emptyAnswer, incompleteAnswer } from '../errors/answers.ts';
import { isLong, refuseHeavy } from '../gemini/answer-bounds.ts';
import type { Chunk } from '../gemini/call.ts';
import { SseOverflow, SseReader, endsLine } from '../sse.ts';
import type { SseSink } from '../sse.ts';
import { readAhead, toChunk } from './answer-chunk.ts';
import type { ChunkForm } from './answer-chunk.ts';
import { isFinished } from './answer-end.ts';
import { wrongField } from './answer-types.ts';
import { FEW_BYTES } from './arriving.ts';
import type { EventShapes } from './event-shapes.ts';
import type { Reply } from './transport.ts';

const EVENT_LIMIT_BYTES = 32 * 1024 * 1024;

export interface Received extends ChunkForm {
  readonly reply: Reply;
  readonly shapes: EventShapes;
}

/** So many events of a stream are learned from: a stream in which no two are alike gains nothing. */
const MOST_LESSONS = 4;

/** An iterator by hand: in a paced stream each read is one event, and two generators around it took as long as the event. */
export class EventStream implements AsyncIterableIterator<readonly Chunk[], undefined>, SseSink {
  readonly #source: AsyncIterator<Buffer>;
  readonly #received: Received;
  readonly #reader: SseReader;
  /** Of the read in progress. */
  #chunks: Chunk[] = [];
  /**
   * Let go of when more is asked for, as the bytes are once they are read. A promise that was long waited for is old, and
   * would hold what it brought until the engine collects old garbage: under load, that of thousands of reads.
   */
  #given: IteratorYieldResult<readonly Chunk[]> = { value: NOTHING, done: false };
  /** At the first event that is not whole: the stream ends there. */
  #trouble: RelayError | undefined;
  #lessons = MOST_LESSONS;
  /** From the first long one of the read in progress on: to look through it and to understand it each take a turn. */
  #waiting: string[] | undefined;
  #hasChunk = false;
  #hasFinish = false;
  /** All has come. */
  #isAtEnd = false;
  #isOver = false;

  constructor(source: AsyncIterator<Buffer>, received: Received) {
    this.#source = source;
    this.#received = received;
    this.#reader = new SseReader({ eventBytes: EVENT_LIMIT_BYTES }, this);
  }

  event(payload: string): void {
    if (this.#trouble || payload === '' || payload === '[DONE]') return;
    if (this.#waiting || isLong(payload)) (this.#waiting ??= []).push(payload);
    else if (this.#isLight(payload)) this.#understand(payload);
  }

  #isLight(payload: string): boolean {
    try {
      refuseHeavy(payload);
      return true;
    } catch (error) {
      this.#trouble = toRelayError(error);
      return false;
    }
  }

  #understand(payload: string): void {
    try {
      const chunk = toChunk(onOneLine(payload), this.#received);
      // What matches a shape is never an end, so that nobody needs to look.
      if (isFinished(chunk.value)) this.#hasFinish = true;
      else this.#learn(payload, chunk);
      this.#hasChunk = true;
      this.#chunks.push(chunk);
    } catch (error) {
      this.#trouble = toRelayError(error);
    }
  }

  takeWhole(text: string, at: number): number {
    const alike = this.#trouble || this.#waiting ? undefined : this.#received.shapes.match(text, at);
    if (!alike) return at;
    this.#hasChunk = true;
    this.#chunks.push(alike.chunk);
    return alike.end;
  }

  next(): Promise<Next> {
    this.#given.value = NOTHING;
    if (this.#isOver) return Promise.resolve(DONE);
    if (this.#trouble) return this.#fail(this.#trouble);
    return this.#source.next().then(this.#take, this.#fail);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    await this.#source.return?.();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #take = (read: IteratorResult<Buffer>): Next | Promise<Next> => {
    this.#read(read);
    return this.#chunks.length > 0 && !this.#waiting ? this.#give() : this.#readOn();
  };

  /** Until there is something to give: a loop, for promises inside of each other would pile up. */
  async #readOn(): Promise<Next> {
    try {
      let isHeld = false;
      for (;;) {
        if (this.#waiting) await this.#understandAll(this.#waiting);
        if (this.#chunks.length > 0 || this.#isOver || this.#trouble) break;
        const { keptBytes } = this.#reader;
        if (keptBytes > FEW_BYTES) {
          isHeld = true;
          await this.#received.reply.holds?.(keptBytes);
        }
        const read = await this.#source.next();
        if (keptBytes > LONG_BYTES && (read.done === true || endsLine(read.value))) await turn();
        this.#read(read);
      }
      // Whatever has come of the next event is counted when more of it is asked for: its reader may take long.
      if (isHeld) await this.#received.reply.holds?.(0);
    } catch (error) {
      return this.#fail(error);
    }
    return this.#chunks.length > 0 ? this.#give() : this.next();
  }

  #give(): Next | Promise<Next> {
    this.#given = { value: this.#chunks, done: false };
    this.#chunks = [];
    return this.#given;
  }

  async #understandAll(waiting: readonly string[]): Promise<void> {
    // What may have come behind them.
    const trouble = this.#trouble;
    for (const payload of waiting) {
      if (isLong(payload)) await turn();
      if (!this.#isLight(payload)) break;
      if (isLong(payload)) await turn();
      this.#understand(payload);
      if (this.#trouble !== trouble) break;
    }
    this.#waiting = undefined;
    if (this.#isAtEnd) this.#end();
    // To write it for the client is work of its own.
    await turn();
    const ahead = readAhead(this.#chunks, this.#received);
    if (ahead === this.#chunks) return;
    this.#chunks = [...ahead];
    await turn();
  }

  #read(read: IteratorResult<Buffer>): void {
    try {
      if (read.done === true) {
        this.#reader.end();
        this.#isAtEnd = true;
        if (!this.#waiting) this.#end();
        return;
      }
      const bytes = read.value;
      read.value = NO_BYTES;
      this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof SseOverflow)) throw error;
      this.#trouble ??= badResponse(
        'Google sent a longer event, or more between two events, than the relay accepts.',
        error,
      );
    }
  }

  /** All is understood. */
  #end(): void {
    // What stands at the very end without its blank line was cut off there.
    if (this.#trouble?.reason === 'upstream_bad_response') this.#trouble = incompleteAnswer(this.#trouble);
    if (this.#trouble) return;
    if (this.#hasFinish) this.#isOver = true;
    else this.#trouble = this.#hasChunk ? incompleteAnswer() : emptyAnswer();
  }

  readonly #fail = async (error: unknown): Promise<never> => {
    await this.return();
    throw error;
  };

  #learn(payload: string, chunk: Chunk): void {
    if (this.#lessons === 0 || (this.#received.native && wrongField(chunk.value, false) !== undefined)) return;
    this.#lessons -= 1;
    this.#received.shapes.learn(payload, chunk);
  }
}

/** Several data lines are one JSON text, in which a line break is only white space. */
const onOneLine = (payload: string): string => {
  if (!payload.includes('\n')) return payload;
  // There may be millions, and a piece of text for each takes many times as long.
  const bytes = Buffer.from(payload);
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === LF) bytes[at] = SPACE;
  return bytes.toString();
};

const LF = 10;
const SPACE = 32;

const NOTHING: readonly Chunk[] = [];
const NO_BYTES = Buffer.alloc(0);

type Next = IteratorResult<readonly Chunk[], undefined>;

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };
