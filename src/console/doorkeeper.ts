/** Who may ask the console: who has its key, or a session that was opened with it. */
import type { Context } from 'koa';
import { createCallers, digestOf } from '../callers/caller.ts';
import type { OwnerKey } from '../callers/caller.ts';
import { tooMany, wrongKey } from '../http/guesses.ts';
import type { Guesses } from '../http/guesses.ts';
import type { Sessions } from './sessions.ts';

export interface ConsoleDoorkeeper {
  /** Rejects for everybody else; a wrong key counts as a guess. */
  check(ctx: Context): Promise<void>;
  /** Whether who was let in would be let in still. */
  isIn(ctx: Context): boolean;
  /** The key alone: no session opens another. */
  checkKey(ctx: Context, key: string): Promise<void>;
}

export interface DoorkeeperNeeds {
  /** ADMIN_KEY where it is set, else the owner's key. */
  readonly keys: readonly OwnerKey[];
  readonly sessions: Pick<Sessions, 'find'>;
  /** The same that count wrong keys at the routes of clients. */
  readonly guesses: Guesses;
}

export const createConsoleDoorkeeper = ({ keys, sessions, guesses }: DoorkeeperNeeds): ConsoleDoorkeeper => {
  const owners = createCallers(keys);
  const [first] = keys;
  const how = first ? taking(first.name) : NO_KEY;

  const refuse = async (ctx: Context): Promise<never> => {
    await guesses.count(ctx, how);
    throw wrongKey(refusalOf(how));
  };

  return {
    check: async (ctx) => {
      const token = bearerOf(ctx);
      if (token === '') throw wrongKey(`Present a key or a session's token as "Authorization: Bearer …". ${how}`);
      const digest = digestOf(token);
      // Both are looked up always.
      const [owner, session] = [owners.find(digest), sessions.find(digest)];
      if (!owner && !session) await refuse(ctx);
    },
    isIn: (ctx) => {
      const digest = digestOf(bearerOf(ctx));
      return owners.find(digest) !== undefined || sessions.find(digest) !== undefined;
    },
    checkKey: async (ctx, key) => {
      if (!owners.find(digestOf(key))) await refuse(ctx);
    },
  };
};

const KEY_NAMES: Readonly<Record<string, string>> = {
  ADMIN_KEY: 'ADMIN_KEY',
  GEMINI_AUTH_PASSWORD: "the owner's key (GEMINI_AUTH_PASSWORD)",
  'relay-key': 'the key that the relay has made, in .relay-key beside its credentials',
};

const taking = (name: string): string => `The console takes ${KEY_NAMES[name] ?? name}.`;

const NO_KEY = 'No key opens the console: set ADMIN_KEY and restart.';

const refusalOf = (how: string): string => `This key or session does not open the console. ${how}`;

/** All that is said to somebody with a wrong key. */
export const CONSOLE_REFUSALS: readonly string[] = [...Object.keys(KEY_NAMES).map(taking), NO_KEY].flatMap((how) => [
  refusalOf(how),
  tooMany(how),
]);

/** No other place: a key in the URL would stand in histories and logs. */
export const bearerOf = (ctx: Context): string =>
  /^bearer +(\S+) *$/i.exec(ctx.req.headers.authorization ?? '')?.[1] ?? '';
