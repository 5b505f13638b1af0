import type { ResponseText } from './wire.ts';

/** A text that is kept for long, and asked for by few. */
export type KeptText = string | Buffer;

/**
 * A short one stays a text: a buffer of its own costs the engine several objects, and the memory that it counts is looked
 * through for. It is asked for a letter so that it is put together: else all of its pieces would be kept beside it.
 */
export const keptText = (text: string): KeptText => {
  if (text.length > LONGEST_TEXT) return ownBytes(text);
  text.charCodeAt(0);
  return text;
};

const LONGEST_TEXT = 8192;

/** Memory of its own: a small buffer out of the pool that all share would keep the whole piece of the pool it is in. */
const ownBytes = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
};

/** In bytes. A text with any letter beyond ASCII may take two for each of its letters. */
export const roomOf = (text: KeptText): number => {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : Math.max(bytes, 2 * text.length);
};

/** A response as its client has it. */
export interface KeptResponse {
  /** What stands before and behind the echo. */
  readonly own: KeptText;
  /** In letters of `own`. */
  readonly echoAt: number;
  /** Answers to requests that say the same have one. */
  readonly echo: KeptText;
}

export const keptResponse = ({ begin, echo, end }: ResponseText): KeptResponse => ({
  own: keptText(begin + end),
  echoAt: begin.length,
  echo: keptText(echo),
});

/** One that came as a whole. */
export const keptWhole = (text: string): KeptResponse => ({ own: keptText(text), echoAt: 0, echo: '' });

export const wholeText = ({ own, echoAt, echo }: KeptResponse): string => {
  const text = own.toString();
  return text.slice(0, echoAt) + echo.toString() + text.slice(echoAt);
};
