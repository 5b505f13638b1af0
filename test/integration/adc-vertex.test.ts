/** Vertex AI through Application Default Credentials, each kind from its file to the answer. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { until } from '../support/virtual-system.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

type Json = Readonly<Record<string, unknown>>;

/** Without a login: the file is written by the tests, after the simulator is there to issue it. */
const start = async (env: Environment = {}): Promise<TestRelay> => {
  const relay = await startRelay({
    door: 'none',
    env: { GOOGLE_CLOUD_PROJECT: 'simulated-project', UPSTREAM: 'vertex', ...env },
  });
  open.push(relay);
  return relay;
};

/** The relay looks at its file now and then. */
const put = async (relay: TestRelay, file: unknown): Promise<void> => {
  const { door } = relay.relay.parts;
  const before = door.account;
  writeFileSync(relay.credentialsFile, JSON.stringify(file), { mode: 0o600 });
  await until('the file is read', () => door.account !== before);
};

const health = async (relay: TestRelay): Promise<Json> => (await (await relay.fetch('/health')).json()) as Json;

const chat = (relay: TestRelay): Promise<Response> =>
  relay.post('/v1/chat/completions', {
    model: 'gemini-2.5-flash',
    messages: [{ role: 'user', content: 'say exactly: from Vertex' }],
  });

const expectAnswer = async (relay: TestRelay): Promise<void> => {
  const response = await chat(relay);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(text).toContain('from Vertex');
};

const quotaProjects = (relay: TestRelay): readonly unknown[] =>
  relay.simulator.asked('generate').map(({ headers }) => headers['x-goog-user-project']);

describe('a service account file in GOOGLE_APPLICATION_CREDENTIALS', () => {
  test('is no broken login: it signs for a token, which serves until Google refuses it', async () => {
    const relay = await start();
    const file = await relay.simulator.serviceAccount();
    await put(relay, file);
    await expectAnswer(relay);
    expect(relay.simulator.asked('token')).toHaveLength(1);
    expect(relay.simulator.asked('token')[0]?.text).toContain('grant-type%3Ajwt-bearer');
    await expectAnswer(relay);
    expect(relay.simulator.asked('token')).toHaveLength(1);
    relay.simulator.expireTokens();
    await expectAnswer(relay);
    expect(relay.simulator.asked('token')).toHaveLength(2);
    expect(quotaProjects(relay).every((project) => project === undefined)).toBe(true);
    const report = await health(relay);
    expect(report).toMatchObject({
      status: 'healthy',
      upstream: 'vertex',
      project: 'simulated-project',
      location: 'global',
      credentials: { source: 'application-default' },
    });
    const key = String(file['private_key']).split('\n')[1] ?? '';
    expect(JSON.stringify(report) + relay.logs.join('')).not.toContain(key.slice(0, 40));
  });

  test('names the project that pays, where it has one', async () => {
    const relay = await start();
    await put(relay, { ...(await relay.simulator.serviceAccount()), quota_project_id: 'paying-project' });
    await expectAnswer(relay);
    expect(quotaProjects(relay)).toEqual(['paying-project']);
  });

  test('with a project is what UPSTREAM=auto takes, when it was there at the start', async () => {
    const relay = await startRelay({
      env: { GOOGLE_CLOUD_PROJECT: 'simulated-project', UPSTREAM: 'auto' },
      credentials: { type: 'service_account', client_email: 'x@example.com', private_key: 'none' },
    });
    open.push(relay);
    expect(await health(relay)).toMatchObject({ upstream: 'vertex' });
    await put(relay, await relay.simulator.serviceAccount());
    await expectAnswer(relay);
    expect(await health(relay)).toMatchObject({
      why: 'There are Application Default Credentials, and GOOGLE_CLOUD_PROJECT is set.',
    });
  });

  test('so are those that the machine has, without any file', async () => {
    const relay = await startRelay({
      env: {
        ...{ GOOGLE_CLOUD_PROJECT: 'simulated-project', UPSTREAM: 'auto' },
        ...{ GOOGLE_APPLICATION_CREDENTIALS: '/no/such/file.json', GCE_METADATA_HOST: '127.0.0.1:9' },
      },
    });
    open.push(relay);
    expect(await health(relay)).toMatchObject({ upstream: 'vertex' });
  });

  test('none at all is told before anybody asks for an answer, until there are some', async () => {
    const relay = await start();
    const response = await relay.fetch('/health');
    const report = (await response.json()) as Json;
    expect(response.status).toBe(503);
    expect(report).toMatchObject({ status: 'login_required', upstream: 'vertex' });
    expect(String(report['message'])).toContain('GOOGLE_APPLICATION_CREDENTIALS');
    await put(relay, await relay.simulator.serviceAccount());
    await until('a token is there', async () => (await relay.fetch('/health')).status === 200);
    expect(await health(relay)).toMatchObject({ status: 'healthy', credentials: { source: 'application-default' } });
  });

  test('without a project says that one is missing', async () => {
    const relay = await startRelay({
      env: { UPSTREAM: 'auto' },
      credentials: { type: 'service_account', client_email: 'x@example.com', private_key: 'none' },
    });
    open.push(relay);
    const report = await health(relay);
    expect(report).toMatchObject({ status: 'login_required', upstream: 'none' });
    expect(report['message']).toContain('GOOGLE_CLOUD_PROJECT');
    const response = await chat(relay);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('GOOGLE_CLOUD_PROJECT');
  });

  test('with a key that Google does not know is a matter of the settings', async () => {
    const relay = await start();
    const stranger = await relay.simulator.serviceAccount();
    // A second key replaces the first at Google.
    await relay.simulator.serviceAccount();
    await put(relay, stranger);
    const response = await chat(relay);
    expect(response.status).toBe(503);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const { error } = (await response.json()) as { error: Json };
    expect(error).toMatchObject({ code: 'config_error' });
    expect(String(error['message'])).toContain('Application Default Credentials');
    expect(await health(relay)).toMatchObject({ status: 'config_error' });
  });

  test('in GEMINI_CREDENTIALS does the same', async () => {
    const first = await start();
    const file = await first.simulator.serviceAccount();
    const relay = await startRelay({
      door: 'none',
      env: {
        UPSTREAM: 'auto',
        GOOGLE_CLOUD_PROJECT: 'simulated-project',
        GEMINI_CREDENTIALS: Buffer.from(JSON.stringify(file)).toString('base64'),
        VERTEX_ENDPOINT: first.simulator.url,
      },
    });
    open.push(relay);
    const response = await chat(relay);
    expect(response.status, await response.clone().text()).toBe(200);
    expect(first.simulator.asked('generate')).toHaveLength(1);
  });
});

test("gcloud's login is found by itself", async () => {
  const relay = await start();
  const file = join(relay.folder, '.config', 'gcloud', 'application_default_credentials.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({ type: 'authorized_user', ...relay.simulator.authorizedUser, quota_project_id: 'my-quota' }),
  );
  await expectAnswer(relay);
  expect(relay.simulator.asked('token')[0]?.text).toContain('grant_type=refresh_token');
  expect(quotaProjects(relay)).toEqual(['my-quota']);
});

test('GOOGLE_CLOUD_QUOTA_PROJECT wins', async () => {
  const relay = await start({ GOOGLE_CLOUD_QUOTA_PROJECT: 'from-settings' });
  await put(relay, { ...(await relay.simulator.serviceAccount()), quota_project_id: 'from-file' });
  await expectAnswer(relay);
  expect(quotaProjects(relay)).toEqual(['from-settings']);
});

describe("gcloud's file in GOOGLE_APPLICATION_CREDENTIALS", () => {
  test.each([
    ['its own project pays', {}, 'my-quota'],
    ['the project of the settings pays', { GOOGLE_CLOUD_QUOTA_PROJECT: 'from-settings' }, 'from-settings'],
  ])('is a login as well: %s', async (_, env, quotaProject) => {
    const relay = await start(env);
    await put(relay, { type: 'authorized_user', ...relay.simulator.authorizedUser, quota_project_id: 'my-quota' });
    await expectAnswer(relay);
    expect(quotaProjects(relay)).toEqual([quotaProject]);
  });
});

test('workload identity: what the platform knows is exchanged for a token of Google', async () => {
  const relay = await start();
  const exchanged: URLSearchParams[] = [];
  const sts = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      exchanged.push(new URLSearchParams(body));
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          access_token: relay.simulator.credentials.access_token,
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: 3600,
        }),
      );
    });
  });
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        sts.close(() => {
          resolve();
        });
      }),
  });
  const subject = join(relay.folder, 'subject-token');
  writeFileSync(subject, 'what the platform signed');
  await put(relay, {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/mine',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${(sts.address() as AddressInfo).port}/v1/token`,
    credential_source: { file: subject },
  });
  await expectAnswer(relay);
  expect(exchanged.map((form) => form.get('subject_token'))).toEqual(['what the platform signed']);
});

test('without any the answer says which there are', async () => {
  const relay = await start();
  const response = await chat(relay);
  expect(response.status).toBe(503);
  const { error } = (await response.json()) as { error: Json };
  expect(error).toMatchObject({ code: 'login_required' });
  expect(String(error['message'])).toMatch(/service account.*gcloud auth application-default login.*npm run login/s);
});

describe('the place', () => {
  test.each([
    ['europe-west4', 'gemini-2.5-flash', 200, ''],
    ['europe-west4', 'gemini-3-pro-preview', 404, 'GOOGLE_CLOUD_LOCATION=global'],
    ['us', 'gemini-2.5-flash', 200, ''],
  ])('%s has %s: %i', async (location, model, status, advice) => {
    const relay = await startRelay({ door: 'vertex', env: { GOOGLE_CLOUD_LOCATION: location } });
    open.push(relay);
    const response = await relay.post(`/v1beta/models/${model}:generateContent`, {
      contents: [{ parts: [{ text: 'Hello' }] }],
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(advice);
    expect(relay.simulator.asked('generate')[0]?.path).toContain(
      `/v1/projects/simulated-project/locations/${location}/publishers/google/models/${model}:`,
    );
  });

  test.each(['/private', '/private/', '/private/v1'])('may be behind %s', async (prefix) => {
    const first = await startRelay({ door: 'vertex' });
    open.push(first);
    const { simulator } = first;
    const relay = await startRelay({
      door: 'vertex',
      credentials: simulator.credentials,
      env: { VERTEX_ENDPOINT: `${simulator.url}${prefix}` },
    });
    open.push(relay);
    await expectAnswer(relay);
    expect(simulator.asked('generate')[0]?.path).toContain('/private/v1/projects/simulated-project/locations/global/');
  });

  test('an account without the permission is told which', async () => {
    const relay = await startRelay({ door: 'vertex' });
    open.push(relay);
    relay.simulator.account.vertexPermission = false;
    const response = await chat(relay);
    expect(response.status).toBe(503);
    const { error } = (await response.json()) as { error: Json };
    expect(error).toMatchObject({ code: 'config_error' });
    expect(String(error['message'])).toContain('aiplatform.endpoints.predict');
    const report = await health(relay);
    expect(report).toMatchObject({ status: 'config_error' });
    expect(report['message']).toContain('it lacks the permission aiplatform.endpoints.predict');
    expect(report['message']).not.toContain('simulated-project');
    relay.simulator.account.vertexPermission = true;
    await expectAnswer(relay);
    expect(await health(relay)).toMatchObject({ status: 'healthy' });
  });
});
