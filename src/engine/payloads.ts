/**
 * Long base64 texts of a JSON body (images, audio, files) as slices of the bytes they came in. In the parsed body a short
 * name stands for each; where the body is written again, the bytes come back. Nothing in between decodes, copies or
 * checks them: to decode, parse, write and encode an image of 8 MB takes 19 ms of CPU, to find it in the bytes 1 to 2.
 */
import { isAscii } from 'node:buffer';
import { turn } from './turns.ts';

/** The texts that were taken out, in order. */
export interface Payloads {
  /** Each name begins with it. */
  readonly prefix: string;
  /** Each in one piece or several. */
  readonly texts: readonly (Buffer | readonly Buffer[])[];
  /** Of a large body, which is to be written in slices: its longest strings as the client wrote them. */
  readonly longStrings?: ReadonlyMap<number, { readonly text: string; readonly bytes: Buffer }> | undefined;
}

/** A body with names in place of its payloads. */
export interface LiftedBody {
  readonly rest: readonly Buffer[];
  readonly payloads: Payloads;
}

/** A body to be sent: its text, or its pieces where payloads are among them. */
export type WrittenBody = string | readonly Buffer[];

/**
 * Where payloads stand: strings that are data URLs of media, or those that are the value of a member `data`. An unescaped
 * quote cannot stand inside a JSON string, so in valid JSON neither pattern can be found anywhere else.
 */
export type PayloadForm = 'data-url' | 'data-member';

/** Less is not worth it. */
export const SHORTEST_PAYLOAD = 64 * 1024;
const STRETCH = 4 * 1024 * 1024;
/** Of an index, so that names have one length. It is a multiple of four, as that of all base64. */
const DIGITS = 4;
const MOST_PAYLOADS = 10 ** DIGITS;

/** The body with names in place of its payloads; undefined where there are none. The prefix must not occur in it. */
export const liftPayloads = async (
  bytes: Buffer,
  form: PayloadForm,
  newPrefix: () => string,
): Promise<LiftedBody | undefined> => {
  if (bytes.length < SHORTEST_PAYLOAD) return undefined;
  const { mark, opening, foreign, isPlain } = FORMS[form];
  const rest: Buffer[] = [];
  const texts: Buffer[] = [];
  let prefix = '';
  let done = 0;
  let at = 0;
  while (at < bytes.length && texts.length < MOST_PAYLOADS) {
    // The search stops at each first letter of the mark: a body of nothing else would hold up everybody for a second.
    const stretch = Math.min(at + STRETCH, bytes.length);
    const found = bytes.subarray(at, stretch + mark.length - 1).indexOf(mark);
    if (found === -1) {
      at = stretch;
      if (at < bytes.length) await turn();
      continue;
    }
    at += found;
    const head = bytes[at - 1] === BACKSLASH ? null : opening.exec(bytes.toString('latin1', at, at + LONGEST_OPENING));
    const start = at + (head?.[0].length ?? mark.length);
    at = start;
    if (!head) continue;
    const { end, isClean } = lookThrough(bytes, start, foreign);
    if (end === -1) break;
    const text = bytes.subarray(start, end);
    if (text.length >= SHORTEST_PAYLOAD && isClean && isPlain(text)) {
      if (prefix === '') prefix = newPrefix();
      rest.push(bytes.subarray(done, start), Buffer.from(payloadName(prefix, texts.length)));
      texts.push(text);
      done = end;
    }
    at = end;
  }
  if (texts.length === 0) return undefined;
  rest.push(bytes.subarray(done));
  return { rest, payloads: { prefix, texts } };
};

/** So much of a text stays in the processor's cache until all has been looked for in it. */
const LOOK_BYTES = 128 * 1024;

/**
 * Where the string ends that begins here (-1: nowhere), and whether it is ASCII without these letters. All in one go:
 * memory is slower than every one of these looks, and 8 MB do not stay in the cache from one to the next.
 */
const lookThrough = (
  bytes: Buffer,
  start: number,
  foreign: Buffer,
): { readonly end: number; readonly isClean: boolean } => {
  let isClean = true;
  for (let at = start; at < bytes.length; at += LOOK_BYTES) {
    const piece = bytes.subarray(at, at + LOOK_BYTES);
    const quote = piece.indexOf(QUOTE);
    const end = quote === -1 ? -1 : at + quote;
    if (end !== -1 && end - start < SHORTEST_PAYLOAD) return { end, isClean: false };
    const text = quote === -1 ? piece : piece.subarray(0, quote);
    isClean &&= isAscii(text) && !foreign.some((byte) => text.includes(byte));
    if (end !== -1) return { end, isClean };
  }
  return { end: -1, isClean };
};

/** Puts the payloads back, wherever their names have got to. */
export const lowerPayloads = (json: string, payloads: Payloads | undefined): WrittenBody => {
  if (!payloads) return json;
  const { prefix, texts } = payloads;
  const pieces: Buffer[] = [];
  let done = 0;
  for (let at = json.indexOf(prefix); at !== -1; at = json.indexOf(prefix, done)) {
    pieces.push(Buffer.from(json.slice(done, at)));
    done = at + prefix.length + DIGITS;
    for (const piece of [texts[Number(json.slice(done - DIGITS, done))] ?? []].flat()) pieces.push(piece);
  }
  return pieces.length === 0 ? json : [...pieces, Buffer.from(json.slice(done))];
};

/** What stands for the text of this index. */
export const payloadName = (prefix: string, index: number): string => prefix + String(index).padStart(DIGITS, '0');

const QUOTE = 34;
const BACKSLASH = 92;
const LONGEST_OPENING = 160;

/** Only types that nobody looks into: a text file in a data URL is read. */
const MEDIA = /^"data:(?:(?:image|audio|video)\/(?!svg)[\w.+-]+|application\/pdf)(?:;[\w.+-]+=[\w.+-]*)*;base64,/i;
const MEMBER = /^"data"[ \t\r\n]*:[ \t\r\n]*"/;

/** What only other spellings of base64 hold: escapes, the alphabet for URLs, percent signs, blanks. */
const OF_OTHER_BASE64 = Buffer.from('\\-_% ');
const SAMPLE_BYTES = 1024;

/** Base64 in its standard spelling, as far as a few quick looks can tell: Google reads all of it anyway. */
const isStandard = (text: Buffer): boolean =>
  text.length % 4 === 0 &&
  /^[A-Za-z\d+/]*$/.test(text.toString('latin1', 0, SAMPLE_BYTES)) &&
  /^[A-Za-z\d+/]*={0,2}$/.test(text.toString('latin1', text.length - SAMPLE_BYTES));

/** Any text that stands for itself: that form is passed on as it was written. */
const isLiteral = (): boolean => true;

const FORMS = {
  'data-url': { mark: '"data:', opening: MEDIA, foreign: OF_OTHER_BASE64, isPlain: isStandard },
  'data-member': { mark: '"data"', opening: MEMBER, foreign: Buffer.from('\\'), isPlain: isLiteral },
} as const;
