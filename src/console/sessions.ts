/** Who has opened the console: tokens in place of the key, of which only digests are kept. */
import { randomBytes } from 'node:crypto';
import { digestOf, NOBODY, OWNER } from '../callers/caller.ts';
import type { Caller } from '../callers/caller.ts';
import type { System } from '../system.ts';

export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
}

/** In this process; one that several relays share would keep digests and ends in the same way. */
export interface Sessions {
  open(): OpenedSession;
  /** By the digest of the token. At the routes of clients its bearer is the owner. */
  find(digest: string): Caller | undefined;
  close(digest: string): void;
}

export const SESSION_MS = 12 * 3_600_000;
/** Of an owner with many devices. A script that opens one for each question ends its own oldest. */
const MOST_SESSIONS = 1000;
const TOKEN_BYTES = 32;

/** What is used with it is listed under this name. */
export const CONSOLE_CALLER: Caller = { ...NOBODY, id: OWNER, name: 'console' };

export const createSessions = (system: Pick<System, 'now'>): Sessions => {
  /** When each ends; the oldest first. */
  const ends = new Map<string, number>();

  return {
    open: () => {
      const now = system.now();
      for (const [digest, expiresAt] of ends) if (expiresAt <= now || ends.size >= MOST_SESSIONS) ends.delete(digest);
      const token = `gcs_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const expiresAt = now + SESSION_MS;
      ends.set(digestOf(token), expiresAt);
      return { token, expiresAt };
    },
    find: (digest) => {
      const expiresAt = ends.get(digest);
      return expiresAt !== undefined && expiresAt > system.now() ? CONSOLE_CALLER : undefined;
    },
    close: (digest) => {
      ends.delete(digest);
    },
  };
};
