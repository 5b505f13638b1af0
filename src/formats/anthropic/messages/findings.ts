/** What Google found on the web, in the blocks and citations of Anthropic's own search. */
import type { Citation } from '../../../conversation/citations.ts';
import { pagesIn, queriesIn, type Page } from '../../../conversation/searches.ts';
import type { GroundingMetadata } from '../../../gemini/types.ts';

export interface Findings {
  readonly query: string;
  readonly pages: readonly Page[];
}

/** Undefined where the model did not search. */
export const findingsOf = (
  citations: readonly Citation[],
  grounding: GroundingMetadata | undefined,
): Findings | undefined => {
  const queries = queriesIn(grounding);
  if (queries.length === 0 && citations.length === 0) return undefined;
  return { query: queries.join('; '), pages: pagesIn(citations) };
};

/** As JSON: the call that the server made, and its result. */
export const findingBlocks = ({ query, pages }: Findings, name: string, id: string): readonly string[] => {
  const content = pages.map(({ url, title }) => ({
    type: 'web_search_result',
    url,
    title,
    // Anthropic's own page text, for its own models: there is none here.
    encrypted_content: '',
    page_age: null,
  }));
  // The model itself, and no program of its own. Programs on Anthropic's SDKs may ask each such block for it.
  const caller = { type: 'direct' };
  return [
    JSON.stringify({ type: 'server_tool_use', id, name, input: { query }, caller }),
    JSON.stringify({ type: 'web_search_tool_result', tool_use_id: id, content, caller }),
  ];
};

/** As long as Anthropic's are. */
const LONGEST_QUOTE = 150;

/** `said`: all of the candidate's text, in which the places are counted. */
export const citationJson = ({ start, end, url, title }: Citation, said: string): string =>
  JSON.stringify({
    type: 'web_search_result_location',
    cited_text: said.slice(start, Math.min(end, start + LONGEST_QUOTE)).toWellFormed(),
    url,
    title,
    encrypted_index: '',
  });
