/** What Anthropic's own servers did for a conversation that began there → the words in which the model hears of it. */
import type { Ignored } from '../../../conversation/ignored.ts';
import type { JsonObject, Part } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';

interface ServerBlock {
  readonly param: string;
  readonly type: string;
  readonly fields: JsonObject;
}

interface ServerResultNeeds {
  readonly ignored: Ignored;
  readonly place: string;
  /** Blocks inside such a block. */
  readonly read: (content: unknown, param: string) => readonly Part[];
}

/** Undefined for a block that is none of them. */
export const serverResult = (block: ServerBlock, needs: ServerResultNeeds): readonly Part[] | undefined => {
  const { type } = block;
  const isSaid = type === 'compaction' || type === 'mcp_tool_result';
  if (!isSaid && !RESULTS.has(type)) return undefined;
  const parts = isSaid ? saidIn(block, needs) : foundIn(block, needs);
  if (parts.length === 0) needs.ignored.add(`${needs.place} (${type})`);
  return parts;
};

const saidIn = ({ fields, param }: ServerBlock, { read }: ServerResultNeeds): readonly Part[] => {
  const said = read(fields['content'], `${param}.content`);
  return fields['is_error'] === true ? [{ text: 'The tool failed.' }, ...said] : said;
};

const foundIn = ({ fields: { content }, param }: ServerBlock, needs: ServerResultNeeds): readonly Part[] => {
  const found = (Array.isArray(content) ? content : [content]).filter(isObject);
  return [...pages(found, needs), ...found.flatMap((one) => inWords(one, `${param}.content`, needs))];
};

export const SERVER_RESULTS = [
  ...(['web_search_tool_result', 'web_fetch_tool_result', 'tool_search_tool_result'] as const),
  ...(['code_execution_tool_result', 'bash_code_execution_tool_result'] as const),
  'text_editor_code_execution_tool_result',
] as const;

const RESULTS: ReadonlySet<string> = new Set(SERVER_RESULTS);

const pages = (found: readonly JsonObject[], { ignored, place }: ServerResultNeeds): readonly Part[] => {
  const lines = found.flatMap((page) => {
    const url = wordIn(page, 'url');
    if (url === undefined) return [];
    ignored.rest(page, OF_PAGE, `${place}.content`);
    const age = wordIn(page, 'page_age');
    return [`- ${[wordIn(page, 'title'), url].filter(Boolean).join(': ')}${age === undefined ? '' : ` (${age})`}`];
  });
  return lines.length === 0 ? [] : [{ text: `Pages found on the web:\n${lines.join('\n')}` }];
};

/** What is encrypted, Anthropic's own models alone can read. */
const OF_PAGE: ReadonlySet<string> = new Set(['type', 'url', 'title', 'page_age', 'encrypted_content', 'content']);

const inWords = (result: JsonObject, param: string, needs: ServerResultNeeds): readonly Part[] => {
  const { content, ...rest } = result;
  const { return_code: code, tool_references: references } = rest;
  // A page that was fetched, whole.
  if (isObject(content)) return needs.read([content], `${param}.content`);
  if (Array.isArray(references)) return needs.read(references, `${param}.tool_references`);
  if (wordIn(result, 'url') !== undefined) return [];
  const failure = typeof code === 'number' && code !== 0 ? `It ended with code ${code}.` : undefined;
  const texts = [wordIn(result, 'stdout'), wordIn(result, 'stderr'), wordIn(result, 'content'), failure];
  const said = texts.flatMap((text) => (text === undefined ? [] : [{ text }]));
  const others = typeof content === 'string' ? rest : result;
  if (said.length > 0) needs.ignored.rest(others, OF_CODE, `${needs.place}.content`);
  return said;
};

const OF_CODE: ReadonlySet<string> = new Set(['type', 'stdout', 'stderr', 'return_code']);

/** Of a member that says something. */
export const wordIn = (fields: JsonObject, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
