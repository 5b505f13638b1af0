import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import type { EmbedCall } from '../../src/gemini/call.ts';
import type { GenerateContentRequest } from '../../src/gemini/types.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { hostOf } from '../../src/upstreams/vertex/place.ts';
import { callFor, collect, createRig, live, textOf } from '../upstreams/rig.ts';
import type { Rig, RigOptions } from '../upstreams/rig.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterEach(() => {
  simulator.reset();
});

afterAll(async () => {
  await simulator.close();
});

const withRig = async <T>(options: RigOptions, work: (rig: Rig) => Promise<T>): Promise<T> => {
  const rig = createRig(simulator, options);
  try {
    return await work(rig);
  } finally {
    await rig.close();
  }
};

const failureOf = async (work: Promise<unknown>): Promise<RelayError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof RelayError) return error;
    throw error;
  }
  throw new Error('it went well');
};

const embedding = (model: string, ...texts: readonly string[]): EmbedCall => ({
  model,
  requests: texts.map((text) => ({ content: { parts: [{ text }] }, outputDimensionality: 768 })),
  origin: callFor().origin,
  record: { tokens: [] },
});

const mixedTools: GenerateContentRequest = {
  contents: [{ role: 'user', parts: [{ text: 'x' }] }],
  tools: [
    { functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', properties: {} } }] },
    { googleSearch: {} },
  ],
};

describe('the Gemini API', () => {
  const door: RigOptions = { settings: { kind: 'gemini-api' } };

  test.each([true, false])('generates (stream: %s), the key in its header only', async (stream) => {
    const chunks = await withRig(door, ({ upstream }) =>
      collect(upstream.generate(callFor(undefined, { stream }), live())),
    );
    expect(textOf(chunks)).toContain('Say hello.');
    const [sent] = simulator.asked('generate');
    expect(sent?.path).toBe(`/v1beta/models/gemini-2.5-flash:${stream ? 'streamGenerateContent' : 'generateContent'}`);
    expect(sent?.headers['x-goog-api-key']).toBe(simulator.apiKey);
    expect(sent?.headers.authorization).toBeUndefined();
    expect(simulator.leaks()).toEqual([]);
  });

  test.each(['/gateway', '/gateway/', '/gateway/v1beta'])('behind %s', async (prefix) => {
    const settings = { ...door.settings, geminiApiEndpoint: `${simulator.url}${prefix}` };
    await withRig({ settings }, ({ upstream }) => collect(upstream.generate(callFor(), live())));
    expect(simulator.requests.at(-1)?.path).toBe('/gateway/v1beta/models/gemini-2.5-flash:streamGenerateContent');
  });

  test('what only Vertex knows is left out, and nothing else', async () => {
    const request = {
      ...mixedTools,
      tools: [],
      labels: { team: 'x' },
      generationConfig: { audioTimestamp: true, temperature: 0, enableEnhancedCivicAnswers: true },
      serviceTier: 'flex',
    };
    await withRig(door, ({ upstream }) => collect(upstream.generate(callFor(request, { native: true }), live())));
    const sent = JSON.parse(simulator.asked('generate')[0]?.text ?? '') as Readonly<Record<string, unknown>>;
    expect(sent).toEqual({
      contents: request.contents,
      tools: [],
      generationConfig: { temperature: 0, enableEnhancedCivicAnswers: true },
      serviceTier: 'flex',
    });
  });

  test("functions beside Google's own tools are announced from Gemini 3 on", async () => {
    await withRig(door, async ({ upstream }) => {
      await collect(upstream.generate(callFor(mixedTools, { model: 'gemini-3-pro-preview' }), live()));
      expect(simulator.asked('generate')[0]?.text).toContain('"includeServerSideToolInvocations":true');
      await failureOf(upstream.generate(callFor(mixedTools), live()));
      expect(simulator.asked('generate')[1]?.text).not.toContain('includeServerSideToolInvocations');
    });
  });

  test('counts with everything that counts', async () => {
    await withRig(door, async ({ upstream }) => {
      const plain = await upstream.countTokens(callFor(), live());
      expect(JSON.parse(simulator.asked('countTokens')[0]?.text ?? '')).toHaveProperty('contents');
      const systemInstruction = { parts: [{ text: 'Be brief, and never say more than you must.' }] };
      const more = await upstream.countTokens(callFor({ ...callFor().request, systemInstruction }), live());
      expect(more.totalTokens).toBeGreaterThan(plain.totalTokens);
    });
  });

  test('embeds one, and many in batches of a hundred', async () => {
    await withRig(door, async ({ upstream }) => {
      const one = await upstream.embed(embedding('gemini-embedding-001', 'a'), live());
      expect(one.embeddings[0]?.values).toHaveLength(768);
      const texts = Array.from({ length: 250 }, (_, index) => `text ${index}`);
      const many = await upstream.embed(embedding('gemini-embedding-001', ...texts), live());
      expect(many.embeddings).toHaveLength(250);
      expect(simulator.asked('batchEmbedContents')).toHaveLength(3);
      const single = await upstream.embed(embedding('gemini-embedding-001', 'text 249'), live());
      expect(many.embeddings[249]?.values).toEqual(single.embeddings[0]?.values);
    });
  });

  test('lists the models of the key, and asks for them now and then', async () => {
    await withRig(door, async ({ upstream }) => {
      const [models] = await Promise.all([upstream.models(live()), upstream.models(live())]);
      expect(models.map(({ name }) => name)).toContain('models/gemini-2.5-flash');
      await upstream.models(live());
      expect(simulator.asked('listModels')).toHaveLength(1);
    });
  });

  test('a list that cannot be had is no failure', async () => {
    simulator.always('listModels', google.serverError(500));
    await withRig(door, async ({ upstream, log }) => {
      expect(await upstream.models(live())).toEqual([]);
      expect(await upstream.models(live())).toEqual([]);
      expect(log.of('warn')).toHaveLength(1);
    });
  });

  test("a refused key is the relay's own trouble", async () => {
    await withRig(
      { settings: { ...door.settings, geminiApiKey: 'AIzaWrongWrongWrong' } },
      async ({ upstream, door: { status } }) => {
        const error = await failureOf(upstream.generate(callFor(), live()));
        expect(error).toMatchObject({ status: 503, reason: 'config_error', retryable: false });
        expect(error.message).toContain('GEMINI_API_KEY');
        expect(error.message).not.toContain('AIza');
        expect(status().status).toBe('config_error');
      },
    );
  });

  test('without a key nothing is asked', async () => {
    await withRig(
      { settings: { kind: 'gemini-api', geminiApiKey: undefined } },
      async ({ upstream, door: { status } }) => {
        const error = await failureOf(upstream.generate(callFor(), live()));
        expect(error).toMatchObject({ status: 503, reason: 'config_error', retryable: false });
        expect(status()).toMatchObject({ status: 'config_error', message: error.problem, fix: error.fix });
      },
    );
    expect(simulator.requests).toHaveLength(0);
  });

  test('an unknown model is 404', async () => {
    const error = await withRig(door, ({ upstream }) =>
      failureOf(upstream.generate(callFor(undefined, { model: 'gemini-9-none' }), live())),
    );
    expect(error).toMatchObject({ code: 'NOT_FOUND', reason: 'model_not_found' });
  });
});

describe('Vertex AI', () => {
  const door: RigOptions = { settings: { kind: 'vertex', project: 'simulated-project' } };

  test.each([
    ['global', 'https://aiplatform.googleapis.com'],
    ['us', 'https://aiplatform.us.rep.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
  ])('the location %s is at %s', (location, host) => {
    expect(hostOf(location)).toBe(host);
  });

  test.each([true, false])('generates (stream: %s)', async (stream) => {
    const chunks = await withRig(door, ({ upstream }) =>
      collect(upstream.generate(callFor(undefined, { stream }), live())),
    );
    expect(textOf(chunks)).toContain('Say hello.');
    const [sent] = simulator.asked('generate');
    expect(sent?.path).toBe(
      '/v1/projects/simulated-project/locations/global/publishers/google/models/' +
        `gemini-2.5-flash:${stream ? 'streamGenerateContent' : 'generateContent'}`,
    );
    expect(sent?.headers.authorization).toBe(`Bearer ${simulator.credentials.access_token}`);
    expect(sent?.headers['x-goog-user-project']).toBeUndefined();
  });

  test('the project that pays, where the credentials name one', async () => {
    await withRig(door, async ({ upstream, tokens }) => {
      const known = tokens.known.bind(tokens);
      Object.assign(tokens, { known: () => ({ ...known(), quotaProjectId: 'paying-project' }) });
      await collect(upstream.generate(callFor(), live()));
    });
    expect(simulator.asked('generate')[0]?.headers['x-goog-user-project']).toBe('paying-project');
  });

  test('R11: a refused token is renewed', async () => {
    simulator.next('generate', google.unauthorized());
    await withRig(door, ({ upstream }) => collect(upstream.generate(callFor(), live())));
    expect(simulator.asked('generate')).toHaveLength(2);
  });

  test('what only the Gemini API knows is left out', async () => {
    const request = {
      ...callFor().request,
      serviceTier: 'flex',
      store: true,
      labels: { team: 'x' },
      toolConfig: { includeServerSideToolInvocations: true },
      generationConfig: { temperature: 0, responseFormat: {}, enableEnhancedCivicAnswers: true },
    };
    await withRig(door, async ({ upstream }) => {
      await collect(upstream.generate(callFor(request, { native: true }), live()));
      await upstream.countTokens(callFor(request, { native: true }), live());
    });
    expect(JSON.parse(simulator.asked('generate')[0]?.text ?? '')).toEqual({
      contents: request.contents,
      labels: { team: 'x' },
      toolConfig: {},
      generationConfig: { temperature: 0 },
    });
    expect(JSON.parse(simulator.asked('countTokens')[0]?.text ?? '')).toEqual({
      contents: request.contents,
      generationConfig: { temperature: 0 },
    });
  });

  test('embeds with each of its two ways, in order', async () => {
    await withRig(door, async ({ upstream }) => {
      const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
      const many = await upstream.embed(embedding('gemini-embedding-001', ...texts), live());
      const last = await upstream.embed(embedding('gemini-embedding-001', 'text 19'), live());
      expect(many.embeddings).toHaveLength(20);
      expect(many.embeddings[19]?.values).toEqual(last.embeddings[0]?.values);
      expect(many.embeddings[0]?.values).toHaveLength(768);
      expect(simulator.asked('predict')).toHaveLength(21);
    });
  });

  test('a missing permission is named', async () => {
    simulator.account.vertexPermission = false;
    const error = await withRig(door, ({ upstream }) => failureOf(upstream.generate(callFor(), live())));
    expect(error).toMatchObject({ status: 503, reason: 'config_error', retryable: false });
    expect(error.message).toContain('aiplatform.endpoints.predict');
  });

  test('a model that the location lacks comes with advice', async () => {
    const error = await withRig({ settings: { ...door.settings, location: 'europe-west4' } }, ({ upstream }) =>
      failureOf(upstream.generate(callFor(undefined, { model: 'gemini-3-pro-preview' }), live())),
    );
    expect(error).toMatchObject({ status: 404, reason: 'model_not_found' });
    expect(error.message).toContain('GOOGLE_CLOUD_LOCATION=global');
  });

  test.each([
    [undefined, /Set GOOGLE_CLOUD_PROJECT/],
    ['123456789', /not its number/],
  ])('the project %s is refused before anything is asked', async (project, says) => {
    await withRig({ settings: { kind: 'vertex', project } }, async ({ upstream, door: { status } }) => {
      const error = await failureOf(upstream.generate(callFor(), live()));
      expect(error).toMatchObject({ status: 503, reason: 'config_error', retryable: false });
      expect(error.message).toMatch(says);
      expect(status().status).toBe('config_error');
    });
    expect(simulator.requests).toHaveLength(0);
  });
});

describe('UPSTREAM=auto', () => {
  test('without anything each call gets the instruction', async () => {
    const options: RigOptions = {
      settings: { kind: 'auto', geminiApiKey: undefined },
      needs: { atHand: { credentials: 'missing', hasAdc: false } },
    };
    await withRig(options, async ({ upstream, door }) => {
      expect(door.name).toBe('none');
      for (const work of [
        upstream.generate(callFor(), live()),
        upstream.countTokens(callFor(), live()),
        upstream.embed(embedding('gemini-embedding-001', 'a'), live()),
        upstream.models(live()),
      ]) {
        const error = await failureOf(work);
        expect(error).toMatchObject({ status: 503, reason: 'login_required', retryable: false });
        expect(error.message).toMatch(/npm run login.*GEMINI_API_KEY/s);
      }
      expect(door.status()).toMatchObject({ status: 'login_required' });
    });
  });

  test('a login that comes later opens the door', async () => {
    const atHand: { credentials: 'missing' | 'oauth'; hasAdc: boolean } = { credentials: 'missing', hasAdc: false };
    const options: RigOptions = {
      settings: { kind: 'auto', geminiApiKey: undefined },
      needs: { atHand },
    };
    await withRig(options, async ({ upstream, door }) => {
      await failureOf(upstream.generate(callFor(), live()));
      atHand.credentials = 'oauth';
      await collect(upstream.generate(callFor(), live()));
      expect(door.name).toBe('code-assist');
      expect(door.why).toBe('There are OAuth credentials.');
    });
  });
});

describe('variants of models, on every door', () => {
  test.each(['code-assist', 'gemini-api', 'vertex'] as const)('%s', async (kind) => {
    await withRig({ settings: { kind, project: 'simulated-project' } }, async ({ upstream }) => {
      await collect(upstream.generate(callFor(undefined, { model: 'gemini-2.5-flash-search-nothinking' }), live()));
      const [sent] = simulator.asked('generate');
      expect(sent?.text).toContain('"googleSearch"');
      expect(sent?.text).toContain('"thinkingBudget":0');
      expect(`${sent?.path ?? ''}${sent?.text ?? ''}`).not.toContain('nothinking');
    });
  });
});
