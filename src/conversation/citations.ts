import type { GroundingMetadata, Loose } from '../gemini/types.ts';
import { isObject } from '../json.ts';
import type { AnswerText } from './answer-text.ts';

/** A passage of an answer and its source. */
export interface Citation {
  /** In characters of the candidate's whole text. Both 0: no passage names this source. */
  readonly start: number;
  readonly end: number;
  readonly url: string;
  readonly title: string;
}

interface Segment {
  readonly partIndex?: number;
  readonly startIndex?: number;
  readonly endIndex?: number;
  readonly text?: string;
}

interface Source {
  readonly uri?: string;
  readonly title?: string;
  readonly domain?: string;
}

interface Recited extends Segment, Source {}

/**
 * Google's answers have a few dozen. Each passage is looked for in the text, and repeats the address of its source: without
 * a limit, an answer of one megabyte could become one of many gigabytes.
 */
const MOST_CITATIONS = 1000;
const LONGEST_URL = 8192;
const LONGEST_TITLE = 1024;

/**
 * Where an answer has its facts from: one for each pair of a passage and a source. Google counts the
 * bytes of a part, clients the characters of the whole text.
 */
export const groundingCitations = (metadata: GroundingMetadata, content: AnswerText): readonly Citation[] => {
  const sources = (metadata.groundingChunks ?? []).map(sourceOf);
  const place = createPlacer(content);
  const found: Citation[] = [];
  const cited = new Set<number>();
  for (const support of (metadata.groundingSupports ?? []).slice(0, MOST_CITATIONS)) {
    const span = place(support.segment ?? {});
    for (const index of support.groundingChunkIndices ?? []) {
      if (found.length >= MOST_CITATIONS) break;
      const citation = toCitation(sources[index], span);
      if (!citation) continue;
      cited.add(index);
      found.push(citation);
    }
  }
  // A source that no passage names was still read for the answer.
  sources.forEach((source, index) => {
    const citation = cited.has(index) ? undefined : toCitation(source, NOWHERE);
    if (citation && found.length < MOST_CITATIONS) found.push(citation);
  });
  return found;
};

/** Passages that the model recites from somewhere. */
export const recitedCitations = (metadata: Loose, content: AnswerText): readonly Citation[] => {
  const place = createPlacer(content);
  // The Gemini API and Vertex have different names for the list.
  const citations = (metadata['citationSources'] ?? metadata['citations'] ?? []) as readonly Recited[];
  return citations.slice(0, MOST_CITATIONS).flatMap((citation) => toCitation(citation, place(citation)) ?? []);
};

type Span = readonly [start: number, end: number];

const NOWHERE: Span = [0, 0];

const sourceOf = (chunk: Loose): Source | undefined => {
  const image = chunk['image'];
  // The page with the picture is the source; the picture itself is what was found there.
  if (isObject(image)) return { ...image, uri: (image['sourceUri'] ?? image['imageUri']) as string };
  return (chunk['web'] ?? chunk['retrievedContext'] ?? chunk['maps']) as Source | undefined;
};

const toCitation = (source: Source | undefined, [start, end]: Span): Citation | undefined => {
  const url = source?.uri;
  if (!url || url.length > LONGEST_URL) return undefined;
  const title = (source.title || source.domain || hostOf(url)).slice(0, LONGEST_TITLE);
  return { start, end, url, title };
};

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

/**
 * Letters looked through for passages that do not stand where Google says: a hundred passages of a long answer. Where they
 * are used up, Google's word counts.
 */
const MOST_SEARCHED = 4_000_000;
/** As much of a passage as it takes to find it: what does not match costs its length, at every place. */
const SEARCHED_WORDS = 64;

const createPlacer = (content: AnswerText) => {
  const all = content.kept;
  const places = new Places(Buffer.from(all));
  const starts = new Map<number, number>();
  let searched = 0;

  /** Where the part that begins at a character begins in bytes. */
  const byteStart = (from: number): number => {
    const start = starts.get(from) ?? Buffer.byteLength(all.slice(0, from));
    starts.set(from, start);
    return start;
  };

  return ({ partIndex = 0, startIndex = 0, endIndex = 0, text }: Segment): Span => {
    const from = content.startOf(partIndex);
    const before = byteStart(from);
    const start = places.toCharacter(before + Math.max(0, startIndex));
    const end = places.toCharacter(before + Math.max(0, endIndex));
    // The passage's own words are the better witness where something of ours stands between the parts.
    if (!text || all.startsWith(text, start)) return [start, text ? start + text.length : end];
    searched += all.length;
    const found = searched > MOST_SEARCHED ? -1 : nearest(all, text.slice(0, SEARCHED_WORDS), start);
    return found === -1 || !all.startsWith(text, found) ? [start, end] : [found, found + text.length];
  };
};

const STEP_BYTES = 1024;

/** Bytes of a text as characters, each time in the same short time: there may be a thousand places. */
class Places {
  readonly #bytes: Buffer;
  /** How many characters come before each step. */
  readonly #steps: number[] = [0];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  toCharacter(place: number): number {
    const end = Math.min(place, this.#bytes.length);
    const step = Math.floor(end / STEP_BYTES);
    for (let next = this.#steps.length; next <= step; next += 1) {
      this.#steps.push((this.#steps[next - 1] ?? 0) + this.#count((next - 1) * STEP_BYTES, next * STEP_BYTES));
    }
    return (this.#steps[step] ?? 0) + this.#count(step * STEP_BYTES, end);
  }

  /** Of UTF-8: what begins a letter counts one, and two where the letter is a pair. */
  #count(from: number, end: number): number {
    let count = 0;
    for (let at = from; at < end; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if ((byte & 0xc0) !== 0x80) count += byte >= 0xf0 ? 2 : 1;
    }
    return count;
  }
}

const nearest = (all: string, text: string, position: number): number => {
  const after = all.indexOf(text, position);
  const before = all.lastIndexOf(text, position);
  if (after === -1 || before === -1) return Math.max(after, before);
  return after - position < position - before ? after : before;
};
