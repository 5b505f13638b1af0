/** The relay's door to Google, set up as the relay would, for questions of a diagnosis. */
import { createAccessTokens } from '../credentials/access-token.ts';
import type { AccessTokens } from '../credentials/access-token.ts';
import { createCloudTokens } from '../credentials/adc.ts';
import { userinfoUrlFor } from '../credentials/google-client.ts';
import { userinfo } from '../credentials/login-account.ts';
import { createCatalogue } from '../gemini/catalogue.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { createSignatureCache, SIGNATURE_LIMITS } from '../gemini/signatures.ts';
import { silentLogger } from '../log.ts';
import type { System } from '../system.ts';
import { openDoor } from '../upstreams/index.ts';
import type { Door } from '../upstreams/index.ts';
import { createTransport } from '../upstreams/transport.ts';
import type { Transport } from '../upstreams/transport.ts';
import { hostOf } from '../upstreams/vertex/place.ts';
import { userAgentOf } from '../version.ts';
import type { Facts } from './facts.ts';

export interface Google {
  readonly transport: Transport;
  /** Of the door in use. */
  readonly tokens: AccessTokens;
  /** Whose login it is, as far as Google tells. */
  accountOf(token: string, signal: AbortSignal): Promise<string | undefined>;
  readonly catalogue: Catalogue;
  readonly door: Door;
  /** Where tokens are refreshed; undefined where a key or the machine itself does without. */
  readonly tokenUrl: string | undefined;
  /** Where models answer; undefined while no way is open. */
  readonly endpoint: string | undefined;
  close(): Promise<void>;
}

export const openGoogle = (facts: Facts, system: System, limitMs: number): Google => {
  const { config, credentials, oauth, adc, adcSource, apiKeys, decision } = facts;
  const soon = (ms: number): number => Math.min(ms, limitMs);
  const connectTimeoutMs = soon(config.network.connectTimeoutMs);
  const userAgent = userAgentOf(config.upstream.userAgent);
  const transport = createTransport({ ...config.network, connectTimeoutMs, userAgent }, system);
  const { store } = credentials;
  const network = { dispatcher: transport.dispatcher, attemptTimeoutMs: limitMs };
  const needs = { store, oauth, network, system, log: silentLogger, adc };
  const login = createAccessTokens(needs);
  const cloud = createCloudTokens(login, needs);
  const catalogue = createCatalogue(config.moreModels);
  const door = openDoor(
    { ...config.upstream, project: config.credentials.project, maxRetries: 0 },
    {
      apiKeys: apiKeys && { keys: apiKeys.keys, onChange: () => () => undefined },
      transport,
      tokens: login,
      cloudTokens: cloud,
      atHand: { credentials: credentials.stored.kind, hasAdc: adcSource !== undefined },
      catalogue,
      signatures: createSignatureCache(SIGNATURE_LIMITS, system),
      system,
      log: silentLogger,
    },
  );
  return {
    transport,
    tokens: decision.name === 'vertex' ? cloud : login,
    accountOf: async (token, signal) =>
      (await userinfo(token, { userinfoUrl: userinfoUrlFor(oauth.tokenUrl), network, signal })).email,
    catalogue,
    door,
    tokenUrl: tokenUrlOf(facts),
    endpoint: endpointOf(facts),
    close: async () => {
      await door.close();
      await login.close();
      await cloud.close();
      await transport.close();
    },
  };
};

const tokenUrlOf = ({ decision, credentials: { stored }, oauth }: Facts): string | undefined => {
  if (decision.name === 'gemini-api') return undefined;
  if (stored.kind === 'oauth') return stored.credentials.tokenUri ?? oauth.tokenUrl;
  // Other kinds of credentials name an address of their own, and the refresh will tell whether it answers.
  return decision.name === 'vertex' ? undefined : oauth.tokenUrl;
};

const endpointOf = ({ decision, config: { upstream } }: Facts): string | undefined => {
  switch (decision.name) {
    case 'code-assist':
      return upstream.codeAssistEndpoint;
    case 'gemini-api':
      return upstream.geminiApiEndpoint;
    case 'vertex':
      return upstream.vertexEndpoint ?? hostOf(upstream.location);
    case 'none':
      return undefined;
  }
};
