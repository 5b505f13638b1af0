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

export interface SseReader {
  /** Of an event whose end has not come yet. */
  readonly keptBytes: number;
  /** The events that these bytes complete are told now. */
  push(bytes: Buffer): void;
  /** The stream has ended: a last event needs no blank line. */
  end(): void;
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
 */
export const createSseReader = (limits: SseLimits, sink: SseSink): SseReader => {
  /** The beginning of a line whose end has not come yet. */
  const pieces = new Pieces();
  /** The data lines of the event in progress. */
  let data: string[] = [];
  let eventBytes = 0;
  /** Of comments and the like since the last event that says anything: a stream of nothing else would never end. */
  let idleLetters = 0;
  let atStart = true;
  let afterCr = false;

  const takeLines = (text: string, isAscii: boolean): void => {
    let at = 0;
    if (afterCr && text.charCodeAt(0) === LF) at = 1;
    afterCr = false;
    if (atStart) {
      atStart = false;
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) at = 1;
    }
    // Each is searched for again only when passed: most streams have no CR at all, and looking for one in every
    // line would read the same text over and over.
    let lf = -2;
    let cr = -2;
    const isShort = text.length * MOST_BYTES_OF_A_UNIT <= limits.eventBytes;
    while (at < text.length) {
      const first = text.charCodeAt(at);
      if (isShort && first === FIRST_OF_DATA && data.length === 0) {
        const next = sink.takeWhole?.(text, at) ?? at;
        if (next > at) {
          at = next;
          idleLetters = 0;
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
      if (end === at) flush();
      else takeLine(text, at, end, isAscii);
      at = end + 1;
      if (text.charCodeAt(end) === CR) {
        if (at === text.length) afterCr = true;
        else if (text.charCodeAt(at) === LF) at += 1;
      }
    }
  };

  const takeLine = (text: string, start: number, end: number, isAscii: boolean): void => {
    const from = dataStart(text, start, end);
    if (from === -1) {
      passIdle(end - start);
      return;
    }
    eventBytes += isAscii ? end - start : Buffer.byteLength(text.slice(start, end));
    if (eventBytes > limits.eventBytes) throw new SseOverflow(limits.eventBytes);
    data.push(text.slice(from, end));
    if (data.length < MANY_LINES) return;
    // As one piece, which the engine puts together when it is read: a list of millions takes many times their size.
    const [first = '', ...more] = data;
    data = [`${first}\n${more.join('\n')}`];
  };

  /** A line, with its end. */
  const passIdle = (letters: number): void => {
    idleLetters += letters + 1;
    if (idleLetters > limits.eventBytes) throw new SseOverflow(limits.eventBytes);
  };

  const flush = (): void => {
    const payload = data.length === 1 ? (data[0] ?? '') : data.join('\n');
    if (payload === '') passIdle(eventBytes);
    else idleLetters = 0;
    const isEvent = data.length > 0;
    data = [];
    eventBytes = 0;
    if (isEvent) sink.event(payload);
  };

  const keep = (bytes: Buffer): void => {
    afterCr = false;
    if (eventBytes + pieces.bytes + bytes.length > limits.eventBytes) throw new SseOverflow(limits.eventBytes);
    // A copy: the rest of a line must not hold a whole network read in memory.
    pieces.add(Buffer.from(bytes));
  };

  /** What was kept, and these bytes behind it. */
  const joined = (bytes: Buffer): Buffer => {
    if (pieces.bytes === 0) return bytes;
    pieces.add(bytes);
    return pieces.take();
  };

  const take = (bytes: Buffer): void => {
    const text = bytes.toString();
    takeLines(text, text.length === bytes.length);
  };

  return {
    get keptBytes() {
      return pieces.bytes + eventBytes;
    },
    push: (bytes) => {
      const end = endOfLines(bytes);
      if (end > 0) take(joined(end === bytes.length ? bytes : bytes.subarray(0, end)));
      if (end < bytes.length) keep(bytes.subarray(end));
    },
    end: () => {
      if (pieces.bytes > 0) take(pieces.take());
      flush();
    },
  };
};

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
