/** One call to Google's token endpoint, and what its answer means (protocol: RFC 6749, section 5). */
import { isObject, parsePlain } from '../json.ts';
import { readLifetimeMs } from './expiry.ts';
import { isHeaderText } from './google-client.ts';
import type { HttpAnswer, Network, OAuthSettings } from './google-client.ts';
import type { createOAuthClient } from './oauth-client.ts';

export interface TokenAnswer {
  readonly kind: 'tokens';
  readonly accessToken: string;
  readonly lifetimeMs: number;
  readonly refreshToken?: string;
  readonly scopes: readonly string[];
  /** Fields that credentials files carry along. */
  readonly extras: Readonly<Record<string, string | number>>;
}

export type TokenOutcome =
  | TokenAnswer
  /** `invalid_grant`: the refresh token, or the code, is worth nothing any more. */
  | { readonly kind: 'revoked'; readonly detail: string }
  /** Google does not accept the OAuth client. */
  | { readonly kind: 'client-refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'trouble'; readonly message: string; readonly again: boolean; readonly detail: string };

export const refreshTokens = async (
  settings: OAuthSettings,
  refreshToken: string,
  network: Network,
  signal: AbortSignal,
): Promise<TokenOutcome> =>
  ask({ settings, network, signal, told: () => undefined }, async (client) => {
    client.setCredentials({ refresh_token: refreshToken });
    await client.refreshAccessToken();
  });

export interface CodeExchange {
  readonly code: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export const exchangeCode = async (
  settings: OAuthSettings,
  { code, codeVerifier, redirectUri }: CodeExchange,
  network: Network,
  signal: AbortSignal,
  told: (answer: HttpAnswer) => void = () => undefined,
): Promise<TokenOutcome> =>
  ask({ settings, network, signal, told }, async (client) => {
    await client.getToken({ code, codeVerifier, redirect_uri: redirectUri });
  });

type Client = ReturnType<typeof createOAuthClient>;

interface Asking {
  readonly settings: OAuthSettings;
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly told: (answer: HttpAnswer) => void;
}

/** The library builds and sends the request; what it makes of the answer is left aside, since it alters `expires_in`. */
const ask = async (
  { settings, network, signal, told }: Asking,
  call: (client: Client) => Promise<void>,
): Promise<TokenOutcome> => {
  const heard: HttpAnswer[] = [];
  const library = await import('./oauth-client.ts');
  const client = library.createOAuthClient(settings, network, signal, (answer) => {
    heard.push(answer);
    told(answer);
  });
  let failure: unknown;
  try {
    await call(client);
  } catch (error) {
    failure = error;
  }
  const answer = heard[0];
  return answer ? judge(answer, settings.tokenUrl) : unreached(failure, settings.tokenUrl);
};

const CLIENT_ERRORS = new Set(['invalid_client', 'unauthorized_client', 'deleted_client', 'disabled_client']);
const EXTRAS = ['scope', 'token_type', 'id_token', 'refresh_token_expires_in'];

const judge = ({ status, text }: HttpAnswer, url: string): TokenOutcome => {
  const body = parsePlain(text);
  const host = new URL(url).host;
  if (status === 200 && isObject(body)) {
    const token = body['access_token'];
    if (typeof token !== 'string' || token.trim() === '') {
      return trouble(`${host} answered without an access token`, true);
    }
    // Kept, it would fail every call until it expires; the token of before is better.
    if (!isHeaderText(token.trim())) {
      return trouble(`${host} answered with an access token that no HTTP header can carry`, true);
    }
    return toTokens(token, body);
  }
  if (status === 200) return trouble(`${host} answered with something that is no JSON`, true);
  const code = isObject(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
  const detail = describe(body);
  if (status >= 400 && status < 500 && code === 'invalid_grant') return { kind: 'revoked', detail };
  if (status >= 400 && status < 500 && code !== undefined && CLIENT_ERRORS.has(code)) {
    return { kind: 'client-refused', code, detail };
  }
  // Any other refusal in OAuth's own words will be the same in a second; a proxy's page may not.
  const again = code === undefined || status === 408 || status === 429 || status >= 500;
  const known = code !== undefined && /^[a-z_]{1,40}$/.test(code) ? ` ${code}` : '';
  return trouble(`${host} answered ${status}${known}`, again, detail);
};

const toTokens = (accessToken: string, body: Readonly<Record<string, unknown>>): TokenAnswer => {
  const refreshToken = body['refresh_token'];
  const scope = body['scope'];
  const extras: Record<string, string | number> = {};
  for (const name of EXTRAS) {
    const value = body[name];
    if (typeof value === 'string' || typeof value === 'number') extras[name] = value;
  }
  return {
    kind: 'tokens',
    accessToken: accessToken.trim(),
    lifetimeMs: readLifetimeMs(body['expires_in']),
    scopes: typeof scope === 'string' ? scope.split(/\s+/).filter((word) => word !== '') : [],
    extras,
    ...(typeof refreshToken === 'string' && refreshToken.trim() !== '' && { refreshToken: refreshToken.trim() }),
  };
};

const trouble = (message: string, again: boolean, detail = ''): TokenOutcome => ({
  kind: 'trouble',
  message,
  again,
  detail,
});

const unreached = (failure: unknown, url: string): TokenOutcome =>
  trouble(`${new URL(url).host} cannot be reached: ${reasonOf(failure)}`, true);

/** The innermost code says most: gaxios and undici wrap. */
const reasonOf = (failure: unknown): string => {
  let found = 'no answer';
  for (let error = failure, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    if (error.name === 'TimeoutError' || error.name === 'AbortError') found = 'no answer in time';
    const code = (error as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && /^[A-Z][A-Z\d_]+$/.test(code) && code !== 'ABORT_ERR') found = code;
    if (error instanceof AggregateError && error.errors[0] instanceof Error) error.cause ??= error.errors[0];
  }
  return found;
};

/** Google's own words, for the log alone: one line, short. */
const describe = (body: unknown): string => {
  if (!isObject(body)) return '';
  const words = [body['error'], body['error_subtype'], body['error_description']];
  return words
    .filter((word) => typeof word === 'string')
    .join(': ')
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .slice(0, 200);
};
