/**
 * Results that are there more often than their call, which Google refuses. The same once more is left out
 * (`gemini --resume`), another one is told with the one before it (Vercel's SDK makes one of each text of a tool).
 */
import { hash } from 'node:crypto';
import type { Content, FunctionCall, FunctionResponse, Part } from '../../gemini/types.ts';
import { isObject, writeJson } from '../../json.ts';

/** The same contents where no call has more results than one. */
export const withOneResultEach = (answers: readonly Content[], calls: readonly FunctionCall[]): readonly Content[] => {
  const results = answers.flatMap(({ parts }) => parts ?? []).filter(isResult);
  if (results.length <= calls.length) return answers;
  const whole = new Map<Part, Part>();
  const repeated = new Set<Part>();
  for (const [first, ...others] of byCall(results, calls)) {
    if (!first || others.length === 0) continue;
    whole.set(first, { ...first, functionResponse: inOne(first, others) });
    for (const other of others) repeated.add(other);
  }
  return answers.flatMap((content) => {
    const parts = content.parts ?? [];
    if (!parts.some((part) => whole.has(part) || repeated.has(part))) return [content];
    const kept = parts.filter((part) => !repeated.has(part)).map((part) => whole.get(part) ?? part);
    return kept.length === 0 ? [] : [{ ...content, parts: kept }];
  });
};

interface Result extends Part {
  readonly functionResponse: FunctionResponse;
}

const isResult = (part: Part): part is Result => isObject(part.functionResponse);

/** Two calls may share an id, and then each has its own; a result without one is nobody's in particular. */
const byCall = (results: readonly Result[], calls: readonly FunctionCall[]): readonly Result[][] => {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(keyOf(call), (counts.get(keyOf(call)) ?? 0) + 1);
  const found = new Map<string, Result[][]>();
  for (const result of results) {
    if (typeof result.functionResponse.id !== 'string') continue;
    const key = keyOf(result.functionResponse);
    const those = found.get(key) ?? [];
    const last = those.at(-1);
    found.set(key, those);
    if (last && those.length >= (counts.get(key) ?? 1)) last.push(result);
    else those.push([result]);
  }
  return [...found.values()].flat();
};

const keyOf = ({ id, name }: { readonly id?: string; readonly name?: string }): string => JSON.stringify([id, name]);

const inOne = (first: Result, others: readonly Result[]): FunctionResponse => {
  // By their digests: of long results the texts would be there once more.
  const different = new Map(
    [first, ...others].map(({ functionResponse }) => [hash('sha256', writeJson(functionResponse)), functionResponse]),
  );
  if (different.size === 1) return first.functionResponse;
  const all = [...different.values()];
  const parts = all.flatMap((each) => each.parts ?? []);
  return {
    ...first.functionResponse,
    response: { output: all.map(({ response }) => response ?? {}) },
    ...(parts.length > 0 && { parts }),
  };
};
