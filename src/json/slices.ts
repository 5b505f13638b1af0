/** Long strings of a value, written as JSON slice by slice with turns of the event loop in between. */
import { RawJson } from './reader.ts';
import { LONG_STRING } from './long-strings.ts';
import type { WrittenStrings } from './long-strings.ts';
import { createPace } from './pace.ts';

/** A value with names in place of its long strings, and those as they are written, without quotes. */
export interface Sliced {
  readonly rest: unknown;
  readonly texts: readonly (readonly Buffer[])[];
}

const SLICE = 512 * 1024;

/** No name for a string that must stay where it is. */
type NameOf = (index: number, text: string) => string | undefined;

export const sliceStrings = async (value: unknown, nameOf: NameOf, known?: WrittenStrings): Promise<Sliced> => {
  const found: (string | RawJson)[] = [];

  const named = (value: unknown): unknown => {
    if (typeof value === 'string' || value instanceof RawJson) {
      const text = typeof value === 'string' ? value : value.text;
      const name = text.length < LONG_STRING ? undefined : nameOf(found.length, text);
      if (name === undefined) return value;
      found.push(value);
      return typeof value === 'string' ? name : new RawJson(name);
    }
    if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
    if (Array.isArray(value)) return value.map(named);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, named(member)]));
  };

  const rest = named(value);
  const pace = createPace();
  const texts: Buffer[][] = [];
  for (const each of found) {
    const isText = typeof each === 'string';
    const asSent = isText ? writtenOf(each, known) : undefined;
    const written = asSent ? [asSent] : [];
    for (const slice of asSent ? [] : slicesOf(isText ? each : each.text)) {
      written.push(Buffer.from(isText ? JSON.stringify(slice).slice(1, -1) : slice));
      await pace(slice.length);
    }
    texts.push(written);
  }
  return { rest, texts };
};

/** The same string and no other is quick to tell, wherever it has got to. */
export const writtenOf = (text: string, known: WrittenStrings | undefined): Buffer | undefined => {
  const sent = known?.get(text.length);
  return sent?.text === text ? sent.bytes : undefined;
};

function* slicesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = endOfSlice(text, at);
    yield text.slice(at, end);
    at = end;
  }
}

/** The two halves of a letter stay together. */
const endOfSlice = (text: string, start: number): number => {
  const end = start + SLICE;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
};
