/** The access token for Google: from the store while it lasts, renewed in time, gone only for a reason one can read. */
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import type { CredentialsFormat, OAuthCredentials } from './formats.ts';
import { isGoogleHost, isHeaderText, isSafeEndpoint } from './google-client.ts';
import type { Network, OAuthSettings } from './google-client.ts';
import type { CredentialStore } from './store.ts';
import { LOGIN_ADVICE, LOGIN_ANEW } from './stored.ts';
import { createSharedLogin } from './shared-login.ts';
import type { State } from '../state/state.ts';
import { refreshTokens } from './token-endpoint.ts';
import type { TokenAnswer, TokenOutcome } from './token-endpoint.ts';
import { createTokenKeeper } from './token-keeper.ts';
import type { Attempt, HeldToken } from './token-keeper.ts';

export interface AccessToken {
  readonly token: string;
  /** Changes when the login does: the key for what is remembered about an account. */
  readonly identity: string;
  /** For the header x-goog-user-project, where the credentials name one. */
  readonly quotaProjectId: string | undefined;
}

export type CredentialStatus =
  'healthy' | 'starting' | 'login_required' | 'credentials_invalid' | 'config_error' | 'token_unavailable';

/** What /health tells. `status` and `message` are for everyone, `detail` for callers with a key. */
export interface CredentialState {
  readonly status: CredentialStatus;
  /** What is wrong, or worth knowing though all is well. */
  readonly message?: string | undefined;
  readonly fix?: string | undefined;
  readonly detail: {
    readonly source: 'environment' | 'file' | 'application-default';
    readonly format?: CredentialsFormat | 'adc';
    readonly expiresAt?: number;
    readonly persisted: boolean;
    readonly revoked: boolean;
  };
}

/** `failed`: it is tried again. */
export type RefreshResult = 'ok' | 'failed' | 'refused' | 'revoked';

export interface AccessTokens {
  /** Without waiting, where one is at hand that lasts. */
  known(): AccessToken | undefined;
  /** Throws RelayError UNAVAILABLE; its reason is a CredentialStatus. */
  get(signal: AbortSignal): Promise<AccessToken>;
  /** Google refused this token: the next `get` brings another one, unless that has happened already. */
  discard(token: string): void;
  /** Without any I/O. */
  readonly state: () => CredentialState;
  /** Undefined while there are no usable credentials. */
  readonly identity: () => string | undefined;
  /** The project that the credentials name themselves. */
  readonly projectId: () => string | undefined;
  /** Called when other credentials have come into force. Returns the way to stop it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Those of the login. */
export interface LoginTokens extends AccessTokens {
  /** How renewals have ended since the start. */
  readonly refreshes: Readonly<Record<RefreshResult, number>>;
}

export interface AccessTokenNeeds {
  readonly store: CredentialStore;
  readonly oauth: OAuthSettings;
  readonly network: Network;
  readonly system: System;
  readonly log: Logger;
  /** Where other relays use the same login. */
  readonly state?: State | undefined;
}

export const createAccessTokens = (needs: AccessTokenNeeds): LoginTokens => {
  const { store, oauth, network, system, log, state } = needs;
  const shared = state && createSharedLogin(state, system);
  let revoked = false;
  /** Google took it no longer. */
  let refused: string | undefined;
  const refreshes: Record<RefreshResult, number> = { ok: 0, failed: 0, refused: 0, revoked: 0 };
  const warnedHosts = new Set<string>();

  const attempt = async (signal: AbortSignal): Promise<Attempt> => {
    const stored = store.current();
    if (stored.kind !== 'oauth') return refuse(...withoutLogin(stored));
    const { credentials, identity } = stored;
    if (credentials.refreshToken === undefined) return refuse('login_required', NO_REFRESH_TOKEN, LOGIN_ADVICE);
    const client = clientOf(credentials, oauth);
    if (!isSafeEndpoint(client.tokenUrl))
      return refuse('credentials_invalid', UNSAFE_ENDPOINT, `Fix it, or ${LOGIN_ANEW}`);
    warnOfHost(client.tokenUrl);

    const refresh = (token: string): Promise<TokenOutcome> => refreshTokens(client, token, network, signal);
    const outcome = await (shared
      ? shared.renew(credentials.refreshToken, refused, refresh, signal)
      : refresh(credentials.refreshToken));
    const isKnown = outcome.kind === 'revoked' && revoked;
    if (outcome.kind !== 'found' && !isKnown) refreshes[REFRESHED[outcome.kind]] += 1;
    if (outcome.kind === 'tokens' || outcome.kind === 'found') {
      revoked = false;
      // A new refresh token is on disk before anyone goes on: Google may have ended the old one already (R2).
      await store.save(identity, toUpdate(outcome));
      const message = outcome.kind === 'found' ? 'credentials taken over from another relay' : 'credentials refreshed';
      log.info(message, { expiresInMs: outcome.lifetimeMs });
      return { kind: 'token', token: outcome.accessToken, lifetimeMs: outcome.lifetimeMs };
    }
    if (outcome.kind === 'trouble') {
      log.debug('token call failed', { problem: outcome.message, detail: outcome.detail });
      return outcome;
    }
    // Somebody may have logged in a moment ago; the change starts a renewal of its own.
    await store.reload();
    if (refreshTokenOf(store) !== credentials.refreshToken) return CHANGED;
    if (outcome.kind === 'revoked') {
      revoked = true;
      if (!isKnown) log.error('Google has revoked the login', { detail: outcome.detail, fix: 'npm run login' });
      // Another relay may have its successor, and not have been able to tell.
      return { ...refuse('login_required', REVOKED, LOGIN_ADVICE), ...(shared && { lookAgainMs: LOOK_AGAIN_MS }) };
    }
    log.error('Google refuses the OAuth client of the credentials', { code: outcome.code, detail: outcome.detail });
    return refuse('config_error', CLIENT_REFUSED, NAME_CLIENT);
  };

  const toUpdate = (answer: Omit<TokenAnswer, 'kind'>) => ({ ...answer, expiresAt: system.now() + answer.lifetimeMs });

  /** R14: used, since the owner wrote it there, but not without a word. */
  const warnOfHost = (url: string): void => {
    const { host } = new URL(url);
    if (isGoogleHost(url) || warnedHosts.has(host)) return;
    warnedHosts.add(host);
    log.warn('the token endpoint is not on a host of Google', { host });
  };

  const keeper = createTokenKeeper({ attempt, system, log });
  keeper.reset(heldIn(store, system));

  /** What is in force: whose login it is, and for which project. Its tokens are renewed without a word. */
  let inForce = store.current();
  const stopWatching = store.onChange(() => {
    inForce = store.current();
    revoked = false;
    keeper.reset(heldIn(store, system));
  });
  state?.onReady(() => {
    shared?.tellAgain();
    // Another relay may have the successor of what Google takes no longer.
    if (revoked) keeper.reset(heldIn(store, system));
  });

  const withIdentity = (token: string): AccessToken => {
    if (inForce.kind !== 'oauth') throw refusal(...withoutLogin(inForce));
    return { token, identity: inForce.identity, quotaProjectId: inForce.credentials.quotaProjectId };
  };

  return {
    known: () => {
      const token = keeper.known();
      return token === undefined ? undefined : withIdentity(token);
    },
    get: async (signal) => withIdentity(await keeper.get(signal)),
    refreshes,
    discard: (token) => {
      refused = token;
      keeper.discard(token);
    },
    state: () => {
      const stored = store.current();
      const expiresAt = keeper.expiresAt();
      const persisted = store.persisted();
      const detail = { source: store.source, persisted, revoked };
      if (stored.kind !== 'oauth') {
        const [status, message, fix] = withoutLogin(stored);
        return {
          status,
          message,
          fix,
          detail: { ...detail, ...(stored.kind === 'adc' && { format: 'adc' as const }) },
        };
      }
      const failure = keeper.failure();
      return {
        status: failure ? toStatus(failure.reason) : 'healthy',
        ...(failure ? { message: failure.problem, fix: failure.fix } : !persisted && NOT_PERSISTED),
        detail: { ...detail, format: stored.credentials.format, ...(expiresAt !== undefined && { expiresAt }) },
      };
    },
    identity: () => (inForce.kind === 'oauth' ? inForce.identity : undefined),
    projectId: () => (inForce.kind === 'oauth' ? inForce.credentials.projectId : undefined),
    onChange: (listener) => store.onChange(listener),
    close: async () => {
      stopWatching();
      keeper.close();
      await store.close();
    },
  };
};

const REFRESHED = { tokens: 'ok', trouble: 'failed', revoked: 'revoked', 'client-refused': 'refused' } as const;

const LOOK_AGAIN_MS = 3000;

const CHANGED: Attempt = { kind: 'trouble', message: 'the credentials have changed', again: false };

const NO_REFRESH_TOKEN = 'The Google access token has expired, and the credentials hold no refresh token.';
const REVOKED = "Google has revoked the relay's login.";
const CLIENT_REFUSED = 'Google refuses the OAuth client that belongs to the credentials.';
const NAME_CLIENT =
  'Set GOOGLE_OAUTH_CLIENT_ID and GOOGLE_OAUTH_CLIENT_SECRET to the client that made them, or ' + LOGIN_ANEW;
const UNSAFE_ENDPOINT = 'The token_uri of the credentials must be an https address (http only on this machine).';
const NOT_PERSISTED = {
  message:
    'New tokens are kept in memory only, for the credentials file cannot be written, or holds no login any more (the log ' +
    'says which).',
  fix: 'Make the file and its directory writable, or put the login back.',
};

/** The client that the refresh token was made with; Google takes it from no other. */
const clientOf = (credentials: OAuthCredentials, oauth: OAuthSettings): OAuthSettings => {
  const own = credentials.clientId === undefined || credentials.clientId === oauth.clientId;
  return {
    ...oauth,
    clientId: credentials.clientId ?? oauth.clientId,
    clientSecret: credentials.clientSecret ?? (own ? oauth.clientSecret : undefined),
    tokenUrl: credentials.tokenUri ?? oauth.tokenUrl,
  };
};

const heldIn = (store: CredentialStore, system: System): HeldToken | undefined => {
  const stored = store.current();
  if (stored.kind !== 'oauth') return undefined;
  const { accessToken, expiresAt, refreshToken } = stored.credentials;
  if (accessToken === undefined || !isHeaderText(accessToken)) return undefined;
  if (expiresAt !== undefined) return { token: accessToken, expiresAt };
  // No date, and nothing to renew it with: worth trying until Google refuses it.
  return refreshToken === undefined ? { token: accessToken, expiresAt: system.now() + UNDATED_MS } : undefined;
};

const UNDATED_MS = 3_600_000;

const refreshTokenOf = (store: CredentialStore): string | undefined => {
  const stored = store.current();
  return stored.kind === 'oauth' ? stored.credentials.refreshToken : undefined;
};

type Refusal = Extract<CredentialStatus, 'login_required' | 'credentials_invalid' | 'config_error'>;

const withoutLogin = (
  stored: Exclude<ReturnType<CredentialStore['current']>, { kind: 'oauth' }>,
): [status: Refusal, problem: string, fix: string] => {
  switch (stored.kind) {
    case 'missing':
      return ['login_required', stored.problem, stored.fix];
    case 'invalid':
      return ['credentials_invalid', stored.problem, stored.fix];
    case 'adc':
      return [
        'config_error',
        `The credentials are of type ${stored.type}, which only Vertex AI takes.`,
        'Set UPSTREAM=vertex.',
      ];
  }
};

/** Trouble with the relay's own account is never the client's 401. */
export const refusal = (reason: Refusal, problem: string, fix?: string): RelayError => failed(reason, problem, { fix });

const refuse = (reason: Refusal, problem: string, fix: string): Attempt => ({
  kind: 'refused',
  error: refusal(reason, problem, fix),
});

export const toStatus = (reason: string | undefined): CredentialStatus =>
  reason === 'login_required' || reason === 'credentials_invalid' || reason === 'config_error'
    ? reason
    : 'token_unavailable';
