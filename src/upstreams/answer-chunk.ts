/** A text of Google's as a chunk of an answer: no error, of the right types, and no more than the relay takes. */
import { badResponse } from '../errors/answers.ts';
import { isLong, refuseCrowds } from '../gemini/answer-bounds.ts';
import type { Chunk } from '../gemini/call.ts';
import { argsTexts } from '../gemini/events.ts';
import type { RelayError } from '../errors.ts';
import { isObject } from '../json.ts';
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, skipSpace, skipValue } from '../json/text.ts';
import { wrongField } from './answer-types.ts';
import { isUnauthorized, valueToError } from './google-error.ts';

/** Takes an upstream's envelope off. `value` is the parsed `json`, and no error. */
export type Unwrap = (json: string, value: Readonly<Record<string, unknown>>) => Chunk;

/** The upstream that has no envelope. */
export const asItIs: Unwrap = (json, value) => ({ json, value });

export interface AnswerForm {
  readonly unwrap: Unwrap;
  /** Wall clock, for the delays in errors. */
  readonly now: () => number;
}

export interface ChunkForm extends AnswerForm {
  /** The client reads Google's own form. */
  readonly native: boolean;
  /** The answer says 401 inside: its token is no good (R11). */
  readonly onUnauthorized: (() => void) | undefined;
}

export const toChunk = (json: string, form: ChunkForm): Chunk => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw notJson(error instanceof Error ? error.name : undefined);
  }
  if (!Array.isArray(value) || value.length !== 1) return understood(json, value, form);
  const [only = ''] = elementsOf(json);
  return understood(only, value[0], form);
};

const notJson = (cause: string | undefined): RelayError =>
  badResponse('Google sent an answer that is not JSON.', cause);

const understood = (json: string, value: unknown, form: ChunkForm): Chunk => {
  if (!isObject(value)) throw errorIn(value, form) ?? badResponse('Google sent an answer that is no JSON object.');
  const error = 'error' in value ? errorIn(value, form) : undefined;
  if (error) throw error;
  const chunk = form.unwrap(json, value);
  const wrong = wrongField(chunk.value, form.native);
  if (wrong !== undefined) throw badResponse(`Google sent an answer whose \`${wrong}\` is of a wrong type.`);
  refuseCrowds(chunk.value);
  return chunk;
};

const errorIn = (value: unknown, { now, onUnauthorized }: ChunkForm): RelayError | undefined => {
  const error = valueToError(value, now);
  if (error && isUnauthorized(error)) onUnauthorized?.();
  return error;
};

/** The elements of an array, or the text itself. */
export const elementsOf = (json: string): readonly string[] => {
  const open = skipSpace(json, 0);
  if (json.charCodeAt(open) !== OPEN_BRACKET) return [json];
  const elements: string[] = [];
  let at = skipSpace(json, open + 1);
  if (json.charCodeAt(at) !== CLOSE_BRACKET) {
    for (at -= 1; elements.length === 0 || json.charCodeAt(at) === COMMA;) {
      const start = skipSpace(json, at + 1);
      const end = skipValue(json, start);
      elements.push(json.slice(start, end));
      at = skipSpace(json, end);
    }
  }
  if (json.charCodeAt(at) !== CLOSE_BRACKET || skipSpace(json, at + 1) < json.length)
    throw notJson('behind an element');
  return elements;
};

/** Of long chunks the arguments of calls, which others write; the same chunks where there are none. */
export const readAhead = (chunks: readonly Chunk[], { native }: ChunkForm): readonly Chunk[] => {
  if (native) return chunks;
  const ahead = chunks.map((chunk) => {
    const texts = isLong(chunk.json) ? argsTexts(chunk) : [];
    return texts.length === 0 ? chunk : { ...chunk, argsTexts: texts };
  });
  return ahead.every((chunk, index) => chunk === chunks[index]) ? chunks : ahead;
};
