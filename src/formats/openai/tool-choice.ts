/** A client's choice among its tools, in the words of OpenAI's two APIs and of Anthropic's. */
import type { Ignored } from '../../conversation/ignored.ts';
import { AUTO, type ToolChoice } from '../../conversation/tool-choice.ts';
import { refusal } from '../../errors/refusal.ts';
import type { JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';

/** `param`: where it stands. */
export const toToolChoice = (sent: string | JsonObject, param: string, ignored: Ignored): ToolChoice =>
  typeof sent === 'string' ? fromWord(sent, param) : fromObject(sent, param, ignored);

const WORDS: ReadonlyMap<string, ToolChoice['mode']> = new Map([
  ['none', 'NONE'],
  ['auto', 'AUTO'],
  ['validated', 'AUTO'],
  ['required', 'ANY'],
  ['any', 'ANY'],
]);

const fromWord = (word: string, param: string): ToolChoice => {
  const mode = WORDS.get(word.trim().toLowerCase());
  if (mode) return { ...AUTO, mode };
  throw refusal('invalid_value', param, `'${param}' must be none, auto, required, or an object that names a function.`);
};

const FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'disable_parallel_tool_use', 'allowed_tools', 'mode', 'tools'],
  ...['function', 'custom', 'tool', 'name', 'namespace'],
]);

const fromObject = (sent: JsonObject, param: string, ignored: Ignored): ToolChoice => {
  const { type } = sent;
  ignored.rest(sent, FIELDS, param);
  const single = sent['disable_parallel_tool_use'] === true;
  if (type === 'allowed_tools') return { ...fromAllowed(sent, param, ignored), single };
  const mode = typeof type === 'string' ? WORDS.get(type) : undefined;
  if (mode) return { mode, only: undefined, single };
  const name = nameIn(sent);
  if (name !== undefined && (type === undefined || (typeof type === 'string' && NAMING.has(type)))) {
    return { mode: 'ANY', only: [name], single };
  }
  if (typeof type === 'string' && !NAMING.has(type) && isHosted(type)) {
    ignored.add(`${param} (${type})`);
    return { ...AUTO, single };
  }
  throw refusal(
    'invalid_value',
    param,
    `'${param}' must name a function: {"type":"function","function":{"name":"…"}}.`,
  );
};

const NAMING: ReadonlySet<string> = new Set(['function', 'tool', 'custom']);
/** Tools that other vendors run themselves: none of them is forced here. */
const HOSTED = [
  ...['web_search', 'file_search', 'computer', 'code_interpreter', 'image_generation', 'mcp', 'local_shell', 'shell'],
  ...['apply_patch', 'tool_search', 'programmatic_tool_calling'],
];

/** Their names go on with a version, as in `web_search_preview`. */
const isHosted = (type: string): boolean => HOSTED.some((name) => type.startsWith(name));

const fromAllowed = (sent: JsonObject, param: string, ignored: Ignored): ToolChoice => {
  const inner = isObject(sent['allowed_tools']) ? sent['allowed_tools'] : sent;
  const { mode, tools } = inner;
  const place = inner === sent ? param : `${param}.allowed_tools`;
  if (!Array.isArray(tools)) throw refusal('invalid_type', `${place}.tools`, `'${place}.tools' must be an array.`);
  if (mode !== 'auto' && mode !== 'required') {
    throw refusal('invalid_value', `${place}.mode`, `'${place}.mode' must be auto or required.`);
  }
  const only = tools.flatMap((tool: unknown, index) => {
    const name = isObject(tool) ? nameIn(tool) : undefined;
    if (name !== undefined) return [name];
    // A tool that the other vendor runs itself has no name.
    ignored.add(`${place}.tools[${index}]`);
    return [];
  });
  return { mode: mode === 'required' ? 'ANY' : 'AUTO', only, single: false };
};

const nameIn = (fields: JsonObject): string | undefined => {
  for (const holder of [fields['function'], fields['custom'], fields['tool'], fields]) {
    if (isObject(holder) && typeof holder['name'] === 'string') return holder['name'];
  }
  return undefined;
};
