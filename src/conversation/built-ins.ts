/** Google's own tools, in the spellings of all clients. */
import type { FunctionDeclaration, JsonObject, Tool } from '../gemini/types.ts';
import { isObject } from '../json.ts';
import type { Ignored } from './ignored.ts';

/** By key (`{google_search: {}}`) or by type (`{type: "google_search"}`), in both spellings. */
const BUILT_INS: ReadonlyMap<string, string> = new Map([
  ['google_search', 'googleSearch'],
  ['googleSearch', 'googleSearch'],
  ['code_execution', 'codeExecution'],
  ['codeExecution', 'codeExecution'],
  ['url_context', 'urlContext'],
  ['urlContext', 'urlContext'],
  ['google_maps', 'googleMaps'],
  ['googleMaps', 'googleMaps'],
  ['enterprise_web_search', 'enterpriseWebSearch'],
  ['enterpriseWebSearch', 'enterpriseWebSearch'],
]);

/** OpenAI's and Anthropic's own searches, by any of their dated names. */
const WEB_SEARCH = /^web_search(?:_preview)?(?:_[\d_]+)?$/;

const builtInOf = (type: string): string | undefined =>
  BUILT_INS.get(type) ?? (WEB_SEARCH.test(type) ? 'googleSearch' : undefined);

const KEYS: ReadonlySet<string> = new Set([
  ...BUILT_INS.keys(),
  ...['type', 'name', 'functionDeclarations', 'function_declarations'],
]);

/** Undefined for a tool that is none of them. */
export const toBuiltIns = (tool: JsonObject, param: string, ignored: Ignored): readonly Tool[] | undefined => {
  const named = typeof tool['type'] === 'string' ? builtInOf(tool['type']) : undefined;
  if (named !== undefined) {
    const own = Object.keys(tool).find((key) => BUILT_INS.get(key) === named);
    ignored.rest(tool, new Set(['type', 'name', own ?? 'type']), param);
    return [{ [named]: own !== undefined && isObject(tool[own]) ? tool[own] : {} }];
  }
  let found: Tool[] | undefined;
  for (const key in tool) {
    const own = BUILT_INS.get(key);
    const value = tool[key];
    if (own !== undefined && isObject(value)) (found ??= []).push({ [own]: value });
  }
  if (found) ignored.rest(tool, KEYS, param);
  return found;
};

/** Functions declared in Gemini's own form. */
export const nativeDeclarations = (tool: JsonObject): readonly FunctionDeclaration[] => {
  const given = tool['functionDeclarations'] ?? tool['function_declarations'];
  return Array.isArray(given) ? given.filter(isObject) : [];
};
