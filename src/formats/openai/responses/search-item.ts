/** What Google searched for an answer, as the item of OpenAI's own search. */
import type { Citation } from '../../../conversation/citations.ts';
import { pagesIn, queriesIn } from '../../../conversation/searches.ts';
import type { GroundingMetadata } from '../../../gemini/types.ts';
import type { EventFrames } from './frames.ts';

/** JSON of a search's `action`. Undefined where the model did not search. */
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

/** The item as it stays. Google tells of a search once it is over: its events follow each other at once. */
export const writeSearch = (id: string, action: string, index: number, frames: EventFrames | undefined): string => {
  const withStatus = (status: string): string =>
    `{"id":"${id}","type":"web_search_call","status":"${status}","action":${action}}`;
  const done = withStatus('completed');
  if (!frames) return done;
  frames.send('response.output_item.added', `"output_index":${index},"item":${withStatus('in_progress')}`);
  for (const step of ['in_progress', 'searching', 'completed']) {
    frames.send(`response.web_search_call.${step}`, `"output_index":${index},"item_id":"${id}"`);
  }
  frames.send('response.output_item.done', `"output_index":${index},"item":${done}`);
  return done;
};
