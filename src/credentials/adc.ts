/** Access tokens from Application Default Credentials: a file, gcloud's login, or the machine itself. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RelayError } from '../errors.ts';
import { isObject } from '../json.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { wholeUndici } from '../engine/undici.ts';
import { refusal, toStatus } from './access-token.ts';
import type { AccessToken, AccessTokens } from './access-token.ts';
import { AdcProblem } from './adc-problem.ts';
import { SECOND_MS } from './expiry.ts';
import { ReadFailure, readSmallFile } from './file.ts';
import { decodeText } from './formats.ts';
import { isHeaderText } from './google-client.ts';
import type { HttpAnswer, Network } from './google-client.ts';
import type { CredentialStore } from './store.ts';
import { abortable, createTokenKeeper } from './token-keeper.ts';
import type { Attempt } from './token-keeper.ts';

export interface AdcSettings {
  /** Where gcloud keeps its login; see `wellKnownAdcFile`. */
  readonly wellKnownFile: string | undefined;
  /** GOOGLE_CLOUD_QUOTA_PROJECT: wins over the one that the file names. */
  readonly quotaProjectId?: string | undefined;
  /** GCE_METADATA_HOST: whoever sets it says that there is such a server. */
  readonly metadataHost?: string | undefined;
}

export interface AdcNeeds {
  /** Holds the file of GOOGLE_APPLICATION_CREDENTIALS, should that be one of Application Default Credentials. */
  readonly store: CredentialStore;
  readonly adc: AdcSettings;
  readonly network: Network;
  readonly system: System;
  readonly log: Logger;
  /** Whether there are any, as far as is known without asking (`findAdc`); absent: nobody has looked. */
  readonly isThere?: (() => boolean) | undefined;
}

/** Where `gcloud auth application-default login` leaves its file. */
export const wellKnownAdcFile = (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  findHome: () => string = homedir,
): string | undefined => {
  const base = platform === 'win32' ? env['APPDATA'] : configFolder(env['HOME'], findHome);
  const directory = env['CLOUDSDK_CONFIG'] ?? (base === undefined ? undefined : join(base, 'gcloud'));
  return directory === undefined ? undefined : join(directory, 'application_default_credentials.json');
};

/** Undefined for an account without a home, such as a bare user id in a container. */
const configFolder = (home: string | undefined, findHome: () => string): string | undefined => {
  try {
    return join(home ?? findHome(), '.config');
  } catch {
    return undefined;
  }
};

export type AdcSource = 'file' | 'gcloud' | 'machine';

/**
 * Where Application Default Credentials would come from, without asking the network; undefined: there are none. Rejects
 * with ReadFailure where the system refuses to say.
 */
export const findAdc = async ({ store, adc }: Pick<AdcNeeds, 'store' | 'adc'>): Promise<AdcSource | undefined> => {
  if (store.current().kind === 'adc') return 'file';
  if (adc.wellKnownFile !== undefined && (await readIfAny(adc.wellKnownFile))) return 'gcloud';
  return adc.metadataHost !== undefined || (await isGoogles()) ? 'machine' : undefined;
};

/** What is no file is none. */
const readIfAny = (path: string): ReturnType<typeof readSmallFile> =>
  readSmallFile(path).catch((error: unknown) => {
    if (error instanceof ReadFailure) throw error;
    return undefined;
  });

/**
 * Whether this machine is one of Google's. That part of the library alone: the whole takes 40 ms and 15 MB, and a relay
 * that runs on a key has no other use for it.
 */
const isGoogles = async (): Promise<boolean> =>
  (await import('gcp-metadata/build/src/gcp-residency.js')).detectGCPResidency();

/** The owner's login where there is one, else Application Default Credentials: what Google Cloud itself takes. */
export const createCloudTokens = (own: AccessTokens, needs: AdcNeeds): AccessTokens => {
  const adc = createAdcTokens(needs);
  const inUse = (): AccessTokens => {
    const { kind } = needs.store.current();
    return kind === 'oauth' || kind === 'invalid' ? own : adc;
  };
  const withQuotaProject = (token: AccessToken): AccessToken => ({
    ...token,
    quotaProjectId: needs.adc.quotaProjectId ?? token.quotaProjectId,
  });
  return {
    known: () => {
      const token = inUse().known();
      return token && withQuotaProject(token);
    },
    get: async (signal) => withQuotaProject(await inUse().get(signal)),
    discard: (token) => {
      inUse().discard(token);
    },
    state: () => inUse().state(),
    identity: () => inUse().identity(),
    projectId: () => inUse().projectId(),
    onChange: (listener) => needs.store.onChange(listener),
    close: () => adc.close(),
  };
};

export const createAdcTokens = ({ store, adc, network, system, log, isThere }: AdcNeeds): AccessTokens => {
  let loaded: Loaded | undefined = fromStore(store);
  let reported = '';

  const refuse = (error: RelayError, detail: string): Attempt => {
    if (reported !== error.message) log.error(error.message, detail === '' ? {} : { detail });
    reported = error.message;
    return { kind: 'refused', error, lookAgainMs: LOOK_AGAIN_MS };
  };

  const attempt = async (signal: AbortSignal): Promise<Attempt> => {
    const heard: HttpAnswer[] = [];
    const { createAdcClient, createMachineClient } = await import('./adc-client.ts');
    try {
      loaded = fromStore(store) ?? (await fromGcloud(adc.wellKnownFile));
      if (!loaded && !(await isOnGoogle(adc, signal))) return refuse(noAdc(), '');
      const client = loaded
        ? createAdcClient(loaded.json, { network, signal, heard: (answer) => heard.push(answer) })
        : createMachineClient();
      // The machine's client knows no signal.
      const { token } = await abortable(client.getAccessToken(), signal);
      if (typeof token !== 'string' || token === '') return trouble('the answer held no access token');
      if (!isHeaderText(token)) return trouble('the answer held an access token that no HTTP header can carry');
      reported = '';
      const lifetimeMs = (client.credentials.expiry_date ?? system.now() + UNSAID_MS) - system.now();
      return { kind: 'token', token, lifetimeMs: Math.max(lifetimeMs, SHORTEST_MS) };
    } catch (error) {
      if (error instanceof AdcProblem) {
        return refuse(
          refusal(
            'credentials_invalid',
            `The file of Application Default Credentials ${error.message}.`,
            'Fix it, or name another file in GOOGLE_APPLICATION_CREDENTIALS.',
          ),
          '',
        );
      }
      return judge(heard.at(-1), error, loaded?.type);
    }
  };

  const judge = (answer: HttpAnswer | undefined, error: unknown, type: string | undefined): Attempt => {
    if (!answer) return trouble(describe(error));
    const code = errorCode(answer.text);
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429 && code !== '') {
      const fix = type === 'authorized_user' ? LOGIN_GCLOUD : CHECK_ACCOUNT;
      const reason = type === 'authorized_user' && code === 'invalid_grant' ? 'login_required' : 'config_error';
      return refuse(refusal(reason, `Google refuses the Application Default Credentials (${code}).`, fix), '');
    }
    return trouble(`Google's token service answered ${answer.status}`);
  };

  const keeper = createTokenKeeper({ attempt, system, log });
  const stopWatching = store.onChange(() => {
    loaded = fromStore(store);
    keeper.reset();
  });

  const withIdentity = (token: string): AccessToken => ({
    token,
    identity: loaded?.identity ?? MACHINE,
    quotaProjectId: adc.quotaProjectId ?? loaded?.quotaProjectId,
  });

  return {
    known: () => {
      const token = keeper.known();
      return token === undefined ? undefined : withIdentity(token);
    },
    get: async (signal) => withIdentity(await keeper.get(signal)),
    discard: (token) => {
      keeper.discard(token);
    },
    state: () => {
      const expiresAt = keeper.expiresAt();
      const isMissing = !loaded && expiresAt === undefined && isThere?.() === false;
      const failure = keeper.failure() ?? (isMissing ? noAdc() : undefined);
      return {
        status: failure ? toStatus(failure.reason) : 'healthy',
        ...(failure && { message: failure.problem, fix: failure.fix }),
        detail: {
          source: 'application-default',
          format: 'adc',
          persisted: true,
          revoked: false,
          ...(expiresAt !== undefined && { expiresAt }),
        },
      };
    },
    identity: () => loaded?.identity ?? MACHINE,
    projectId: () => loaded?.projectId,
    onChange: (listener) => store.onChange(listener),
    close: () => {
      stopWatching();
      keeper.close();
      return Promise.resolve();
    },
  };
};

interface Loaded {
  readonly json: unknown;
  readonly type: string | undefined;
  readonly identity: string;
  readonly projectId: string | undefined;
  readonly quotaProjectId: string | undefined;
}

const MACHINE = 'machine';
const LOOK_AGAIN_MS = 10 * SECOND_MS;
const UNSAID_MS = 600 * SECOND_MS;
const SHORTEST_MS = 60 * SECOND_MS;
const PROBE_MS = 1000;

const NO_ADC = 'There are no Google credentials for Vertex AI.';
const GET_ADC =
  'Name a service account file in GOOGLE_APPLICATION_CREDENTIALS, or run ' +
  '`gcloud auth application-default login`, or `npm run login`.';
const noAdc = (): RelayError => refusal('login_required', NO_ADC, GET_ADC);
const LOGIN_GCLOUD = 'Run `gcloud auth application-default login`.';
const CHECK_ACCOUNT = 'Check that the account and its key still exist and may use Vertex AI.';

const fromStore = (store: CredentialStore): Loaded | undefined => {
  const stored = store.current();
  return stored.kind === 'adc' ? load(stored.text) : undefined;
};

const fromGcloud = async (path: string | undefined): Promise<Loaded | undefined> => {
  const content = path === undefined ? undefined : await readSmallFile(path);
  return content && load(decodeText(content.bytes));
};

const load = (text: string): Loaded => {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new AdcProblem('does not parse');
  }
  const word = (name: string): string | undefined => {
    const value = isObject(json) ? json[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    json,
    type: word('type'),
    identity: createHash('sha256').update(text).digest('hex').slice(0, 16),
    projectId: word('project_id'),
    quotaProjectId: word('quota_project_id'),
  };
};

/** On a laptop nobody answers at the metadata server's address: a second is enough to know. */
const isOnGoogle = async (adc: AdcSettings, signal: AbortSignal): Promise<boolean> => {
  if (adc.metadataHost !== undefined || (await isGoogles())) return true;
  const { HOST_ADDRESS } = (await import('google-auth-library')).gcpMetadata;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
    const headers = { 'metadata-flavor': 'Google' };
    const answer = await wholeUndici().request(HOST_ADDRESS, { headers, signal: limit });
    await answer.body.dump();
    return answer.headers['metadata-flavor'] === 'Google';
  } catch {
    return false;
  }
};

const trouble = (message: string): Attempt => ({ kind: 'trouble', message, again: true });

/** `error` is a word (OAuth), or an object with a status (other services of Google). */
const errorCode = (text: string): string => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return '';
  }
  const error = isObject(body) ? body['error'] : undefined;
  const code = isObject(error) ? error['status'] : error;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '';
};

const describe = (error: unknown): string => {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === undefined ? 'no answer' : `no answer: ${code}`;
};
