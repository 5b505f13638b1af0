import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessTokens } from '../../src/credentials/access-token.ts';
import type { AccessTokens } from '../../src/credentials/access-token.ts';
import { createAdcTokens, createCloudTokens, findAdc, wellKnownAdcFile } from '../../src/credentials/adc.ts';
import { DEFAULT_OAUTH } from '../../src/credentials/google-client.ts';
import { openStore } from '../../src/credentials/store.ts';
import { RelayError } from '../../src/errors.ts';
import { createSystem } from '../../src/system.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { startTokenServer } from '../support/token-server.ts';
import type { TokenServer } from '../support/token-server.ts';
import { until } from '../support/virtual-system.ts';
import { quietNow } from '../support/machine.ts';

let directory: string;
let server: TokenServer;
const opened: AccessTokens[] = [];
const never = new AbortController().signal;
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'adc-'));
  server = await startTokenServer();
});

afterEach(async () => {
  for (const tokens of opened.splice(0)) await tokens.close();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const serviceAccount = (more: object = {}) => ({
  type: 'service_account',
  project_id: 'sa-project',
  private_key_id: 'k1',
  private_key: keys.privateKey,
  client_email: 'relay@sa-project.iam.gserviceaccount.com',
  token_uri: server.url,
  ...more,
});

const open = async (
  file: unknown,
  adc: { wellKnownFile?: string; quotaProjectId?: string; metadataHost?: string } = {},
) => {
  const path = join(directory, 'creds.json');
  if (file !== undefined) writeFileSync(path, JSON.stringify(file));
  const system = createSystem();
  const log = createMemoryLog();
  const store = await openStore({ path, system, log });
  const needs = {
    store,
    adc: { wellKnownFile: undefined, ...adc },
    network: { attemptTimeoutMs: 2000 },
    system,
    log,
    oauth: { ...DEFAULT_OAUTH, tokenUrl: server.url },
  };
  const tokens = createAdcTokens(needs);
  opened.push(tokens);
  return { tokens, log, needs, path, store };
};

const failureOf = async (tokens: AccessTokens): Promise<RelayError> => {
  const thrown: unknown = await tokens.get(never).catch((error: unknown) => error);
  if (!(thrown instanceof RelayError)) throw new Error(`no RelayError: ${String(thrown)}`);
  return thrown;
};

describe('Application Default Credentials', () => {
  test('a service account signs its own assertion and sends it to the token_uri of its file', async () => {
    const { tokens } = await open(serviceAccount({ quota_project_id: 'q-1' }));
    expect(await tokens.get(never)).toEqual({ token: 'fresh-1', identity: tokens.identity(), quotaProjectId: 'q-1' });
    expect(tokens.projectId()).toBe('sa-project');
    expect(server.calls).toHaveLength(1);
    const [head = '', claims = '', signature = ''] = (server.calls[0]?.['assertion'] ?? '').split('.');
    expect(
      verify('sha256', Buffer.from(`${head}.${claims}`), keys.publicKey, Buffer.from(signature, 'base64url')),
    ).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'relay@sa-project.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    });
  });

  test('R8, R11: one call for all, and a discarded token does not come back', async () => {
    const { tokens } = await open(serviceAccount());
    const answers = await Promise.all(Array.from({ length: 100 }, async () => (await tokens.get(never)).token));
    expect(new Set(answers)).toEqual(new Set(['fresh-1']));
    tokens.discard('fresh-1');
    tokens.discard('fresh-1');
    expect((await tokens.get(never)).token).toBe('fresh-2');
    expect(server.calls).toHaveLength(2);
  });

  test("gcloud's login", async () => {
    const wellKnownFile = join(directory, 'application_default_credentials.json');
    const user = {
      type: 'authorized_user',
      client_id: 'gcloud',
      client_secret: 's',
      refresh_token: 'rt',
      token_uri: server.url,
    };
    writeFileSync(wellKnownFile, JSON.stringify({ ...user, quota_project_id: 'q-2' }));
    const { tokens, needs } = await open(undefined, { wellKnownFile });
    expect(await findAdc(needs)).toBe('gcloud');
    expect(await tokens.get(never)).toMatchObject({ token: 'fresh-1', quotaProjectId: 'q-2' });
    expect(server.calls[0]).toMatchObject({ grant_type: 'refresh_token', client_id: 'gcloud', refresh_token: 'rt' });
  });

  test('the quota project of the settings wins', async () => {
    const { tokens } = await open(serviceAccount({ quota_project_id: 'q-1' }), { quotaProjectId: 'mine' });
    expect((await tokens.get(never)).quotaProjectId).toBe('mine');
  });

  test('workload identity: the subject token of a file is exchanged at the token_url', async () => {
    const subject = join(directory, 'subject');
    writeFileSync(subject, 'subject-token');
    const { tokens } = await open({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: server.url,
      credential_source: { file: subject },
    });
    expect((await tokens.get(never)).token).toBe('fresh-1');
    expect(server.calls[0]).toMatchObject({ subject_token: 'subject-token' });
  });

  test('impersonation: the token of the source buys the one of the target', async () => {
    server.answer(
      { body: { access_token: 'source', expires_in: 3600 } },
      { body: { accessToken: 'target', expireTime: new Date(Date.now() + 1_800_000).toISOString() } },
    );
    const { origin } = new URL(server.url);
    const { tokens } = await open({
      type: 'impersonated_service_account',
      source_credentials: serviceAccount(),
      service_account_impersonation_url: `${origin}/v1/projects/-/serviceAccounts/other@p.example:generateAccessToken`,
    });
    expect((await tokens.get(never)).token).toBe('target');
    expect(server.calls[1]?.['path']).toBe('/v1/projects/-/serviceAccounts/other@p.example:generateAccessToken');
  });

  test('a key that Google refuses is a configuration error, logged once and looked at again later', async () => {
    server.always({ status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } });
    const { tokens, log } = await open(serviceAccount());
    expect(await failureOf(tokens)).toMatchObject({ reason: 'config_error', retryable: false, status: 503 });
    await failureOf(tokens);
    expect(server.calls).toHaveLength(1);
    expect(log.of('error')).toHaveLength(1);
    expect(tokens.state()).toMatchObject({ status: 'config_error', detail: { source: 'application-default' } });
  });

  test.each([
    [{ private_key: undefined }, 'private_key'],
    [{ token_uri: 'http://oauth2.example.com/token' }, 'token_uri'],
    [{ type: 'gdch_service_account' }, 'does not know'],
  ])('%j: the file is refused with the reason', async (more, words) => {
    const { tokens } = await open(serviceAccount(more));
    const failure = await failureOf(tokens);
    expect(failure).toMatchObject({ reason: 'credentials_invalid', retryable: false });
    expect(failure.message).toContain(words);
    expect(failure.message).not.toContain('PRIVATE KEY');
    expect(server.calls).toEqual([]);
  });

  test('another file takes over without a restart', async () => {
    server.answer({ status: 400, body: { error: 'invalid_grant' } });
    const { tokens, path } = await open(serviceAccount());
    await failureOf(tokens);
    const before = tokens.identity();
    writeFileSync(path, JSON.stringify(serviceAccount({ private_key_id: 'k2' })));
    await until('taken over', () => tokens.identity() !== before);
    expect((await tokens.get(never)).token).toBe('fresh-2');
  });

  test('none at all: said within about a second, with the ways out', async () => {
    const { tokens, needs } = await open(undefined);
    expect(await findAdc(needs)).toBeUndefined();
    const started = quietNow();
    const failure = await failureOf(tokens);
    expect(quietNow() - started).toBeLessThan(2500);
    expect(failure).toMatchObject({ reason: 'login_required', retryable: false });
    expect(failure.message).toContain('gcloud auth application-default login');
  });

  test('whether the machine is one of Google’s is known without the library', () => {
    const room = join(import.meta.dirname, '../../src/credentials/adc.ts');
    const script = `
      const { findAdc } = await import(${JSON.stringify(room)});
      const found = await findAdc({ store: { current: () => ({ kind: 'missing' }) }, adc: { wellKnownFile: undefined } });
      const { createRequire } = await import('node:module');
      const files = Object.keys(createRequire(${JSON.stringify(room)}).cache);
      console.log(found, files.some((file) => file.includes('google-auth-library')));`;
    const asked = { encoding: 'utf8', env: { K_SERVICE: 'relay' } } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], asked).trim()).toBe('machine false');
  });

  test('the machine account, where a metadata server is named', async () => {
    const asked: string[] = [];
    const metadata = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${String(request.headers['metadata-flavor'])}`);
      response.writeHead(200, { 'metadata-flavor': 'Google', 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: 'machine', expires_in: 3000, token_type: 'Bearer' }));
    });
    await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
    const metadataHost = `127.0.0.1:${(metadata.address() as AddressInfo).port}`;
    // The library reads this one from the environment, wherever it is used.
    process.env['GCE_METADATA_HOST'] = metadataHost;
    try {
      const { tokens, needs } = await open(undefined, { metadataHost });
      expect(await findAdc(needs)).toBe('machine');
      expect(asked).toEqual([]);
      expect((await tokens.get(never)).token).toBe('machine');
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatch(/service-accounts\/default\/token.* Google$/);
    } finally {
      delete process.env['GCE_METADATA_HOST'];
      metadata.closeAllConnections();
      await new Promise((resolve) => metadata.close(resolve));
    }
  });
});

describe('credentials for Google Cloud', () => {
  test("the owner's login serves; when the file becomes a service account, that does", async () => {
    const { needs, path } = await open({
      access_token: 'own',
      refresh_token: 'rt',
      expiry_date: Date.now() + 3_000_000,
    });
    const own = createAccessTokens(needs);
    const tokens = createCloudTokens(own, needs);
    opened.push(tokens, own);
    expect((await tokens.get(never)).token).toBe('own');
    writeFileSync(path, JSON.stringify(serviceAccount()));
    await until('taken over', () => tokens.projectId() === 'sa-project');
    expect((await tokens.get(never)).token).toBe('fresh-1');
    expect(server.calls[0]).toHaveProperty('assertion');
  });
});

test.each([
  [{ CLOUDSDK_CONFIG: '/x' }, 'linux', '/x/application_default_credentials.json'],
  [{ HOME: '/home/me' }, 'linux', '/home/me/.config/gcloud/application_default_credentials.json'],
  [{ APPDATA: '/data' }, 'win32', '/data/gcloud/application_default_credentials.json'],
  [{}, 'win32', undefined],
] as const)("%j on %s: gcloud's file is %s", (env, platform, expected) => {
  expect(wellKnownAdcFile(env, platform)).toBe(expected);
});

test('an account without a home has no such file, and still starts', () => {
  const homeless = (): string => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  expect(wellKnownAdcFile({}, 'linux', homeless)).toBeUndefined();
  expect(wellKnownAdcFile({ CLOUDSDK_CONFIG: '/c' }, 'linux', homeless)).toBe(
    '/c/application_default_credentials.json',
  );
});
