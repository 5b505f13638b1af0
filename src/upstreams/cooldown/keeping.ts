/** Keeps what is known of the doors over restarts: written a moment after it changes, in the way of nobody. */
import { ReadFailure } from '../../credentials/file.ts';
import type { Logger } from '../../log.ts';
import type { System } from '../../system.ts';
import { WHOLE } from './cooldown.ts';
import type { Cooldown, DoorChange } from './cooldown.ts';

/** A state with whose it is: of a key that was replaced by another under the same name nothing is known. */
export interface KeptState extends DoorChange {
  readonly identity: string;
}

/** Where states last. */
export interface StatePlace {
  load(): Promise<readonly KeptState[]>;
  /** Those that changed; one without a closing that is not off is forgotten. */
  save(changed: readonly KeptState[]): Promise<void>;
  /** Called whenever the place can be read, the first time included. */
  onReady(listener: () => void): void;
}

export interface KeepingNeeds {
  readonly cooldown: Pick<Cooldown, 'onChange' | 'restore'>;
  readonly place: StatePlace;
  /** What a door's key or login is told apart by, never the key; undefined for a door that is none any more. */
  readonly identityOf: (door: string) => string | undefined;
  readonly system: Pick<System, 'sleep'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export interface Keeping {
  /** Resolves once what was kept is known, or cannot be. */
  restored(): Promise<void>;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

const WAIT_MS = 1000;
const WAIT_AFTER_TROUBLE_MS = 30_000;

export const keepStates = ({ cooldown, place, identityOf, system, log }: KeepingNeeds): Keeping => {
  /** By door and model: only the last of several changes is written. */
  let changed = new Map<string, KeptState>();
  const closing = new AbortController();
  let waiting: Promise<void> | undefined;
  let isInTrouble = false;

  const note = (change: DoorChange): void => {
    const identity = identityOf(change.door);
    if (identity === undefined) return;
    changed.set(`${change.door}\n${change.model}`, { ...change, identity });
    waiting ??= writeSoon();
  };

  const writeSoon = async (): Promise<void> => {
    await system.sleep(isInTrouble ? WAIT_AFTER_TROUBLE_MS : WAIT_MS, closing.signal).catch(() => undefined);
    waiting = undefined;
    if (!closing.signal.aborted) await writeInTurn();
  };

  /** One at a time, so that the newest is written last. Never rejects. */
  let writing = Promise.resolve();
  const writeInTurn = (): Promise<void> => (writing = writing.then(write));

  const write = async (): Promise<void> => {
    const batch = changed;
    if (batch.size === 0) return;
    changed = new Map();
    try {
      await place.save([...batch.values()]);
      isInTrouble = false;
    } catch (error) {
      if (!isInTrouble) log.warn('states of doors cannot be kept; the relay goes on without', { error });
      isInTrouble = true;
      // What changed meanwhile is newer.
      changed = new Map([...batch, ...changed]);
      if (!closing.signal.aborted) waiting ??= writeSoon();
    }
  };

  const restore = async (isAgain = false): Promise<void> => {
    try {
      const kept = await place.load();
      cooldown.restore(kept.filter(({ door, identity }) => identityOf(door) === identity));
      if (isAgain) log.info('states of doors can be read again');
    } catch (error) {
      if (!isAgain) log.warn('states of doors cannot be read; the relay begins without', { error });
      if (error instanceof ReadFailure) void restoreLater();
    }
  };

  const restoreLater = async (): Promise<void> => {
    await system.sleep(WAIT_AFTER_TROUBLE_MS, closing.signal).catch(() => undefined);
    if (!closing.signal.aborted) await restore(true);
  };

  const stop = cooldown.onChange(note);
  let restoring = Promise.resolve();
  place.onReady(() => {
    restoring = restore();
  });

  return {
    restored: () => restoring,
    close: async () => {
      stop();
      closing.abort();
      await waiting;
      await restoring;
      await writeInTurn();
    },
  };
};

export const isForgotten = ({ closing, isOff, model }: DoorChange): boolean =>
  closing === undefined && !(isOff && model === WHOLE);
