/**
 * Vertex refuses ids on calls and their results ("Unknown name \"id\""), and pairs them by their order. So the ids go,
 * and results that their ids put to other calls than their places do are put in the order of the calls before.
 */
import type { Content, FunctionCall, Part } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';

/** The same contents where there is no id. */
export const withoutIds = (contents: readonly Content[]): readonly Content[] => {
  if (!contents.some(hasId)) return contents;
  return contents.map((content, index) => {
    if (!hasId(content)) return content;
    return { ...content, parts: inOrderOf(callsIn(contents[index - 1]), partsOf(content)).map(withoutId) };
  });
};

const MESSAGES = ['functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult'] as const;

const partsOf = (content: unknown): readonly Part[] =>
  isObject(content) && Array.isArray(content.parts) ? (content.parts as readonly Part[]) : [];

const hasId = (content: unknown): boolean => partsOf(content).some((part) => MESSAGES.some((name) => idIn(part, name)));

const idIn = (part: Part, name: (typeof MESSAGES)[number]): boolean =>
  isObject(part) && isObject(part[name]) && 'id' in part[name];

const withoutId = (part: Part): Part => {
  const name = MESSAGES.find((one) => idIn(part, one));
  const message = name && part[name];
  if (!message) return part;
  const { id: _, ...rest } = message;
  return { ...part, [name]: rest };
};

const callsIn = (content: unknown): readonly FunctionCall[] =>
  partsOf(content).flatMap((part) => (isObject(part) && isObject(part.functionCall) ? [part.functionCall] : []));

/** Results take each other's places; what stands between and behind them stays where it is. */
const inOrderOf = (calls: readonly FunctionCall[], parts: readonly Part[]): readonly Part[] => {
  const results = parts.filter(isResult);
  if (calls.length < 2 || results.length < 2) return parts;
  const places = new Map(calls.flatMap(({ id }, place) => (id === undefined ? [] : [[id, place] as const])));
  const placeOf = (part: Part): number | undefined => places.get(part.functionResponse?.id ?? '');
  // One that names no call leaves all of them to their order.
  if (places.size < calls.length || results.some((part) => placeOf(part) === undefined)) return parts;
  const sorted = results.toSorted((one, other) => (placeOf(one) ?? 0) - (placeOf(other) ?? 0)).values();
  return parts.map((part) => (isResult(part) ? (sorted.next().value ?? part) : part));
};

const isResult = (part: Part): boolean => isObject(part) && isObject(part.functionResponse);
