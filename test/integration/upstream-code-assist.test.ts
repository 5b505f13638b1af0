import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import type { GenerateContentRequest } from '../../src/gemini/types.ts';
import { RawJson } from '../../src/json.ts';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import type { Standing } from '../../src/simulator/account.ts';
import * as scripted from '../../src/simulator/scripted.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/virtual-system.ts';
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

const withRig = async <T>(work: (rig: Rig) => Promise<T>, options: RigOptions = {}): Promise<T> => {
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

const bodyOf = (operation: Parameters<Simulator['asked']>[0], index = 0): Readonly<Record<string, unknown>> =>
  JSON.parse(simulator.asked(operation)[index]?.text ?? '{}') as Readonly<Record<string, unknown>>;

describe('which project', () => {
  interface Case {
    readonly standing: Standing;
    /** GOOGLE_CLOUD_PROJECT. */
    readonly own?: string;
    /** The project in the credentials file. */
    readonly kept?: string;
    readonly project?: string;
    readonly reason?: string;
    readonly says?: RegExp;
  }
  const CASES: Readonly<Record<string, Case>> = {
    'the one that Google names': { standing: 'standard', project: 'simulated-project' },
    'Google wins over the variable': { standing: 'standard', own: 'own-project', project: 'simulated-project' },
    'Google wins over the file': { standing: 'standard', kept: 'own-project', project: 'simulated-project' },
    'the free tier': { standing: 'free', project: 'simulated-project' },
    'the variable, where Google names none': {
      standing: 'standard-own-project',
      own: 'own-project',
      project: 'own-project',
    },
    'the file, where neither does': { standing: 'standard-own-project', kept: 'own-project', project: 'own-project' },
    'none at all': { standing: 'standard-own-project', reason: 'config_error', says: /GOOGLE_CLOUD_PROJECT/ },
    'set-up of the free tier': { standing: 'free-onboarding', project: 'simulated-project' },
    'set-up of the free tier, which takes no project': {
      standing: 'free-onboarding',
      own: 'own-project',
      project: 'simulated-project',
    },
    'set-up of another tier': { standing: 'standard-onboarding', own: 'own-project', project: 'own-project' },
    'set-up of another tier without a project': {
      standing: 'standard-onboarding',
      reason: 'account_ineligible',
      says: /not eligible/,
    },
    'no default tier': { standing: 'legacy', own: 'own-project', project: 'own-project' },
    'no default tier, no project': { standing: 'legacy', reason: 'config_error', says: /GOOGLE_CLOUD_PROJECT/ },
    verification: {
      standing: 'validation-required',
      reason: 'account_ineligible',
      says: /verify.*https:\/\/accounts\.google\.com.*support\.google\.com/s,
    },
    'a personal account': {
      standing: 'unsupported-client',
      reason: 'account_ineligible',
      says: /18 June 2026.*GEMINI_API_KEY.*UPSTREAM=vertex.*licence/s,
    },
    'a personal account with a project': {
      standing: 'unsupported-client',
      own: 'own-project',
      reason: 'account_ineligible',
      says: /18 June 2026/,
    },
    'another reason': {
      standing: 'ineligible',
      reason: 'account_ineligible',
      says: /not eligible for Gemini Code Assist.*UPSTREAM=vertex/s,
    },
    'a perimeter': { standing: 'vpc-sc', own: 'own-project', project: 'own-project' },
    'a perimeter, no project': { standing: 'vpc-sc', reason: 'config_error', says: /perimeter.*GOOGLE_CLOUD_PROJECT/s },
    'the project of Cloud Shell': {
      standing: 'standard',
      own: 'cloudshell-gca',
      reason: 'config_error',
      says: /Cloud Shell/,
    },
    'a number': { standing: 'standard', own: '123456789012', reason: 'config_error', says: /id, not by its number/ },
    'no answer, twice': { standing: 'empty', reason: 'upstream_empty_response' },
    'no licence': { standing: 'no-licence', reason: 'config_error', says: /GOOGLE_CLOUD_PROJECT/ },
    'no licence for the project': {
      standing: 'no-licence',
      own: 'own-project',
      reason: 'account_ineligible',
      says: /licence.*Unset GOOGLE_CLOUD_PROJECT/s,
    },
  };

  test.each(Object.entries(CASES))('%s', async (_name, { standing, own, kept, project, reason, says }) => {
    simulator.account.standing = standing;
    await withRig(
      async ({ upstream, tokens, door }) => {
        if (kept !== undefined) Object.assign(tokens, { projectId: () => kept });
        const answer = upstream.generate(callFor(), live());
        if (project !== undefined) {
          await collect(answer);
          expect(bodyOf('generate').project).toBe(project);
          expect(door.status()).toMatchObject({ status: 'healthy', details: { project } });
          return;
        }
        const error = await failureOf(answer);
        expect(error.reason).toBe(reason);
        expect(error.message).toMatch(says ?? /./);
        if (reason === 'upstream_empty_response') return;
        expect(error).toMatchObject({ code: 'UNAVAILABLE', status: 503, retryable: false });
        const status = door.status();
        expect(status.status).toBe(reason);
        // The way out for everybody who asks /health; what Google says of the account is not.
        expect(`${status.message} ${status.fix ?? ''}`).not.toMatch(/Google says|@/);
        if (standing === 'validation-required') expect(status.fix).toContain('https://accounts.google.com/');
      },
      { settings: { project: own } },
    );
  });

  test('a number is refused without asking Google', async () => {
    await withRig(({ upstream }) => failureOf(upstream.generate(callFor(), live())), {
      settings: { project: '1234567' },
    });
    expect(simulator.requests).toHaveLength(0);
  });

  test('the free tier is set up without a project, and polled until done', async () => {
    simulator.account.standing = 'free-onboarding';
    await withRig(({ upstream }) => collect(upstream.generate(callFor(), live())), {
      settings: { project: 'own-project' },
    });
    expect(bodyOf('onboardUser')).toEqual({
      tierId: 'free-tier',
      metadata: { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' },
    });
    expect(simulator.asked('pollOperation')).toHaveLength(2);
    expect(bodyOf('loadCodeAssist')).toEqual({
      cloudaicompanionProject: 'own-project',
      metadata: {
        ideType: 'IDE_UNSPECIFIED',
        platform: 'PLATFORM_UNSPECIFIED',
        pluginType: 'GEMINI',
        duetProject: 'own-project',
      },
    });
  });

  test('a set-up that fails is a refusal with its reason', async () => {
    simulator.account.standing = 'free-onboarding';
    simulator.account.onboardingError = { code: 9, message: 'Precondition check failed.' };
    await withRig(async ({ upstream }) => {
      const error = await failureOf(upstream.generate(callFor(), live()));
      expect(error).toMatchObject({ reason: 'account_ineligible' });
      expect(error.message).toContain('Precondition check failed.');
    });
  });

  test('it is asked for once, however many wait, and one who leaves does not spoil it', async () => {
    simulator.next('loadCodeAssist', faults.slowHeaders(50));
    await withRig(async ({ upstream }) => {
      const leaver = new AbortController();
      const left = failureOf(upstream.generate(callFor(), leaver.signal));
      const all = Array.from({ length: 50 }, () => collect(upstream.generate(callFor(), live())));
      await simulator.until(() => simulator.asked('loadCodeAssist').length === 1);
      leaver.abort(new RelayError('CANCELLED', 'left'));
      expect((await left).code).toBe('CANCELLED');
      await Promise.all(all);
      await collect(upstream.generate(callFor(), live()));
    });
    expect(simulator.asked('loadCodeAssist')).toHaveLength(1);
    expect(simulator.asked('generate')).toHaveLength(51);
  });

  test('a refusal is told again without asking again, and logged once', async () => {
    simulator.account.standing = 'unsupported-client';
    await withRig(async ({ upstream, log }) => {
      for (let count = 0; count < 20; count += 1) await failureOf(upstream.generate(callFor(), live()));
      expect(log.of('error')).toEqual(['Code Assist refuses the account']);
    });
    expect(simulator.asked('loadCodeAssist')).toHaveLength(1);
    expect(simulator.asked('generate')).toHaveLength(0);
  });

  test('another login is another account', async () => {
    simulator.account.standing = 'unsupported-client';
    await withRig(async ({ upstream, tokens, door }) => {
      await failureOf(upstream.generate(callFor(), live()));
      simulator.account.standing = 'standard';
      tokens.changed('somebody else');
      expect(door.status().status).toBe('starting');
      await collect(upstream.generate(callFor(), live()));
      expect(door.status().status).toBe('healthy');
    });
  });

  test('trouble on the way is tried again like any other', async () => {
    simulator.next('loadCodeAssist', google.serverError(503), google.serverError(500));
    await withRig(({ upstream }) => collect(upstream.generate(callFor(), live())));
    expect(simulator.asked('loadCodeAssist')).toHaveLength(3);
  });

  test('R11: discovery renews a refused token, too', async () => {
    simulator.next('loadCodeAssist', google.unauthorized());
    await withRig(async ({ upstream, tokens }) => {
      await collect(upstream.generate(callFor(), live()));
      expect(tokens.discarded).toHaveLength(1);
    });
  });
});

describe('what is sent', () => {
  test('the envelope, and nothing that tells users apart', async () => {
    const request: GenerateContentRequest = {
      contents: [{ role: 'user', parts: [{ text: 'x' }] }],
      session_id: 'canary',
      serviceTier: 'flex',
      store: true,
      generationConfig: { temperature: 0, responseFormat: {}, enableEnhancedCivicAnswers: true },
    };
    await withRig(({ upstream }) => collect(upstream.generate(callFor(request), live())));
    expect(bodyOf('generate')).toEqual({
      model: 'gemini-2.5-flash',
      project: 'simulated-project',
      request: { contents: request.contents, generationConfig: { temperature: 0 } },
    });
    const [sent] = simulator.asked('generate');
    expect(sent?.headers['user-agent']).toBe('gemini-cli-relay/test');
    expect(sent?.headers['x-goog-user-project']).toBeUndefined();
    expect(sent?.text).not.toContain('canary');
  });

  test.each([
    ['gemini-3.5-flash', 'gemini-3-flash'],
    ['gemini-3.5-flash-maxthinking', 'gemini-3-flash'],
    ['gemini-2.5-pro', 'gemini-2.5-pro'],
  ])('the model %s goes by the name %s', async (model, wire) => {
    await withRig(({ upstream }) => collect(upstream.generate(callFor(undefined, { model }), live())));
    expect(bodyOf('generate').model).toBe(wire);
  });

  test('a request that is half text stays as it is written', async () => {
    const args = '{"big":12345678901234567890,"one":1.0,"2":"b","1":"a"}';
    const contents = [
      { role: 'user', parts: [{ text: 'x' }] },
      { role: 'model', parts: [{ functionCall: { name: 'f', args: new RawJson(args) } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: new RawJson(args) } }] },
    ];
    await withRig(({ upstream }) => collect(upstream.generate(callFor({ contents }, { native: true }), live())));
    expect(simulator.asked('generate')[0]?.text.split(args)).toHaveLength(3);
  });

  test('one call of Google for one of a client, once token and project are known', async () => {
    await withRig(async ({ upstream }) => {
      await collect(upstream.generate(callFor(), live()));
      simulator.clear();
      for (let count = 0; count < 5; count += 1) await collect(upstream.generate(callFor(), live()));
    });
    expect(simulator.requests).toHaveLength(5);
  });
});

describe('what comes back', () => {
  const exact =
    '{ "candidates" : [ {"content":{"role":"model","parts":[{"text":"\\u00e9 1.0","n":1.0,"big":12345678901234567890}]},"finishReason":"STOP"} ] , "zebra" : {"2":1,"1":2} }';

  test.each([true, false])('the inside of the envelope as Google wrote it (stream: %s)', async (stream) => {
    simulator.answer(exact);
    const [chunk] = await withRig(({ upstream }) =>
      collect(upstream.generate(callFor(undefined, { stream, native: true }), live())),
    );
    expect(chunk?.json.startsWith(exact.slice(0, -1))).toBe(true);
    expect(chunk?.json.slice(exact.length - 1)).toMatch(/^,"responseId":"[^"]+"\}$/);
    expect(chunk?.value).toEqual(JSON.parse(chunk?.json ?? ''));
    expect(chunk?.value.responseId).toBeDefined();
  });

  test('an id of its own stays', async () => {
    simulator.answer({ ...scripted.says('Hi.')[0], responseId: 'mine' });
    const [chunk] = await withRig(({ upstream }) => collect(upstream.generate(callFor(), live())));
    expect(chunk?.value.responseId).toBe('mine');
  });

  test.each([faults.unwrapped(), faults.inArrays()])('whole answers in other wrappings', async (fault) => {
    simulator.next('generate', fault);
    const chunks = await withRig(({ upstream }) =>
      collect(upstream.generate(callFor(undefined, { stream: false }), live())),
    );
    expect(textOf(chunks)).toContain('Say hello.');
  });

  test('a whole answer that is written as an event', async () => {
    const text = `data: ${JSON.stringify({ response: scripted.says('Hi.')[0] })}`;
    simulator.next('generate', faults.raw(200, { 'content-type': 'application/json' }, text));
    const chunks = await withRig(({ upstream }) =>
      collect(upstream.generate(callFor(undefined, { stream: false }), live())),
    );
    expect(textOf(chunks)).toBe('Hi.');
  });
});

describe('counting tokens', () => {
  const request: GenerateContentRequest = {
    systemInstruction: { role: 'system', parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Hello.' }] },
      {
        role: 'model',
        parts: [
          { text: 'Hm.', thought: true },
          { text: 'Hi.', thought: false },
        ],
      },
    ],
    tools: [{ functionDeclarations: [{ name: 'f' }] }],
    generationConfig: { temperature: 1 },
  };

  test('everything is counted as contents', async () => {
    const count = await withRig(({ upstream }) => upstream.countTokens(callFor(request), live()));
    expect(bodyOf('countTokens')).toEqual({
      request: {
        model: 'models/gemini-2.5-flash',
        contents: [
          { role: 'user', parts: [{ text: 'Be brief.' }] },
          { role: 'user', parts: [{ text: 'Hello.' }] },
          { role: 'model', parts: [{ text: 'Hi.' }] },
          { role: 'user', parts: [{ text: '[{"functionDeclarations":[{"name":"f"}]}]' }] },
        ],
      },
    });
    expect(count.totalTokens).toBeGreaterThan(0);
    expect(count['promptTokensDetails']).toEqual([{ modality: 'TEXT', tokenCount: count.totalTokens }]);
    expect(count['estimated']).toBeUndefined();
  });

  test('an estimate, marked as one, where Google cannot', async () => {
    simulator.always('countTokens', google.serverError(500));
    const contents = [
      {
        role: 'user',
        parts: [{ text: 'abcdefgh東京' }, { inlineData: { mimeType: 'image/png', data: 'x'.repeat(9999) } }],
      },
    ];
    const count = await withRig(({ upstream }) => upstream.countTokens(callFor({ contents }), live()));
    expect(count).toEqual({ totalTokens: 2 + 2 + 258, estimated: true });
    expect(simulator.asked('countTokens')).toHaveLength(3);
  });

  test('an unknown model and trouble of the account are no reason for one', async () => {
    await withRig(async ({ upstream }) => {
      const missing = await failureOf(upstream.countTokens(callFor(undefined, { model: 'gemini-9-none' }), live()));
      expect(missing.code).toBe('NOT_FOUND');
      simulator.always('countTokens', google.termsViolation());
      expect((await failureOf(upstream.countTokens(callFor(), live()))).reason).toBe('account_ineligible');
    });
  });
});

test('there are no embeddings, and the list of models is our own', async () => {
  await withRig(async ({ upstream }) => {
    const call = { model: 'gemini-embedding-001', requests: [{}], origin: callFor().origin, record: { tokens: [] } };
    const error = await failureOf(upstream.embed(call, live()));
    expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404, reason: 'model_not_found' });
    expect(error.message).toContain('not supported for embedContent');
    const names = (await upstream.models(live())).map(({ name }) => name);
    expect(names).toContain('models/gemini-2.5-flash');
    expect(names).not.toContain('models/gemini-embedding-001');
    expect(simulator.requests).toHaveLength(0);
  });
});

describe('getting ready', () => {
  test('before the first request', async () => {
    await withRig(async ({ door, upstream }) => {
      expect(door.status().status).toBe('starting');
      await door.ready();
      expect(door.status().status).toBe('healthy');
      simulator.clear();
      await collect(upstream.generate(callFor(), live()));
      expect(simulator.requests).toHaveLength(1);
    });
  });

  test('never throws, and goes on trying', async () => {
    simulator.next('loadCodeAssist', google.serverError(503));
    await withRig(async ({ door }) => {
      await door.ready();
      await until('the relay is ready', () => door.status().status === 'healthy');
    });
    expect(simulator.asked('loadCodeAssist')).toHaveLength(2);
  });

  test('starts anew with a new login', async () => {
    simulator.account.standing = 'unsupported-client';
    await withRig(async ({ door, upstream, tokens }) => {
      await door.ready();
      await failureOf(upstream.generate(callFor(), live()));
      expect(door.status().status).toBe('account_ineligible');
      simulator.account.standing = 'standard';
      tokens.changed('somebody else');
      await until('the relay is ready', () => door.status().status === 'healthy');
    });
  });
});
