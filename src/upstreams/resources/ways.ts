/** A kind of door that keeps things, and what is sent through one of its doors. */
import type { Passage } from '../../gemini/kept.ts';
import type { DoorsOfKind } from '../doors/any-door.ts';
import type { KeyDoor, KeyDoors } from '../doors/key-doors.ts';
import type { Reply } from '../reply.ts';

export interface Way extends DoorsOfKind<WayIn> {
  any(): boolean;
  find(id: string): WayIn | undefined;
}

export interface WayIn {
  readonly id: string;
  /** The door is told what came of it; an answer of failure is thrown. To be called once. */
  send(passage: Passage, signal: AbortSignal): Promise<Reply>;
}

/** Sends with what lets in at a door; an answer of failure is thrown. */
export type Pass<Key> = (key: Key, passage: Passage, signal: AbortSignal) => Promise<Reply>;

export const wayOf = <Key>(kind: Way['kind'], doors: () => KeyDoors<Key>, pass: Pass<Key>): Way => {
  const inAt = (door: KeyDoor<Key> | undefined): WayIn | undefined =>
    door && {
      id: door.id,
      send: async (passage, signal) => {
        try {
          const reply = await pass(door.key, passage, signal);
          door.ended();
          return reply;
        } catch (error) {
          door.ended(error);
          throw error;
        }
      },
    };
  return {
    kind,
    any: () => doors().any(),
    pick: (caller, conversation, not) => inAt(doors().pick(caller, conversation, not)),
    find: (id) => inAt(doors().find(id)),
  };
};
