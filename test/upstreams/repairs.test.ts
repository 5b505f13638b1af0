import { describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import type { Call, Upstream } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { SENTINEL } from '../../src/gemini/signatures.ts';
import type { GenerateContentRequest } from '../../src/gemini/types.ts';
import { withRepairs } from '../../src/upstreams/repairs.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { callFor, live } from './rig.ts';

const refusing = (message: string): RelayError => new RelayError('INVALID_ARGUMENT', message);

/** Refuses while the rule says so; remembers what it was asked. */
const createJudge = (rule: (request: GenerateContentRequest) => string | undefined) => {
  const asked: Call[] = [];
  const forgotten: string[] = [];
  const inner: Upstream = {
    generate: (call) => {
      asked.push(call);
      const message = rule(call.request);
      if (message !== undefined) return Promise.reject(refusing(message));
      return Promise.resolve({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }),
      });
    },
    countTokens: () => Promise.resolve({ totalTokens: 0 }),
    embed: () => Promise.resolve({ embeddings: [] }),
    models: () => Promise.resolve([]),
  };
  const upstream = withRepairs({
    catalogue: createCatalogue([]),
    signatures: { forget: (signatures) => forgotten.push(...signatures) },
    log: createMemoryLog(),
  })(inner);
  return { upstream, asked, forgotten };
};

const SIGNATURE = 'c2lnbmF0dXJl';

const signed: GenerateContentRequest = {
  contents: [
    { role: 'user', parts: [{ text: 'Weather?' }] },
    {
      role: 'model',
      parts: [
        { text: 'Well.', thoughtSignature: SIGNATURE },
        { functionCall: { name: 'wx', args: {} }, thoughtSignature: SIGNATURE },
      ],
    },
    { role: 'user', parts: [{ functionResponse: { name: 'wx', response: { ok: true } } }] },
  ],
};

describe('a refused thought signature', () => {
  test.each([true, false])('is bypassed once, and forgotten (native: %s)', async (native) => {
    const { upstream, asked, forgotten } = createJudge((request) =>
      JSON.stringify(request).includes(SIGNATURE) ? 'Corrupted thought signature.' : undefined,
    );
    await upstream.generate(callFor(signed, { model: 'gemini-3-pro-preview', native }), live());
    expect(asked[1]?.request.contents?.[1]?.parts).toEqual([
      { text: 'Well.' },
      { functionCall: { name: 'wx', args: {} }, thoughtSignature: SENTINEL },
    ]);
    expect(forgotten).toContain(SIGNATURE);
  });

  test('a missing one, though the model is not known for them', async () => {
    const request = { contents: [{ role: 'model', parts: [{ functionCall: { name: 'wx' } }] }] };
    const { upstream, asked } = createJudge((tried) =>
      JSON.stringify(tried).includes(SENTINEL) ? undefined : 'Function call is missing a thought_signature.',
    );
    await upstream.generate(callFor(request, { model: 'gemini-2.5-pro' }), live());
    expect(asked).toHaveLength(2);
  });

  test.each(['gemini-3-pro-image-preview', 'gemini-flash-of-tomorrow'])(
    'what %s has painted is signed by the stand-in, not by nothing',
    async (model) => {
      const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
      const painted: GenerateContentRequest = {
        contents: [
          {
            role: 'model',
            parts: [
              { text: 'Here.', thoughtSignature: SIGNATURE },
              { ...picture, thoughtSignature: SIGNATURE },
            ],
          },
          { role: 'user', parts: [{ text: 'Bluer.' }] },
        ],
      };
      const { upstream, asked } = createJudge((request) =>
        JSON.stringify(request).includes(SIGNATURE) ? 'Corrupted thought signature.' : undefined,
      );
      await upstream.generate(callFor(painted, { model }), live());
      expect(asked[1]?.request.contents?.[0]?.parts).toEqual([
        { text: 'Here.', thoughtSignature: SENTINEL },
        { ...picture, thoughtSignature: SENTINEL },
      ]);
    },
  );

  test('not twice, and not where there is nothing to replace', async () => {
    const { upstream, asked } = createJudge(() => 'Corrupted thought signature.');
    await expect(upstream.generate(callFor(signed), live())).rejects.toThrow('Corrupted');
    expect(asked).toHaveLength(2);
    await expect(upstream.generate(callFor('Hi.'), live())).rejects.toThrow('Corrupted');
    expect(asked).toHaveLength(3);
  });
});

const withTools: GenerateContentRequest = {
  contents: [{ role: 'user', parts: [{ text: 'x' }] }],
  tools: [
    {
      functionDeclarations: [
        { name: 'f', parametersJsonSchema: { type: 'object', properties: { a: { type: 'string', pattern: '^a$' } } } },
      ],
    },
  ],
};

describe('refused tools', () => {
  const rule = (request: GenerateContentRequest) =>
    JSON.stringify(request).includes('"pattern"')
      ? 'Unknown name "pattern" at \'tools[0].function_declarations[0]\''
      : undefined;

  test('are written more simply, and at once so the next time', async () => {
    const { upstream, asked } = createJudge(rule);
    await upstream.generate(callFor(withTools), live());
    await upstream.generate(callFor(withTools), live());
    expect(asked).toHaveLength(3);
    expect(JSON.stringify(asked[2]?.request)).not.toContain('"pattern"');
    const others = {
      ...withTools,
      tools: [{ functionDeclarations: [{ name: 'g', parametersJsonSchema: { type: 'object', pattern: 'x' } }] }],
    };
    await upstream.generate(callFor(others), live()).catch(() => undefined);
    expect(JSON.stringify(asked[3]?.request)).toContain('"pattern"');
  });

  test('of a native client are its own business', async () => {
    const { upstream, asked } = createJudge(rule);
    await expect(upstream.generate(callFor(withTools, { native: true }), live())).rejects.toThrow('pattern');
    expect(asked).toHaveLength(1);
  });

  test('that are refused in the simple form as well are not remembered', async () => {
    const { upstream, asked } = createJudge(() => 'Bad function_declarations.');
    await expect(upstream.generate(callFor(withTools), live())).rejects.toThrow('Bad');
    await expect(upstream.generate(callFor(withTools), live())).rejects.toThrow('Bad');
    expect(asked).toHaveLength(4);
    expect(JSON.stringify(asked[2]?.request)).toContain('"pattern"');
  });
});

test('how closely each picture is looked at is left out where Google does not know it, for this model from then on', async () => {
  const { upstream, asked } = createJudge((request) =>
    JSON.stringify(request).includes('mediaResolution')
      ? 'Unknown name "mediaResolution": Cannot find field.'
      : undefined,
  );
  const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const level = { level: 'MEDIA_RESOLUTION_HIGH' };
  const request = { contents: [{ role: 'user', parts: [{ ...picture, mediaResolution: level }, { text: 'a' }] }] };
  await upstream.generate(callFor(request, { model: 'gemini-3.5-flash' }), live());
  await upstream.generate(callFor(request, { model: 'gemini-3.5-flash' }), live());
  expect(asked.map((call) => call.request.contents?.[0]?.parts?.[0])).toEqual([
    { ...picture, mediaResolution: level },
    picture,
    picture,
  ]);
});

describe('refused penalties', () => {
  test('are left out, for this model from then on', async () => {
    const { upstream, asked } = createJudge((request) =>
      request.generationConfig?.['presencePenalty'] === undefined ? undefined : 'Penalty is not enabled for this model',
    );
    const request = { contents: [], generationConfig: { presencePenalty: 0.5, temperature: 1 } };
    await upstream.generate(callFor(request, { model: 'gemini-3.5-flash' }), live());
    await upstream.generate(callFor(request, { model: 'gemini-3.5-flash' }), live());
    await upstream.generate(callFor(request, { model: 'gemini-2.5-flash' }), live());
    expect(asked.map(({ request: { generationConfig } }) => generationConfig)).toEqual([
      { presencePenalty: 0.5, temperature: 1 },
      { temperature: 1 },
      { temperature: 1 },
      { presencePenalty: 0.5, temperature: 1 },
      { temperature: 1 },
    ]);
  });
});

describe('JSON and tools refused together', () => {
  const request: GenerateContentRequest = {
    ...withTools,
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    generationConfig: { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' }, seed: 1 },
  };
  const rule = ({ generationConfig }: GenerateContentRequest) =>
    generationConfig?.responseMimeType
      ? "Function calling with a response mime type: 'application/json' is unsupported"
      : undefined;

  test('the form moves into the instruction, for this model from then on', async () => {
    const { upstream, asked } = createJudge(rule);
    await upstream.generate(callFor(request), live());
    expect(asked[1]?.request.generationConfig).toEqual({ seed: 1 });
    const parts = asked[1]?.request.systemInstruction?.parts ?? [];
    expect(parts[0]).toEqual({ text: 'Be brief.' });
    expect(parts[1]?.text).toContain('{"type":"object"}');
    await upstream.generate(callFor(request), live());
    expect(asked).toHaveLength(3);
    await upstream
      .generate(callFor({ contents: [], generationConfig: { responseMimeType: 'application/json' } }), live())
      .catch(() => undefined);
    expect(asked[3]?.request.generationConfig).toEqual({ responseMimeType: 'application/json' });
  });
});

test('two different refusals are repaired one after the other', async () => {
  const { upstream, asked } = createJudge((request) =>
    JSON.stringify(request).includes('"pattern"')
      ? 'Bad function_declarations.'
      : request.generationConfig?.['frequencyPenalty'] === undefined
        ? undefined
        : 'Penalty is not enabled',
  );
  await upstream.generate(callFor({ ...withTools, generationConfig: { frequencyPenalty: 1 } }), live());
  expect(asked).toHaveLength(3);
});

test('what is no refusal of the request passes', async () => {
  const { upstream, asked } = createJudge(() => 'The thinking budget (0) is invalid.');
  await expect(upstream.generate(callFor(signed), live())).rejects.toThrow('budget');
  expect(asked).toHaveLength(1);
});
