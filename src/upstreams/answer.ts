/** A reply of Google's as the answer it holds: events or a whole body, each piece as its text and its reading. */
import { LONG_BYTES, turn } from '../engine/turns.ts';
import { toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { badResponse, emptyAnswer, foreignAnswer, incompleteAnswer } from '../errors/answers.ts';
import { isLong, refuseHeavy } from '../gemini/answer-bounds.ts';
import type { Answer, Chunk } from '../gemini/call.ts';
import { argsTexts } from '../gemini/events.ts';
import { SseOverflow, createSseReader, endsLine } from '../sse.ts';
import type { SseReader, SseSink } from '../sse.ts';
import { elementsOf, toChunk } from './answer-chunk.ts';
import type { AnswerForm, ChunkForm } from './answer-chunk.ts';
import { hasCandidates, isFinished, isWholeAnswer } from './answer-end.ts';
import { wrongField } from './answer-types.ts';
import { FEW_BYTES } from './arriving.ts';
import { createEventShapes } from './event-shapes.ts';
import type { EventShapes } from './event-shapes.ts';
import type { Reply } from './transport.ts';

const EVENT_LIMIT_BYTES = 32 * 1024 * 1024;
export const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Reads a reply as the answer it holds. Ends only at a true end: a stream that stops without a finish reason throws
 * (R18). `native`: the client reads Google's own form. `onUnauthorized`: the answer says 401 inside, its token is no good (R11).
 */
export type ReadAnswer = (reply: Reply, native: boolean, onUnauthorized?: () => void) => Promise<Answer>;

/** One for all answers of an upstream: what the events of one stream teach serves the next. */
export const createAnswerReader = (form: AnswerForm): ReadAnswer => {
  const shapes = createEventShapes();
  return (reply, native, onUnauthorized) => {
    const received = { ...form, reply, native, shapes, onUnauthorized };
    return reply.contentType === 'text/event-stream'
      ? Promise.resolve(new EventStream(reply.body[Symbol.asyncIterator](), received))
      : readWhole(received);
  };
};

interface Received extends ChunkForm {
  readonly reply: Reply;
  readonly shapes: EventShapes;
}

const readWhole = (received: Received): Promise<Answer> => {
  const { reply } = received;
  switch (reply.contentType) {
    case 'application/json':
    case 'text/json':
    case '':
      return reply
        .text(BODY_LIMIT_BYTES)
        .then((text) => (isLong(text) ? understandLong(text, received) : understand(text.trim(), received)));
    default:
      reply.discard();
      return Promise.reject(
        foreignAnswer(`Google answered with ${reply.contentType}, where JSON or events are expected.`),
      );
  }
};

/**
 * To read it, to understand it and to write it for the client each hold up the others: not all at one stretch. It counts
 * as held until then, for many may wait for their turns.
 */
const understandLong = async (text: string, received: Received): Promise<Answer> => {
  const { reply } = received;
  // It is all there already: nothing is to be waited for.
  void reply.holds?.(text.length);
  try {
    await turn();
    const json = text.trim();
    if (isEvents(json)) return understand(json, received);
    refuseHeavy(json);
    await turn();
    const chunks = chunksOf(json, received);
    await turn();
    const ahead = readAhead(chunks, received);
    if (ahead !== chunks) await turn();
    return [ahead];
  } finally {
    void reply.holds?.(0);
  }
};

const understand = (json: string, received: Received): Answer => {
  if (json === '') throw emptyAnswer();
  if (isEvents(json)) return new EventStream(slicesOf(Buffer.from(json)), received);
  refuseHeavy(json);
  return [chunksOf(json, received)];
};

/** Peers have met whole answers that are written so. */
const isEvents = (text: string): boolean => text.startsWith('data:');

const chunksOf = (json: string, received: Received): readonly Chunk[] => {
  const chunks = elementsOf(json).map((element) => toChunk(element, received));
  if (!isWholeAnswer(chunks)) throw chunks.some(hasCandidates) ? incompleteAnswer() : emptyAnswer();
  return chunks;
};

/** Of long chunks the arguments of calls, which others write; the same chunks where there are none. */
const readAhead = (chunks: readonly Chunk[], { native }: Received): readonly Chunk[] => {
  if (native) return chunks;
  const ahead = chunks.map((chunk) => {
    const texts = isLong(chunk.json) ? argsTexts(chunk) : [];
    return texts.length === 0 ? chunk : { ...chunk, argsTexts: texts };
  });
  return ahead.every((chunk, index) => chunk === chunks[index]) ? chunks : ahead;
};

/** As much at a time as a network read brings. */
const SLICE_BYTES = 256 * 1024;

async function* slicesOf(bytes: Buffer): AsyncGenerator<Buffer, undefined> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await turn();
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
}

/** So many events of a stream are learned from: a stream in which no two are alike gains nothing. */
const MOST_LESSONS = 4;

/**
 * The events of each read together. An iterator by hand: in a paced stream each read is one event, and two generators
 * around it took as long as the event itself.
 */
class EventStream implements AsyncIterableIterator<readonly Chunk[], undefined>, SseSink {
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
    this.#reader = createSseReader({ eventBytes: EVENT_LIMIT_BYTES }, this);
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
