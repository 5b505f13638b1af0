/** Server-sent events: bytes to payloads. Knows neither JSON nor who speaks. */

export interface SseLimits {
  /** Longest event, in bytes of its lines. */
  readonly eventBytes: number;
}

export interface SseReader {
  /** The payloads of the events that these bytes complete. */
  push(bytes: Buffer): string[];
  /** The stream has ended: the payload of a last event without its blank line. */
  end(): string[];
}

/** One event was longer than the limit. */
export class SseOverflow extends Error {
  constructor(limitBytes: number) {
    super(`an event is longer than ${limitBytes} bytes`);
    this.name = 'SseOverflow';
  }
}

/**
 * Reads an event stream as its specification has it, and a little laxer: a last event needs no blank line. Works on
 * bytes, where a line end is never part of a character, and decodes whole lines only. A line that spans many reads is
 * kept in pieces and joined once, so the cost is linear in the bytes.
 */
export const createSseReader = (limits: SseLimits): SseReader => {
  /** The beginning of a line whose end has not come yet. */
  let pieces: Buffer[] = [];
  let piecesBytes = 0;
  /** The data lines of the event in progress. */
  let data: string[] = [];
  let eventBytes = 0;
  let atStart = true;
  let afterCr = false;

  const takeLine = (bytes: Buffer, start: number, end: number, payloads: string[]): void => {
    if (atStart) {
      atStart = false;
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
    }
    if (start === end) {
      flush(payloads);
      return;
    }
    const from = dataStart(bytes, start, end);
    if (from === -1) return;
    eventBytes += end - start;
    if (eventBytes > limits.eventBytes) throw new SseOverflow(limits.eventBytes);
    data.push(bytes.toString('utf8', from, end));
  };

  const flush = (payloads: string[]): void => {
    if (data.length > 0) payloads.push(data.length === 1 ? (data[0] ?? '') : data.join('\n'));
    data = [];
    eventBytes = 0;
  };

  const keep = (bytes: Buffer): void => {
    piecesBytes += bytes.length;
    if (eventBytes + piecesBytes > limits.eventBytes) throw new SseOverflow(limits.eventBytes);
    // A copy: the rest of a line must not hold a whole network read in memory.
    pieces.push(Buffer.from(bytes));
  };

  return {
    push: (bytes) => {
      const payloads: string[] = [];
      let at = 0;
      if (afterCr && bytes.length > 0) {
        afterCr = false;
        if (bytes[0] === LF) at = 1;
      }
      // Each is searched for again only when passed: most streams have no CR at all, and looking for one in every
      // line would read the same bytes over and over.
      let lf = -2;
      let cr = -2;
      while (at < bytes.length) {
        let end = at;
        // The blank line behind each event needs no search.
        if (bytes[at] !== LF && bytes[at] !== CR) {
          if (lf !== -1 && lf < at) lf = bytes.indexOf(LF, at);
          if (cr !== -1 && cr < at) cr = bytes.indexOf(CR, at);
          end = lf === -1 ? cr : cr === -1 ? lf : Math.min(lf, cr);
        }
        if (end === -1) {
          keep(bytes.subarray(at));
          break;
        }
        if (pieces.length > 0) {
          const line = Buffer.concat([...pieces, bytes.subarray(at, end)]);
          pieces = [];
          piecesBytes = 0;
          takeLine(line, 0, line.length, payloads);
        } else {
          takeLine(bytes, at, end, payloads);
        }
        at = end + 1;
        if (bytes[end] === CR) {
          if (at === bytes.length) afterCr = true;
          else if (bytes[at] === LF) at += 1;
        }
      }
      return payloads;
    },
    end: () => {
      const payloads: string[] = [];
      if (pieces.length > 0) {
        const line = Buffer.concat(pieces);
        pieces = [];
        piecesBytes = 0;
        takeLine(line, 0, line.length, payloads);
      }
      flush(payloads);
      return payloads;
    },
  };
};

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** Where the value of a `data` line begins; -1 for any other line, comments included. */
const dataStart = (bytes: Buffer, start: number, end: number): number => {
  if (bytes[start] !== 100 || bytes[start + 1] !== 97 || bytes[start + 2] !== 116 || bytes[start + 3] !== 97) return -1;
  const after = start + 4;
  if (after === end) return end;
  if (after > end || bytes[after] !== COLON) return -1;
  return after + 1 < end && bytes[after + 1] === SPACE ? after + 2 : after + 1;
};
