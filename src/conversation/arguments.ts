/** The arguments of a call as a client brings them back: JSON text by the rules, anything at all in practice. */
import type { JsonObject } from '../gemini/types.ts';
import { RawJson, isObject, parseJson, writeJson } from '../json.ts';
import { JsonText } from '../json/json-text.ts';
import { compactJson, fixSurrogates } from '../json/text.ts';

export type Arguments = JsonObject | RawJson;

/**
 * Never throws, and never changes what is in order: text stays text, so that numbers and key order survive.
 * `{"value": …}` holds what is JSON but no object, `{"_raw": …}` what is no JSON.
 */
export const readArguments = (value: unknown): Arguments => {
  if (value === undefined || value === null) return {};
  if (value instanceof JsonText) return readAhead(value);
  if (typeof value !== 'string') return isObject(value) ? value : { value };
  if (value.trim() === '') return {};
  const text = fixSurrogates(value);
  return readText(text) ?? readText(repair(text)) ?? { _raw: value };
};

/** As JSON text: how a call's signature is remembered. */
export const argumentsText = (args: string | Arguments): string => {
  if (typeof args === 'string') return args;
  return args instanceof RawJson ? args.text : writeJson(args);
};

/** No model writes so much in one call that it would break off there: what is broken is not repaired. */
const readAhead = (text: JsonText): Arguments => {
  if (text.holds === 'object') return text.json;
  return text.holds === 'value' ? { value: text.json } : { _raw: text };
};

const readText = (text: string | undefined): Arguments | undefined => {
  if (text === undefined) return undefined;
  try {
    const value = parseJson(text);
    const compact = compactJson(text.trim());
    return isObject(value) ? new RawJson(compact) : new RawJson(`{"value":${compact}}`);
  } catch {
    return undefined;
  }
};

/** What streams and models leave broken: a fence around, garbage behind, brackets and a string left open. */
const repair = (text: string): string | undefined => {
  const start = /^\s*(?:```\w*\s*)?(?=[{[])/.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  const open: string[] = [];
  for (let at = start; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '"') {
      const end = closingQuote(text, at);
      if (end === -1) return `${text.slice(start).replace(/\\(?:u[\da-f]{0,3})?$/i, '')}"${closers(open)}`;
      at = end;
    } else if (letter === '{' || letter === '[') {
      open.push(letter === '{' ? '}' : ']');
    } else if (letter === '}' || letter === ']') {
      open.pop();
      if (open.length === 0) return text.slice(start, at + 1);
    }
  }
  return text.slice(start).replace(/(?<![,\s])[,\s]+$/, '') + closers(open);
};

const closers = (open: readonly string[]): string => open.toReversed().join('');

const closingQuote = (text: string, from: number): number => {
  for (let at = from + 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '"') return at;
    if (letter === '\\') at += 1;
  }
  return -1;
};
