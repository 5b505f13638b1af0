/** What Google searched for an answer, as OpenAI's own search tells it. */
import type { Citation } from '../../../conversation/citations.ts';
import { pagesIn, queriesIn } from '../../../conversation/searches.ts';
import type { GroundingMetadata } from '../../../gemini/types.ts';

/** As JSON. Undefined where the model did not search. */
export const searchAction = (
  citations: readonly Citation[],
  grounding: GroundingMetadata | undefined,
  withSources: boolean,
): string | undefined => {
  const queries = queriesIn(grounding);
  if (queries.length === 0) return undefined;
  const sources = withSources ? { sources: pagesIn(citations).map(({ url }) => ({ type: 'url', url })) } : undefined;
  // Newer clients read `queries`, older ones require `query`.
  return JSON.stringify({ type: 'search', query: queries.join('; '), queries, ...sources });
};
