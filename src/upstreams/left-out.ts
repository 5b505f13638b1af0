/** What a door does not take of a request: left out, and noted under the name that its client knows. */
import type { Call } from '../gemini/call.ts';
import { addToldName } from '../gemini/told-names.ts';
import type { GenerateContentRequest, JsonObject, Tool } from '../gemini/types.ts';
import { isObject } from '../json.ts';

export type Note = (field: string) => void;

/** Where nobody has asked for what is left out. */
export const NO_NOTE: Note = () => undefined;

/** For the head of the answer (`http/head.ts`): of the door that was asked last. */
export const noteOf =
  ({ record, clientNames }: Pick<Call, 'record' | 'clientNames'>): Note =>
  (field) => {
    record.leftOut ??= new Set();
    addToldName(record.leftOut, clientNames?.[field] ?? field);
  };

/** The same object where nothing is to be taken out. `place`: of the object within the request, with its dot. */
export const without = <T extends JsonObject>(
  object: T,
  takes: (field: string) => boolean,
  note: Note,
  place = '',
): T => {
  if (takesAll(object, takes)) return object;
  const kept = Object.entries(object).filter(([field, value]) => {
    if (takes(field)) return true;
    if (value !== undefined && value !== null) note(place + field);
    return false;
  });
  return Object.fromEntries(kept) as T;
};

/** Only Vertex AI is known to search without certain sites: the Gemini API refuses the very name. */
export const withoutDomains = (request: GenerateContentRequest, note: Note): GenerateContentRequest => {
  const { tools } = request;
  if (!Array.isArray(tools) || !tools.some(excludesDomains)) return request;
  return {
    ...request,
    tools: (tools as readonly Tool[]).map((tool) =>
      isObject(tool.googleSearch)
        ? { ...tool, googleSearch: without(tool.googleSearch, takesOfSearch, note, 'tools[].googleSearch.') }
        : tool,
    ),
  };
};

const excludesDomains = (tool: Tool): boolean =>
  isObject(tool.googleSearch) && tool.googleSearch['excludeDomains'] !== undefined;

const takesOfSearch = (field: string): boolean => field !== 'excludeDomains';

const takesAll = (object: JsonObject, takes: (field: string) => boolean): boolean => {
  for (const field in object) if (!takes(field)) return false;
  return true;
};
