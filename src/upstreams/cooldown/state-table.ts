/** States of doors in the database. */
import { DOOR_CAUSES } from '../../reasons.ts';
import type { DoorCause } from '../../reasons.ts';
import type { Row, Value } from '../../store/database.ts';
import type { Store } from '../../store/store.ts';
import { isForgotten } from './keeping.ts';
import type { KeptState, StatePlace } from './keeping.ts';

const COLUMNS = 'door, model, identity, cause, closed_from, closed_until, failures, is_off';

export const createStateTable = (store: Pick<Store, 'read' | 'write' | 'onReady'>): StatePlace => ({
  load: async () => (await store.read(`SELECT ${COLUMNS} FROM door_states`)).map(toState),
  save: async (changed) => {
    const kept = changed.filter((state) => !isForgotten(state));
    await store.write([
      ...changed.filter(isForgotten).map(({ door, model }) => ({
        sql: 'DELETE FROM door_states WHERE door = ? AND model = ?',
        values: [door, model],
      })),
      ...(kept.length === 0 ? [] : [{ into: `door_states (${COLUMNS})`, rows: kept.map(toRow), onConflict: REPLACE }]),
    ]);
  },
  onReady: (listener) => {
    store.onReady(listener);
  },
});

const REPLACE = `ON CONFLICT (door, model) DO UPDATE SET ${[
  'identity',
  'cause',
  'closed_from',
  'closed_until',
  'failures',
  'is_off',
]
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;

const toRow = ({ door, model, identity, closing, isOff }: KeptState): readonly Value[] => [
  ...[door, model, identity],
  ...(closing
    ? // NULL: until its owner says otherwise.
      [closing.cause, closing.from, closing.until === Infinity ? null : closing.until, closing.failures]
    : [null, null, null, 0]),
  isOff ? 1 : 0,
];

const toState = (row: Row): KeptState => {
  const { door, model, identity, cause, closed_from: from, closed_until: until, failures, is_off: off } = row;
  return {
    door: String(door),
    model: String(model),
    identity: String(identity),
    closing: isCause(cause)
      ? { cause, from: Number(from), until: until === null ? Infinity : Number(until), failures: Number(failures) }
      : undefined,
    isOff: off === 1,
  };
};

/** A later version may have written others. */
export const isCause = (value: unknown): value is DoorCause =>
  typeof value === 'string' && Object.hasOwn(DOOR_CAUSES, value);
