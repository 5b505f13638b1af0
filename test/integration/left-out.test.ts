/** What only one of Google's doors takes reaches it there, and is told in `x-relay-ignored` everywhere else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as google from '../../src/simulator/google-faults.ts';
import { startRelay } from '../support/relay.ts';
import type { DoorName, TestRelay } from '../support/relay.ts';

type Json = Readonly<Record<string, unknown>>;

const ASKED = { service_tier: 'flex', metadata: { team: 'blue', Run: 'Nr. 7', empty: '' } };
const CHAT = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };
const RESPONSES = { model: 'gemini-2.5-flash', input: 'Hello' };
const MESSAGES = { ...CHAT, max_tokens: 4096 };
const BLOCKED = { blocked_domains: ['a.example', 'b.example'] };
const NATIVE = {
  contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
  serviceTier: 'priority',
  labels: { team: 'blue' },
  generationConfig: { audioTimestamp: true, enableEnhancedCivicAnswers: true },
};

const sentBy = (relay: TestRelay): Json => {
  const body = JSON.parse(relay.simulator.asked('generate').at(-1)?.text ?? '{}') as Json;
  return (body['request'] ?? body) as Json;
};
const toldIn = (answer: Response): readonly string[] => answer.headers.get('x-relay-ignored')?.split(', ') ?? [];

/** Per door: what of it arrives there, and what is told, of a translated request and of one in Gemini's own form. */
const DOORS: Readonly<Record<DoorName, { arrives: Json; told: string[]; native: Json; nativeTold: string[] }>> = {
  'gemini-api': {
    arrives: { serviceTier: 'flex' },
    told: ['metadata.Run', 'metadata'],
    native: { serviceTier: 'priority', generationConfig: { enableEnhancedCivicAnswers: true } },
    nativeTold: ['labels', 'generationConfig.audioTimestamp'],
  },
  vertex: {
    arrives: { labels: { team: 'blue', empty: '' } },
    told: ['metadata.Run', 'service_tier'],
    native: { labels: { team: 'blue' }, generationConfig: { audioTimestamp: true } },
    nativeTold: ['serviceTier', 'generationConfig.enableEnhancedCivicAnswers'],
  },
  'code-assist': {
    arrives: {},
    told: ['metadata.Run', 'service_tier', 'metadata'],
    native: { labels: { team: 'blue' }, generationConfig: { audioTimestamp: true } },
    nativeTold: ['serviceTier', 'generationConfig.enableEnhancedCivicAnswers'],
  },
};

describe.each(Object.keys(DOORS) as DoorName[])('%s', (door) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ door });
  });
  afterAll(() => relay.close());
  const { arrives, told, native, nativeTold } = DOORS[door];

  test.each([
    ['/v1/chat/completions', CHAT],
    ['/v1/responses', RESPONSES],
  ])('%s, whole and streamed', async (path, body) => {
    for (const stream of [false, true]) {
      const answer = await relay.post(path, { ...body, ...ASKED, stream });
      await answer.text();
      expect(answer.status).toBe(200);
      const { serviceTier, labels } = sentBy(relay);
      expect({ ...(serviceTier !== undefined && { serviceTier }), ...(labels !== undefined && { labels }) }).toEqual(
        arrives,
      );
      expect(toldIn(answer).toSorted()).toEqual(told.toSorted());
    }
  });

  test("Gemini's own form", async () => {
    const answer = await relay.post('/v1beta/models/gemini-2.5-flash:generateContent', NATIVE);
    expect(answer.status).toBe(200);
    const { contents: _, ...sent } = sentBy(relay);
    expect(sent).toEqual(native);
    expect(toldIn(answer).toSorted()).toEqual(nativeTold.toSorted());
  });

  test('names that no header could carry are told in a form that it can, and no more than 40', async () => {
    const names = [
      '"quoted"\r\nx-other: 1',
      '名',
      'a'.repeat(100_000),
      ...Array.from({ length: 100 }, (_, n) => `field${n}`),
    ];
    const fields = Object.fromEntries(names.map((name) => [name, 1]));
    const answer = await relay.post(`/v1beta/models/gemini-2.5-flash:generateContent`, { ...NATIVE, ...fields });
    // The other doors hand a field on that they don't know, and Google refuses it.
    expect([answer.status, answer.headers.get('x-other')]).toEqual([door === 'code-assist' ? 200 : 400, null]);
    expect(toldIn(answer).length).toBeLessThanOrEqual(40);
    expect(answer.headers.get('x-relay-ignored')?.length ?? 0).toBeLessThan(4000);
  });

  test.each<[string, object]>([
    ['/v1/chat/completions', CHAT],
    ['/v1/responses', RESPONSES],
  ])('who asks for nothing of the kind is told nothing: %s', async (path, body) => {
    const answer = await relay.post(path, { ...body, service_tier: 'auto' });
    expect([answer.status, toldIn(answer)]).toEqual([200, []]);
  });

  test.each<[string, object, object, string]>([
    ['/v1/chat/completions', CHAT, { filters: BLOCKED }, 'tools[].filters.blocked_domains'],
    ['/v1/responses', RESPONSES, { filters: BLOCKED }, 'tools[].filters.blocked_domains'],
    ['/v1/messages', MESSAGES, { name: 'web_search', ...BLOCKED }, 'tools[].blocked_domains'],
  ])('sites that a search shall leave out: %s', async (path, body, more, name) => {
    const type = path === '/v1/messages' ? 'web_search_20250305' : 'web_search';
    const answer = await relay.post(path, { ...body, tools: [{ type, ...more }] });
    expect(answer.status).toBe(200);
    const isTaken = door === 'vertex';
    expect(sentBy(relay)['tools']).toEqual([
      { googleSearch: isTaken ? { excludeDomains: BLOCKED.blocked_domains } : {} },
    ]);
    expect(toldIn(answer)).toEqual(isTaken ? [] : [name]);
  });
});

test('told is what the door that answered left out, not the one before it', async () => {
  const relay = await startRelay({
    env: { UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEY: `AIza${'Simulated'.repeat(4).slice(0, 35)}` },
  });
  try {
    relay.simulator.next('generate', google.rateLimited({ retryDelay: '3600s' }));
    const answer = await relay.post('/v1/chat/completions', { ...CHAT, service_tier: 'flex' });
    expect([answer.status, answer.headers.get('x-relay-door'), toldIn(answer)]).toEqual([200, 'gemini-api', []]);
    expect(sentBy(relay)['serviceTier']).toBe('flex');
  } finally {
    await relay.close();
  }
});

test.each(['scale', 'turbo'])('a tier that Google does not have is told: %s', async (tier) => {
  const relay = await startRelay({ door: 'gemini-api' });
  try {
    const answer = await relay.post('/v1/chat/completions', { ...CHAT, service_tier: tier });
    expect([answer.status, toldIn(answer), sentBy(relay)['serviceTier']]).toEqual([200, ['service_tier'], undefined]);
  } finally {
    await relay.close();
  }
});

describe('embeddings', () => {
  const MODEL = 'gemini-embedding-001';
  const content = { parts: [{ text: 'a' }] };
  const asked = {
    content,
    embedContentConfig: { taskType: 'CLUSTERING', outputDimensionality: 8, autoTruncate: false },
  };

  test.each([
    ['vertex', MODEL, 'predict', []],
    ['vertex', 'gemini-embedding-2-preview', 'embedContent', []],
    ['gemini-api', MODEL, 'embedContent', ['autoTruncate']],
  ] as const)("over %s, %s has the settings of Vertex AI's clients", async (door, model, operation, told) => {
    const relay = await startRelay({ door });
    try {
      const answer = await relay.post(`/v1beta1/publishers/google/models/${model}:embedContent`, asked);
      expect([answer.status, toldIn(answer)]).toEqual([200, told]);
      const { embedding } = (await answer.json()) as { embedding: { values: readonly number[] } };
      expect(embedding.values).toHaveLength(8);
      const sent = relay.simulator.asked(operation).at(-1)?.text ?? '';
      expect(JSON.parse(sent)).toEqual(
        operation === 'predict'
          ? {
              instances: [{ content: 'a', taskType: 'CLUSTERING' }],
              parameters: { outputDimensionality: 8, autoTruncate: false },
            }
          : {
              ...{ content, taskType: 'CLUSTERING', outputDimensionality: 8 },
              ...(door === 'vertex' && { autoTruncate: false }),
            },
      );
    } finally {
      await relay.close();
    }
  });

  test('what predict has no place for is told, or refused where it is a part of the content', async () => {
    const relay = await startRelay({ door: 'vertex' });
    const embed = (body: object): Promise<Response> => relay.post(`/v1beta/models/${MODEL}:embedContent`, body);
    const picture = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } };
    try {
      const told = await embed({ content, bogus: 1, embedContentConfig: { documentOcr: true } });
      expect([told.status, toldIn(told).toSorted()]).toEqual([200, ['bogus', 'documentOcr']]);
      const asked = relay.simulator.asked('predict').length;
      const refused = await embed({ content: { parts: [{ text: 'a' }, picture] } });
      expect([refused.status, await refused.text()]).toEqual([
        400,
        expect.stringContaining('content.parts[1].inlineData: gemini-embedding-001 takes nothing but text'),
      ]);
      const batch = await relay.post(`/v1beta/models/${MODEL}:batchEmbedContents`, {
        requests: [{ content }, { content: { parts: [picture] } }],
      });
      expect([batch.status, await batch.text()]).toEqual([
        400,
        expect.stringContaining('requests[1].content.parts[0].inlineData'),
      ]);
      expect(relay.simulator.asked('predict')).toHaveLength(asked);
    } finally {
      await relay.close();
    }
  });

  test('what only the newest models of Vertex AI know stands in their settings', async () => {
    const relay = await startRelay({ door: 'vertex' });
    try {
      const body = { content, embedContentConfig: { documentOcr: true, outputDimensionality: 8 } };
      const answer = await relay.post('/v1beta/models/gemini-embedding-2-preview:embedContent', body);
      expect([answer.status, toldIn(answer)]).toEqual([200, []]);
      expect(JSON.parse(relay.simulator.asked('embedContent').at(-1)?.text ?? '')).toEqual({
        content,
        outputDimensionality: 8,
        embedContentConfig: { documentOcr: true },
      });
    } finally {
      await relay.close();
    }
  });
});
