/** Which models a caller may use. */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Caller } from './caller.ts';

/** By any of the names that a model has: asked for, with its variants, without. */
export const mayUse = ({ models }: Caller, ...names: readonly string[]): boolean => {
  if (models === undefined) return true;
  for (const glob of models) for (const name of names) if (matches(glob, name)) return true;
  return false;
};

export const modelNotAllowed = ({ name, models = [] }: Caller, model: string): RelayError =>
  failed(
    'model_not_allowed',
    `The key '${name}' may not use the model '${model}'. It may use: ${models.join(', ')}. GET /v1/models lists them.`,
    { param: 'model', retryable: false },
  );

/** `*` stands for anything, `?` for one character, case for nothing. In time that is bounded by the product of both lengths. */
export const matches = (glob: string, name: string): boolean => {
  const pattern = glob.toLowerCase();
  const text = name.toLowerCase();
  let at = 0;
  let index = 0;
  let star = -1;
  let resumeAt = 0;
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at;
      resumeAt = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      resumeAt += 1;
      index = resumeAt;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
};
