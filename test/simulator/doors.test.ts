import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Standing } from '../../src/simulator/account.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { api, ask, code, DOORS, errorOf, tool, user, vertex, type GoogleFailure } from './asking.ts';

const metadata = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' };

let google: Simulator;
beforeAll(async () => {
  google = await startSimulator();
});
beforeEach(() => {
  google.reset();
});
afterAll(() => google.close());

const post = async (path: string, body: object) => {
  const answer = await ask(google, { path, body });
  const json = (await answer.json()) as Record<string, unknown> & { error?: GoogleFailure };
  return { status: answer.status, json };
};

describe('Code Assist', () => {
  const load = (more: object = {}) => post('/v1internal:loadCodeAssist', { metadata, ...more });

  it.each<[Standing, object]>([
    ['standard', { currentTier: { id: 'standard-tier' }, cloudaicompanionProject: 'simulated-project' }],
    ['free', { currentTier: { id: 'free-tier' }, cloudaicompanionProject: 'simulated-project' }],
    ['free-onboarding', { allowedTiers: [{ id: 'free-tier', isDefault: true }, { id: 'standard-tier' }] }],
    ['standard-onboarding', { allowedTiers: [{ id: 'standard-tier', isDefault: true }], ineligibleTiers: [{}] }],
    ['legacy', { allowedTiers: [{ id: 'standard-tier' }] }],
    ['validation-required', { ineligibleTiers: [{ reasonCode: 'VALIDATION_REQUIRED', validationUrl: /^https/ }] }],
    ['unsupported-client', { ineligibleTiers: [{ reasonCode: 'UNSUPPORTED_CLIENT', tierId: 'free-tier' }] }],
    ['ineligible', { ineligibleTiers: [{ reasonCode: 'DASHER_USER' }] }],
  ])('describes an account that is %s', async (standing, expected) => {
    google.account.standing = standing;
    const { validationUrl } =
      (expected as { ineligibleTiers?: [{ validationUrl?: RegExp }] }).ineligibleTiers?.[0] ?? {};
    const wanted = validationUrl
      ? { ineligibleTiers: [{ validationUrl: expect.stringMatching(validationUrl) as string }] }
      : expected;
    expect(await load()).toMatchObject({ status: 200, json: wanted });
  });

  it.each<[Standing, string]>([
    ['standard-own-project', 'currentTier'],
    ['no-licence', 'currentTier'],
  ])('names no project for an account that is %s', async (standing, member) => {
    google.account.standing = standing;
    const { json } = await load();
    expect(json).toHaveProperty(member);
    expect(json).not.toHaveProperty('cloudaicompanionProject');
  });

  it('answers nothing, or the perimeter’s refusal, when told to', async () => {
    google.account.standing = 'empty';
    expect((await load()).json).toEqual({});
    google.account.standing = 'vpc-sc';
    expect(await load()).toMatchObject({
      status: 403,
      json: { error: { details: [{ reason: 'SECURITY_POLICY_VIOLATED' }] } },
    });
  });

  it('refuses unknown fields and enumerations in discovery', async () => {
    expect((await load({ projectId: 'x' })).status).toBe(400);
    expect((await post('/v1internal:loadCodeAssist', { metadata: { ideType: 'EMACS' } })).status).toBe(400);
  });

  it('onboards a free account in some polls, and not with a project', async () => {
    google.account.standing = 'free-onboarding';
    const onboard = (more: object) => post('/v1internal:onboardUser', { metadata, ...more });
    expect(await onboard({ tierId: 'free-tier', cloudaicompanionProject: 'own-project' })).toMatchObject({
      status: 400,
      json: { error: { status: 'FAILED_PRECONDITION' } },
    });
    expect((await onboard({})).status).toBe(400);
    const { json } = await onboard({ tierId: 'free-tier' });
    expect(json.done).toBeUndefined();
    const path = `/v1internal/${String(json.name)}`;
    const polls = [];
    for (let count = 0; count < 2; count += 1) polls.push(await (await ask(google, { path })).json());
    expect(polls).toMatchObject([
      { name: json.name },
      { done: true, response: { cloudaicompanionProject: { id: 'simulated-project' } } },
    ]);
    expect((await load()).json).toMatchObject({ cloudaicompanionProject: 'simulated-project' });
    expect((await ask(google, code('hello'))).status).toBe(200);
  });

  it('ends an onboarding with an error when told to', async () => {
    Object.assign(google.account, { standing: 'free-onboarding', onboardingPolls: 0, onboardingError: { code: 9 } });
    const { json } = await post('/v1internal:onboardUser', { tierId: 'free-tier', metadata });
    expect(json).toMatchObject({ done: true, error: { code: 9 } });
  });

  it.each([undefined, 'default', 'somebody-elses'])('refuses the project %s', async (project) => {
    const { path, body } = code('hello');
    const answer = await ask(google, { path, body: { ...(body as object), project } });
    expect(answer.status).toBe(403);
    expect((await errorOf(answer)).details).toMatchObject([{ reason: 'CONSUMER_INVALID' }]);
  });

  it.each<Standing>(['unsupported-client', 'validation-required', 'no-licence', 'empty'])(
    'generates nothing for an account that is %s',
    async (standing) => {
      google.account.standing = standing;
      expect((await ask(google, code('hello'))).status).toBe(403);
    },
  );

  it.each(['models/gemini-2.5-flash', 'gemini-2.5-flash-image', 'gemini-3.1-pro-preview-customtools'])(
    'does not know the model %s',
    async (id) => {
      expect((await ask(google, code('hello', { model: id }))).status).toBe(404);
    },
  );

  it('answers gemini-3-flash as gemini-3.5-flash', async () => {
    const { json } = await post(
      '/v1internal:generateContent',
      code('hello', { model: 'gemini-3-flash' }).body as object,
    );
    expect(json).toMatchObject({ response: { modelVersion: 'gemini-3.5-flash' }, traceId: /./ });
  });

  const count = (request: object) => post('/v1internal:countTokens', { request });

  it('counts tokens of contents alone, under the prefixed name', async () => {
    const contents = [user('four words of text')];
    expect(await count({ model: 'models/gemini-2.5-flash', contents })).toMatchObject({
      status: 200,
      json: { totalTokens: 5 },
    });
    expect((await count({ model: 'gemini-2.5-flash', contents })).status).toBe(404);
    expect((await count({ model: 'models/gemini-2.5-flash', contents, tools: [] })).status).toBe(400);
    expect(
      (await count({ model: 'models/gemini-2.5-flash', contents: [user({ text: 'a', thought: true })] })).status,
    ).toBe(400);
    expect((await count({ model: 'models/gemini-2.5-flash', contents: [] })).status).toBe(400);
  });

  it('tells the quota by model', async () => {
    const { json } = await post('/v1internal:retrieveUserQuota', { project: 'simulated-project' });
    expect(json).toMatchObject({ buckets: [{ modelId: 'gemini-2.5-pro', tokenType: 'REQUESTS' }, {}, {}, {}] });
  });

  it('serves further models to an account that has them', async () => {
    google.account.extraModels = ['gemini-2.5-flash-image', 'gemini-4-flash'];
    expect((await ask(google, code('draw', { model: 'gemini-2.5-flash-image' }))).status).toBe(200);
    expect((await ask(google, code('hello', { model: 'gemini-4-flash' }))).status).toBe(200);
  });
});

describe('the Gemini API', () => {
  it.each([
    ['no key', '', 403, 'PERMISSION_DENIED', /unregistered callers/],
    ['a wrong key', 'AIzaWrong', 400, 'INVALID_ARGUMENT', /^API key not valid/],
  ])('refuses %s', async (_what, key, code_, status, message) => {
    const answer = await ask(google, { ...api('hello'), headers: { 'x-goog-api-key': key } });
    expect(answer.status).toBe(code_);
    const error = await errorOf(answer);
    expect(error).toMatchObject({ code: code_, status });
    expect(error.message).toMatch(message);
  });

  it('takes no key from the address, and notes it as a leak', async () => {
    const { path, body } = api('hello');
    const answer = await ask(google, { path: `${path}?key=${google.apiKey}`, body, headers: { 'x-goog-api-key': '' } });
    expect(answer.status).toBe(403);
    expect(google.leaks()).toHaveLength(1);
  });

  it.each(['', '/gateway', '/a/b'])('answers below "%s"', async (prefix) => {
    const { path, body } = api('hello');
    expect((await ask(google, { path: prefix + path, body })).status).toBe(200);
  });

  it('lists models in pages, and describes one', async () => {
    const names: string[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const answer = await ask(google, { path: `/v1beta/models?pageSize=7${token && `&pageToken=${token}`}` });
      const page = (await answer.json()) as { models: { name: string }[]; nextPageToken?: string };
      names.push(...page.models.map(({ name }) => name));
      token = page.nextPageToken;
    }
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('models/gemini-2.5-flash');
    expect((await ask(google, { path: '/v1beta/models?pageToken=nonsense' })).status).toBe(400);
    expect(await (await ask(google, { path: '/v1beta/models/gemini-2.5-flash' })).json()).toMatchObject({
      name: 'models/gemini-2.5-flash',
      supportedGenerationMethods: expect.arrayContaining(['generateContent']) as string[],
    });
    expect((await ask(google, { path: '/v1beta/models/nonsense' })).status).toBe(404);
  });

  it('counts tokens, of contents or of a whole request', async () => {
    const path = '/v1beta/models/gemini-2.5-flash:countTokens';
    const contents = [user('four words of text')];
    const whole = { model: 'models/gemini-2.5-flash', contents, systemInstruction: user('Be brief') };
    expect((await post(path, { contents })).json).toMatchObject({ totalTokens: 5 });
    expect((await post(path, { generateContentRequest: whole })).json).toMatchObject({ totalTokens: 7 });
    expect((await post(path, { contents, generateContentRequest: whole })).status).toBe(400);
    expect((await post(path, { generateContentRequest: { contents } })).status).toBe(400);
    expect((await post(path, { contents, tools: [] })).status).toBe(400);
  });

  it('embeds one text or several, the same text the same way', async () => {
    const path = '/v1beta/models/gemini-embedding-001';
    const request = { content: { parts: [{ text: 'hello' }] }, outputDimensionality: 4 };
    const one = (await post(`${path}:embedContent`, request)).json as { embedding: { values: number[] } };
    expect(one.embedding.values).toHaveLength(4);
    expect(Math.hypot(...one.embedding.values)).toBeCloseTo(1);
    expect((await post(`${path}:embedContent`, { ...request, taskType: 2 })).status).toBe(200);
    expect((await post(`${path}:embedContent`, { ...request, taskType: 'NONSENSE' })).status).toBe(400);
    const model = 'models/gemini-embedding-001';
    const batch = await post(`${path}:batchEmbedContents`, {
      requests: [
        { model, ...request },
        { model, ...request },
      ],
    });
    expect(batch.json).toEqual({ embeddings: [one.embedding, one.embedding] });
    expect((await post(`${path}:batchEmbedContents`, { requests: [request] })).status).toBe(400);
    expect((await post(`${path}:embedContent`, { content: { parts: [] } })).status).toBe(400);
    expect((await post(`${path}:generateContent`, { contents: [user('a')] })).status).toBe(404);
    expect((await post('/v1beta/models/gemini-2.5-flash:embedContent', request)).status).toBe(404);
  });

  it('wants leave to mix built-in tools with functions on Gemini 3', async () => {
    const tools = [...tool({ name: 'wx' }).tools, { googleSearch: {} }];
    const asking = (more: object) =>
      ask(google, api('hello', { model: 'gemini-3-flash-preview', request: { tools, ...more } }));
    expect((await errorOf(await asking({}))).message).toMatch('include_server_side_tool_invocations');
    expect((await asking({ toolConfig: { includeServerSideToolInvocations: true } })).status).toBe(200);
  });

  it('does not have other people’s files and caches', async () => {
    const fileData = { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc', mimeType: 'image/png' };
    expect((await ask(google, api('', { request: { contents: [user({ fileData })] } }))).status).toBe(403);
    expect((await ask(google, api('a', { request: { cachedContent: 'cachedContents/x' } }))).status).toBe(403);
  });
});

describe('Vertex', () => {
  it.each([
    ['somebody else’s project', '/v1/projects/other/locations/global', true],
    ['a missing permission', '/v1/projects/own-project/locations/global', false],
  ])('names the permission for %s', async (_what, place, vertexPermission) => {
    google.account.vertexPermission = vertexPermission;
    const path = `${place}/publishers/google/models/gemini-2.5-flash:generateContent`;
    const { status, json } = await post(path, vertex('hello').body as object);
    expect(status).toBe(403);
    expect(json.error?.message).toMatch(/^Permission 'aiplatform\.endpoints\.predict' denied on resource/);
    expect(json.error?.details).toMatchObject([{ reason: 'IAM_PERMISSION_DENIED' }]);
  });

  it('has previews in the global location alone', async () => {
    const at = (location: string) =>
      `/v1/projects/own-project/locations/${location}/publishers/google/models/gemini-3-pro-preview:generateContent`;
    const { body } = vertex('hello');
    expect((await post(at('global'), body as object)).status).toBe(200);
    const { status, json } = await post(at('us-central1'), body as object);
    expect(status).toBe(404);
    expect(json.error?.message).toMatch(/locations\/us-central1.*was not found/);
  });

  it('needs a role, and does not know the Gemini API’s own fields', async () => {
    expect((await ask(google, vertex('', { request: { contents: [{ parts: [{ text: 'a' }] }] } }))).status).toBe(400);
    expect((await ask(google, api('', { request: { contents: [{ parts: [{ text: 'a' }] }] } }))).status).toBe(200);
    const toolConfig = { includeServerSideToolInvocations: true };
    const answer = await ask(google, vertex('a', { request: { toolConfig } }));
    expect((await errorOf(answer)).message).toMatch(
      /"includeServerSideToolInvocations" at 'tool_config': Cannot find field/,
    );
  });

  it('embeds by predict with the old model, by embedContent with the new', async () => {
    const at = (id: string, method: string) =>
      `/v1/projects/own-project/locations/us-central1/publishers/google/models/${id}:${method}`;
    const instances = [{ content: 'hello', task_type: 'RETRIEVAL_QUERY' }];
    const { json } = await post(at('gemini-embedding-001', 'predict'), {
      instances,
      parameters: { outputDimensionality: 3 },
    });
    const [first] = json.predictions as [{ embeddings: { values: number[] } }];
    expect(first.embeddings.values).toHaveLength(3);
    expect(
      (await post(at('gemini-embedding-001', 'predict'), { instances: [...instances, ...instances] })).status,
    ).toBe(400);
    const content = { parts: [{ text: 'hello' }] };
    expect((await post(at('gemini-embedding-2-preview', 'embedContent'), { content })).status).toBe(200);
    expect((await post(at('gemini-embedding-001', 'embedContent'), { content })).status).toBe(400);
  });

  it('counts tokens, and lists its models', async () => {
    const path = '/v1/projects/own-project/locations/global/publishers/google/models/gemini-2.5-flash:countTokens';
    expect((await post(path, { contents: [user('four words of text')] })).json).toMatchObject({ totalTokens: 5 });
    const list = await ask(google, { path: '/v1beta1/publishers/google/models' });
    expect(await list.json()).toMatchObject({ publisherModels: expect.arrayContaining([]) as object[] });
  });
});

it.each(Object.entries(DOORS))('%s refuses the wrong method with Google’s page', async (_door, asking) => {
  const answer = await ask(google, { path: asking('').path });
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toMatch('text/html');
});
