/** What the bodies of all APIs that ask a model have in common. */
import { createIgnored, type Ignored } from '../conversation/ignored.ts';
import { RelayError } from '../errors.ts';
import { missing } from '../errors/refusal.ts';
import type { JsonObject } from '../gemini/types.ts';
import { isObject } from '../json.ts';

export interface BodyForm<Fields> {
  readonly read: (body: JsonObject) => Fields;
  /** What stands beside `model` in each. */
  readonly main: string;
  readonly known: ReadonlySet<string>;
  /** What else of it has no effect. */
  readonly note?: (body: JsonObject, ignored: Ignored) => void;
  /** Of members that are objects. */
  readonly nested: readonly (readonly [name: string, known: ReadonlySet<string>])[];
}

export interface ReadBody<Fields> {
  readonly body: JsonObject;
  readonly fields: Fields;
  /** With the parameters that have no effect here; they are listed, never refused. */
  readonly ignored: Ignored;
}

export const readBody = <Fields extends { readonly model: string }>(
  body: unknown,
  { read, main, known, note, nested }: BodyForm<Fields>,
): ReadBody<Fields> => {
  if (!isObject(body)) {
    throw new RelayError('INVALID_ARGUMENT', `The request body must be a JSON object with \`model\` and \`${main}\`.`);
  }
  const fields = read(body);
  if (fields.model.trim() === '') throw missing('model');
  const ignored = createIgnored();
  ignored.rest(body, known, '');
  note?.(body, ignored);
  for (const [name, inside] of nested) {
    const inner = body[name];
    if (isObject(inner)) ignored.rest(inner, inside, name);
  }
  return { body, fields, ignored };
};
