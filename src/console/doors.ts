/** `PATCH doors/{id}`, `POST doors/{id}/check`, `POST doors/{id}/reset`. */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { signalOf } from '../http/respond.ts';
import { z } from '../engine/zod.ts';
import { bodyOf } from './body.ts';
import type { Route } from './route.ts';

/** What can be done with doors; undefined where there is none of that id. */
export interface DoorControl {
  /** Resolves to what came of a real question, good or bad. */
  check(id: string, signal: AbortSignal): Promise<object> | undefined;
  reset(id: string): object | undefined;
  off(id: string, off: boolean): object | undefined;
}

const doorPatch = z.strictObject({ off: z.boolean() });

const CHECK_LIMIT_MS = 30_000;

export const doorRoutes = (control: () => DoorControl): readonly Route[] => [
  {
    method: 'PATCH',
    path: 'doors/{id}',
    answer: async (ctx, id) => {
      const { off } = await bodyOf(ctx, doorPatch);
      return control().off(id, off) ?? reject(id);
    },
  },
  {
    method: 'POST',
    path: 'doors/{id}/check',
    answer: (ctx, id) =>
      control().check(id, AbortSignal.any([signalOf(ctx), AbortSignal.timeout(CHECK_LIMIT_MS)])) ?? reject(id),
  },
  { method: 'POST', path: 'doors/{id}/reset', answer: (_ctx, id) => control().reset(id) ?? reject(id) },
];

const reject = (id: string): never => {
  throw noSuchDoor(id);
};

const noSuchDoor = (id: string): RelayError =>
  failed('not_found', `There is no door '${id.slice(0, LONGEST)}'. GET status lists them.`);

const LONGEST = 100;
