/** Which doors a caller's calls may take. */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Caller } from './caller.ts';

/** By the door's own id or by its kind: `gemini-api` stands for all keys of that API. */
export const mayEnter = ({ doors }: Caller, id: string, kind: string = id): boolean =>
  doors === undefined || doors.includes(id) || doors.includes(kind);

export const doorNotAllowed = ({ name, doors = [] }: Caller): RelayError =>
  failed(
    'door_not_allowed',
    `The key '${name}' may only use ${doors.join(', ')}, and this relay has no such door. Its owner can change that.`,
  );
