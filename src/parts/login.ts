/** What lets the relay in at Google where no key does: the login, its tokens, and those that the machine itself has. */
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { createAccessTokens } from '../credentials/access-token.ts';
import type { LoginTokens } from '../credentials/access-token.ts';
import { createCloudTokens, wellKnownAdcFile } from '../credentials/adc.ts';
import { watchAdc } from '../credentials/adc-watch.ts';
import { toOAuthSettings, userinfoUrlFor } from '../credentials/google-client.ts';
import { createRemoteLogin } from '../credentials/remote-login.ts';
import type { RemoteLogin } from '../credentials/remote-login.ts';
import { openStore } from '../credentials/store.ts';
import type { CredentialStore } from '../credentials/store.ts';
import type { StoredCredentials } from '../credentials/stored.ts';
import type { Logger } from '../log.ts';
import type { Redactor } from '../redactor.ts';
import type { State } from '../state/state.ts';
import type { System } from '../system.ts';
import type { Transport } from '../upstreams/transport.ts';

export interface LoginNeeds {
  readonly network: Pick<Transport, 'dispatcher'>;
  readonly shared: State | undefined;
  readonly redactor: Redactor;
  readonly system: System;
  readonly log: Logger;
}

export interface Login {
  readonly store: CredentialStore;
  readonly tokens: LoginTokens;
  /** Of Vertex AI: of the login, or of the machine. */
  readonly cloudTokens: ReturnType<typeof createCloudTokens>;
  /** Its fields change with what is there. */
  readonly atHand: { readonly credentials: StoredCredentials['kind']; readonly hasAdc: boolean };
  /** Without a terminal. */
  readonly remote: RemoteLogin;
}

export const openLogin = async (
  { credentials }: Pick<Config, 'credentials'>,
  { network, shared, redactor, system, log }: LoginNeeds,
): Promise<Login> => {
  const { json, file, oauth, googleEnv } = credentials;
  const store = guarded(
    await openStore({
      variable: json === undefined ? undefined : { name: 'GEMINI_CREDENTIALS', value: json },
      path: file,
      system,
      log,
    }),
    redactor,
  );
  /** Listens before all who choose a door by it. */
  const atHand = { credentials: store.current().kind, hasAdc: false };
  store.onChange(() => {
    atHand.credentials = store.current().kind;
  });
  const needs = {
    store,
    network,
    system,
    log,
    oauth: toOAuthSettings(oauth),
    adc: {
      wellKnownFile: wellKnownAdcFile(googleEnv),
      metadataHost: googleEnv['GCE_METADATA_HOST'],
      quotaProjectId: googleEnv['GOOGLE_CLOUD_QUOTA_PROJECT'],
    },
  };
  const tokens = createAccessTokens({ ...needs, state: shared });
  await watchAdc(needs, (isThere) => {
    atHand.hasAdc = isThere;
  });
  return {
    store,
    tokens,
    cloudTokens: createCloudTokens(tokens, { ...needs, isThere: () => atHand.hasAdc }),
    atHand,
    remote: createRemoteLogin({
      oauth: needs.oauth,
      userinfoUrl: userinfoUrlFor(needs.oauth.tokenUrl),
      file,
      variableIsSet: json !== undefined,
      // Nothing is taken over from there.
      geminiHome: dirname(file),
      network,
      system,
      log,
      onDone: () => store.reload(),
    }),
  };
};

/** Every secret that the store holds or is given is hidden in all output from then on. */
const guarded = (store: CredentialStore, redactor: Redactor): CredentialStore => {
  const hide = (): void => {
    const stored = store.current();
    if (stored.kind !== 'oauth') return;
    const { accessToken, refreshToken, clientSecret } = stored.credentials;
    redactor.addPassing(accessToken, refreshToken, clientSecret);
  };
  hide();
  store.onChange(hide);
  return {
    ...store,
    save: (identity, update) => {
      redactor.addPassing(update.accessToken, update.refreshToken);
      return store.save(identity, update);
    },
  };
};
