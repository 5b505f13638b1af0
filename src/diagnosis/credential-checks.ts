/** The owner's credentials as they are kept; whether Google takes them is for account-checks.ts. */
import { CLOUD_SCOPE, isGoogleHost, isSafeEndpoint } from '../credentials/google-client.ts';
import type { OAuthCredentials } from '../credentials/formats.ts';
import { parseLoginArguments } from '../credentials/login-arguments.ts';
import { LOGIN_ADVICE } from '../credentials/stored.ts';
import { fail, pass, skip, spell } from './check.ts';
import type { Finding } from './check.ts';
import type { RunCommand } from './commands.ts';
import type { Facts } from './facts.ts';
import { ownerOfPort } from './port-owner.ts';
import { isListening } from './relay-client.ts';

export const LOGIN_AGAIN = 'Log in anew: npm run login -- --force';

export const checkCredentials = (facts: Facts, now: number): Finding => {
  const { stored } = facts.credentials;
  if (facts.decision.name === 'gemini-api')
    return skip(`${stored.kind === 'missing' ? 'none, and none' : 'not'} needed: gemini-api takes a key`);
  switch (stored.kind) {
    case 'oauth':
      return judge(stored.credentials, facts, now);
    case 'adc':
      return facts.decision.name === 'vertex'
        ? pass(`${placeOf(facts)}: Application Default Credentials of type ${stored.type}`)
        : fail(
            `${placeOf(facts)}: Application Default Credentials of type ${stored.type}, which only Vertex AI takes`,
            'Set UPSTREAM=vertex and GOOGLE_CLOUD_PROJECT, or log in: npm run login',
          );
    case 'invalid':
      return fail(stored.problem, stored.fix);
    case 'missing':
      return missing(facts);
  }
};

const missing = (facts: Facts): Finding => {
  const { adcSource, decision, geminiCli } = facts;
  if (decision.name === 'vertex' && adcSource !== undefined) {
    return pass(
      adcSource === 'machine'
        ? "this machine's own account on Google Cloud"
        : "gcloud's Application Default Credentials",
    );
  }
  const found = `missing: ${facts.config.credentials.file} does not exist, and GEMINI_CREDENTIALS is not set`;
  if (geminiCli.plain !== undefined) return fail(`${found}; Gemini CLI is logged in`, TAKE_KEY_OR_LICENCE);
  if (geminiCli.encrypted !== undefined) {
    return fail(`${found}; Gemini CLI keeps its login encrypted, and it opens for that program only`, LOGIN_ADVICE);
  }
  return fail(found, `${LOGIN_ADVICE} Or set GEMINI_API_KEY.`);
};

/** Google allows that login to other programs with a licence alone (docs/upstreams.md). */
const TAKE_KEY_OR_LICENCE =
  'Set GEMINI_API_KEY to one of AI Studio; or, with a Code Assist licence, take its login over: npm run login -- --import';

const judge = (credentials: OAuthCredentials, facts: Facts, now: number): Finding => {
  const { format, accessToken, refreshToken, expiresAt, tokenUri } = credentials;
  const foreign = tokenUri !== undefined && isSafeEndpoint(tokenUri) && !isGoogleHost(tokenUri);
  const found = [
    `${placeOf(facts)} (${format} format)`,
    `refresh token: ${refreshToken === undefined ? 'missing' : 'set'}`,
    `access token: ${accessToken === undefined ? 'missing' : lasting(expiresAt, now)}`,
    ...(foreign ? [`token_uri on ${new URL(tokenUri).host}, which is not Google's`] : []),
  ].join(', ');
  return refreshToken === undefined
    ? fail(found, `Without a refresh token the login ends with the access token. ${LOGIN_ADVICE}`)
    : pass(found);
};

const placeOf = ({ credentials, config }: Facts): string =>
  credentials.store.source === 'environment' ? 'GEMINI_CREDENTIALS' : config.credentials.file;

const lasting = (expiresAt: number | undefined, now: number): string => {
  if (expiresAt === undefined) return 'set, without a readable expiry';
  return expiresAt > now ? `good for ${spell(expiresAt - now)}` : `expired ${spell(now - expiresAt)} ago`;
};

/** What Google granted says more than what a file remembers. */
export const checkScopes = ({ credentials: { stored, granted }, decision }: Facts): Finding => {
  if (stored.kind !== 'oauth' || decision.name === 'gemini-api') return skip('no login with scopes is in use');
  const said = granted()?.scopes ?? [];
  const scopes = said.length > 0 ? said : stored.credentials.scopes;
  if (scopes.length === 0) return skip('neither the credentials nor Google name any');
  return scopes.includes(CLOUD_SCOPE)
    ? pass(`cloud-platform among ${scopes.length}`)
    : fail('the cloud-platform scope is missing', `${LOGIN_AGAIN}, and leave every box ticked on Google's page.`);
};

/** Asked by connecting, never by listening: nobody's port is taken. */
export const checkLoginPort = async (needsLogin: boolean, run: RunCommand, signal: AbortSignal): Promise<Finding> => {
  const usual = parseLoginArguments([]);
  const port = usual.kind === 'login' ? usual.options.port : 0;
  const [four, six] = await Promise.all([isListening('127.0.0.1', port, signal), isListening('::1', port, signal)]);
  if (!four && !six) return pass(`port ${port} is free`);
  const owner = (await ownerOfPort(port, run)) ?? 'another program';
  return needsLogin
    ? fail(
        `port ${port} is used by ${owner}`,
        `Stop it, or log in on another port: npm run login -- --port ${port + 1}`,
      )
    : pass(`port ${port} is used by ${owner}, which matters at the next login only`);
};
