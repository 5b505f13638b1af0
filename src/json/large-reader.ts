/** The reader of a large body: a step for each token, so that others get turns in between. */
import { AlikeStrings, SLOW_KEY } from './alike.ts';
import { behindLetters, lettersOf } from './escapes.ts';
import type { Letters } from './escapes.ts';
import { JsonText } from './json-text.ts';
import type { Held } from './json-text.ts';
import { LONGEST_NAME } from './large-limits.ts';
import type { LargeOptions, ValueCount } from './large-limits.ts';
import { LargeStrings } from './large-strings.ts';
import type { Pace } from './pace.ts';
import { hasByteOrderMark, placeAt } from './place-in-bytes.ts';
import { RawJson } from './raw-json.ts';
import { DEFAULT_MAX_DEPTH, JsonError, setMember } from './reader.ts';
import { isSpace, readScalar } from './scalars.ts';
import { countMarks } from './values.ts';
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './text.ts';

/** An object or a list that has not ended. */
interface Open {
  readonly holder: Record<string, unknown> | unknown[];
  key: string;
  /** Where a text begins that is kept as it is. */
  readonly rawFrom: number | undefined;
}

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'next' | 'nothing';

export class LargeReader {
  readonly strings: LargeStrings;
  readonly #bytes: Buffer;
  readonly #letters: Letters;
  readonly #options: LargeOptions;
  readonly #pace: Pace;
  readonly #counts: ValueCount;
  readonly #open: Open[] = [];
  #at: number;
  #expected: Expected = 'value';
  #value: unknown;
  /** Inside of a text that is kept as it is: what stands there is looked through, not built. */
  #isRaw = false;
  #alike: AlikeStrings | undefined;

  constructor(bytes: Buffer, options: LargeOptions, pace: Pace, counts: ValueCount) {
    this.#bytes = bytes;
    this.#letters = lettersOf(bytes);
    this.#options = options;
    this.#pace = pace;
    this.#counts = counts;
    this.#at = hasByteOrderMark(bytes) ? 3 : 0;
    this.strings = new LargeStrings(this.#letters, pace);
  }

  async read(): Promise<unknown> {
    while (this.#at < this.#bytes.length) {
      const code = this.#bytes[this.#at] ?? 0;
      const later = isSpace(code) ? this.#skipSpace() : this.#step(code);
      if (later) await later;
    }
    if (this.#expected !== 'nothing') return this.#fail('');
    return this.#value;
  }

  /** Whether it is JSON, and of what kind. */
  async look(): Promise<Held> {
    this.#isRaw = true;
    try {
      await this.read();
    } catch (error) {
      if (error instanceof JsonError) return 'nothing';
      throw error;
    }
    return this.#value === OPEN_BRACE ? 'object' : 'value';
  }

  #skipSpace(): Promise<void> | undefined {
    const stop = Math.min(this.#at + STRETCH, this.#bytes.length);
    const before = this.#at;
    let at = before + 1;
    while (at < stop && isSpace(this.#bytes[at])) at += 1;
    this.#at = at;
    return at - before > WORTH_A_PAUSE ? this.#pace(at - before) : undefined;
  }

  #step(code: number): Promise<void> | undefined {
    switch (this.#expected) {
      case 'value or end':
        return code === CLOSE_BRACKET ? this.#close() : this.#readValue(code);
      case 'value':
        return this.#readValue(code);
      case 'name or end':
        return code === CLOSE_BRACE ? this.#close() : this.#readName(code);
      case 'name':
        return this.#readName(code);
      case 'colon':
        if (code !== COLON) return this.#fail('":" is expected');
        this.#at += 1;
        this.#expected = 'value';
        return undefined;
      case 'next':
        return this.#readNext(code);
      case 'nothing':
        return this.#fail('something follows the end of the JSON');
    }
  }

  #readNext(code: number): Promise<void> | undefined {
    const isList = Array.isArray(this.#open.at(-1)?.holder);
    if (code === COMMA) {
      this.#at += 1;
      this.#expected = isList ? 'value' : 'name';
      return this.#count();
    }
    if (code === (isList ? CLOSE_BRACKET : CLOSE_BRACE)) return this.#close();
    return this.#fail(isList ? '"," or "]" is expected' : '"," or "}" is expected');
  }

  #readValue(code: number): Promise<void> | undefined {
    if (code === OPEN_BRACE || code === OPEN_BRACKET) return this.#begin(code);
    if (code === QUOTE) return this.#readString((start, end) => this.#putString(start, end));
    const read = readScalar(this.#bytes, this.#at);
    if (typeof read === 'string') return this.#fail(read);
    this.#at = read.end;
    this.#put(read.value);
    return undefined;
  }

  #readName(code: number): Promise<void> | undefined {
    if (code !== QUOTE) return this.#fail('a quoted name is expected');
    return this.#readString((start, end) => {
      if (end - start > LONGEST_NAME) throw this.#options.longName();
      const open = this.#open.at(-1);
      this.#expected = 'colon';
      if (this.#isRaw) return this.strings.fix(start, end);
      if (open) open.key = this.strings.readShort(start, end);
      return undefined;
    });
  }

  #begin(code: number): Promise<void> | undefined {
    if (this.#open.length === DEFAULT_MAX_DEPTH) {
      return this.#fail(`JSON nested deeper than ${DEFAULT_MAX_DEPTH} levels`);
    }
    const parent = this.#open.at(-1);
    const isKept =
      !this.#isRaw && parent && !Array.isArray(parent.holder) && this.#options.raw?.has(parent.key) === true;
    if (isKept) this.#isRaw = true;
    else if (this.#open.length === 0) this.#value = code;
    const isList = code === OPEN_BRACKET;
    // What stands in a list stands under the list's name.
    const key = isList ? (parent?.key ?? '') : '';
    this.#open.push({ holder: isList ? [] : {}, key, rawFrom: isKept ? this.#at : undefined });
    this.#expected = code === OPEN_BRACE ? 'name or end' : 'value or end';
    this.#at += 1;
    return this.#count();
  }

  #close(): Promise<void> | undefined {
    this.#at += 1;
    const ended = this.#open.pop();
    if (!ended) return undefined;
    if (ended.rawFrom === undefined) {
      this.#put(ended.holder);
      return undefined;
    }
    this.#isRaw = false;
    this.#put(new RawJson(this.strings.sourceOf(ended.rawFrom, this.#at)));
    return undefined;
  }

  /** Where it belongs. */
  #put(value: unknown): void {
    const open = this.#open.at(-1);
    this.#expected = open ? 'next' : 'nothing';
    if (this.#isRaw) return;
    if (!open) this.#value = value;
    else if (Array.isArray(open.holder)) open.holder.push(value);
    else setMember(open.holder, open.key, value);
  }

  #count(): Promise<void> | undefined {
    if (this.#isRaw) this.#counts.addKept(1);
    else this.#counts.add();
    return this.#pace(WORK_OF_A_VALUE);
  }

  /** `then` is told where the string's letters begin and end. */
  #readString(then: (start: number, end: number) => Promise<void> | undefined): Promise<void> | undefined {
    const start = this.#at + 1;
    const stop = Math.min(start + STRETCH, this.#bytes.length);
    const end = behindLetters(this.#letters, start, stop);
    return end < stop ? this.#endString(start, end, then) : this.#readLongString(start, end, then);
  }

  async #readLongString(
    start: number,
    from: number,
    then: (start: number, end: number) => Promise<void> | undefined,
  ): Promise<void> {
    let at = from;
    for (let stop = 0; at < this.#bytes.length && at >= stop;) {
      await this.#pace(STRETCH);
      stop = Math.min(at + STRETCH, this.#bytes.length);
      at = behindLetters(this.#letters, at, stop);
    }
    await this.#endString(start, at, then);
  }

  #endString(
    start: number,
    end: number,
    then: (start: number, end: number) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    const code = this.#bytes[end];
    if (code !== QUOTE) {
      return this.#fail(
        code === BACKSLASH ? 'a broken escape in a string' : 'a control character or a line break inside a string',
        end,
      );
    }
    this.#at = end + 1;
    return then(start, end) ?? this.#pace(end - start);
  }

  #putString(start: number, end: number): Promise<void> | undefined {
    if (this.#isRaw) {
      this.#expected = this.#open.length > 0 ? 'next' : 'nothing';
      return this.strings.fix(start, end);
    }
    const open = this.#open.at(-1);
    if (open && !Array.isArray(open.holder)) {
      if (open.key === ARGUMENTS) {
        if (this.#isLongText(end - start)) return this.#putJson(start, end);
        this.#counts.addKept(countMarks(this.#bytes, start, end));
      }
      if (this.#open.length === 1 && this.#options.inText?.has(open.key) === true) return this.#putJson(start, end);
    }
    const text = this.strings.read(start, end);
    if (typeof text !== 'string') {
      return text.then((whole) => {
        this.#putText(whole);
      });
    }
    this.#putText(text);
    return undefined;
  }

  #putText(text: string): void {
    if (text.length >= SLOW_KEY) {
      const name = this.#open.at(-1)?.key ?? '';
      this.#alike ??= new AlikeStrings();
      if (this.#alike.areTooMany(name, text)) throw this.#options.alike(name);
    }
    this.#put(text);
  }

  /** Short ones are read where they are needed, unless there are many. */
  #isLongText(bytes: number): boolean {
    this.#counts.inText += bytes;
    return bytes > LONG_TEXT || this.#counts.inText > SHORT_TEXTS;
  }

  async #putJson(start: number, end: number): Promise<void> {
    const inner = await this.strings.bytesOf(start, end);
    const isValue = this.#open.at(-1)?.key !== ARGUMENTS;
    const reader = new LargeReader(inner, this.#options, this.#pace, this.#counts);
    if (isValue) {
      try {
        this.#put(await reader.read());
        return;
      } catch (error) {
        if (!(error instanceof JsonError)) throw error;
      }
    }
    const holds = isValue ? 'nothing' : await reader.look();
    this.#put(new JsonText(inner, holds));
  }

  async #fail(problem: string, position = this.#at): Promise<never> {
    const { length } = this.#bytes;
    const place = await placeAt(this.#bytes, Math.min(position, length), this.#pace);
    throw new JsonError(position >= length ? 'the JSON ends too early,' : problem, place);
  }
}

/** Here clients send JSON as a string. */
const ARGUMENTS = 'arguments';
const LONG_TEXT = 64 * 1024;
/** Of all shorter ones together. */
const SHORT_TEXTS = 2 * 1024 * 1024;

const STRETCH = 512 * 1024;
const WORTH_A_PAUSE = 64;
/** As that of so many bytes. */
const WORK_OF_A_VALUE = 64;
