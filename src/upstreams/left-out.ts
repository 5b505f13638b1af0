/** What a door does not take of a request: left out, and noted under the name that its client knows. */
import type { Call } from '../gemini/call.ts';
import { addToldName } from '../gemini/told-names.ts';
import type { GenerateContentRequest, JsonObject, Tool } from '../gemini/types.ts';
import { isObject } from '../json.ts';

/** Whose request it is; nobody hears of what makes no difference to a count. */
export type Asker = Pick<Call, 'record' | 'clientNames'> | undefined;

/** The fields that a door takes of an object: those that are named, or all others. */
export interface Fields {
  readonly named: ReadonlySet<string>;
  readonly areTaken: boolean;
}

export const only = (...named: readonly string[]): Fields => ({ named: new Set(named), areTaken: true });
export const allBut = (...named: readonly string[]): Fields => ({ named: new Set(named), areTaken: false });

/** The same object where nothing is to be taken out. `place`: of the object within the request, with its dot. */
export const trimmed = <T extends JsonObject>(object: T, fields: Fields, asker: Asker, place = ''): T => {
  const { named, areTaken } = fields;
  for (const field in object) if (named.has(field) !== areTaken) return without(object, fields, asker, place);
  return object;
};

const without = <T extends JsonObject>(object: T, { named, areTaken }: Fields, asker: Asker, place: string): T => {
  const kept = Object.entries(object).filter(([field, value]) => {
    if (named.has(field) === areTaken) return true;
    if (asker && value !== undefined && value !== null) note(place + field, asker);
    return false;
  });
  return Object.fromEntries(kept) as T;
};

/** For the head of the answer (`http/head.ts`): of the door that was asked last. */
const note = (field: string, { record, clientNames }: NonNullable<Asker>): void => {
  record.leftOut ??= new Set();
  addToldName(record.leftOut, clientNames?.[field] ?? field);
};

/** Only Vertex AI is known to search without certain sites: the Gemini API refuses the very name. */
export const withoutDomains = (request: GenerateContentRequest, asker: Asker): GenerateContentRequest => {
  const { tools } = request;
  if (!Array.isArray(tools) || !tools.some(excludesDomains)) return request;
  return {
    ...request,
    tools: (tools as readonly Tool[]).map((tool) =>
      isObject(tool.googleSearch)
        ? { ...tool, googleSearch: trimmed(tool.googleSearch, SEARCH_FIELDS, asker, 'tools[].googleSearch.') }
        : tool,
    ),
  };
};

const excludesDomains = (tool: Tool): boolean =>
  isObject(tool.googleSearch) && tool.googleSearch['excludeDomains'] !== undefined;

const SEARCH_FIELDS = allBut('excludeDomains');
