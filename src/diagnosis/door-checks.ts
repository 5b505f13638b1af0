/** Where there are several doors to Google: each of them asked, of very many some. */
import { withCount } from '../count-words.ts';
import { isObject } from '../json.ts';
import type { DoorControl } from '../upstreams/doors/control.ts';
import { fail, pass, skip } from './check.ts';
import type { DoorLine, Finding } from './check.ts';

export interface DoorCheckNeeds {
  readonly control: DoorControl;
  /** What the relay that serves knows of its doors; empty where none does. */
  readonly served: readonly ServedDoor[];
  readonly limitMs: number;
}

export interface ServedDoor {
  readonly id: string;
  readonly state: string;
  readonly cause: string | null;
  readonly models: readonly string[];
}

/** So many are asked. */
const MOST_ASKED = 20;

export const checkDoors = async (
  { control, served, limitMs }: DoorCheckNeeds,
  signal: AbortSignal,
): Promise<Finding> => {
  const all = control.states();
  if (all.length < 2) return skip('there is one door to Google at most');
  const known = new Map(served.map((door) => [door.id, door]));
  const asked = toAsk(
    all.map(({ id }) => id),
    known,
  );
  const kinds = new Map(all.map(({ id, kind }) => [id, kind]));
  const answers = await Promise.all(
    asked.map(async (id) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      const answer = await control.check(id, limit)?.catch(() => undefined);
      return lineOf(id, answer, known.get(id));
    }),
  );
  const inUse = kinds.get(answers.find(({ state }) => isOpen(state))?.id ?? '');
  const doors = answers.map((line) => ({ ...line, spare: isOpen(line.state) && kinds.get(line.id) !== inUse }));
  return { ...told(doors, all.length), doors };
};

const isOpen = (state: string): boolean => state === 'ok' || state === 'failing';

/** Those that are in trouble, then some of the others, from all over the list. */
const toAsk = (ids: readonly string[], known: ReadonlyMap<string, ServedDoor>): readonly string[] => {
  if (ids.length <= MOST_ASKED) return ids;
  const isInTrouble = (id: string): boolean => (known.get(id)?.state ?? 'ok') !== 'ok';
  const troubled = ids.filter(isInTrouble).slice(0, MOST_ASKED);
  const others = ids.filter((id) => !isInTrouble(id));
  const more = Math.min(MOST_ASKED - troubled.length, others.length);
  const chosen = new Set([
    ...troubled,
    ...Array.from({ length: more }, (_none, at) => others[Math.floor((at * others.length) / more)]),
  ]);
  return ids.filter((id) => chosen.has(id));
};

type DoorAnswer = Awaited<NonNullable<ReturnType<DoorControl['check']>>>;

/** What Google said just now goes before what the relay remembers. */
const lineOf = (id: string, answer: DoorAnswer | undefined, known: ServedDoor | undefined): Omit<DoorLine, 'spare'> => {
  if (!answer) return { id, state: 'failing', cause: 'network', found: 'no answer in time' };
  const { ok, ms, cause, message, door } = answer;
  if (!ok) return { id, state: door.state, cause: cause ?? door.cause, found: message };
  const models = known && known.models.length > 0 ? `; no quota or capacity now: ${known.models.join(', ')}` : '';
  const answers = cause === null ? `answers (${ms} ms)` : message;
  if (!known || isOpen(known.state)) return { id, state: 'ok', cause: null, found: answers + models };
  const why = known.cause === null ? known.state : `${known.state} (${known.cause})`;
  return { id, state: known.state, cause: known.cause, found: `${answers}; at the relay that serves it is ${why}` };
};

const told = (doors: readonly DoorLine[], total: number): Finding => {
  const open = doors.filter(({ state }) => isOpen(state));
  const spare = open.filter((door) => door.spare).map(({ id }) => id);
  const closed = doors.filter(({ state }) => !isOpen(state));
  const found = [
    doors.length < total ? `${doors.length} of ${withCount(total, 'door')} were asked` : withCount(total, 'door'),
    `${open.length} ${open.length === 1 ? 'is' : 'are'} open`,
    ...closed.map(({ id, state, cause }) => `${id} is ${state}${cause === null ? '' : ` (${cause})`}`),
    spare.length > 0 ? `spare: ${spare.join(', ')}` : 'none is spare',
  ].join('; ');
  return open.length > 0
    ? pass(found)
    : fail(found, 'What each of them says is below; one that is open would be enough.');
};

/** From the answer of `/health` to a caller with a key. */
export const servedDoors = (health: unknown): readonly ServedDoor[] => {
  const doors = isObject(health) ? health['doors'] : undefined;
  return Array.isArray(doors) ? doors.flatMap(toServed) : [];
};

const toServed = (door: unknown): ServedDoor[] => {
  if (!isObject(door)) return [];
  const { id, state, cause, models } = door;
  if (typeof id !== 'string' || typeof state !== 'string') return [];
  return [
    {
      id,
      state,
      cause: typeof cause === 'string' ? cause : null,
      models: Array.isArray(models) ? models.flatMap(modelLine) : [],
    },
  ];
};

const modelLine = (found: unknown): string[] => {
  if (!isObject(found)) return [];
  const { model, cause, until } = found;
  return [`${String(model)} (${String(cause)}${typeof until === 'string' ? ` until ${until}` : ''})`];
};
