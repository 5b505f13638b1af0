/**
 * Nearly all events of a stream are alike: they differ in a text, in some counts and ids. What has been parsed once
 * serves all events of the same shape, of this stream and of later ones: they are recognised where they stand in the
 * text of a read, by one pattern, and neither cut into lines nor parsed. 0.2 µs instead of 1.1 for each.
 */
import type { Chunk, MoreText, TextPlace } from '../gemini/call.ts';
import { EventReader } from '../gemini/events.ts';
import { skipString } from '../json/text.ts';

export interface EventShapes {
  /** The event that begins here, as parsing would bring it, and where the next one begins. */
  match(text: string, at: number): AlikeEvent | undefined;
  /** This payload has been parsed, and unwrapped to this chunk. */
  learn(payload: string, chunk: Chunk): void;
}

export interface AlikeEvent {
  readonly chunk: Chunk;
  readonly end: number;
}

/** Of texts and thoughts, with counts and without, of the models in use. */
const MOST_SHAPES = 16;
const MOST_SEEN_ONCE = 64;
const LONGEST_LESSON = 8192;
/** The engine matches with a stack, which a text of millions of escapes would exhaust. */
const LONGEST_TEXT = 256 * 1024;

export const createEventShapes = (): EventShapes => {
  const shapes: Shape[] = [];
  let latest: Shape | undefined;
  /** A pattern is made for what comes again: to make one costs as much as parsing a hundred events. */
  const seenOnce = new Set<string>();

  const matchAny = (text: string, at: number): AlikeEvent | undefined => {
    for (const shape of shapes) {
      const event = shape === latest ? undefined : matchShape(shape, text, at);
      if (!event) continue;
      latest = shape;
      return event;
    }
    return undefined;
  };

  return {
    match: (text, at) => {
      if (!latest || text.length > LONGEST_TEXT) return undefined;
      return matchShape(latest, text, at) ?? matchAny(text, at);
    },
    learn: (payload, chunk) => {
      if (payload.length > LONGEST_LESSON) return;
      const lesson = lessonOf(payload, chunk);
      if (!lesson || shapes.some(({ source }) => source === lesson.source)) return;
      if (seenOnce.delete(lesson.source)) {
        latest = { ...lesson, pattern: new RegExp(lesson.source, 'y') };
        shapes.push(latest);
        if (shapes.length > MOST_SHAPES) shapes.shift();
      } else {
        if (seenOnce.size >= MOST_SEEN_ONCE) seenOnce.clear();
        seenOnce.add(lesson.source);
      }
    },
  };
};

interface Lesson {
  readonly source: string;
  readonly place: TextPlace;
}

interface Shape extends Lesson {
  /** Matches an event with its frame; the chunk's JSON is its first group, the inside of the text's quotes its second. */
  readonly pattern: RegExp;
}

const matchShape = ({ pattern, place }: Shape, text: string, at: number): AlikeEvent | undefined => {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [, json = '', inside = ''] = found;
  return { chunk: new AlikeChunk(json, inside, place), end: pattern.lastIndex };
};

/** The chunk and what it says in one: there are hundreds at a time. */
class AlikeChunk implements Chunk, MoreText {
  readonly json: string;
  readonly isOneLine = true;
  readonly more: MoreText | undefined;
  readonly place: TextPlace;
  readonly #inside: string;
  #value: Chunk['value'] | undefined;

  constructor(json: string, inside: string, place: TextPlace) {
    this.json = json;
    this.more = inside === '' ? undefined : this;
    this.place = place;
    this.#inside = inside;
  }

  get value(): Chunk['value'] {
    return (this.#value ??= JSON.parse(this.json) as Chunk['value']);
  }

  get isPlain(): boolean {
    return !this.#inside.includes('\\');
  }

  get text(): string {
    return this.isPlain ? this.#inside : (JSON.parse(`"${this.#inside}"`) as string);
  }
}

/** Inside of a JSON string. Halves of surrogate pairs, which can stand there, do not come out of UTF-8. */
const TEXT = String.raw`([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*)`;
const PLAIN_TEXT = String.raw`[^"\\\x00-\x1f]+`;
/** An integer that JavaScript holds exactly. */
const COUNT = String.raw`(?:0|[1-9]\d{0,14})`;
/** As Google and its imitators frame events; others are read line by line. */
const FRAME_START = 'data: ';
const FRAME_END = String.raw`(?:\r\n\r\n|\n\n)`;

/**
 * What differs from event to event. A quote inside of a string stands behind a backslash, so that what looks like a name
 * and its colon is one.
 */
const GAP = new RegExp(
  String.raw`"text"\s*:\s*(?<text>")` +
    String.raw`|"\w*Count"\s*:\s*(?<count>${COUNT}(?![.\deE]))` +
    String.raw`|"(?:responseId|traceId|createTime)"\s*:\s*(?<id>")`,
  'g',
);

/** Undefined for an event that brings anything else than one piece of text. */
const lessonOf = (payload: string, chunk: Chunk): Lesson | undefined => {
  const { json } = chunk;
  const start = payload.indexOf(json);
  // Text that stands there twice could be mistaken for its double.
  if (start === -1 || payload.lastIndexOf(json) !== start) return undefined;
  const place = onlyText(chunk);
  if (!place) return undefined;
  const end = start + json.length;
  const marks = [...gapsOf(payload), { start, end: start, source: '(' }, { start: end, end, source: ')' }];
  marks.sort((one, other) => one.start - other.start);
  const constants = [...marks, undefined].map((mark, index) => payload.slice(marks[index - 1]?.end ?? 0, mark?.start));
  // A name with escapes may be any name.
  if (constants.some((constant) => constant.includes('\\'))) return undefined;
  if (marks.filter(({ source }) => source === TEXT).length !== 1) return undefined;
  const pattern = constants.map((constant, index) => RegExp.escape(constant) + (marks[index]?.source ?? ''));
  return { source: FRAME_START + pattern.join('') + FRAME_END, place };
};

/** What stands in the pattern for a piece of the payload. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly source: string;
}

const gapsOf = (payload: string): readonly Mark[] => {
  const gaps: Mark[] = [];
  for (const match of payload.matchAll(GAP)) {
    const { text, count } = match.groups ?? {};
    const behind = match.index + match[0].length;
    if (count !== undefined) {
      gaps.push({ start: behind - count.length, end: behind, source: COUNT });
    } else {
      const end = skipString(payload, behind - 1) - 1;
      // Without an id, another is put in its place.
      if (text === undefined && end === behind) continue;
      gaps.push({ start: behind, end, source: text === undefined ? PLAIN_TEXT : TEXT });
    }
  }
  return gaps;
};

/** The reader of all other chunks says it, so that the two cannot disagree. */
const onlyText = (chunk: Chunk): TextPlace | undefined => {
  let place: TextPlace | undefined;
  let events = 0;
  let hasUsage = false;
  new EventReader().read(chunk, {
    text: (candidate, _text, partIndex) => {
      events += 1;
      place = { kind: 'text', candidate, partIndex, hasUsage: false };
    },
    thought: (candidate) => {
      events += 1;
      place = { kind: 'thought', candidate, partIndex: 0, hasUsage: false };
    },
    event: () => {
      events += 1;
    },
    counted: () => {
      hasUsage = true;
    },
  });
  return place && events === 1 ? { ...place, hasUsage } : undefined;
};
