/** Something new, at whichever door may do it: another one where the last could not. */
import type { Caller } from '../../callers/caller.ts';
import { toRelayError } from '../../errors.ts';
import { conversationOf } from '../../gemini/conversation.ts';
import { needsKeyDoor } from '../../gemini/kept.ts';
import type { Asker, KeepingKinds } from '../../gemini/kept.ts';
import { troubleOf } from '../causes.ts';

export interface Attempt<D extends { readonly id: string }, T> {
  /** In messages: `Files`. */
  readonly what: string;
  /** One that is none of those that were asked; throws what the client is to be told where none is open. */
  readonly pick: (tried: readonly string[]) => D | undefined;
  readonly make: (door: D) => Promise<T>;
  /** False: it can be sent once only. */
  readonly isRepeatable?: boolean;
  /** Ids of those that were asked, which it goes on with. */
  readonly tried?: string[];
  /** How the last of those failed. */
  readonly failure?: unknown;
}

/** So many doors are asked. */
const MOST_DOORS = 4;

export const atAnyDoor = async <D extends { readonly id: string }, T>(
  { record, signal }: Asker,
  attempt: Attempt<D, T>,
): Promise<T> => {
  const { what, pick, make, isRepeatable = true, tried = [] } = attempt;
  let { failure } = attempt;
  for (;;) {
    if (failure !== undefined && (signal.aborted || !isRepeatable || !isWorthAnother(failure, tried))) {
      throw toRelayError(failure);
    }
    const door = pickOr(failure, what, () => pick(tried));
    if (tried.length > 0) record.failovers = tried.length;
    tried.push(door.id);
    try {
      return await make(door);
    } catch (error) {
      failure = error;
    }
  }
};

const isWorthAnother = (error: unknown, tried: readonly string[]): boolean =>
  troubleOf(error) !== undefined && tried.length < MOST_DOORS;

/** A closed door says less than what the last one said. */
const pickOr = <D>(failure: unknown, what: string, pick: () => D | undefined): D => {
  let door: D | undefined;
  try {
    door = pick();
  } catch (error) {
    throw toRelayError(failure ?? error);
  }
  if (!door) throw failure === undefined ? needsKeyDoor(what) : toRelayError(failure);
  return door;
};

/** Doors of one kind. */
export interface DoorsOfKind<D> {
  readonly kind: KeepingKinds[number];
  /** As of `KeyDoors`. */
  pick(caller: Caller, conversation: number, not: readonly string[]): D | undefined;
}

/** At the first kind that lets anybody in. Throws why the preferred one does not. */
export const pickOf = <D>(
  kinds: KeepingKinds,
  all: readonly DoorsOfKind<D>[],
  { caller, session }: Asker,
  tried: readonly string[],
): D | undefined => {
  const conversation = conversationOf(session, caller.id, {});
  let refusal: unknown;
  for (const kind of kinds) {
    try {
      const door = all.find((doors) => doors.kind === kind)?.pick(caller, conversation, tried);
      if (door) return door;
    } catch (error) {
      refusal ??= error;
    }
  }
  if (refusal !== undefined) throw toRelayError(refusal);
  return undefined;
};
