/** Holds one access token and renews it: early, once for everybody, patiently. Knows nothing of where tokens come from. */
import { changed, failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { DAY_MS } from './expiry.ts';

/** How one attempt to get a token ended. */
export type Attempt =
  | { readonly kind: 'token'; readonly token: string; readonly lifetimeMs: number }
  /** Perhaps better later. `again: false`: not within this call. */
  | { readonly kind: 'trouble'; readonly message: string; readonly again: boolean }
  /** Not before the credentials change; with `lookAgainMs`, looked at again then, since nobody tells of a change. */
  | { readonly kind: 'refused'; readonly error: RelayError; readonly lookAgainMs?: number };

export interface HeldToken {
  readonly token: string;
  /** Wall clock, milliseconds. */
  readonly expiresAt: number;
}

export interface TokenKeeper {
  /** The token in use, where nothing is to be done about it: no waiting, and nothing to start. */
  known(): string | undefined;
  get(signal: AbortSignal): Promise<string>;
  /** Only acts when this is still the token in use (R11). */
  discard(token: string): void;
  /** Other credentials: forgets everything, failures too, and starts from what they bring. */
  reset(held?: HeldToken): void;
  /** What the next request would meet. */
  failure(): RelayError | undefined;
  expiresAt(): number | undefined;
  close(): void;
}

export interface KeeperNeeds {
  readonly attempt: (signal: AbortSignal) => Promise<Attempt>;
  readonly system: System;
  readonly log: Logger;
}

const EARLY_MS = 300_000;
const SPREAD_MS = 60_000;
/** Below this a token may die on its way to Google, so requests wait for the next one. */
const WAIT_BELOW_MS = 30_000;
const ATTEMPTS = 3;
const BUDGET_MS = 30_000;
const BACKOFF_MS = 500;
const COOLDOWN_MS = 1000;
const LONGEST_COOLDOWN_MS = 30_000;
/** Credentials may change while a request waits; more often than this they do not. */
const ROUNDS = 5;

interface Current extends HeldToken {
  /** The same end on the clock that never jumps. */
  readonly endsAt: number;
  /** With less than this left, a new token is fetched in the background. */
  readonly marginMs: number;
}

interface Flight {
  /** Settles when the renewal has ended, or is of no interest any more. */
  readonly done: PromiseWithResolvers<void>;
  /** Settles with the first failed attempt, or with `done`. */
  readonly troubled: PromiseWithResolvers<void>;
}

export const createTokenKeeper = ({ attempt, system, log }: KeeperNeeds): TokenKeeper => {
  const closing = new AbortController();
  /** As its signal says: that takes three functions, and each request asks. */
  let isClosed = false;
  let current: Current | undefined;
  let discarded: string | undefined;
  let flight: Flight | undefined;
  let refused: RelayError | undefined;
  let trouble: { readonly message: string; readonly until: number; readonly cooldownMs: number } | undefined;

  const hold = (token: string, lifetimeMs: number, fullLifetimeMs: number): void => {
    current = {
      token,
      expiresAt: system.now() + lifetimeMs,
      endsAt: system.monotonic() + lifetimeMs,
      marginMs: Math.min(EARLY_MS + system.random() * SPREAD_MS, fullLifetimeMs / 2),
    };
  };

  /** The earlier of the two clocks (R10): one jumps, the other stands still while a laptop sleeps. */
  const leftMs = (): number =>
    current ? Math.min(current.expiresAt - system.now(), current.endsAt - system.monotonic()) : 0;

  const isRefused = (): boolean => refused !== undefined;

  const coolingMs = (): number => (trouble ? Math.max(0, trouble.until - system.monotonic()) : 0);

  const renew = async (mine: () => boolean, onTrouble: () => void): Promise<void> => {
    const deadline = system.monotonic() + BUDGET_MS;
    // In an outage that is known already, one call each cooldown is enough.
    const attempts = trouble ? 1 : ATTEMPTS;
    for (let count = 1; ; count++) {
      const outcome = await tryOnce(deadline - system.monotonic());
      if (!mine()) return;
      if (outcome.kind === 'token') {
        if (trouble) log.info('access token renewed after trouble');
        trouble = undefined;
        refused = undefined;
        hold(outcome.token, outcome.lifetimeMs, outcome.lifetimeMs);
        return;
      }
      if (outcome.kind === 'refused') {
        refused = outcome.error;
        if (outcome.lookAgainMs !== undefined) void renewAfter(outcome.lookAgainMs, () => refused === outcome.error);
        return;
      }
      onTrouble();
      const waitMs = BACKOFF_MS * 2 ** (count - 1) * (1 + system.random());
      if (count >= attempts || !outcome.again || system.monotonic() + waitMs >= deadline) {
        if (!trouble) log.warn('access token cannot be renewed for now', { problem: outcome.message });
        const cooldownMs = Math.min(trouble ? trouble.cooldownMs * 2 : COOLDOWN_MS, LONGEST_COOLDOWN_MS);
        const known = { message: outcome.message, until: system.monotonic() + cooldownMs, cooldownMs };
        trouble = known;
        void renewAfter(cooldownMs, () => trouble === known);
        return;
      }
      await system.sleep(waitMs, closing.signal).catch(() => undefined);
      if (isClosed || !mine()) return;
    }
  };

  const tryOnce = async (leftMs: number): Promise<Attempt> => {
    const budget = AbortSignal.timeout(Math.max(1, Math.round(leftMs)));
    try {
      return await attempt(AbortSignal.any([closing.signal, budget]));
    } catch (error) {
      return { kind: 'trouble', message: error instanceof Error ? error.message : 'unknown error', again: true };
    }
  };

  const startFlight = (): Flight => {
    const started: Flight = { done: Promise.withResolvers(), troubled: Promise.withResolvers() };
    flight = started;
    const isMine = (): boolean => flight === started;
    void renew(isMine, started.troubled.resolve).finally(() => {
      if (isMine()) land();
    });
    return started;
  };

  const land = (): void => {
    flight?.troubled.resolve();
    flight?.done.resolve();
    flight = undefined;
  };

  /** Without this, a relay that a load balancer has taken out for its trouble would never notice that it is over. */
  const renewAfter = async (ms: number, isStillSo: () => boolean): Promise<void> => {
    await system.sleep(ms, closing.signal).catch(() => undefined);
    if (!isClosed && isStillSo() && !flight) startFlight();
  };

  return {
    known: () =>
      current && !refused && !isClosed && leftMs() >= Math.max(WAIT_BELOW_MS, current.marginMs)
        ? current.token
        : undefined,
    get: async (signal) => {
      for (let round = 0; round < ROUNDS; round++) {
        signal.throwIfAborted();
        // Each request gets an error of its own.
        if (refused) throw changed(refused);
        const left = leftMs();
        const cooling = coolingMs() > 0;
        if (current && left >= WAIT_BELOW_MS) {
          if (left < current.marginMs && !flight && !cooling && !isClosed) startFlight();
          return current.token;
        }
        if (cooling && !flight) {
          if (current && left > 0) return current.token;
          break;
        }
        if (isClosed) break;
        const { done, troubled } = flight ?? startFlight();
        await abortable(left > 0 ? troubled.promise : done.promise, signal);
        // Google has trouble, and this token still has some seconds: better than a refusal.
        if (!isRefused() && current && leftMs() > 0) return current.token;
      }
      throw unavailable(trouble?.message ?? 'the relay is shutting down', coolingMs());
    },
    discard: (token) => {
      if (current?.token !== token) return;
      discarded = token;
      current = undefined;
    },
    reset: (held) => {
      land();
      refused = undefined;
      trouble = undefined;
      current = undefined;
      if (!held || held.token === discarded) return;
      const lifetimeMs = held.expiresAt - system.now();
      // R10: no token of Google's lives longer than a day, whatever a file says.
      if (lifetimeMs > 0 && lifetimeMs <= DAY_MS) hold(held.token, lifetimeMs, Infinity);
    },
    failure: () => {
      if (refused) return refused;
      return trouble && leftMs() <= 0 ? unavailable(trouble.message, coolingMs()) : undefined;
    },
    expiresAt: () => current?.expiresAt,
    close: () => {
      isClosed = true;
      closing.abort();
    },
  };
};

const unavailable = (message: string, coolingMs: number): RelayError =>
  failed('token_unavailable', `The relay cannot renew its Google access token now (${message}).`, {
    fix: 'It keeps trying.',
    retryable: true,
    retryAfterMs: Math.max(COOLDOWN_MS, Math.ceil(coolingMs)),
    // Commands that try once and end say this alone.
    cause: new Error(message),
  });

/** The promise, or the signal's reason if that comes first. The work behind the promise goes on. */
export const abortable = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  const departed = Promise.withResolvers<never>();
  const leave = (): void => {
    departed.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([promise, departed.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
};
