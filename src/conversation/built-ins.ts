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
    if (own === undefined && named === 'googleSearch') return [{ googleSearch: toSearch(tool, param, ignored) }];
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

const SEARCH_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'blocked_domains', 'filters']);
const FILTER_FIELDS: ReadonlySet<string> = new Set(['blocked_domains']);

/** Another vendor's search: Google has sites that it leaves out, and none that it keeps to. */
const toSearch = (tool: JsonObject, param: string, ignored: Ignored): JsonObject => {
  const { blocked_domains: own, filters } = tool;
  ignored.rest(tool, SEARCH_FIELDS, param);
  const excludeDomains = readDomains(own, `${param}.blocked_domains`, ignored);
  if (isObject(filters)) {
    ignored.rest(filters, FILTER_FIELDS, `${param}.filters`);
    excludeDomains.push(...readDomains(filters['blocked_domains'], `${param}.filters.blocked_domains`, ignored));
  }
  return excludeDomains.length > 0 ? { excludeDomains } : {};
};

/** A whole domain: without the path that Anthropic allows behind it, which would leave out too much. */
const DOMAIN = /^[a-z\d][a-z\d-]{0,62}(?:\.[a-z\d-]{1,63}){1,20}$/i;
const MOST_DOMAINS = 2000;

const readDomains = (sent: unknown, param: string, ignored: Ignored): string[] => {
  if (sent === undefined || sent === null) return [];
  const all: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
  const domains = all
    .filter((one): one is string => typeof one === 'string' && DOMAIN.test(one))
    .slice(0, MOST_DOMAINS);
  if (domains.length < all.length) ignored.add(param);
  return domains;
};

/** Functions declared in Gemini's own form. */
export const nativeDeclarations = (tool: JsonObject): readonly FunctionDeclaration[] => {
  const given = tool['functionDeclarations'] ?? tool['function_declarations'];
  return Array.isArray(given) ? given.filter(isObject) : [];
};
