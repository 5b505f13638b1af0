/** What can be known without asking the network: the ground that all checks stand on. */
import { join } from 'node:path';
import type { ApiKey } from '../config/api-keys.ts';
import type { Environment } from '../config.ts';
import type { ClientKey } from '../config/keys.ts';
import { findAdc, wellKnownAdcFile } from '../credentials/adc.ts';
import type { AdcSettings, AdcSource } from '../credentials/adc.ts';
import { readSmallFile } from '../credentials/file.ts';
import { toOAuthSettings } from '../credentials/google-client.ts';
import type { OAuthSettings } from '../credentials/google-client.ts';
import { silentLogger } from '../log.ts';
import { readRelayKey, relayKeyPath } from '../relay-key.ts';
import type { System } from '../system.ts';
import { openKeyList } from '../upstreams/doors/key-list.ts';
import type { KeyListSettings } from '../upstreams/doors/key-list.ts';
import { decideDoor } from '../upstreams/decision.ts';
import type { Decision } from '../upstreams/decision.ts';
import { openQuietStore } from './quiet-store.ts';
import type { QuietStore } from './quiet-store.ts';
import { readSettings, allSecretsIn } from './settings.ts';
import type { Settings } from './settings.ts';

export interface Facts extends Settings {
  /** The keys that open the relay: those that are set, else the one of its own making. */
  readonly keys: readonly ClientKey[];
  readonly ownKey:
    { readonly path: string; readonly exists: boolean; readonly problem: string | undefined } | undefined;
  readonly credentials: QuietStore;
  readonly oauth: OAuthSettings;
  readonly adc: AdcSettings;
  readonly adcSource: AdcSource | undefined;
  /** All API keys where there is a list of them, and what keeps the list's file from being used. */
  readonly apiKeys: { readonly keys: readonly ApiKey[]; readonly problem: string | undefined } | undefined;
  readonly decision: Decision;
  /** Logins of Gemini CLI on this machine, which a login may take over or not. */
  readonly geminiCli: { readonly plain: string | undefined; readonly encrypted: string | undefined };
  readonly secrets: readonly string[];
}

export interface FactNeeds {
  readonly env: Environment;
  readonly envFile: string;
  /** Where Gemini CLI keeps its login. */
  readonly geminiHome: string;
  readonly system: System;
}

export const gatherFacts = async ({ env, envFile, geminiHome, system }: FactNeeds): Promise<Facts> => {
  const settings = readSettings(env, envFile);
  const { config } = settings;
  const { json, file, project, googleEnv } = config.credentials;
  const credentials = await openQuietStore({
    variable: json === undefined ? undefined : { name: 'GEMINI_CREDENTIALS', value: json },
    path: file,
    system,
    log: silentLogger,
  });
  const adc: AdcSettings = {
    wellKnownFile: wellKnownAdcFile(googleEnv),
    metadataHost: googleEnv['GCE_METADATA_HOST'],
    quotaProjectId: googleEnv['GOOGLE_CLOUD_QUOTA_PROJECT'],
  };
  // One that the system refuses to read is told where tokens are asked for.
  const adcSource = await findAdc({ store: credentials.store, adc }).catch(() => undefined);
  const apiKeys = await readKeyList(config.upstream, system);
  const keyPath = relayKeyPath(file);
  let ownKey: string | undefined;
  let keyProblem: string | undefined;
  try {
    if (config.keys.length === 0) ownKey = await readRelayKey(keyPath);
  } catch (error) {
    keyProblem = error instanceof Error ? error.message : 'it cannot be read';
  }
  const keys = ownKey === undefined ? config.keys : [{ name: 'relay-key', value: ownKey }];
  return {
    ...settings,
    keys,
    ownKey: config.keys.length > 0 ? undefined : { path: keyPath, exists: ownKey !== undefined, problem: keyProblem },
    credentials,
    oauth: toOAuthSettings(config.credentials.oauth),
    adc,
    adcSource,
    apiKeys,
    decision: decideDoor({
      kind: config.upstream.kind,
      credentials: credentials.stored.kind,
      hasAdc: adcSource !== undefined,
      hasApiKey: config.upstream.geminiApiKey !== undefined || apiKeys !== undefined,
      hasProject: project !== undefined,
    }),
    geminiCli: {
      plain: await present(join(geminiHome, 'oauth_creds.json')),
      encrypted: await present(join(geminiHome, 'gemini-credentials.json')),
    },
    secrets: [
      ...config.secrets,
      ...allSecretsIn(settings.env),
      ...keys.map(({ value }) => value),
      ...(apiKeys?.keys ?? []).map(({ key }) => key),
      ...storedSecrets(credentials),
    ],
  };
};

const readKeyList = async (settings: KeyListSettings, system: System): Promise<Facts['apiKeys']> => {
  let problem: string | undefined;
  const log = {
    ...silentLogger,
    warn: (_message: string, fields: object = {}) => {
      problem = String(Object.values(fields)[0]);
    },
  };
  const list = await openKeyList(settings, { system, log, hide: () => undefined });
  await list?.close();
  return list && { keys: list.keys, problem };
};

const present = async (path: string): Promise<string | undefined> =>
  (await readSmallFile(path).catch(() => undefined)) ? path : undefined;

const storedSecrets = ({ stored }: QuietStore): string[] => {
  if (stored.kind === 'adc')
    return [
      ...stored.text.matchAll(/"(?:private_key|private_key_id|client_secret|refresh_token)"\s*:\s*"([^"]+)"/g),
    ].map(([, value = '']) => value);
  if (stored.kind !== 'oauth') return [];
  const { accessToken, refreshToken, clientSecret } = stored.credentials;
  return [accessToken, refreshToken, clientSecret].filter((secret) => secret !== undefined);
};
