import { describe, expect, it } from 'vitest';
import { decode, decodeText, FLASH, FLASH_3, PRO, PRO_3_1, refused, upstream, user } from './decoding.ts';

const fn = (name: string, more: object = {}) => ({ type: 'function', function: { name, ...more } });

describe('what is asked of the model', () => {
  it('H1: one user text, no stream', () => {
    const { call, reading } = decode({});
    expect(call).toMatchObject({ model: FLASH, stream: false, native: false });
    expect(call.request).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
    });
    expect(reading).toMatchObject({ showThoughts: true, includeUsage: false, imagesAs: 'markdown', ignored: [] });
  });

  it('H3: system and user', () => {
    const request = upstream({ messages: [{ role: 'system', content: 'Be brief.' }, user('hi')] });
    expect(request).toMatchObject({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    });
  });

  it.each([
    [
      'H5: sampling',
      { temperature: 0.2, top_p: 0.9, max_tokens: 5000 },
      { temperature: 0.2, topP: 0.9, maxOutputTokens: 5000 },
    ],
    ['H7: one stop', { stop: 'END' }, { stopSequences: ['END'] }],
    ['stops without empty ones', { stop: ['a', '', 'b'] }, { stopSequences: ['a', 'b'] }],
    ['five stops', { stop: ['1', '2', '3', '4', '5', ''] }, { stopSequences: ['1', '2', '3', '4', '5'] }],
    ['only empty stops', { stop: [''] }, {}],
    ['zero is not absent', { temperature: 0, top_p: 0, seed: 0 }, { temperature: 0, topP: 0, seed: 0 }],
    ['top_k', { top_k: 40 }, { topK: 40 }],
    ['a large top_k', { top_k: 500 }, { topK: 64 }],
    ['a small top_k', { top_k: 0 }, { topK: 1 }],
    ['n of 1', { n: 1 }, {}],
    ['H111: n of 2', { n: 2 }, { candidateCount: 2 }],
    ['the newer cap wins', { max_completion_tokens: 3000, max_tokens: 5000 }, { maxOutputTokens: 3000 }],
    ['a cap above the model', { max_tokens: 1_000_000 }, { maxOutputTokens: 65_536 }],
    ['H155: penalties of 0', { presence_penalty: 0, frequency_penalty: 0 }, {}],
    [
      'H155: penalties',
      { presence_penalty: 0.5, frequency_penalty: -1 },
      { presencePenalty: 0.5, frequencyPenalty: -1 },
    ],
    ['logprobs', { logprobs: true, top_logprobs: 3 }, { responseLogprobs: true, logprobs: 3 }],
    ['no logprobs', { logprobs: false, top_logprobs: 0 }, {}],
    ['modalities of text', { modalities: ['text'] }, {}],
    ['H143: images', { modalities: ['text', 'image'] }, { responseModalities: ['TEXT', 'IMAGE'] }],
    ['H25: JSON', { response_format: { type: 'json_object' } }, { responseMimeType: 'application/json' }],
    ['text', { response_format: { type: 'text' } }, {}],
    ...[
      { response_schema: { type: 'object', properties: {} } },
      { schema: { type: 'object', properties: {} } },
      { json_schema: { schema: { type: 'object', properties: {} } } },
    ].map((schema): [string, object, object] => [
      `JSON by ${Object.keys(schema).join()}`,
      { response_format: { type: 'json_object', ...schema } },
      { responseMimeType: 'application/json', responseJsonSchema: { type: 'object', properties: {} } },
    ]),
  ])('%s', (_case, body, expected) => {
    expect(upstream(body).generationConfig).toEqual({ ...expected, thinkingConfig: { includeThoughts: true } });
  });

  it('H153: a seed of any length becomes the same 32-bit number each time', () => {
    const seed = (digits: string) =>
      decodeText(`{"model":"${FLASH}","messages":[{"role":"user","content":"x"}],"seed":${digits}}`).call.request
        .generationConfig?.['seed'];
    expect(seed('9007199254740993')).toBe(seed('9007199254740993'));
    expect(seed('9007199254740993')).not.toBe(seed('9007199254740992'));
    for (const digits of ['9007199254740993', '2147483648', '-2147483649', '1e30']) {
      expect(seed(digits)).toBeGreaterThanOrEqual(0);
      expect(seed(digits)).toBeLessThan(2 ** 31);
    }
    expect([seed('-2147483648'), seed('2147483647'), seed('5.0')]).toEqual([-2147483648, 2147483647, 5]);
  });

  it.each([
    ['six stops', { stop: ['1', '2', '3', '4', '5', '6'] }, 'invalid_value', 'stop'],
    ['top_logprobs alone', { top_logprobs: 2 }, 'invalid_value', 'top_logprobs'],
    ['audio', { modalities: ['text', 'audio'] }, 'unsupported_value', 'modalities'],
    ['an unknown modality', { modalities: ['smell'] }, 'invalid_value', 'modalities'],
    ['H37: an unknown effort', { reasoning_effort: 'ultra' }, 'invalid_value', 'reasoning_effort'],
    ['an unknown effort within', { reasoning: { effort: 'ultra' } }, 'invalid_value', 'reasoning.effort'],
    ['an unknown format', { response_format: { type: 'grammar' } }, 'invalid_value', 'response_format.type'],
    ['a format without type', { response_format: {} }, 'missing_required_parameter', 'response_format.type'],
    ['only an empty message', { messages: [user('')] }, 'invalid_value', 'messages'],
    ['S11: a name that leads elsewhere', { model: '../x' }, 'invalid_value', 'model'],
  ])('refuses %s', (_case, body, reason, param) => {
    expect(refused(() => decode(body))).toEqual({ status: 400, reason, param });
  });

  it('drops penalties for models that are known to refuse them, and says so', () => {
    const { call, reading } = decode({ model: 'gemini-3.8-flash', presence_penalty: 1 });
    expect(call.request.generationConfig).not.toHaveProperty('presencePenalty');
    expect(reading.ignored).toEqual(['presence_penalty']);
  });

  it.each(['gemini-3.5-flash-lite', 'gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash'])(
    '%s gets no sampling parameters, is told so, and gives one answer',
    (model) => {
      const { call, reading } = decode({ model, temperature: 0.2, top_p: 0.9, top_k: 3, n: 1 });
      for (const name of ['temperature', 'topP', 'topK', 'candidateCount']) {
        expect(call.request.generationConfig).not.toHaveProperty(name);
      }
      expect(reading.ignored).toEqual(['temperature', 'top_p', 'top_k']);
      expect(refused(() => decode({ model, n: 2 }))).toEqual({ status: 400, reason: 'unsupported_value', param: 'n' });
    },
  );

  it('passes safety settings of every spelling', () => {
    const settings = [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }];
    for (const body of [
      { safety_settings: settings },
      { safetySettings: settings },
      { google: { safety_settings: settings } },
      { extra_body: { google: { safetySettings: settings } } },
    ]) {
      expect(upstream(body).safetySettings).toEqual(settings);
    }
    expect(upstream({ safety_settings: [] })).not.toHaveProperty('safetySettings');
  });

  it('sizes images for models that make them, in either spelling', () => {
    const model = 'gemini-2.5-flash-image';
    const imageConfig = { aspectRatio: '16:9', imageSize: '2K' };
    for (const body of [
      { image_config: { aspect_ratio: '16:9', image_size: '2K' } },
      { extra_body: { google: { image_config: { aspectRatio: '16:9', imageSize: '2K' } } } },
    ]) {
      expect(upstream({ model, ...body }).generationConfig).toEqual({ imageConfig });
    }
    expect(decode({ image_config: { aspect_ratio: '1:1' } }).reading.ignored).toEqual(['image_config']);
  });

  it('H143: images go to a field where the client looks for it, else into the text', () => {
    expect(decode({ modalities: ['image', 'text'] }).reading.imagesAs).toBe('images');
    expect(decode({ image_config: {} }).reading.imagesAs).toBe('images');
    expect(decode({}).reading.imagesAs).toBe('markdown');
  });

  it('counts tokens in a stream only', () => {
    const options = { stream_options: { include_usage: true } };
    expect(decode({ ...options, stream: true }).reading.includeUsage).toBe(true);
    expect(decode(options).reading.includeUsage).toBe(false);
  });
});

describe('names of models', () => {
  it.each([
    ['H9', 'models/gemini-2.5-flash', 'gemini-2.5-flash'],
    ['H157', 'gemini-2.5-pro-search-nothinking', 'gemini-2.5-pro-nothinking-search'],
    ['a vendor before it', 'google/gemini-2.5-pro', 'gemini-2.5-pro'],
  ])('%s: %s', (_case, model, name) => {
    const { call, reading } = decode({ model });
    expect(call.model).toBe(name);
    expect(reading.resolved.requested).toBe(model);
  });

  it('H157: two kinds of thinking at once are not found', () => {
    expect(refused(() => decode({ model: 'gemini-2.5-pro-nothinking-maxthinking' }))).toEqual({
      status: 404,
      reason: 'model_not_found',
      param: 'model',
    });
  });

  it('H159: what the name says about thinking beats the effort', () => {
    expect(decode({ model: `${FLASH}-nothinking`, reasoning_effort: 'high' }).reading.showThoughts).toBe(false);
    expect(decode({ model: `${FLASH}-maxthinking`, reasoning_effort: 'none' }).reading.showThoughts).toBe(true);
  });
});

describe('thinking', () => {
  it.each([
    ['H31', FLASH, { reasoning_effort: 'low' }, { thinkingBudget: 1024, includeThoughts: true }],
    ['as an object', FLASH, { reasoning_effort: { effort: 'low' } }, { thinkingBudget: 1024, includeThoughts: true }],
    ['disable', FLASH, { reasoning_effort: 'disable' }, { thinkingBudget: 0, includeThoughts: false }],
    ['H33', PRO, { reasoning_effort: 'none' }, { thinkingBudget: 128, includeThoughts: false }],
    ['H35', PRO_3_1, { reasoning_effort: 'minimal' }, { thinkingLevel: 'LOW', includeThoughts: true }],
    [
      'H39: thinking_config beats effort',
      PRO,
      { reasoning_effort: 'high', extra_body: { google: { thinking_config: { thinking_budget: 2000 } } } },
      { thinkingBudget: 2000, includeThoughts: true },
    ],
    [
      'thinking_config, flattened and in camel case',
      FLASH_3,
      { google: { thinkingConfig: { thinkingLevel: 'high', includeThoughts: false } } },
      { thinkingLevel: 'HIGH', includeThoughts: false },
    ],
    [
      'include_thoughts goes with an effort',
      FLASH,
      { reasoning_effort: 'high', google: { thinking_config: { include_thoughts: false } } },
      { thinkingBudget: 24_576, includeThoughts: false },
    ],
    [
      'OpenRouter: effort',
      FLASH_3,
      { reasoning: { effort: 'high' } },
      { thinkingLevel: 'HIGH', includeThoughts: true },
    ],
    ['OpenRouter: budget', FLASH, { reasoning: { max_tokens: 500 } }, { thinkingBudget: 500, includeThoughts: true }],
    ['OpenRouter: exclude', FLASH, { reasoning: { exclude: true } }, { includeThoughts: false }],
    ['OpenRouter: off', FLASH, { reasoning: { enabled: false } }, { thinkingBudget: 0, includeThoughts: false }],
    ['SillyTavern: not shown', FLASH, { include_reasoning: false }, { includeThoughts: false }],
    [
      'Anthropic: budget',
      FLASH,
      { thinking: { type: 'enabled', budget_tokens: 3000 } },
      { thinkingBudget: 3000, includeThoughts: true },
    ],
    ['Anthropic: off', FLASH, { thinking: { type: 'disabled' } }, { thinkingBudget: 0, includeThoughts: false }],
    ['Anthropic: adaptive', FLASH, { thinking: { type: 'adaptive' } }, { includeThoughts: true }],
    ['Qwen: off', FLASH, { enable_thinking: false }, { thinkingBudget: 0, includeThoughts: false }],
    [
      'Qwen: budget',
      FLASH,
      { enable_thinking: true, thinking_budget: 4000 },
      { thinkingBudget: 4000, includeThoughts: true },
    ],
    [
      'thoughts of what is off are not asked for',
      FLASH,
      { reasoning_effort: 'none', google: { thinking_config: { include_thoughts: true } } },
      { thinkingBudget: 0, includeThoughts: false },
    ],
  ])('%s', (_case, model, body, expected) => {
    const { call, reading } = decode({ model, ...body });
    expect(call.request.generationConfig?.thinkingConfig).toEqual(expected);
    expect(reading.showThoughts).toBe(expected.includeThoughts);
  });

  it('says which wish lost', () => {
    expect(decode({ reasoning_effort: 'low', enable_thinking: false }).reading.ignored).toEqual(['enable_thinking']);
  });

  it('says nothing about thinking to a model that cannot', () => {
    const { call, reading } = decode({ model: 'gemini-2.5-flash-image', reasoning_effort: 'high' });
    expect(call.request).not.toHaveProperty('generationConfig');
    expect(reading.ignored).toEqual(['reasoning_effort']);
  });

  it('H113: a small cap leaves room for an answer', () => {
    const config = upstream({ max_tokens: 16 }).generationConfig;
    expect(config?.maxOutputTokens).toBeGreaterThanOrEqual(16);
    expect(config?.thinkingConfig?.thinkingBudget).toBeLessThanOrEqual(8);
    expect(upstream({ model: PRO, max_tokens: 16 }).generationConfig).toEqual({
      maxOutputTokens: 144,
      thinkingConfig: { thinkingBudget: 128, includeThoughts: true },
    });
    expect(upstream({ model: PRO_3_1, max_tokens: 16 }).generationConfig?.thinkingConfig?.thinkingLevel).toBe('LOW');
  });

  it('leaves a small cap alone when the client says how much to think', () => {
    expect(upstream({ max_tokens: 16, reasoning_effort: 'low' }).generationConfig).toEqual({
      maxOutputTokens: 16,
      thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
    });
  });
});

describe('answers as JSON', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } };

  it('sends the schema', () => {
    const config = upstream({ response_format: format }).generationConfig;
    expect(config).toMatchObject({ responseMimeType: 'application/json', responseJsonSchema: schema });
    expect(upstream({ response_format: { type: 'json_schema', schema } }).generationConfig).toMatchObject({
      responseJsonSchema: schema,
    });
    expect(upstream({ response_format: { type: 'json_schema', json_schema: {} } }).generationConfig).toEqual({
      responseMimeType: 'application/json',
      thinkingConfig: { includeThoughts: true },
    });
  });

  it('H83: before Gemini 3, beside tools, the schema goes in words', () => {
    const { call, reading } = decode({
      response_format: format,
      tools: [fn('f')],
      messages: [{ role: 'system', content: 'Be brief.' }, user('hi')],
    });
    expect(call.request.generationConfig).toEqual({ thinkingConfig: { includeThoughts: true } });
    const parts = call.request.systemInstruction?.parts ?? [];
    expect(parts).toHaveLength(2);
    expect(parts[1]?.text).toContain('"required":["a"]');
    expect(reading.stripFence).toBe(true);
  });

  it('the same beside search, also by the name of the model', () => {
    for (const body of [{ web_search_options: {} }, { model: `${FLASH}-search` }]) {
      const { call, reading } = decode({ response_format: { type: 'json_object' }, ...body });
      expect(call.request.generationConfig).not.toHaveProperty('responseMimeType');
      expect(reading.stripFence).toBe(true);
    }
  });

  it('with tool_choice none the tools go, the schema stays', () => {
    const { call, reading } = decode({ response_format: format, tools: [fn('f')], tool_choice: 'none' });
    expect(call.request).not.toHaveProperty('tools');
    expect(call.request).not.toHaveProperty('toolConfig');
    expect(call.request.generationConfig).toMatchObject({ responseJsonSchema: schema });
    expect(reading.stripFence).toBe(false);
  });

  it('with tool_choice none and a searching model the schema goes in words all the same', () => {
    const body = { model: `${FLASH}-search`, response_format: format, tools: [fn('f')], tool_choice: 'none' };
    const { call, reading } = decode(body);
    expect(call.request).not.toHaveProperty('tools');
    expect(call.request.generationConfig).not.toHaveProperty('responseMimeType');
    expect(reading.stripFence).toBe(true);
  });

  it('from Gemini 3 on both go, and a fence is watched for in case Google wants it in words', () => {
    const { call, reading } = decode({ model: FLASH_3, response_format: format, tools: [fn('f')] });
    expect(call.request.generationConfig).toMatchObject({ responseJsonSchema: schema });
    expect(call.request.tools).toHaveLength(1);
    expect(reading.stripFence).toBe(true);
  });
});
