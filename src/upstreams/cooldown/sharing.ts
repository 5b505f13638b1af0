/** What one relay learns of a door all know within a moment. It is told beside the requests, and heard by the beat of the state. */
import type { Change, State } from '../../state/state.ts';
import { WHOLE } from './cooldown.ts';
import type { Cooldown, DoorChange } from './cooldown.ts';
import { isCause } from './state-table.ts';

export interface SharingNeeds {
  readonly cooldown: Pick<Cooldown, 'onChange' | 'adopt' | 'entries'>;
  readonly state: Pick<State, 'publish' | 'follow' | 'onReady' | 'now'>;
  /** What a door's key or login is told apart by: the same for all relays, never the key. */
  readonly identityOf: (door: string) => string | undefined;
}

const TOPIC = 'doors';

/** Returns the way to stop it. */
export const shareStates = ({ cooldown, state, identityOf }: SharingNeeds): (() => void) => {
  let isAdopting = false;

  const publish = (changes: readonly DoorChange[]): void => {
    const told = changes.flatMap((change): Change[] => {
      const identity = identityOf(change.door);
      if (identity === undefined) return [];
      return [{ field: JSON.stringify([change.door, change.model]), value: write(change, identity, state.now()) }];
    });
    // Away: what this relay knows it tells when it is ready again.
    if (told.length > 0) void state.publish(TOPIC, told).catch(() => undefined);
  };

  const stopWatching = cooldown.onChange((change) => {
    if (!isAdopting) publish([change]);
  });
  const stopFollowing = state.follow(TOPIC, (changes) => {
    isAdopting = true;
    try {
      for (const { field, value } of changes) {
        const heard = read(field, value);
        if (heard && identityOf(heard.door) === heard.identity) cooldown.adopt(heard, heard.at);
      }
    } finally {
      isAdopting = false;
    }
  });
  state.onReady(() => {
    publish(cooldown.entries());
  });

  return () => {
    stopWatching();
    stopFollowing();
  };
};

/** `until` null: until its owner says otherwise. */
const write = ({ closing, isOff }: DoorChange, identity: string, at: number): string =>
  JSON.stringify({
    identity,
    at,
    off: isOff,
    ...(closing && { closing: { ...closing, until: finite(closing.until) } }),
  });

const finite = (until: number): number | null => (until === Infinity ? null : until);

interface Heard extends DoorChange {
  readonly identity: string;
  readonly at: number;
}

interface Written {
  readonly identity: string;
  readonly at: number;
  readonly off: boolean;
  readonly closing?: {
    readonly cause: string;
    readonly from: number;
    readonly until: number | null;
    readonly failures: number;
  };
}

/** Undefined for what a later version has written. */
const read = (field: string, value: string): Heard | undefined => {
  const [door = '', model = WHOLE] = JSON.parse(field) as readonly string[];
  const { identity, at, off, closing } = JSON.parse(value) as Written;
  if (!closing) return { door, model, identity, at, isOff: off, closing: undefined };
  const { cause, from, until, failures } = closing;
  if (!isCause(cause)) return undefined;
  return { door, model, identity, at, isOff: off, closing: { cause, from, until: until ?? Infinity, failures } };
};
