/** What a door does not take of a request: left out, and noted under the name that its client knows. */
import type { Call } from '../gemini/call.ts';
import { addToldName } from '../gemini/told-names.ts';
import type { JsonObject } from '../gemini/types.ts';

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

const takesAll = (object: JsonObject, takes: (field: string) => boolean): boolean => {
  for (const field in object) if (!takes(field)) return false;
  return true;
};
