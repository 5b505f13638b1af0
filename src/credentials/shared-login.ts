/**
 * One refresh for all relays. Whoever refreshes holds a lease, and what Google answered is where all can find it before it
 * is anywhere else: under the refresh token it was got with, sealed with that same token, which Redis does not know. A
 * token that Google replaced leads to its successor, so that a relay that was started with any of them finds the newest.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { StateAway } from '../state/state.ts';
import type { Lease, State } from '../state/state.ts';
import type { System } from '../system.ts';
import { DAY_MS } from './expiry.ts';
import type { TokenAnswer, TokenOutcome } from './token-endpoint.ts';

export type SharedOutcome =
  | TokenOutcome
  /** Another relay has it. `refreshToken` is the newest, where that is another. */
  | (Omit<TokenAnswer, 'kind'> & { readonly kind: 'found' });

export interface SharedLogin {
  /** `refused`: an access token that Google takes no longer. `refresh` is given the newest refresh token. */
  renew(
    refreshToken: string,
    refused: string | undefined,
    refresh: (refreshToken: string) => Promise<TokenOutcome>,
    signal: AbortSignal,
  ): Promise<SharedOutcome>;
  /** What this relay has, for a Redis that has forgotten it. */
  tellAgain(): void;
}

interface Sealed {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly endsAt: number;
  readonly lifetimeMs: number;
  readonly scopes: readonly string[];
  readonly extras: Readonly<Record<string, string | number>>;
}

interface Found {
  /** The newest. */
  readonly refreshToken: string;
  readonly tokens: Sealed | undefined;
}

/** After kill -9 of who refreshes the others wait no longer. */
const LEASE_MS = 6000;
const LOOK_EVERY_MS = 100;
/** A Redis that is busy, not away, gets so long: who refreshes beside others may end the token that they have. */
const BUSY_MS = 2000;
/** One that was there a moment ago mostly is again at once; one that is away for longer is not waited for. */
const LOST_MS = 500;
/** For the successor of a token that Google has ended: another relay may have it and not have told yet. */
const SUCCESSOR_MS = 3000;
const TELL_EVERY_MS = 500;
const TELLS = 10;
/** As the keeper of the token has it: with less left it is time for the next one. */
const EARLY_MS = 360_000;
const KEPT_MS = 400 * DAY_MS;
const MOST_STEPS = 100;

export const createSharedLogin = (state: State, system: Pick<System, 'sleep' | 'monotonic'>): SharedLogin => {
  /** Those that this relay has had of its login, the newest last, and what was got with it. */
  let had: readonly string[] = [];
  let newest: Sealed | undefined;
  /** The one that Google takes no longer. */
  let ended: string | undefined;

  const know = (refreshToken: string, tokens: Sealed): void => {
    if (!had.includes(refreshToken)) had = [refreshToken];
    if (!had.includes(tokens.refreshToken)) had = [...had, tokens.refreshToken].slice(-MOST_STEPS);
    newest = tokens;
  };
  /** What Google answered, from then on. */
  const learn = (asked: string, used: string, outcome: TokenAnswer): Sealed => {
    const tokens: Sealed = {
      accessToken: outcome.accessToken,
      refreshToken: outcome.refreshToken ?? used,
      endsAt: state.now() + outcome.lifetimeMs,
      lifetimeMs: outcome.lifetimeMs,
      scopes: outcome.scopes,
      extras: outcome.extras,
    };
    know(asked, { ...tokens, refreshToken: used });
    know(asked, tokens);
    return tokens;
  };

  const find = async (refreshToken: string): Promise<Found> => {
    let at = refreshToken;
    for (let steps = 0; ; steps += 1) {
      const text = await state.get(placeOf(at));
      const tokens = text === undefined ? undefined : unseal(text, at);
      if (!tokens || tokens.refreshToken === at || steps >= MOST_STEPS) return { refreshToken: at, tokens };
      at = tokens.refreshToken;
    }
  };

  const isGood = ({ tokens }: Found, refused: string | undefined): boolean => {
    if (!tokens || tokens.accessToken === refused) return false;
    return tokens.endsAt - state.now() > Math.min(EARLY_MS, tokens.lifetimeMs / 2);
  };

  const toOutcome = (tokens: Sealed, asked: string): SharedOutcome => ({
    kind: 'found',
    accessToken: tokens.accessToken,
    lifetimeMs: tokens.endsAt - state.now(),
    scopes: tokens.scopes,
    extras: tokens.extras,
    ...(tokens.refreshToken !== asked && { refreshToken: tokens.refreshToken }),
  });

  /** The newest token first: whoever finds an older one finds the way. */
  const writeAll = async (write: (key: string, text: string) => unknown, tokens: Sealed): Promise<void> => {
    for (const one of [tokens.refreshToken, ...had.filter((other) => other !== tokens.refreshToken)]) {
      await write(placeOf(one), seal(tokens, one));
    }
  };

  const refreshUnder = async (
    lease: Lease,
    asked: string,
    { refreshToken }: Found,
    refresh: (refreshToken: string) => Promise<TokenOutcome>,
  ): Promise<SharedOutcome> => {
    const over = new AbortController();
    void keepRenewing(lease, over.signal);
    try {
      const outcome = await refresh(refreshToken);
      if (outcome.kind !== 'tokens') return outcome;
      const tokens = learn(asked, refreshToken, outcome);
      // Before it is on this relay's disk, and before anybody uses it: Google may have ended the old one already.
      await writeAll((key, text) => lease.write(key, text, KEPT_MS), tokens).catch(ifAway(tellSoon));
      return withSuccessor(outcome, tokens, asked);
    } finally {
      over.abort();
      await lease.release().catch(ifAway(() => undefined));
    }
  };

  const keepRenewing = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    try {
      for (;;) {
        await system.sleep(LEASE_MS / 3, signal);
        if (!(await lease.renew(LEASE_MS))) return;
      }
    } catch {
      // Over, or nobody can be told: then the lease ends by itself, and fences keep what is newer.
    }
  };

  /** Unless all that this relay has had lead to what it has, or to what another has got since. */
  const tell = async (): Promise<void> => {
    const tokens = newest;
    if (!tokens) return;
    const texts = await state.getAll(had.map(placeOf));
    const there = had.map((one, index) => unseal(texts[index] ?? '', one));
    if (there.some((other) => other && !had.includes(other.refreshToken))) return;
    if (there.every((other) => other?.refreshToken === tokens.refreshToken && other.endsAt >= tokens.endsAt)) return;
    await writeAll((key, text) => state.put(key, text, KEPT_MS), tokens);
  };
  /** Redis was too busy to be told. Where it is away, `tellAgain` comes when it is back. */
  const tellSoon = (): void => {
    void (async () => {
      for (let tells = 0; tells < TELLS; tells += 1) {
        await system.sleep(TELL_EVERY_MS);
        const isTold = await tell().then(
          () => true,
          ifAway(() => false),
        );
        if (isTold) return;
      }
    })();
  };

  type Refresh = (refreshToken: string) => Promise<TokenOutcome>;

  /** With what this relay knows. */
  const renewAlone = async (asked: string, refresh: Refresh): Promise<SharedOutcome> => {
    const used = newest && had.includes(asked) ? newest.refreshToken : asked;
    const outcome = await refresh(used);
    if (outcome.kind !== 'tokens') return outcome;
    const tokens = learn(asked, used, outcome);
    tellSoon();
    return withSuccessor(outcome, tokens, asked);
  };

  const renewTogether = async (
    refreshToken: string,
    refused: string | undefined,
    refresh: Refresh,
    signal: AbortSignal,
  ): Promise<SharedOutcome> => {
    const busyUntil = system.monotonic() + BUSY_MS;
    for (;;) {
      signal.throwIfAborted();
      try {
        const found = await find(refreshToken);
        if (found.tokens && isGood(found, refused)) {
          know(refreshToken, found.tokens);
          return toOutcome(found.tokens, refreshToken);
        }
        const lease = await state.acquire(`login:${nameOf(found.refreshToken)}`, LEASE_MS);
        if (lease) {
          const again = await find(refreshToken);
          if (again.refreshToken === found.refreshToken && !isGood(again, refused)) {
            return await refreshUnder(lease, refreshToken, again, refresh);
          }
          await lease.release();
          continue;
        }
        // Somebody is at it. That nobody answers at all is StateAway, and then each is alone.
      } catch (error) {
        if (!(error instanceof StateAway)) throw error;
        if (state.awayMs() > LOST_MS || system.monotonic() > busyUntil) return renewAlone(refreshToken, refresh);
      }
      await system.sleep(LOOK_EVERY_MS, signal);
    }
  };

  const hasSuccessor = async (refreshToken: string, signal: AbortSignal): Promise<boolean> => {
    const until = system.monotonic() + SUCCESSOR_MS;
    for (;;) {
      const found = await find(refreshToken).catch(ifAway(() => undefined));
      if (found && found.refreshToken !== ended) return true;
      if (system.monotonic() > until) return false;
      await system.sleep(LOOK_EVERY_MS, signal);
    }
  };

  return {
    renew: async (refreshToken, refused, refresh, signal) => {
      const before = ended;
      const ask: Refresh = async (token) => {
        // What it has ended it never takes again: whoever looks again looks for its successor.
        if (token === ended) return { kind: 'revoked', detail: 'as before' };
        const outcome = await refresh(token);
        if (outcome.kind === 'revoked') ended = token;
        return outcome;
      };
      const outcome = await renewTogether(refreshToken, refused, ask, signal);
      if (ended === before || !(await hasSuccessor(refreshToken, signal))) return outcome;
      return renewTogether(refreshToken, refused, ask, signal);
    },
    tellAgain: () => {
      tell().catch(ifAway(tellSoon));
    },
  };
};

/** For who asked with another one than Google was asked with: from now on this one is theirs. */
const withSuccessor = (outcome: TokenAnswer, { refreshToken }: Sealed, asked: string): TokenAnswer =>
  refreshToken === asked ? outcome : { ...outcome, refreshToken };

const ifAway =
  <Value>(instead: () => Value) =>
  (error: unknown): Value => {
    if (error instanceof StateAway) return instead();
    throw error;
  };

const nameOf = (refreshToken: string): string =>
  createHash('sha256').update(`login\n${refreshToken}`).digest('hex').slice(0, 32);
const placeOf = (refreshToken: string): string => `login:${nameOf(refreshToken)}`;

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const keyOf = (refreshToken: string): Buffer =>
  Buffer.from(hkdfSync('sha256', refreshToken, 'gemini-cli-relay', 'shared login', KEY_BYTES));

const seal = (tokens: Sealed, refreshToken: string): string => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(refreshToken), nonce);
  const sealed = [cipher.update(JSON.stringify(tokens)), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64');
};

/** Undefined for what was not sealed with this token. */
const unseal = (text: string, refreshToken: string): Sealed | undefined => {
  const bytes = Buffer.from(text, 'base64');
  try {
    const cipher = createDecipheriv(CIPHER, keyOf(refreshToken), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = [cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()];
    return JSON.parse(Buffer.concat(opened).toString()) as Sealed;
  } catch {
    return undefined;
  }
};
