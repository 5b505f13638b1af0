/** A large value, written as JSON slice by slice with turns of the event loop in between. */
import { JsonText } from './json-text.ts';
import type { WrittenStrings } from './large-strings.ts';
import { createPace } from './pace.ts';
import { RawJson } from './raw-json.ts';
import { Sheets } from './sheets.ts';

/** The JSON of what is short, with what is to stand there in its place. */
export type Finish = (json: string) => string | readonly Buffer[];

export interface LargeNeeds {
  /** Told of JSON that ends between two tokens. */
  readonly finish: Finish;
  /** Whether a string holds nothing that `finish` looks for. */
  readonly isPlain: (text: string) => boolean;
  readonly known: WrittenStrings;
}

/** For plain values the same as `JSON.stringify`. */
export const writeLarge = async (value: unknown, needs: LargeNeeds): Promise<readonly Buffer[]> => {
  const writer = new Writer(needs);
  const pace = createPace();
  for (const bytes of writer.write(value)) await pace(bytes);
  return writer.end();
};

/** It yields how much it has done since. */
type Work = Generator<number>;

class Writer {
  readonly #needs: LargeNeeds;
  readonly #sheets = new Sheets();
  #json = '';
  /** Seen last, and not to be looked at again on the way down to it: the engine lists all its names for a look at one. */
  #wide: object | undefined;

  constructor(needs: LargeNeeds) {
    this.#needs = needs;
  }

  end(): readonly Buffer[] {
    this.#flush();
    return this.#sheets.end();
  }

  *write(value: unknown): Work {
    if (typeof value === 'string') yield* this.#writeString(value);
    else if (this.#isSmall(value, SMALL_DEPTH)) this.#json += JSON.stringify(value);
    else if (value instanceof RawJson) yield* this.#writeRaw(value);
    else if (value instanceof JsonText) yield* this.#writeText(value);
    else if (Array.isArray(value)) yield* this.#writeList(value);
    else if (typeof value === 'object' && value !== null && !JSON.isRawJSON(value)) yield* this.#writeObject(value);
    else this.#json += JSON.stringify(value ?? null);
  }

  *#writeList(list: readonly unknown[]): Work {
    this.#json += '[';
    for (let at = 0; at < list.length; at += 1) {
      if (at > 0) this.#json += ',';
      const item = list[at];
      if (this.#isSmall(item, SMALL_DEPTH)) this.#json += JSON.stringify(item ?? null);
      else yield* this.write(item);
      if (this.#json.length > ENOUGH) yield this.#flush();
    }
    this.#json += ']';
  }

  *#writeObject(object: object): Work {
    let separator = '{';
    for (const key of Object.keys(object)) {
      const member = (object as Record<string, unknown>)[key];
      if (member === undefined) continue;
      this.#json += `${separator}${JSON.stringify(key)}:`;
      separator = ',';
      if (this.#isSmall(member, SMALL_DEPTH)) this.#json += JSON.stringify(member);
      else yield* this.write(member);
      if (this.#json.length > ENOUGH) yield this.#flush();
    }
    this.#json += separator === '{' ? '{}' : '}';
  }

  /** Whether the engine writes it in no time, all at once: a step of ours for each of its values takes many times longer. */
  #isSmall(value: unknown, depth: number): boolean {
    if (typeof value === 'string') return value.length < LONG_STRING;
    if (typeof value !== 'object' || value === null) return true;
    if (depth === 0 || value === this.#wide || value instanceof RawJson || value instanceof JsonText) return false;
    if (Array.isArray(value)) return value.length <= FEW && value.every((item) => this.#isSmall(item, depth - 1));
    let count = 0;
    for (const name in value) {
      count += 1;
      if (count > FEW) {
        this.#wide = value;
        return false;
      }
      const member = (value as Record<string, unknown>)[name];
      if (name.length >= LONG_STRING || !this.#isSmall(member, depth - 1)) return false;
    }
    return true;
  }

  *#writeString(text: string): Work {
    const { known, isPlain } = this.#needs;
    const asSent = known.get(text.length);
    if (asSent?.text === text) {
      this.#json += '"';
      this.#flush();
      this.#sheets.put(asSent.bytes);
      this.#json = '"';
    } else if (text.length < LONG_STRING || !isPlain(text)) {
      this.#json += JSON.stringify(text);
    } else {
      this.#json += '"';
      this.#flush();
      for (let at = 0; at < text.length;) {
        const end = endOfSlice(text, at);
        this.#sheets.write(JSON.stringify(text.slice(at, end)).slice(1, -1));
        yield end - at;
        at = end;
      }
      this.#json += '"';
    }
  }

  *#writeRaw({ source }: RawJson): Work {
    if (typeof source !== 'string') {
      this.#flush();
      this.#sheets.put(source);
    } else if (source.length < LONG_STRING || !this.#needs.isPlain(source)) {
      this.#json += source;
    } else {
      this.#flush();
      for (let at = 0; at < source.length;) {
        const end = endOfSlice(source, at);
        this.#sheets.write(source.slice(at, end));
        yield end - at;
        at = end;
      }
    }
  }

  *#writeText({ bytes }: JsonText): Work {
    this.#json += '"';
    this.#flush();
    for (let at = 0; at < bytes.length;) {
      let end = Math.min(at + SLICE, bytes.length);
      while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
      this.#sheets.write(JSON.stringify(bytes.toString('utf8', at, end)).slice(1, -1));
      yield end - at;
      at = end;
    }
    this.#json += '"';
  }

  #flush(): number {
    const { length } = this.#json;
    if (length === 0) return 0;
    const finished = this.#needs.finish(this.#json);
    if (typeof finished === 'string') this.#sheets.write(finished);
    else for (const piece of finished) this.#sheets.put(piece);
    this.#json = '';
    return length;
  }
}

const SMALL_DEPTH = 3;
const FEW = 8;
const LONG_STRING = 8 * 1024;
/** What is made of one is young when it is needed no more: longer texts lie there until old garbage is collected. */
const SLICE = 32 * 1024;
const ENOUGH = 32 * 1024;

/** The two halves of a letter stay together. */
const endOfSlice = (text: string, start: number): number => {
  const end = start + SLICE;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
};
