/** States of doors in a small file beside the credentials, where there is no database. */
import { ReadFailure, readSmallFile, replaceFile } from '../../credentials/file.ts';
import type { System } from '../../system.ts';
import { z } from '../../engine/zod.ts';
import { isForgotten } from './keeping.ts';
import type { KeptState, StatePlace } from './keeping.ts';
import { isCause } from './state-table.ts';

/** The file stays small enough to be read at once; of more doors than this those that open last are kept. */
const MOST_STATES = 6000;

export const createStateFile = (path: string, { newId }: Pick<System, 'newId'>): StatePlace => {
  const known = new Map<string, KeptState>();
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const file = await readSmallFile(path);
    for (const state of file ? parse(file.bytes.toString('utf8')) : []) known.set(keyOf(state), state);
  };

  /** What the system refuses to read now may be there the next time: it is asked again. */
  const readOnce = async (): Promise<void> => {
    try {
      await (reading ??= read());
    } catch (error) {
      if (error instanceof ReadFailure) reading = undefined;
      throw error;
    }
  };

  return {
    load: async () => {
      await readOnce();
      return [...known.values()];
    },
    save: async (changed) => {
      await readOnce().catch((error: unknown) => {
        // It holds states that are known to nobody. What was read and makes no sense is begun anew.
        if (error instanceof ReadFailure) throw error;
      });
      for (const state of changed) {
        if (isForgotten(state)) known.delete(keyOf(state));
        else known.set(keyOf(state), state);
      }
      await replaceFile(path, write([...known.values()]), newId);
    },
    onReady: (listener) => {
      listener();
    },
  };
};

const keyOf = ({ door, model }: KeptState): string => `${door}\n${model}`;

const VERSION = 1;

/** Rows, for names would make most of the file. `null` for what has no end. */
const write = (states: readonly KeptState[]): string => {
  const kept =
    states.length > MOST_STATES
      ? states.toSorted((one, other) => endOf(other) - endOf(one)).slice(0, MOST_STATES)
      : states;
  const rows = kept.map(({ door, model, identity, closing, isOff }) => [
    ...[door, model, identity, isOff],
    ...(closing
      ? [closing.cause, closing.from, closing.until === Infinity ? null : closing.until, closing.failures]
      : []),
  ]);
  return `${JSON.stringify({ version: VERSION, doors: rows })}\n`;
};

const endOf = ({ closing, isOff }: KeptState): number => (isOff ? Infinity : (closing?.until ?? 0));

const row = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.boolean(),
  z.string().optional(),
  z.number().optional(),
  z.number().nullish(),
  z.number().optional(),
]);

const parse = (text: string): readonly KeptState[] => {
  const { doors } = z.object({ version: z.literal(VERSION), doors: z.array(row) }).parse(JSON.parse(text));
  return doors.map(([door, model, identity, isOff, cause, from = 0, until = null, failures = 1]) => ({
    ...{ door, model, identity, isOff },
    closing: isCause(cause) ? { cause, from, until: until ?? Infinity, failures } : undefined,
  }));
};
