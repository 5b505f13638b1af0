/** What logging in by browser and taking over a login have in common. */
import { FileProblem, readSmallFile } from './file.ts';
import { decodeText, readCredentials } from './formats.ts';
import type { Reading } from './formats.ts';
import { CLOUD_SCOPE } from './google-client.ts';
import { AGAIN, LoginFailure } from './login-failure.ts';
import type { LoginNeeds } from './login-needs.ts';
import type { TokenAnswer, TokenOutcome } from './token-endpoint.ts';

/** The tokens, or the sentence that says why there are none. */
export const accepted = (outcome: TokenOutcome, clockOffMs: number): TokenAnswer => {
  switch (outcome.kind) {
    case 'tokens':
      if (outcome.scopes.length > 0 && !outcome.scopes.includes(CLOUD_SCOPE)) {
        throw new LoginFailure(
          "The box for Google Cloud was not ticked on Google's page; without it the relay can do nothing, so the login is " +
            'not kept. Tick all boxes.',
          AGAIN,
        );
      }
      return outcome;
    case 'revoked':
      throw isClockOff(clockOffMs)
        ? new LoginFailure(clockSentence(clockOffMs), AGAIN, 'Then')
        : new LoginFailure(NOT_ACCEPTED, AGAIN);
    case 'client-refused':
      throw new LoginFailure(
        `Google refuses the OAuth client (${outcome.code}). Check GOOGLE_OAUTH_CLIENT_ID and GOOGLE_OAUTH_CLIENT_SECRET, ` +
          'or remove both.',
      );
    case 'trouble':
      throw new LoginFailure(`Google's token service does not work for now: ${outcome.message}.`, AGAIN);
  }
};

export const NOT_ACCEPTED = 'Google did not accept the code: it was used before, is too old, or is incomplete.';

const CLOCK_TOLERANCE_MS = 300_000;

export const isClockOff = (offMs: number): boolean => Math.abs(offMs) > CLOCK_TOLERANCE_MS;

export const clockSentence = (offMs: number): string => {
  const minutes = Math.round(Math.abs(offMs) / 60_000);
  return offMs > 0
    ? `The clock of this computer is ${minutes} minutes ahead; set it right.`
    : `The clock of this computer is ${minutes} minutes behind; set it right.`;
};

export const readLoginFile = async (file: string): Promise<Reading | undefined> => {
  try {
    const content = await readSmallFile(file);
    return content && readCredentials(decodeText(content.bytes));
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    throw new LoginFailure(`${file} ${error.message}. Name another file in GOOGLE_APPLICATION_CREDENTIALS.`);
  }
};

const TRIES = 3;

/** What has passing trouble is tried again; nobody waits without knowing for what. */
export const insist = async (
  call: () => Promise<TokenOutcome>,
  { system, signal, terminal }: Pick<LoginNeeds, 'system' | 'signal' | 'terminal'>,
): Promise<TokenOutcome> => {
  for (let count = 1; ; count++) {
    const outcome = await call();
    signal.throwIfAborted();
    if (outcome.kind !== 'trouble' || !outcome.again || count === TRIES) return outcome;
    terminal.say(`${outcome.message}. Trying again …`, 'quiet');
    await system.sleep(500 * count, signal);
  }
};
