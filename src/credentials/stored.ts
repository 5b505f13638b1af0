/** What a place that keeps credentials holds at the moment. */
import { createHash } from 'node:crypto';
import type { OAuthCredentials, Reading } from './formats.ts';
import type { TokenUpdate } from './rewrite.ts';

export type StoredCredentials =
  /** `identity` stays the same while the login does, and gives nothing away. */
  | { readonly kind: 'oauth'; readonly identity: string; readonly credentials: OAuthCredentials }
  | { readonly kind: 'adc'; readonly identity: string; readonly type: string; readonly text: string }
  /** `problem` is fit for clients: it names the variable, never a path. */
  | { readonly kind: 'missing'; readonly problem: string; readonly fix: string }
  | { readonly kind: 'invalid'; readonly problem: string; readonly fix: string };

export type StoredLogin = Extract<StoredCredentials, { kind: 'oauth' }>;

export const LOGIN_ADVICE =
  'Log in with `npm run login` (in a container: `docker compose run --rm relay login --no-browser`).';

/** The end of an advice. */
export const LOGIN_ANEW = 'log in anew with `npm run login -- --force`.';

export const FILE_VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS';

export const missing = (): StoredCredentials => ({
  kind: 'missing',
  problem: 'The relay has no Google credentials.',
  fix: LOGIN_ADVICE,
});

/** `place` tells logins of different places apart; `variable` is what a message names. */
export const toStored = (reading: Reading, place: string, variable: string): StoredCredentials => {
  switch (reading.kind) {
    case 'oauth':
      return { kind: 'oauth', identity: identityOf(reading.credentials, place), credentials: reading.credentials };
    case 'adc':
      return { kind: 'adc', identity: digest(reading.text), type: reading.type, text: reading.text };
    case 'invalid':
      return invalid(variable, reading.problem, reading.isNoLogin);
  }
};

/** What is wrong, and the way out. `isNoLogin`: there is nothing in it to fix. */
export const invalid = (
  variable: string,
  wrong: string,
  isNoLogin = false,
): Extract<StoredCredentials, { kind: 'invalid' }> => {
  const isFile = variable === FILE_VARIABLE;
  const subject = isFile ? `The credentials file (${FILE_VARIABLE})` : variable;
  const wayOut = isFile ? LOGIN_ANEW : 'unset it and log in with `npm run login`.';
  const problem = `${subject} ${wrong}.`;
  const fix = isNoLogin ? wayOut.replace(/^./, (letter) => letter.toUpperCase()) : `Fix it, or ${wayOut}`;
  return { kind: 'invalid', problem, fix };
};

export const withTokens = (stored: StoredLogin, update: TokenUpdate): StoredLogin => ({
  ...stored,
  credentials: {
    ...stored.credentials,
    accessToken: update.accessToken,
    expiresAt: update.expiresAt,
    ...(update.refreshToken !== undefined && { refreshToken: update.refreshToken }),
  },
});

export const isSameLogin = (one: OAuthCredentials, other: OAuthCredentials): boolean =>
  one.refreshToken === other.refreshToken &&
  one.clientId === other.clientId &&
  one.clientSecret === other.clientSecret &&
  one.tokenUri === other.tokenUri &&
  one.projectId === other.projectId &&
  (one.refreshToken !== undefined || one.accessToken === other.accessToken);

const identityOf = (credentials: OAuthCredentials, place: string): string =>
  digest(
    [place, credentials.clientId, credentials.refreshToken ?? credentials.accessToken, credentials.projectId].join(
      '\n',
    ),
  );

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
