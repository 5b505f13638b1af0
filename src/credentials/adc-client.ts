/** Application Default Credentials, type by type, as google-auth-library's clients. */
import {
  AwsClient,
  Compute,
  ExternalAccountAuthorizedUserClient,
  IdentityPoolClient,
  Impersonated,
  JWT,
  PluggableAuthClient,
  UserRefreshClient,
} from 'google-auth-library';
import type {
  AuthClient,
  AwsClientOptions,
  ExternalAccountAuthorizedUserClientOptions,
  IdentityPoolClientOptions,
  PluggableAuthClientOptions,
} from 'google-auth-library';
import type * as Zod from 'zod';
import { z } from '../engine/zod.ts';
import { AdcProblem } from './adc-problem.ts';
import { CLOUD_SCOPE, GOOGLE_TOKEN_URL, isSafeEndpoint } from './google-client.ts';
import type { HttpAnswer, Network } from './google-client.ts';
import { createTransporter } from './oauth-client.ts';

export interface AdcCall {
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly heard: (answer: HttpAnswer) => void;
}

const serviceAccount = z.looseObject({
  client_email: z.string(),
  private_key: z.string(),
  private_key_id: z.string().optional(),
  token_uri: z.string().optional(),
  universe_domain: z.string().optional(),
});

const authorizedUser = z.looseObject({
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
  token_uri: z.string().optional(),
});

const impersonated = z.looseObject({
  source_credentials: z.looseObject({ type: z.string() }),
  service_account_impersonation_url: z.string().max(512),
  delegates: z.array(z.string()).optional(),
});

const external = z.looseObject({
  credential_source: z
    .looseObject({ environment_id: z.unknown().optional(), executable: z.unknown().optional() })
    .optional(),
});

/** A client without memory: each token is a new one, so that a refused token cannot come back. */
export const createAdcClient = (json: unknown, call: AdcCall): AuthClient => {
  const { type } = read(z.looseObject({ type: z.string() }), json);
  assertSafe(json);
  switch (type) {
    case 'service_account': {
      const file = read(serviceAccount, json);
      return new JWT({
        email: file.client_email,
        key: file.private_key,
        ...(file.private_key_id !== undefined && { keyId: file.private_key_id }),
        ...(file.universe_domain !== undefined && { universeDomain: file.universe_domain }),
        scopes: [CLOUD_SCOPE],
        ...plumbing(call, file.token_uri),
      });
    }
    case 'authorized_user': {
      const file = read(authorizedUser, json);
      return new UserRefreshClient({
        clientId: file.client_id,
        clientSecret: file.client_secret,
        refreshToken: file.refresh_token,
        ...plumbing(call, file.token_uri),
      });
    }
    case 'impersonated_service_account': {
      const file = read(impersonated, json);
      const address = file.service_account_impersonation_url;
      const target = /\/([^/]+):generateAccessToken$/.exec(address)?.[1];
      if (target === undefined) throw new AdcProblem('names no service account in service_account_impersonation_url');
      return new Impersonated({
        sourceClient: createAdcClient(file.source_credentials, call),
        targetPrincipal: target,
        targetScopes: [CLOUD_SCOPE],
        delegates: file.delegates ?? [],
        endpoint: new URL(address).origin,
        ...plumbing(call),
      });
    }
    case 'external_account_authorized_user':
      return new ExternalAccountAuthorizedUserClient({
        ...(json as ExternalAccountAuthorizedUserClientOptions),
        ...plumbing(call),
      });
    case 'external_account': {
      const source = read(external, json).credential_source;
      // The library's own reading of the three kinds of workload identity; each client checks its fields.
      const options: unknown = { ...(json as object), scopes: [CLOUD_SCOPE], ...plumbing(call) };
      if (source?.environment_id !== undefined) return new AwsClient(options as AwsClientOptions);
      if (source?.executable !== undefined) return new PluggableAuthClient(options as PluggableAuthClientOptions);
      return new IdentityPoolClient(options as IdentityPoolClientOptions);
    }
    default:
      throw new AdcProblem('is of a type that the relay does not know');
  }
};

/** The machine's own account, on Google's cloud. */
export const createMachineClient = (): AuthClient => new Compute({ scopes: [CLOUD_SCOPE] });

const plumbing = ({ network, signal, heard }: AdcCall, tokenUri?: string) => ({
  // The library sends service accounts' and gcloud users' calls to one address; the file may name another.
  transporter: createTransporter(network, signal, heard, (url) =>
    tokenUri !== undefined && url === GOOGLE_TOKEN_URL ? tokenUri : url,
  ),
  useAuthRequestParameters: false,
});

const ENDPOINTS = ['token_uri', 'token_url', 'service_account_impersonation_url'];

/** R14, for every address that a key or a token is sent to. */
const assertSafe = (json: unknown): void => {
  const fields = read(z.looseObject({}), json);
  for (const name of ENDPOINTS) {
    const url = fields[name];
    if (url !== undefined && (typeof url !== 'string' || !isSafeEndpoint(url))) {
      throw new AdcProblem(`has a ${name} that is no https address`);
    }
  }
};

const read = <T>(schema: Zod.ZodType<T>, json: unknown): T => {
  const found = schema.safeParse(json);
  if (found.success) return found.data;
  const field = found.error.issues[0]?.path.join('.') ?? '';
  throw new AdcProblem(field === '' ? 'holds no object' : `lacks a usable ${field}`);
};
