/** Gets an upstream ready before requests come, and keeps trying: who asks `/health` first may send no request before. */
import type { AccessTokens } from '../credentials/access-token.ts';
import { toRelayError } from '../errors.ts';
import type { System } from '../system.ts';

export interface WarmUpNeeds {
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  readonly system: Pick<System, 'sleep'>;
  readonly closing: AbortSignal;
}

const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 60_000;
/** After a refusal it is the owner's turn; this is for what changes without a new login. */
const REFUSED_WAIT_MS = 600_000;

/** Prepared now, and whenever the login changes. */
export const keepReady = (
  prepare: WarmUpNeeds['prepare'],
  { system, tokens }: { readonly system: Pick<System, 'sleep'>; readonly tokens: Pick<AccessTokens, 'onChange'> },
): { readonly ready: () => Promise<void>; readonly close: () => void } => {
  const closing = new AbortController();
  const warmUp = keepPrepared({ prepare, system, closing: closing.signal });
  let stopListening = (): void => undefined;
  return {
    ready: () => {
      stopListening();
      stopListening = tokens.onChange(() => void warmUp());
      return warmUp();
    },
    close: () => {
      stopListening();
      closing.abort();
    },
  };
};

/** Each call starts anew and ends the one before. The promise settles with the first outcome, whichever it is. */
export const keepPrepared = ({ prepare, system, closing }: WarmUpNeeds): (() => Promise<void>) => {
  let previous: AbortController | undefined;

  const insist = async (signal: AbortSignal, onOutcome: () => void): Promise<void> => {
    for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        await prepare(signal);
        return;
      } catch (error) {
        onOutcome();
        const isRefused = toRelayError(error).retryable === false;
        await system.sleep(isRefused ? REFUSED_WAIT_MS : waitMs, signal).catch(() => undefined);
      }
    }
  };

  return () => {
    previous?.abort();
    const mine = new AbortController();
    previous = mine;
    const outcome = Promise.withResolvers<undefined>();
    const signal = AbortSignal.any([mine.signal, closing]);
    void insist(signal, () => {
      outcome.resolve(undefined);
    }).finally(() => {
      outcome.resolve(undefined);
    });
    return outcome.promise.then(() => undefined);
  };
};
