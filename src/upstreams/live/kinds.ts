/** A kind of door that has the Live API, and a line through one of its doors. */
import type { WebSocket } from 'ws';
import type { RelayError } from '../../errors.ts';
import type { LiveSetup } from '../../gemini/live.ts';
import type { DoorsOfKind } from '../doors/any-door.ts';
import type { KeyDoor, KeyDoors } from '../doors/key-doors.ts';
import type { LineClose } from './closes.ts';

export interface LiveKind extends DoorsOfKind<LiveDoor> {
  any(): boolean;
  find(id: string): LiveDoor | undefined;
}

export interface LiveDoor extends Pick<KeyDoor, 'id' | 'ended'> {
  /** Rejects with what Google said instead. `version`: of the Gemini API. */
  open(version: string, signal: AbortSignal): Promise<WebSocket>;
  /** As Google is sent it here. */
  wordsOf(setup: LiveSetup): string;
  /** What Google means by closing the line. */
  meaningOf(close: LineClose): RelayError;
}

export const liveKind = <Key>(
  kind: LiveKind['kind'],
  doors: () => KeyDoors<Key>,
  speak: (key: Key) => Omit<LiveDoor, keyof KeyDoor>,
): LiveKind => {
  const lineAt = (door: KeyDoor<Key> | undefined): LiveDoor | undefined => door && { ...door, ...speak(door.key) };
  return {
    kind,
    any: () => doors().any(),
    pick: (caller, conversation, not) => lineAt(doors().pick(caller, conversation, not)),
    find: (id) => lineAt(doors().find(id)),
  };
};
