/**
 * Which doors are to be spared, and why: by door and model. A question costs the same however many doors there are, and
 * a door that never failed takes no memory.
 */
import type { System } from '../../system.ts';
import { closedUntil } from '../causes.ts';
import type { Trouble } from '../causes.ts';
import { createNewDay } from '../new-day.ts';
import { closedTo, isClosed, isOver, OFF, OK, stateOf } from './closing.ts';
import type { Closing, DoorState } from './closing.ts';

/** `''` stands for all models of a door. */
export const WHOLE = '';

export interface DoorReport {
  readonly id: string;
  readonly state: DoorState;
  /** Only those that are not ok. */
  readonly models: readonly { readonly model: string; readonly state: DoorState }[];
}

/** Something is known of a door that was not: its state is another, or is gone. */
export interface DoorChange {
  readonly door: string;
  /** WHOLE, or one of its models. */
  readonly model: string;
  /** What it became; undefined: all is well. */
  readonly closing: Closing | undefined;
  readonly isOff: boolean;
}

/** Taken before a door is asked, and handed back with what came of it. */
export type Ticket = number;

export interface Cooldown {
  /** Switched off by its owner. */
  isOff(door: string): boolean;
  /** Whether the door may be asked. */
  isOpen(door: string, model: string): boolean;
  /** It may, but it failed last, and somebody is asking it just now: where there is another, let that one find out. */
  isBeingTried(door: string, model: string): boolean;
  /** `isTrial`: the others wait for what comes of it, where the door failed last. */
  ask(door: string, model: string, isTrial?: boolean): Ticket;
  /** Whatever was asked after the last failure and went well opens the door. */
  succeeded(door: string, model: string, ticket: Ticket): void;
  /** Answers whether it was news: of many that fail together the first tells it, and counts. */
  failed(door: string, model: string, trouble: Trouble, ticket: Ticket): boolean;
  stateOf(door: string, model?: string): DoorState;
  /** When it opens for the model: now where it is open, Infinity where it does not by itself. */
  opensAt(door: string, model: string): number;
  /** One for each door that was named, in that order. */
  list(doors: Iterable<string>): readonly DoorReport[];
  /** Forgets what is known of the door, or of one of its models; what its owner switched off stays off. */
  reset(door: string, model?: string): void;
  setOff(door: string, off: boolean): void;
  /** Grows with each change: for those who remember an answer. */
  readonly version: number;
  onChange(listener: (change: DoorChange) => void): () => void;
  /** What was known before a restart. Newer knowledge stays. */
  restore(known: Iterable<DoorChange>): void;
  /** What another relay has learnt at that time. Newer knowledge stays. */
  adopt(change: DoorChange, at: number): void;
  /** All that is worth keeping. */
  entries(): readonly DoorChange[];
}

interface Entry extends Closing {
  /** The first question that can tell more than is known. */
  readonly since: Ticket;
  /** Until then somebody tries it again. */
  trialUntil: number;
}

interface KnownDoor {
  isOff: boolean;
  whole: Entry | undefined;
  models: Map<string, Entry> | undefined;
}

/** Clients choose the names of models: of one door no more are remembered than this. */
const MOST_MODELS = 10;

/** So long the others wait for the one who tries. */
const TRIAL_MS = 10_000;

export const createCooldown = ({ now }: Pick<System, 'now'>): Cooldown => {
  const known = new Map<string, KnownDoor>();
  const listeners = new Set<(change: DoorChange) => void>();
  const newDay = createNewDay();
  let tickets: Ticket = 0;
  let version = 0;

  const doorOf = (door: string): KnownDoor => {
    const found = known.get(door);
    if (found) return found;
    const fresh: KnownDoor = { isOff: false, whole: undefined, models: undefined };
    known.set(door, fresh);
    return fresh;
  };

  const entryOf = (door: KnownDoor, model: string): Entry | undefined =>
    model === WHOLE ? door.whole : door.models?.get(model);

  const changeOf = (door: string, model: string, { isOff }: KnownDoor, entry: Entry | undefined): DoorChange => ({
    door,
    model,
    closing: entry && { cause: entry.cause, from: entry.from, until: entry.until, failures: entry.failures },
    isOff,
  });

  const put = (id: string, model: string, entry: Entry | undefined): void => {
    const door = doorOf(id);
    if (model === WHOLE) door.whole = entry;
    else if (entry) keepModel(id, door, model, entry);
    else door.models?.delete(model);
    tell(id, model, door, entry);
    if (!door.isOff && !door.whole && !door.models?.size) known.delete(id);
  };

  const keepModel = (id: string, door: KnownDoor, model: string, entry: Entry): void => {
    door.models ??= new Map();
    if (!door.models.has(model) && door.models.size >= MOST_MODELS) {
      // The one that opens first makes room.
      let first: string | undefined;
      let opening = Infinity;
      for (const [other, { until }] of door.models) {
        if (first === undefined || until < opening) [first, opening] = [other, until];
      }
      if (first !== undefined) {
        door.models.delete(first);
        tell(id, first, door, undefined);
      }
    }
    door.models.set(model, entry);
  };

  const tell = (id: string, model: string, door: KnownDoor, entry: Entry | undefined): void => {
    version += 1;
    if (listeners.size === 0) return;
    const change = changeOf(id, model, door, entry);
    for (const listener of listeners) listener(change);
  };

  const succeed = (id: string, model: string, ticket: Ticket): void => {
    const door = known.get(id);
    const entry = door && entryOf(door, model);
    if (entry && ticket >= entry.since) put(id, model, undefined);
  };

  const claim = (entry: Entry | undefined, time: number): void => {
    if (entry && !isOver(entry, time) && time >= entry.trialUntil) entry.trialUntil = time + TRIAL_MS;
  };

  const isOnTrial = (entry: Entry | undefined, time: number): boolean =>
    entry !== undefined && time < entry.trialUntil && !isOver(entry, time);

  const openingOf = (entry: Entry | undefined, time: number): number =>
    entry && isClosed(entry, time) ? entry.until : time;

  return {
    isOff: (id) => known.get(id)?.isOff ?? false,
    isOpen: (id, model) => {
      const door = known.get(id);
      if (!door) return true;
      if (door.isOff) return false;
      const time = now();
      if (door.whole && isClosed(door.whole, time)) return false;
      const entry = door.models?.get(model);
      return !entry || !isClosed(entry, time);
    },
    isBeingTried: (id, model) => {
      const door = known.get(id);
      if (!door) return false;
      const time = now();
      return isOnTrial(door.whole, time) || isOnTrial(door.models?.get(model), time);
    },
    ask: (id, model, isTrial = true) => {
      tickets += 1;
      const door = known.get(id);
      if (door && isTrial) {
        const time = now();
        claim(door.whole, time);
        claim(door.models?.get(model), time);
      }
      return tickets;
    },
    succeeded: (id, model, ticket) => {
      if (known.size === 0 || !known.has(id)) return;
      succeed(id, WHOLE, ticket);
      succeed(id, model, ticket);
    },
    failed: (id, model, trouble, ticket) => {
      const { cause, scope } = trouble;
      const place = scope === 'model' ? model : WHOLE;
      const door = known.get(id);
      const before = door && entryOf(door, place);
      const time = now();
      const isLate = before !== undefined && ticket < before.since && !isOver(before, time);
      const isAgain = before?.cause === cause && !isOver(before, time);
      const failures = isAgain ? before.failures + (isLate ? 0 : 1) : 1;
      const until = closedUntil(trouble, failures, time, newDay);
      // Of those who failed together the one that knows of the longest closing is heard.
      if (isLate && until <= before.until) return false;
      // What only its owner can put right is not over because the way there failed meanwhile.
      if (before?.until === Infinity && until !== Infinity) return false;
      tickets += 1;
      put(id, place, { cause, from: time, until, failures, since: tickets, trialUntil: 0 });
      return !isLate;
    },
    stateOf: (id, model = WHOLE) => {
      const door = known.get(id);
      if (!door) return OK;
      if (door.isOff) return OFF;
      const time = now();
      const whole = stateOf(door.whole, time);
      const own = model === WHOLE ? OK : stateOf(door.models?.get(model), time);
      // Of two closings the one that ends later says when it is open, and why not before.
      return own === OK || closedTo(own) < closedTo(whole) ? whole : own;
    },
    opensAt: (id, model) => {
      const time = now();
      const door = known.get(id);
      if (door?.isOff) return Infinity;
      return Math.max(openingOf(door?.whole, time), openingOf(door?.models?.get(model), time));
    },
    list: (doors) => {
      const time = now();
      return Array.from(doors, (id) => {
        const door = known.get(id);
        if (!door) return { id, state: OK, models: [] };
        const models = Array.from(door.models ?? [], ([model, entry]) => ({ model, state: stateOf(entry, time) }));
        return {
          id,
          state: door.isOff ? OFF : stateOf(door.whole, time),
          models: models.filter(({ state }) => state.state !== 'ok'),
        };
      });
    },
    reset: (id, model) => {
      const door = known.get(id);
      if (!door) return;
      const places = model === undefined ? [WHOLE, ...(door.models?.keys() ?? [])] : [model];
      for (const place of places) if (entryOf(door, place)) put(id, place, undefined);
    },
    setOff: (id, off) => {
      const door = doorOf(id);
      if (door.isOff === off) return;
      door.isOff = off;
      put(id, WHOLE, door.whole);
    },
    get version() {
      return version;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restore: (changes) => {
      const time = now();
      for (const { door: id, model, closing, isOff } of changes) {
        const door = doorOf(id);
        if (model === WHOLE) door.isOff ||= isOff;
        if (closing && !entryOf(door, model) && !isOver(closing, time)) {
          put(id, model, { ...closing, since: tickets + 1, trialUntil: 0 });
        } else if (!door.isOff && !door.whole && !door.models?.size) known.delete(id);
      }
      version += 1;
    },
    adopt: ({ door: id, model, closing, isOff }, at) => {
      const time = now();
      const before = known.get(id);
      const entry = before && entryOf(before, model);
      const isOther = model === WHOLE && (before?.isOff ?? false) !== isOff;
      if (isOther) doorOf(id).isOff = isOff;
      const isNews = closing
        ? !isOver(closing, time) &&
          (!entry || (closing.from > entry.from && (entry.until !== Infinity || closing.until === Infinity)))
        : entry !== undefined && at > entry.from;
      if (!isNews) {
        if (isOther) put(id, model, entry);
        return;
      }
      // Whatever was asked before it was known here tells nothing new.
      tickets += 1;
      put(id, model, closing && { ...closing, since: tickets, trialUntil: 0 });
    },
    entries: () => {
      const time = now();
      return [...known].flatMap(([id, door]) => {
        const models = [...(door.models ?? [])].filter(([, entry]) => !isOver(entry, time));
        const whole = door.whole && !isOver(door.whole, time) ? door.whole : undefined;
        return [
          ...(whole || door.isOff ? [changeOf(id, WHOLE, door, whole)] : []),
          ...models.map(([model, entry]) => changeOf(id, model, door, entry)),
        ];
      });
    },
  };
};
