/** Server-sent events: bytes to payloads. Knows neither JSON nor who speaks. */
import { Pieces } from './pieces.ts';

export interface SseLimits {
  /** Longest event, in bytes of its lines; also of all between two events. */
  readonly eventBytes: number;
}

/** What is told, event by event, in order. */
export interface SseSink {
  event(payload: string): void;
  /** Asked where an event begins: may take it as it stands there, and then answers where the next line begins; else `at`. */
  takeWhole?(text: string, at: number): number;
}

/** One event was longer than the limit, or what came and was none. */
export class SseOverflow extends Error {
  constructor(limitBytes: number) {
    super(`an event, or what comes before it, is longer than ${limitBytes} bytes`);
    this.name = 'SseOverflow';
  }
}

/**
 * Reads an event stream as its specification has it, and a little laxer: a last event needs no blank line. The lines
 * that a read completes are decoded together, which takes a third of decoding each: a line end is never part of a
 * character. A line that spans many reads is kept in pieces and joined once, so the cost is linear in the bytes.
 *
 * A class: an object with a getter of its own has a shape of its own, which is old from the start and holds what the
 * getter knows, here all that was read, until old garbage is collected. Of a burst each event took twice as long.
 */
export class SseReader {
  readonly #limitBytes: number;
  readonly #sink: SseSink;
  /** The beginning of a line whose end has not come yet. */
  readonly #pieces = new Pieces();
  /** The data lines of the event in progress. */
  #data: string[] = [];
  #eventBytes = 0;
  /** Of comments and the like since the last event that says anything: a stream of nothing else would never end. */
  #idleLetters = 0;
  #atStart = true;
  #afterCr = false;

  constructor(limits: SseLimits, sink: SseSink) {
    this.#limitBytes = limits.eventBytes;
    this.#sink = sink;
  }

  /** Of an event whose end has not come yet. */
  get keptBytes(): number {
    return this.#pieces.bytes + this.#eventBytes;
  }

  /** The events that these bytes complete are told now. */
  push(bytes: Buffer): void {
    const end = endOfLines(bytes);
    if (end > 0) {
      const lines = end === bytes.length ? bytes : bytes.subarray(0, end);
      this.#takeLines(this.#pieces.bytes > 0 ? this.#withPieces(lines) : lines);
    }
    if (end < bytes.length) this.#keep(bytes.subarray(end));
  }

  /** The stream has ended: a last event needs no blank line. */
  end(): void {
    if (this.#pieces.bytes > 0) this.#takeLines(this.#pieces.take());
    this.#flush();
  }

  #takeLines(bytes: Buffer): void {
    const text = bytes.toString();
    const isAscii = text.length === bytes.length;
    let at = 0;
    if (this.#afterCr && text.charCodeAt(0) === LF) at = 1;
    this.#afterCr = false;
    if (this.#atStart) {
      this.#atStart = false;
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) at = 1;
    }
    // Each is searched for again only when passed: most streams have no CR at all, and looking for one in every
    // line would read the same text over and over.
    let lf = -2;
    let cr = -2;
    const isShort = text.length * MOST_BYTES_OF_A_UNIT <= this.#limitBytes;
    while (at < text.length) {
      const first = text.charCodeAt(at);
      if (isShort && first === FIRST_OF_DATA && this.#data.length === 0) {
        const next = this.#sink.takeWhole?.(text, at) ?? at;
        if (next > at) {
          at = next;
          this.#idleLetters = 0;
          continue;
        }
      }
      let end = at;
      // The blank line behind each event needs no search.
      if (first !== LF && first !== CR) {
        if (lf !== -1 && lf < at) lf = text.indexOf('\n', at);
        if (cr !== -1 && cr < at) cr = text.indexOf('\r', at);
        end = lf === -1 ? cr : cr === -1 ? lf : Math.min(lf, cr);
        // Only the last line of all may have no end.
        if (end === -1) end = text.length;
      }
      if (end === at) this.#flush();
      else this.#takeLine(text, at, end, isAscii);
      at = end + 1;
      if (text.charCodeAt(end) === CR) {
        if (at === text.length) this.#afterCr = true;
        else if (text.charCodeAt(at) === LF) at += 1;
      }
    }
  }

  #takeLine(text: string, start: number, end: number, isAscii: boolean): void {
    const from = dataStart(text, start, end);
    if (from === -1) {
      this.#passIdle(end - start);
      return;
    }
    this.#eventBytes += isAscii ? end - start : Buffer.byteLength(text.slice(start, end));
    if (this.#eventBytes > this.#limitBytes) throw new SseOverflow(this.#limitBytes);
    this.#data.push(text.slice(from, end));
    if (this.#data.length < MANY_LINES) return;
    // As one piece, which the engine puts together when it is read: a list of millions takes many times their size.
    const [first = '', ...more] = this.#data;
    this.#data = [`${first}\n${more.join('\n')}`];
  }

  /** A line, with its end. */
  #passIdle(letters: number): void {
    this.#idleLetters += letters + 1;
    if (this.#idleLetters > this.#limitBytes) throw new SseOverflow(this.#limitBytes);
  }

  #flush(): void {
    const data = this.#data;
    const payload = data.length === 1 ? (data[0] ?? '') : data.join('\n');
    if (payload === '') this.#passIdle(this.#eventBytes);
    else this.#idleLetters = 0;
    this.#eventBytes = 0;
    if (data.length === 0) return;
    this.#data = [];
    this.#sink.event(payload);
  }

  #keep(bytes: Buffer): void {
    this.#afterCr = false;
    if (this.keptBytes + bytes.length > this.#limitBytes) throw new SseOverflow(this.#limitBytes);
    // A copy: the rest of a line must not hold a whole network read in memory.
    this.#pieces.add(Buffer.from(bytes));
  }

  /** These bytes behind what was kept. */
  #withPieces(bytes: Buffer): Buffer {
    this.#pieces.add(bytes);
    return this.#pieces.take();
  }
}

/** Whether a line ends in these bytes: a long one is read then, which takes its time. */
export const endsLine = (bytes: Buffer): boolean => endOfLines(bytes) > 0;

const MANY_LINES = 1024;
const LF = 10;
const CR = 13;
const SPACE = 32;
const FIRST_OF_DATA = 100;
/** Of UTF-8, for each unit of a string. */
const MOST_BYTES_OF_A_UNIT = 3;
const COLON = 58;
const BYTE_ORDER_MARK = 0xfeff;

/** Behind the last line end; 0 where there is none. */
const endOfLines = (bytes: Buffer): number =>
  bytes[bytes.length - 1] === LF ? bytes.length : Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1;

/** Where the value of a `data` line begins; -1 for any other line, comments included. */
const dataStart = (text: string, start: number, end: number): number => {
  if (!text.startsWith('data', start)) return -1;
  const after = start + 4;
  if (after === end) return end;
  if (text.charCodeAt(after) !== COLON) return -1;
  return after + 1 < end && text.charCodeAt(after + 1) === SPACE ? after + 2 : after + 1;
};
