/** `POST session`, `DELETE session`: a token for the key, so that no page has to keep the key. */
import { digestOf } from '../callers/caller.ts';
import { z } from '../engine/zod.ts';
import { bodyOf, MAX_BYTES_OF_STRANGERS } from './body.ts';
import { bearerOf } from './doorkeeper.ts';
import type { ConsoleDoorkeeper } from './doorkeeper.ts';
import type { Route } from './route.ts';
import type { Sessions } from './sessions.ts';

const sessionRequest = z.object({ key: z.string().trim().min(1).max(4096) });

export const sessionRoutes = (
  sessions: Sessions,
  doorkeeper: Pick<ConsoleDoorkeeper, 'checkKey'>,
): readonly Route[] => [
  {
    method: 'POST',
    path: 'session',
    isOpen: true,
    answer: async (ctx) => {
      const { key } = await bodyOf(ctx, sessionRequest, MAX_BYTES_OF_STRANGERS);
      await doorkeeper.checkKey(ctx, key);
      const { token, expiresAt } = await sessions.open();
      return { token, expires_at: new Date(expiresAt).toISOString() };
    },
  },
  {
    method: 'DELETE',
    path: 'session',
    answer: async (ctx) => {
      await sessions.close(digestOf(bearerOf(ctx)));
      return { closed: true };
    },
  },
];
