/** Takes over the login of Gemini CLI: a copy, after a refresh has shown that it works. */
import { join } from 'node:path';
import { readSmallFile } from './file.ts';
import type { OAuthCredentials, Reading } from './formats.ts';
import { PUBLIC_CLIENT, isSafeEndpoint } from './google-client.ts';
import type { OAuthSettings } from './google-client.ts';
import { LoginFailure, WITHOUT_IMPORT } from './login-failure.ts';
import { accepted, insist, readLoginFile } from './login-steps.ts';
import type { LoginNeeds } from './login-needs.ts';
import { rewriteCredentials } from './rewrite.ts';
import { refreshTokens } from './token-endpoint.ts';
import type { TokenAnswer } from './token-endpoint.ts';

export interface Imported {
  /** For the file, in the format in which it was found. */
  readonly text: string;
  readonly tokens: TokenAnswer;
}

export const importLogin = async (file: string | undefined, needs: LoginNeeds): Promise<Imported> => {
  const source = file ?? join(needs.geminiHome, 'oauth_creds.json');
  const { credentials, text } = await readImport(source, needs);
  const { refreshToken } = credentials;
  if (refreshToken === undefined) {
    throw new LoginFailure(`${source} holds no refresh token, so there is nothing to take over.`, WITHOUT_IMPORT);
  }
  const client = clientOfImport(credentials, needs.oauth);
  if (!isSafeEndpoint(client.tokenUrl)) {
    throw new LoginFailure(
      `${source} has a token_uri that is no https address, and is not taken over.`,
      WITHOUT_IMPORT,
    );
  }
  const outcome = await insist(() => refreshTokens(client, refreshToken, needs.network, needs.signal), needs);
  if (outcome.kind === 'revoked') throw new LoginFailure(`Google has ended the login in ${source}.`, WITHOUT_IMPORT);
  if (outcome.kind === 'client-refused') {
    throw new LoginFailure(
      `Google refuses the OAuth client that the login in ${source} was made with (${outcome.code}).`,
      WITHOUT_IMPORT,
    );
  }
  const tokens = accepted(outcome, 0);
  const update = { ...tokens, expiresAt: needs.system.now() + tokens.lifetimeMs };
  return { text: rewriteCredentials(text, credentials.format, update), tokens };
};

const readImport = async (source: string, needs: LoginNeeds): Promise<Extract<Reading, { kind: 'oauth' }>> => {
  const reading = await readLoginFile(source);
  if (reading?.kind === 'oauth') return reading;
  if (reading?.kind === 'adc') {
    throw new LoginFailure(
      `${source} is a file of type ${reading.type}, which needs no login: name it in GOOGLE_APPLICATION_CREDENTIALS and ` +
        'set UPSTREAM=vertex.',
    );
  }
  if (reading) {
    throw new LoginFailure(`${source} ${reading.problem}.`, WITHOUT_IMPORT);
  }
  const encrypted = await readSmallFile(join(needs.geminiHome, 'gemini-credentials.json')).catch(() => undefined);
  throw new LoginFailure(
    encrypted
      ? 'Gemini CLI keeps its login encrypted on this machine (gemini-credentials.json), and it opens for that program only.'
      : `There is no file ${source}, so there is no login of Gemini CLI to take over.`,
    WITHOUT_IMPORT,
  );
};

const clientOfImport = (credentials: OAuthCredentials, oauth: OAuthSettings): OAuthSettings => ({
  ...oauth,
  // Gemini CLI's file names no client: it is always Gemini CLI's own.
  clientId: credentials.clientId ?? PUBLIC_CLIENT.clientId,
  clientSecret: credentials.clientId === undefined ? PUBLIC_CLIENT.clientSecret : credentials.clientSecret,
  tokenUrl: credentials.tokenUri ?? oauth.tokenUrl,
});
