/** Where other doors may be open, nobody waits for as long for a token as a token may take. */
import type { AccessToken } from '../../credentials/access-token.ts';
import { failed } from '../../errors.ts';
import type { System } from '../../system.ts';

interface Tokens {
  get(signal: AbortSignal): Promise<AccessToken>;
}

/** A renewal may take 30 s, with its retries. One that takes so long mostly fails. */
const LONGEST_WAIT_MS = 10_000;

/** The same tokens. The renewal goes on, and whoever comes when it has ended has the new one. */
export const hurried = <T extends Tokens>(tokens: T, system: Pick<System, 'sleep'>): T => ({
  ...tokens,
  get: async (signal) => {
    const waiting = new AbortController();
    try {
      return await Promise.race([tokens.get(signal), tooLong(system, waiting.signal)]);
    } finally {
      waiting.abort();
    }
  },
});

const tooLong = async (system: Pick<System, 'sleep'>, signal: AbortSignal): Promise<never> => {
  await system.sleep(LONGEST_WAIT_MS, signal);
  throw failed(
    'token_unavailable',
    `The relay cannot renew its Google access token now (no answer within ${LONGEST_WAIT_MS / 1000} s).`,
    { fix: 'It keeps trying.', retryable: true },
  );
};
