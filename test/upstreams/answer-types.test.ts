/**
 * Every field of Google's answers, replaced by every JSON type, through the whole relay: what a client gets is an answer
 * or a 502 with its reason, never a 500, and nothing that is many times as large as what Google sent.
 */
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_OAUTH } from '../../src/credentials/google-client.ts';
import { refreshTokens } from '../../src/credentials/token-endpoint.ts';
import { RelayError } from '../../src/errors.ts';
import { raw } from '../../src/simulator/faults.ts';
import type { Fault, Target } from '../../src/simulator/fault-queue.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { createSystem } from '../../src/system.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { callFor, collect, createRig, live } from './rig.ts';

const sources = [
  { web: { uri: 'https://example.com/a', title: 'A', domain: 'example.com' } },
  { retrievedContext: { uri: 'https://example.com/b', title: 'B' } },
  { maps: { uri: 'https://example.com/c', title: 'C' } },
];

const ANSWER = {
  candidates: [
    {
      index: 0,
      content: {
        role: 'model',
        parts: [
          { text: 'a thought', thought: true },
          { text: 'Hello world', thoughtSignature: 'QUJD' },
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
          { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
          { functionCall: { id: 'one', name: 'look', args: { place: 'here', depth: 1.0 } }, thoughtSignature: 'REVG' },
          {
            functionCall: {
              name: 'look',
              willContinue: true,
              partialArgs: [{ jsonPath: '$.place', stringValue: 'h' }],
            },
          },
          { functionCall: { name: 'look', willContinue: false, partialArgs: [{ jsonPath: '$.n', numberValue: 4 }] } },
        ],
      },
      finishReason: 'STOP',
      finishMessage: 'done',
      groundingMetadata: {
        groundingChunks: sources,
        groundingSupports: [
          { segment: { partIndex: 1, startIndex: 0, endIndex: 5, text: 'Hello' }, groundingChunkIndices: [0, 1] },
        ],
        webSearchQueries: ['hello'],
      },
      citationMetadata: {
        citationSources: [{ startIndex: 0, endIndex: 5, uri: 'https://example.com/d', title: 'D' }],
        citations: [{ startIndex: 0, endIndex: 5, uri: 'https://example.com/e', title: 'E' }],
      },
      logprobsResult: {
        chosenCandidates: [{ token: 'Hello', logProbability: -0.1, tokenId: 5 }],
        topCandidates: [{ candidates: [{ token: 'Hello', logProbability: -0.1 }] }],
      },
      safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' }],
    },
  ],
  usageMetadata: {
    promptTokenCount: 3,
    cachedContentTokenCount: 1,
    candidatesTokenCount: 4,
    thoughtsTokenCount: 2,
    toolUsePromptTokenCount: 1,
    totalTokenCount: 9,
    promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 3 }],
    candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 4 }],
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'answer-1',
};
const REFUSED = {
  promptFeedback: { blockReason: 'SAFETY', blockReasonMessage: 'no' },
  usageMetadata: { totalTokenCount: 3 },
};
const FAILED = {
  error: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Quota exceeded, please retry in 70s.',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'RATE_LIMIT_EXCEEDED',
        metadata: { quota_limit: 'a' },
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '70s' },
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'x', quotaMetric: 'y' }] },
      { '@type': 'type.googleapis.com/google.rpc.Help', links: [{ description: 'd', url: 'https://example.com' }] },
    ],
  },
};

const deep = (levels: number): unknown => JSON.parse('[{"a":'.repeat(levels) + '1' + '}]'.repeat(levels)) as unknown;

/** Every JSON type, empty and filled, and the ones that are mistaken for another. */
const VALUES: readonly unknown[] = [null, true, -1, 1e300, 'text', '', [null], [[]], {}, { length: 1e9 }, deep(400)];

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, before: Path = []): readonly Path[] => {
  const own = before.length > 0 ? [before] : [];
  if (typeof value !== 'object' || value === null) return own;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    ...own,
    ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...before, key])),
  ];
};

const GONE = Symbol('gone');

const replaced = (value: unknown, [key, ...rest]: Path, by: unknown): unknown => {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  const next = replaced(copy[key], rest, by);
  if (next === GONE) Reflect.deleteProperty(copy, key);
  else copy[key] = next;
  return copy;
};

/** All of them for one field, the value itself being one. */
const mutations = function* (value: unknown): Generator<readonly [label: string, value: unknown]> {
  for (const by of VALUES) yield [JSON.stringify(by).slice(0, 30), by];
  for (const path of pathsOf(value)) {
    yield [`${path.join('.')} gone`, replaced(value, path, GONE)];
    for (const by of VALUES)
      yield [`${path.join('.')} = ${JSON.stringify(by).slice(0, 30)}`, replaced(value, path, by)];
  }
};

const json = (text: string): Fault => raw(200, { 'content-type': 'application/json' }, text);

const events = (...texts: string[]): Fault =>
  raw(200, { 'content-type': 'text/event-stream' }, texts.map((text) => `data: ${text}\r\n\r\n`).join(''));

/** As it was asked for: whole, or as a stream in which it is the first event, and an honest end follows. */
const answered = (text: string, end: string | undefined): Fault => {
  const whole = json(text);
  const streamed = end === undefined ? events(text) : events(text, end);
  return (ask, honest) => (ask.path.includes('stream') ? streamed : whole)(ask, honest);
};

const user = { role: 'user', content: 'Hi' };
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];
const chat = { model: 'gemini-2.5-flash', messages: [user], tools, logprobs: true, top_logprobs: 2 };
const native = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
/** For whoever hangs; on a quiet machine it is a quarter of a minute. */
const LONG = 300_000;

const GENERATING: readonly (readonly [path: string, body: object])[] = [
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', { ...chat, stream: true, stream_options: { include_usage: true } }],
  ['/v1/chat/completions', { ...chat, tools: undefined, response_format: { type: 'json_object' } }],
  ['/v1/completions', { model: 'gemini-2.5-flash', prompt: 'Hi' }],
  ['/v1/completions', { model: 'gemini-2.5-flash', prompt: 'Hi', stream: true }],
  ['/v1/images/generations', { prompt: 'a dot' }],
  ['/v1beta/models/gemini-2.5-flash:generateContent', native],
  ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', native],
  ['/v1beta/models/gemini-2.5-flash:streamGenerateContent', native],
];

interface Ended {
  readonly status: number;
  readonly text: string;
}

const ask = async (relay: TestRelay, path: string, body: object | undefined): Promise<Ended> => {
  // Not by `fetch`: for tens of thousands of small answers it takes longer than the relay.
  const response = await request(`${relay.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${relay.key}`, ...(body && { 'content-type': 'application/json' }) },
    body: body ? JSON.stringify(body) : null,
  });
  // A native stream is cut behind its error, on purpose.
  let text = '';
  try {
    for await (const piece of response.body.setEncoding('utf8')) text += String(piece);
  } catch {
    return { status: response.statusCode, text };
  }
  return { status: response.statusCode, text };
};

/** What is wrong with an outcome; undefined where nothing is. */
const complaint = ({ status, text }: Ended, sent: string): string | undefined => {
  if (status === 500) return `status 500: ${text.slice(0, 200)}`;
  if (text.includes('The relay failed on this request')) return `an error of ours: ${text.slice(-300)}`;
  if (text.length > 8 * sent.length + 30_000) return `${text.length} bytes for ${sent.length}`;
  if (status !== 200 || text.startsWith('data:') || text.startsWith(': ')) return undefined;
  JSON.parse(text);
  return undefined;
};

let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api', env: { MAX_RETRIES: '0', LOG_LEVEL: 'warn' } });
});

afterAll(async () => {
  await relay.close();
});

/** Plays all mutations of a sample to these requests; brings what was wrong. */
const campaign = async (
  target: Target,
  sample: unknown,
  requests: readonly (readonly [path: string, body?: object])[],
  fault: (text: string) => Fault,
): Promise<readonly string[]> => {
  const wrong: string[] = [];
  for (const [label, value] of mutations(sample)) {
    const text = JSON.stringify(value);
    relay.simulator.always(target, fault(text));
    const outcomes = await Promise.all(requests.map(([path, body]) => ask(relay, path, body)));
    outcomes.forEach((outcome, at) => {
      const found = complaint(outcome, text);
      if (found !== undefined) wrong.push(`${requests[at]?.[0]} ${label}: ${found}`);
    });
    relay.simulator.clear();
  }
  const lines = relay.logs.splice(0).filter((line) => line.includes('"level":"error"'));
  return [...wrong, ...lines];
};

describe('a value of a wrong type in what Google answers', () => {
  const END = JSON.stringify({ candidates: [{ content: { parts: [{ text: '.' }] }, finishReason: 'STOP' }] });

  const STREAMING = GENERATING.filter(([path, body]) => path.includes('stream') || 'stream' in body);

  test.each([
    ['an answer', ANSWER, undefined, GENERATING],
    ['the first event of a stream', ANSWER, END, STREAMING],
    ['a refusal', REFUSED, undefined, GENERATING],
    ['an error inside of an answer', FAILED, undefined, GENERATING],
  ])(
    '%s, whole and streamed, in all formats: no 500, nothing many times larger',
    async (_, sample, end, requests) => {
      expect(await campaign('generate', sample, requests, (text) => answered(text, end))).toEqual([]);
    },
    LONG,
  );

  test(
    'a count of tokens, an embedding',
    async () => {
      const count: readonly (readonly [path: string, body: object])[] = [
        ['/v1beta/models/gemini-2.5-flash:countTokens', native],
      ];
      const details = [{ modality: 'TEXT', tokenCount: 7 }];
      expect(await campaign('countTokens', { totalTokens: 7, promptTokensDetails: details }, count, json)).toEqual([]);

      const [, , one] = EMBEDDING;
      const embedding = { values: [0.1, -0.2], statistics: { tokenCount: 2 } };
      const usageMetadata = { promptTokenCount: 2 };
      const several = EMBEDDING.filter((each) => each !== one);
      expect(await campaign('embedContent', { embedding, usageMetadata }, several, json)).toEqual([]);
      const embeddings = [embedding, embedding];
      expect(await campaign('batchEmbedContents', { embeddings, usageMetadata }, one ? [one] : [], json)).toEqual([]);
    },
    LONG,
  );

  test('an embedding too few is no answer: none would belong to its text any more', async () => {
    relay.simulator.next('batchEmbedContents', json(JSON.stringify({ embeddings: [{ values: [1] }] })));
    const { status, text } = await ask(relay, '/v1/embeddings', {
      model: 'gemini-embedding-001',
      input: ['one', 'two'],
    });
    expect([status, text]).toEqual([502, expect.stringContaining('upstream_bad_response')]);
  });

  test('a long vector is made as long as OpenAI expects', async () => {
    const values = Array.from({ length: 300_000 }, () => 2);
    relay.simulator.next('embedContent', json(JSON.stringify({ embedding: { values } })));
    const { status } = await ask(relay, '/v1/embeddings', { model: 'gemini-embedding-001', input: 'x', dimensions: 8 });
    expect(status).toBe(200);
  });

  test(
    'the list of models, which is asked for again when it is ten minutes old',
    async () => {
      const model = {
        name: 'models/gemini-2.5-flash',
        displayName: 'Gemini',
        inputTokenLimit: 1000,
        outputTokenLimit: 100,
        supportedGenerationMethods: ['generateContent'],
      };
      const wrong: string[] = [];
      let elapsed = 0;
      const system = createSystem();
      const list = { models: [model], nextPageToken: '' };
      const later = await startRelay({
        door: 'gemini-api',
        env: { LOG_LEVEL: 'warn' },
        system: { ...system, monotonic: () => system.monotonic() + elapsed },
      });
      try {
        for (const [label, value] of mutations(list)) {
          const text = JSON.stringify(value);
          elapsed += 601_000;
          later.simulator.always(({ method }) => method === 'GET', json(text));
          for (const path of ['/v1/models', '/v1beta/models', '/v1beta/models/gemini-2.5-flash']) {
            const outcome = await ask(later, path, undefined);
            // What is not in Google's list is not there.
            const found = outcome.status === 404 ? undefined : complaint(outcome, text);
            if (found !== undefined) wrong.push(`${path} ${label}: ${found}`);
          }
          later.simulator.clear();
        }
        wrong.push(...later.logs.filter((line) => line.includes('"level":"error"')));
      } finally {
        await later.close();
      }
      expect(wrong).toEqual([]);
    },
    LONG,
  );
});

const EMBEDDING: readonly (readonly [path: string, body: object])[] = [
  ['/v1/embeddings', { model: 'gemini-embedding-001', input: 'x', dimensions: 2 }],
  ['/v1beta/models/gemini-embedding-001:embedContent', { content: { parts: [{ text: 'x' }] } }],
  ['/v1/embeddings', { model: 'gemini-embedding-001', input: ['x', 'y'], encoding_format: 'base64' }],
];

describe('a value of a wrong type in what Code Assist and the token endpoint answer', () => {
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

  /** What a call through a fresh door meets: an answer, or an error that the relay knows. */
  const strangers = async (target: Target, sample: unknown): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const [label, value] of mutations(sample)) {
      simulator.always(target, json(JSON.stringify(value)));
      const rig = createRig(simulator, { settings: { maxRetries: 0 } });
      for (const native of [true, false]) {
        try {
          for (const { json: text } of await collect(
            rig.upstream.generate(callFor('Hi', { stream: false, native }), live()),
          ))
            JSON.parse(text);
        } catch (error) {
          if (!(error instanceof RelayError) || error.reason === 'internal_error')
            found.push(`${label}: ${String(error)}`);
        }
      }
      await rig.close();
      simulator.clear();
    }
    return found;
  };

  test(
    'the envelope of an answer',
    async () => {
      const response = {
        candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
        responseId: 'r',
      };
      expect(await strangers('generateContent', { response, traceId: 'trace' })).toEqual([]);
    },
    LONG,
  );

  test(
    'the standing of the account, and its set-up',
    async () => {
      const tier = { id: 'standard-tier', name: 'n', isDefault: true, userDefinedCloudaicompanionProject: false };
      const ineligible = {
        reasonCode: 'VALIDATION_REQUIRED',
        reasonMessage: 'm',
        tierId: 't',
        validationUrl: 'https://a.b',
      };
      const load = {
        currentTier: tier,
        paidTier: tier,
        allowedTiers: [tier],
        ineligibleTiers: [ineligible],
        cloudaicompanionProject: 'a-project',
      };
      expect(await strangers('loadCodeAssist', load)).toEqual([]);
      simulator.account.standing = 'free-onboarding';
      const project = { cloudaicompanionProject: { id: 'a-project' } };
      expect(await strangers('onboardUser', { name: 'operations/1', done: true, response: project })).toEqual([]);
    },
    LONG,
  );

  test(
    'tokens: taken whole, or not at all',
    async () => {
      const sample = {
        access_token: 'ya29.token',
        refresh_token: 'refresh',
        expires_in: 3599,
        scope: 'a b',
        token_type: 'Bearer',
        id_token: 'id',
      };
      const settings = { ...DEFAULT_OAUTH, tokenUrl: simulator.tokenUrl };
      for (const [, value] of mutations(sample)) {
        simulator.always('token', json(JSON.stringify(value)));
        const outcome = await refreshTokens(settings, 'rt', { attemptTimeoutMs: 5000 }, live());
        if (outcome.kind === 'tokens') {
          expect(outcome.accessToken).toMatch(/^[\x20-\x7e]+$/);
          expect(outcome.lifetimeMs).toBeGreaterThanOrEqual(60_000);
          expect(outcome.lifetimeMs).toBeLessThanOrEqual(86_400_000);
        } else {
          expect(outcome.kind).toBe('trouble');
        }
        simulator.clear();
      }
    },
    LONG,
  );
});

describe('a whole answer without a finish reason is no answer', () => {
  test.each(GENERATING.filter(([path, body]) => !path.includes('stream') && !('stream' in body)))(
    '%s %#',
    async (path, body) => {
      const candidate = { content: { role: 'model', parts: [{ text: 'Half a sen' }] } };
      relay.simulator.next('generate', json(JSON.stringify({ candidates: [candidate] })));
      const { status, text } = await ask(relay, path, body);
      expect(status).toBe(502);
      expect(text.toLowerCase()).toContain('upstream_incomplete');
    },
  );

  test('nor is one of which a candidate has none', async () => {
    const candidates = [
      { index: 0, content: { parts: [{ text: 'All.' }] }, finishReason: 'STOP' },
      { index: 1, content: { parts: [{ text: 'Half a sen' }] } },
    ];
    relay.simulator.next('generate', json(JSON.stringify({ candidates })));
    const { status } = await ask(relay, '/v1beta/models/gemini-2.5-flash:generateContent', native);
    expect(status).toBe(502);
  });

  test('but for a refused question', async () => {
    relay.simulator.next('generate', json(JSON.stringify(REFUSED)));
    const { status, text } = await ask(relay, '/v1beta/models/gemini-2.5-flash:generateContent', native);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject(REFUSED);
  });
});

describe('a native client', () => {
  test('gets what the relay does not read as Google wrote it, whatever its type', async () => {
    const written =
      '{"candidates":[{"content":{"parts":[{"text":7,"functionCall":"x"}]},"citationMetadata":[1],"finishReason":"STOP"}],' +
      '"usageMetadata":"none"}';
    relay.simulator.next('generate', json(written));
    const { status, text } = await ask(relay, '/v1beta/models/gemini-2.5-flash:generateContent', native);
    expect([status, text]).toEqual([200, written]);
  });
});
