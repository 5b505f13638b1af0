import type { Context } from 'koa';
import { CLIENT_KEY_PREFIX, digestOf, isCounted } from '../callers/caller.ts';
import type { Caller, Callers, ClientCallers, ClosedKey } from '../callers/caller.ts';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Reason } from '../reasons.ts';
import type { AddressRights } from './address-rights.ts';
import type { Gate } from './gates.ts';
import { wrongKey } from './guesses.ts';
import type { Guesses } from './guesses.ts';
import { keysIn, readPresented } from './presented-keys.ts';

/** Knows callers by the keys that they present. */
export interface Doorkeeper {
  /** Undefined when what is presented is nobody's key. */
  callerOf(ctx: Context): Caller | undefined;
  /**
   * For whom `callerOf` did not know: keys of clients may be on their way from the database. Rejects with 401, or with
   * 429 after too many guesses; a wrong key counts as one.
   */
  lookAgain(ctx: Context): Promise<Caller>;
  /** For who was let in some time ago: throws where the key lets nobody in any more. */
  checkAgain(ctx: Pick<Context, 'state'>): void;
}

export interface DoorkeeperNeeds {
  readonly guesses: Guesses;
  readonly clients?: ClientCallers | undefined;
  readonly rights?: AddressRights | undefined;
}

export const createDoorkeeper = (callers: Callers, needs: DoorkeeperNeeds): Doorkeeper => {
  const { clients } = needs;
  /** All are looked up always, as all keys are compared. */
  const callerOf = ({ state }: Context): Caller | undefined => {
    let found: Caller | undefined;
    for (const { key } of readPresented(state.requestHeaders, state.urlKeys)) {
      const caller = key === '' ? undefined : callers.find(digestOf(key));
      found ??= caller;
    }
    return found;
  };

  return {
    checkAgain: ({ state: { caller, requestHeaders, urlKeys } }) => {
      if (!clients || !isCounted(caller)) return;
      const closed = clients.closedFor(caller, keysIn(readPresented(requestHeaders, urlKeys)).map(digestOf));
      if (closed) throw closedKey(closed);
    },
    callerOf,
    lookAgain: async (ctx) => {
      const { requestHeaders, urlKeys, signal } = ctx.state;
      const presented = readPresented(requestHeaders, urlKeys);
      const keys = keysIn(presented);
      if (clients && keys.some((key) => key.startsWith(CLIENT_KEY_PREFIX))) {
        if (!(await clients.known(signal))) throw unknownForNow();
        const caller = callerOf(ctx);
        if (caller) return caller;
        for (const key of keys) {
          const closed = clients.closed(digestOf(key));
          if (closed) throw closedKey(closed);
        }
      }
      const holder = presented.length === 0 ? needs.rights?.(ctx) : undefined;
      const found = await holder;
      if (found) return found;
      // Without a value there is no guess: whoever gets the form wrong is told so, and not slowed down.
      if (keys.length > 0 || holder) await needs.guesses.count(ctx, HOW);
      const seen = presented.map(({ where }) => where).join(', ');
      throw wrongKey(`${seen === '' ? 'No key was presented.' : `Incorrect API key; seen: ${seen}.`} ${HOW}`);
    },
  };
};

export const authenticate =
  (doorkeeper: Doorkeeper): Gate =>
  (ctx) => {
    const caller = doorkeeper.callerOf(ctx);
    if (caller === undefined) {
      return doorkeeper.lookAgain(ctx).then((found) => {
        ctx.state.caller = found;
      });
    }
    ctx.state.caller = caller;
    return undefined;
  };

const HOW =
  'Present the key of this relay (GEMINI_AUTH_PASSWORD) as "Authorization: Bearer KEY", x-goog-api-key, x-api-key or ?key=.';

/** Said only to whoever presents the key itself. */
const closedKey = ({ name, why }: ClosedKey): RelayError => {
  const { reason, message } = CLOSED[why];
  return failed(reason, `The key '${name}' ${message}`, { headers: { 'www-authenticate': 'Bearer' } });
};

const CLOSED = {
  disabled: { reason: 'key_disabled', message: 'is disabled. Ask the owner of this relay to enable it.' },
  expired: { reason: 'key_expired', message: 'has expired. Ask the owner of this relay for more time.' },
  removed: { reason: 'key_disabled', message: 'is there no more. Ask the owner of this relay for another.' },
  rotated: { reason: 'key_expired', message: 'has a new secret, and this one has expired. Ask for the new one.' },
} as const satisfies Record<ClosedKey['why'], { readonly reason: Reason; readonly message: string }>;

const unknownForNow = (): RelayError =>
  failed('keys_unavailable', 'The keys of clients cannot be looked up now: the database of this relay is away.', {
    retryAfterMs: 5000,
  });
