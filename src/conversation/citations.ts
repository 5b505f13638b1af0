import type { GroundingMetadata, Loose } from '../gemini/types.ts';
import { isObject } from '../json.ts';
import type { AnswerText } from './answer-text.ts';
import type { Annotation } from '../formats/openai/chat/wire.ts';

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

interface Citation extends Segment, Source {}

/**
 * Google's answers have a few dozen. Each passage is looked for in the text, and repeats the address of its source: without
 * a limit, an answer of one megabyte could become one of many gigabytes.
 */
const MOST_ANNOTATIONS = 1000;
const LONGEST_URL = 8192;
const LONGEST_TITLE = 1024;

/**
 * Where an answer has its facts from, as url citations: one for each pair of a passage and a source. Google counts the
 * bytes of a part, clients the characters of the whole text.
 */
export const groundingAnnotations = (metadata: GroundingMetadata, content: AnswerText): readonly Annotation[] => {
  const sources = (metadata.groundingChunks ?? []).map(sourceOf);
  const place = createPlacer(content);
  const annotations: Annotation[] = [];
  const cited = new Set<number>();
  for (const support of (metadata.groundingSupports ?? []).slice(0, MOST_ANNOTATIONS)) {
    const span = place(support.segment ?? {});
    for (const index of support.groundingChunkIndices ?? []) {
      if (annotations.length >= MOST_ANNOTATIONS) break;
      const annotation = toAnnotation(sources[index], span);
      if (!annotation) continue;
      cited.add(index);
      annotations.push(annotation);
    }
  }
  // A source that no passage names was still read for the answer.
  sources.forEach((source, index) => {
    const annotation = cited.has(index) ? undefined : toAnnotation(source, NOWHERE);
    if (annotation && annotations.length < MOST_ANNOTATIONS) annotations.push(annotation);
  });
  return annotations;
};

/** Passages that the model recites from somewhere. */
export const citationAnnotations = (metadata: Loose, content: AnswerText): readonly Annotation[] => {
  const place = createPlacer(content);
  // The Gemini API and Vertex have different names for the list.
  const citations = (metadata['citationSources'] ?? metadata['citations'] ?? []) as readonly Citation[];
  return citations.slice(0, MOST_ANNOTATIONS).flatMap((citation) => toAnnotation(citation, place(citation)) ?? []);
};

type Span = readonly [start: number, end: number];

const NOWHERE: Span = [0, 0];

const sourceOf = (chunk: Loose): Source | undefined => {
  const image = chunk['image'];
  // The page with the picture is the source; the picture itself is what was found there.
  if (isObject(image)) return { ...image, uri: (image['sourceUri'] ?? image['imageUri']) as string };
  return (chunk['web'] ?? chunk['retrievedContext'] ?? chunk['maps']) as Source | undefined;
};

const toAnnotation = (source: Source | undefined, [start, end]: Span): Annotation | undefined => {
  const url = source?.uri;
  if (!url || url.length > LONGEST_URL) return undefined;
  const title = (source.title || source.domain || hostOf(url)).slice(0, LONGEST_TITLE);
  return { type: 'url_citation', url_citation: { start_index: start, end_index: end, url, title } };
};

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

const createPlacer = (content: AnswerText) => {
  const all = content.kept;
  const bytes = Buffer.from(all);

  const toCharacter = (from: number, byteIndex: number): number => {
    const start = Buffer.byteLength(all.slice(0, from));
    return from + bytes.toString('utf8', start, Math.min(start + Math.max(0, byteIndex), bytes.length)).length;
  };

  return ({ partIndex = 0, startIndex = 0, endIndex = 0, text }: Segment): Span => {
    const from = content.startOf(partIndex);
    const start = toCharacter(from, startIndex);
    const end = toCharacter(from, endIndex);
    // The passage's own words are the better witness where something of ours stands between the parts.
    if (!text || all.startsWith(text, start)) return [start, text ? start + text.length : end];
    const found = nearest(all, text, start);
    return found === -1 ? [start, end] : [found, found + text.length];
  };
};

const nearest = (all: string, text: string, position: number): number => {
  const after = all.indexOf(text, position);
  const before = all.lastIndexOf(text, position);
  if (after === -1 || before === -1) return Math.max(after, before);
  return after - position < position - before ? after : before;
};
