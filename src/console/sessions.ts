/** Who has opened the console: tokens in place of the key, of which only digests are kept. */
import { randomBytes } from 'node:crypto';
import { digestOf, NOBODY, OWNER } from '../callers/caller.ts';
import type { Caller } from '../callers/caller.ts';
import type { RedisState } from '../state/redis.ts';
import { StateAway } from '../state/state.ts';
import type { System } from '../system.ts';

export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
}

/** In this process, and with a state that others share in theirs. */
export interface Sessions {
  open(): Promise<OpenedSession>;
  /** By the digest of the token. At the routes of clients its bearer is the owner. */
  find(digest: string): Caller | undefined;
  close(digest: string): Promise<void>;
}

export const SESSION_MS = 12 * 3_600_000;
/** Of an owner with many devices. A script that opens one for each question ends its own oldest. */
const MOST_SESSIONS = 1000;
const TOKEN_BYTES = 32;
const TOPIC = 'sessions';

/** What is used with it is listed under this name. */
export const CONSOLE_CALLER: Caller = { ...NOBODY, id: OWNER, name: 'console' };

/** What sessions need of what relays share. */
export type SessionState = Pick<RedisState, 'follow' | 'publish' | 'heardByAll'>;

export const createSessions = (system: Pick<System, 'now'>, state?: SessionState): Sessions => {
  /** When each ends; the oldest first. */
  const ends = new Map<string, number>();
  state?.follow(TOPIC, (changes) => {
    for (const { field, value } of changes) {
      if (Number(value) > system.now()) ends.set(field, Number(value));
      else ends.delete(field);
    }
  });
  const tell = async (digest: string, expiresAt: number): Promise<void> => {
    try {
      await state?.publish(TOPIC, [{ field: digest, value: String(expiresAt) }]);
      await state?.heardByAll();
    } catch (error) {
      if (!(error instanceof StateAway)) throw error;
    }
  };

  return {
    open: async () => {
      const now = system.now();
      for (const [digest, expiresAt] of ends) if (expiresAt <= now || ends.size >= MOST_SESSIONS) ends.delete(digest);
      const token = `gcs_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const expiresAt = now + SESSION_MS;
      ends.set(digestOf(token), expiresAt);
      // Whichever relay its bearer comes to next has heard of it.
      await tell(digestOf(token), expiresAt);
      return { token, expiresAt };
    },
    find: (digest) => {
      const expiresAt = ends.get(digest);
      return expiresAt !== undefined && expiresAt > system.now() ? CONSOLE_CALLER : undefined;
    },
    close: async (digest) => {
      ends.delete(digest);
      await tell(digest, 0);
    },
  };
};
