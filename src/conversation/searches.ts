/** What an answer was searched for, and found in. */
import type { GroundingMetadata } from '../gemini/types.ts';
import { listOf } from '../json.ts';
import type { Citation } from './citations.ts';

export interface Page {
  readonly url: string;
  readonly title: string;
}

/** In the words that the model searched for. */
export const queriesIn = (grounding: GroundingMetadata | undefined): readonly string[] =>
  listOf(grounding?.['webSearchQueries']).filter((query) => typeof query === 'string');

/** Each once, however often it is cited. */
export const pagesIn = (citations: readonly Citation[]): readonly Page[] => {
  const pages = new Map<string, Page>();
  for (const { url, title } of citations) if (!pages.has(url)) pages.set(url, { url, title });
  return [...pages.values()];
};
