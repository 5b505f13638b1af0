import type { Dispatcher } from 'undici';
import { wholeUndici } from '../engine/undici.ts';

/**
 * Gemini CLI's own OAuth client, as published in its source and its npm package. It is an "installed app" client: Google
 * does not treat the secret of such a client as confidential (developers.google.com/identity/protocols/oauth2#installed),
 * every copy of the program carries it, and it opens nothing without a person's consent. GOOGLE_OAUTH_CLIENT_ID and
 * GOOGLE_OAUTH_CLIENT_SECRET replace it. These two values stand in this file only, so that a secret scanner can allow it.
 */
export const PUBLIC_CLIENT = {
  clientId: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
  clientSecret: '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',
} as const;

export const CLOUD_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
export const SCOPES = [
  CLOUD_SCOPE,
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
] as const;

export const GOOGLE_AUTH_URL = 'https://accounts.google.com/o/oauth2/v2/auth';
export const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';

/** Where an account's mail address is told: beside the token endpoint, when that is not Google's. */
export const userinfoUrlFor = (tokenUrl: string): string =>
  new URL('/oauth2/v2/userinfo', tokenUrl === GOOGLE_TOKEN_URL ? 'https://www.googleapis.com' : tokenUrl).href;

export interface OAuthSettings {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly authUrl: string;
  readonly tokenUrl: string;
}

export const DEFAULT_OAUTH: OAuthSettings = { ...PUBLIC_CLIENT, authUrl: GOOGLE_AUTH_URL, tokenUrl: GOOGLE_TOKEN_URL };

/** What the configuration says, with Google's and Gemini CLI's own values where it says nothing. */
export const toOAuthSettings = (given: {
  readonly [Name in keyof OAuthSettings]: OAuthSettings[Name] | undefined;
}): OAuthSettings => ({
  // An id and a secret belong together: one of ours never completes one of the owner's.
  clientId: given.clientId ?? PUBLIC_CLIENT.clientId,
  clientSecret: given.clientId === undefined ? PUBLIC_CLIENT.clientSecret : given.clientSecret,
  authUrl: given.authUrl ?? GOOGLE_AUTH_URL,
  tokenUrl: given.tokenUrl ?? GOOGLE_TOKEN_URL,
});

/** How credentials reach the network: the dispatcher that honours the proxy settings, and the limit of one attempt. */
export interface Network {
  readonly dispatcher?: Dispatcher | undefined;
  readonly attemptTimeoutMs?: number;
}

/** What came back, before anyone judged it. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** The other side's clock, milliseconds, where it told. */
  readonly date?: number;
}

export const ATTEMPT_TIMEOUT_MS = 10_000;
const ANSWER_LIMIT_BYTES = 1024 * 1024;

interface Sendable {
  readonly method?: string | undefined;
  readonly headers: Headers;
  readonly body?: unknown;
}

/** One call through undici: our proxy rules, no redirects, bounded size. */
export const send = async (
  url: string,
  options: Sendable,
  dispatcher: Dispatcher | undefined,
  signal: AbortSignal,
): Promise<HttpAnswer> => {
  const headers = Object.fromEntries(options.headers);
  let body: string | undefined;
  if (options.body instanceof URLSearchParams) {
    body = options.body.toString();
    headers['content-type'] ??= 'application/x-www-form-urlencoded;charset=UTF-8';
  } else if (typeof options.body === 'string') {
    body = options.body;
  }
  const response = await wholeUndici().request(url, {
    method: (options.method ?? 'GET').toUpperCase(),
    headers: { accept: 'application/json', ...headers },
    body: body ?? null,
    signal,
    ...(dispatcher && { dispatcher }),
  });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response.body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > ANSWER_LIMIT_BYTES) throw new Error('the answer is longer than 1 MiB');
    pieces.push(piece);
  }
  const date = Date.parse(String(response.headers['date'] ?? ''));
  const text = Buffer.concat(pieces).toString('utf8');
  return { status: response.statusCode, text, ...(Number.isNaN(date) ? {} : { date }) };
};

/** A JSON GET with a bearer token, for the account's mail address. */
export const getJson = async (
  url: string,
  token: string,
  network: Network,
  signal: AbortSignal,
): Promise<HttpAnswer> => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(network.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS)]);
  return send(url, { headers: new Headers({ authorization: `Bearer ${token}` }) }, network.dispatcher, limit);
};

/** R14: secrets travel by https, or stay on this machine. */
export const isSafeEndpoint = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
};

/** Whether an `Authorization` line can carry this (RFC 6749, appendix A.12: access-token = 1*VSCHAR). */
export const isHeaderText = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

export const isGoogleHost = (url: string): boolean => {
  const { hostname } = new URL(url);
  return isLoopback(hostname) || hostname === 'accounts.google.com' || hostname.endsWith('.googleapis.com');
};

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
