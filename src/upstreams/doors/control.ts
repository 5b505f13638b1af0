/** What the owner of the relay sees of the doors, and may do to one of them. */
import { toRelayError } from '../../errors.ts';
import type { Call } from '../../gemini/call.ts';
import type { DoorCause } from '../../reasons.ts';
import type { System } from '../../system.ts';
import { troubleOf } from '../causes.ts';
import { WHOLE } from '../cooldown/cooldown.ts';
import type { Cooldown, Ticket } from '../cooldown/cooldown.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';
import { CAUSES, reportOf } from './report.ts';
import type { DoorReport } from './report.ts';

/** By a door's id; undefined where there is no such door. */
export interface DoorControl {
  /** Each door, in the order in which they are preferred. */
  states(): readonly DoorReport[];
  /**
   * Makes the cheapest real call, a token count, whatever is known of the door, and remembers what came of it. Never
   * rejects but for the signal.
   */
  check(id: string, signal: AbortSignal): Promise<CheckedDoor> | undefined;
  /** Forgets what was held against the door. What its owner switched off stays off. */
  reset(id: string): DoorReport | undefined;
  /** Takes the door out of use, or back into it. */
  off(id: string, off: boolean): DoorReport | undefined;
  /** Told of each door that changed. That one opens because its time is over is no change: `until` has said it. */
  onChange(listener: (door: DoorReport) => void): () => void;
}

export interface CheckedDoor {
  readonly id: string;
  /** Google has answered, and has nothing against this key or login. */
  readonly ok: boolean;
  readonly ms: number;
  readonly cause: DoorCause | null;
  /** For the owner: what came, and the way out. */
  readonly message: string;
  readonly door: DoorReport;
}

export interface ControlNeeds {
  readonly places: () => Iterable<Place>;
  readonly find: (id: string) => Place | undefined;
  readonly cooldown: Cooldown;
  readonly system: Pick<System, 'monotonic' | 'newId'>;
}

export const createDoorControl = ({ places, find, cooldown, system }: ControlNeeds): DoorControl => {
  const report = (place: Place): DoorReport => {
    const [known] = cooldown.list([place.id]);
    return reportOf(place, place.status(), known?.state, known?.models);
  };

  const check = async (place: Place, signal: AbortSignal): Promise<CheckedDoor> => {
    const startedAt = system.monotonic();
    const ticket = cooldown.ask(place.id, WHOLE);
    const found = await ask(place, system.newId('check_'), signal);
    remember(found, place, ticket, cooldown);
    const { cause = null, message } = found;
    const ms = Math.round(system.monotonic() - startedAt);
    return { id: place.id, ok: found.isWell, ms, cause, message, door: report(place) };
  };

  const withPlace = <Result>(id: string, act: (place: Place) => Result): Result | undefined => {
    const place = find(id);
    return place && act(place);
  };

  return {
    states: () => Array.from(places(), report),
    check: (id, signal) => withPlace(id, (place) => check(place, signal)),
    reset: (id) =>
      withPlace(id, (place) => {
        cooldown.reset(id);
        place.forget?.();
        return report(place);
      }),
    off: (id, off) =>
      withPlace(id, (place) => {
        cooldown.setOff(id, off);
        return report(place);
      }),
    onChange: (listener) =>
      cooldown.onChange(({ door }) => {
        const place = find(door);
        if (place) listener(report(place));
      }),
  };
};

interface Outcome {
  readonly isWell: boolean;
  readonly cause?: DoorCause | undefined;
  readonly message: string;
  readonly error?: unknown;
}

const ask = async (place: Place, requestId: string, signal: AbortSignal): Promise<Outcome> => {
  if (!isFurnished(place)) {
    const { status, message } = place.status();
    return { isWell: false, cause: CAUSES[status], message };
  }
  try {
    await place.upstream.countTokens(callTo(place, requestId), signal);
    return { isWell: true, message: 'Google answers.' };
  } catch (error) {
    if (signal.aborted) throw error;
    const trouble = troubleOf(error);
    const { message, reason } = toRelayError(error);
    // The key or login is looked at first: who hears of a model or of its quota has passed.
    if (trouble?.scope === 'model' || reason === 'model_not_found') {
      return { isWell: true, cause: trouble?.cause, message: `Google answers. To a token count it said: ${message}` };
    }
    return { isWell: false, cause: trouble?.cause, message, error };
  }
};

const remember = ({ isWell, error }: Outcome, place: Place, ticket: Ticket, cooldown: Cooldown): void => {
  if (isWell) {
    cooldown.succeeded(place.id, WHOLE, ticket);
    place.forget?.();
  }
  const trouble = troubleOf(error);
  if (trouble) cooldown.failed(place.id, WHOLE, trouble, ticket);
};

/** What everybody may use, and the cheapest there is. */
export const CHEAP_MODEL = 'gemini-2.5-flash';

const callTo = (door: Place, requestId: string): Call => ({
  model: CHEAP_MODEL,
  request: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  stream: false,
  native: true,
  exact: true,
  origin: { requestId, caller: { id: 'door-check', name: 'door-check' }, format: 'gemini' },
  record: { tokens: [], door: door.id, account: door.account },
  visit: { door, retries: 0, waitedMs: 0, isWorthAnotherTry: () => false, isStillOpen: () => true },
});
