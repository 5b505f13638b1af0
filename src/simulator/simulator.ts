import { newAccount, type Account } from './account.ts';
import { createMeter, newApiKey, newProject, type ApiKeys } from './api-keys.ts';
import { CLOUD_SCOPE } from './bearer.ts';
import { codeAssistRoutes } from './code-assist.ts';
import type { Router } from './exchange.ts';
import { createFaultQueue, matches, type Fault, type Target } from './fault-queue.ts';
import { answering, type ScriptedChunk } from './faults.ts';
import { geminiApiRoutes } from './gemini-api.ts';
import { keptRoutes } from './kept/routes.ts';
import { createKept } from './kept/shelf.ts';
import type { Kept } from './kept/shelf.ts';
import { vertexKeptRoutes } from './kept/vertex.ts';
import { createLiveSockets } from './live/sockets.ts';
import type { LiveControl } from './live/sockets.ts';
import { CLIENTS, GEMINI_CLI_CLIENT, OWN_CLIENT } from './oauth-clients.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { createRecording, type RecordedRequest } from './recording.ts';
import { startServer } from './server.ts';
import { newServiceAccount, type ServiceAccounts } from './service-account.ts';
import { createTokens } from './tokens.ts';
import type { Fields } from './values.ts';
import { vertexRoutes } from './vertex.ts';

export type { Account, Standing } from './account.ts';
export type { RecordedRequest } from './recording.ts';

export interface SimulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Where the account differs from the usual one: a standard tier with a project. */
  readonly account?: Partial<Account>;
  /** Further OAuth clients, their secrets by their ids. */
  readonly clients?: Readonly<Record<string, string>>;
  /** The clock of tokens and recordings. */
  readonly now?: () => number;
}

/** Credentials as Gemini CLI keeps them. */
export interface CliCredentials {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly token_type: 'Bearer';
  readonly expiry_date: number;
}

export interface IssueOptions {
  /** The access token has run out already. */
  readonly expired?: boolean;
  readonly scope?: string;
}

export interface Simulator {
  /** Base address of all three doors. */
  readonly url: string;
  readonly tokenUrl: string;
  readonly authUrl: string;
  /** A login of Gemini CLI's client, good for an hour. */
  readonly credentials: CliCredentials;
  /** The same login as a client of one's own keeps it, in the authorized_user form. */
  readonly authorizedUser: Fields;
  readonly apiKey: string;
  /** All keys of the Gemini API with their projects and quotas (`api-keys.ts`); `apiKey` alone at the start. */
  readonly apiKeys: ApiKeys;
  /** What it keeps for the projects of its keys. */
  readonly kept: Kept;
  /** Sessions of the Live API. */
  readonly live: LiveControl;
  /** Change it to play another account. */
  readonly account: Account;
  readonly requests: readonly RecordedRequest[];
  /** Requests of one kind. */
  asked(target: Target): readonly RecordedRequest[];
  /** Requests that carried a key or a token in their address. */
  leaks(): readonly RecordedRequest[];
  /** Each fault for one matching request, in this order. */
  next(target: Target, ...faults: readonly Fault[]): void;
  /** For every matching request, until `clear`. */
  always(target: Target, fault: Fault): void;
  /** Exact chunks for the next generating request, once it has passed all checks. */
  answer(...chunks: readonly ScriptedChunk[]): void;
  /** Faults queued and not yet played. */
  waiting(): number;
  /** Forgets the recordings and all faults. */
  clear(): void;
  /** `clear`, and the account, the keys and the two logins above are as they were at the start. */
  reset(): void;
  /** A further login. */
  issue(options?: IssueOptions): CliCredentials;
  /** A service account's JSON key file. */
  serviceAccount(): Promise<Fields>;
  expireTokens(): void;
  /** The owner withdraws all access: refreshes end in `invalid_grant`. */
  revokeTokens(): void;
  /** Connections open now. */
  connections(): number;
  /** Settles when `condition` holds; rejects after a while (5 s by default). */
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const SCOPE = `${CLOUD_SCOPE} https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile`;

const SECRETS_IN_ADDRESS = ['key', 'access_token', 'refresh_token', 'token', 'client_secret'];

const POLL_MS = 5;

/**
 * Google's side of the relay on a real socket: login and tokens, Code Assist, the Gemini API and Vertex AI, as strict
 * as they are, with a small deterministic model behind them (`phrases.ts` has what it understands).
 *
 *     const google = await startSimulator();
 *     google.next('streamGenerateContent', rateLimited({ retryDelay: '2s' }), resetAfter(3));
 *     google.answer(...says('Hello', ' there'));
 *     google.account.standing = 'unsupported-client';
 *     google.asked('token').length;
 *
 * Faults are in `faults.ts` and `google-faults.ts`, pieces of answers in `scripted.ts`.
 */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const now = options.now ?? (() => Date.now());
  const account = Object.assign(newAccount(), options.account);
  const tokens = createTokens(now);
  const recording = createRecording(now);
  const faults = createFaultQueue();
  const serviceAccounts: ServiceAccounts = new Map();
  const clients = new Map([...CLIENTS, ...Object.entries(options.clients ?? {})]);
  const apiKey = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;

  const kept = createKept();
  const meter = createMeter(now);
  const apiKeys: ApiKeys = new Map();
  const restoreKeys = (): void => {
    meter.clear();
    apiKeys.clear();
    apiKeys.set(apiKey, newApiKey(newProject('simulated-project')));
  };
  restoreKeys();

  let url = '';
  const routers: readonly Router[] = [
    oauthRoutes({ account, tokens, clients, serviceAccounts, tokenUrl: () => `${url}/token`, now }),
    codeAssistRoutes({ account, tokens, now }),
    vertexKeptRoutes({ account, tokens, kept, now }),
    vertexRoutes({ account, tokens, kept }),
    keptRoutes({ account, apiKeys, kept, now, url: () => url, charge: meter.charge }),
    geminiApiRoutes({ account, apiKeys, meter, kept }),
  ];
  const routes: Router = (method, path) => {
    for (const router of routers) {
      const route = router(method, path);
      if (route) return route;
    }
    return undefined;
  };
  const live = createLiveSockets({ account, apiKeys, tokens, kept, charge: meter.charge, recording });
  const server = await startServer({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    routes,
    faults,
    recording,
    now,
    upgrade: live.upgrade,
  });
  ({ url } = server);

  const issue = ({ expired = false, scope = SCOPE }: IssueOptions = {}): CliCredentials => {
    const access = tokens.issueAccess(scope, expired ? -60 : account.tokenLifetime);
    return {
      access_token: access.token,
      refresh_token: tokens.issueRefresh(GEMINI_CLI_CLIENT, scope),
      scope,
      token_type: 'Bearer',
      expiry_date: access.expiresAt,
    };
  };

  const issueAuthorizedUser = (): Fields => {
    const access = tokens.issueAccess(SCOPE, account.tokenLifetime);
    return {
      client_id: OWN_CLIENT.id,
      client_secret: OWN_CLIENT.secret,
      token: access.token,
      refresh_token: tokens.issueRefresh(OWN_CLIENT.id, SCOPE),
      scopes: SCOPE.split(' '),
      token_uri: `${url}/token`,
      expiry: new Date(access.expiresAt).toISOString(),
    };
  };

  const credentials = issue();
  const authorizedUser = issueAuthorizedUser();
  tokens.keep();

  const clear = (): void => {
    recording.clear();
    faults.clear();
  };

  return {
    url,
    tokenUrl: `${url}/token`,
    authUrl: `${url}/o/oauth2/v2/auth`,
    credentials,
    authorizedUser,
    apiKey,
    apiKeys,
    kept,
    live,
    account,
    requests: recording.requests,
    asked: (target) => recording.requests.filter((request) => matches(target, request)),
    leaks: () =>
      recording.requests.filter(({ query, operation }) =>
        SECRETS_IN_ADDRESS.some((name) => query.has(name) && operation !== 'authorize'),
      ),
    next: faults.next,
    always: faults.always,
    answer: (...chunks) => {
      faults.next('generate', answering(...chunks));
    },
    waiting: faults.waiting,
    clear,
    reset: () => {
      clear();
      tokens.restore();
      restoreKeys();
      kept.clear();
      live.clear();
      Object.assign(account, newAccount(), options.account);
    },
    issue,
    serviceAccount: () => newServiceAccount(serviceAccounts, { project: account.project, tokenUrl: `${url}/token` }),
    expireTokens: tokens.expireAll,
    revokeTokens: tokens.revokeAll,
    connections: server.connections,
    until: async (condition, timeoutMs = 5000) => {
      const end = performance.now() + timeoutMs;
      while (!condition()) {
        if (performance.now() > end) throw new Error(`not so within ${timeoutMs} ms: ${condition.toString()}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    close: server.close,
  };
};
