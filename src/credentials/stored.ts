/** What a place that keeps credentials holds at the moment. */
import { createHash } from 'node:crypto';
import type { OAuthCredentials, Reading } from './formats.ts';
import type { TokenUpdate } from './rewrite.ts';

export type StoredCredentials =
  /** `identity` stays the same while the login does, and gives nothing away. */
  | { readonly kind: 'oauth'; readonly identity: string; readonly credentials: OAuthCredentials }
  | { readonly kind: 'adc'; readonly identity: string; readonly type: string; readonly text: string }
  /** `message` is fit for clients: it names the variable, never a path. */
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

export type StoredLogin = Extract<StoredCredentials, { kind: 'oauth' }>;

export const LOGIN_ADVICE =
  'Log in with `npm run login` (in a container: `docker compose run --rm relay scripts/login.ts --no-browser`).';

export const FILE_VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS';

export const missing = (): StoredCredentials => ({
  kind: 'missing',
  message: `The relay has no Google credentials. ${LOGIN_ADVICE}`,
});

/** `place` tells logins of different places apart; `variable` is what a message names. */
export const toStored = (reading: Reading, place: string, variable: string): StoredCredentials => {
  switch (reading.kind) {
    case 'oauth':
      return { kind: 'oauth', identity: identityOf(reading.credentials, place), credentials: reading.credentials };
    case 'adc':
      return { kind: 'adc', identity: digest(reading.text), type: reading.type, text: reading.text };
    case 'invalid':
      return { kind: 'invalid', message: sentence(variable, reading.problem) };
  }
};

/** The problem and the way out. */
export const sentence = (variable: string, problem: string): string => {
  const [subject, way] =
    variable === FILE_VARIABLE
      ? [`The credentials file (${FILE_VARIABLE})`, 'Mend it, or log in anew with `npm run login -- --force`.']
      : [variable, 'Mend it, or unset it and log in with `npm run login`.'];
  return problem.includes('npm run login') ? `${subject} ${problem}.` : `${subject} ${problem}. ${way}`;
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
