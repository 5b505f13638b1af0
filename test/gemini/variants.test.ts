import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import type { GenerateContentRequest } from '../../src/gemini/types.ts';
import { applyVariants } from '../../src/gemini/variants.ts';
import { RawJson } from '../../src/json.ts';

const catalogue = createCatalogue([]);
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
const functions = { functionDeclarations: [{ name: 'f' }] };

const apply = (name: string, request: GenerateContentRequest, native = false) => {
  const resolved = catalogue.resolve(name);
  const call: Call = {
    model: resolved.name,
    request,
    stream: false,
    origin: { requestId: 'r', caller: { id: 'c', name: 'c' }, format: 'gemini' },
    record: { tokens: [] },
    native,
  };
  return { call, changed: applyVariants(call, resolved) };
};

test('without a suffix the call is the same one', () => {
  const { call, changed } = apply('gemini-2.5-flash', { contents });
  expect(changed).toBe(call);
});

test('H157: -search-nothinking on 2.5 Pro is search and the least budget', () => {
  const { changed } = apply('gemini-2.5-pro-search-nothinking', { contents });
  expect(changed.model).toBe('gemini-2.5-pro');
  expect(changed.request).toEqual({
    contents,
    tools: [{ googleSearch: {} }],
    generationConfig: { thinkingConfig: { thinkingBudget: 128, includeThoughts: false } },
  });
});

test.each([
  [true, { thinkingLevel: 'HIGH', includeThoughts: true }],
  [false, { thinkingBudget: 24_576 }],
])('H159: the suffix beats what the request says (native: %s)', (native, thinkingConfig) => {
  const request = { contents, generationConfig: { temperature: 0, thinkingConfig } };
  const { call, changed } = apply('gemini-2.5-flash-nothinking', request, native);
  expect(changed.request.generationConfig).toEqual({
    temperature: 0,
    thinkingConfig: { thinkingBudget: 0, includeThoughts: false },
  });
  expect(call.request.generationConfig?.thinkingConfig).toBe(thinkingConfig);
  expect(changed.request.contents).toBe(contents);
});

test('a model that does not think loses the setting that it would refuse', () => {
  const request = { contents, generationConfig: { topK: 3, thinkingConfig: { thinkingBudget: 5 } } };
  expect(apply('gemini-2.0-flash-nothinking', request).changed.request.generationConfig).toEqual({ topK: 3 });
});

describe('search', () => {
  const toolsAfter = (name: string, request: GenerateContentRequest) => apply(name, request).changed.request;

  test.each([
    ['absent', undefined, [{ googleSearch: {} }]],
    ['there', [{ googleSearch: { x: 1 } }], [{ googleSearch: { x: 1 } }]],
    ['there in its old form', [{ googleSearchRetrieval: {} }], [{ googleSearchRetrieval: {} }]],
    ['beside another tool', [{ urlContext: {} }], [{ urlContext: {} }, { googleSearch: {} }]],
    ['beside no function', [{ functionDeclarations: [] }], [{ functionDeclarations: [] }, { googleSearch: {} }]],
    ['kept as text', new RawJson('[{"urlContext":{}}]') as never, [{ urlContext: {} }, { googleSearch: {} }]],
  ])('when it is %s', (_what, tools, expected) => {
    expect(toolsAfter('gemini-2.5-flash-search', { contents, ...(tools && { tools }) }).tools).toEqual(expected);
  });

  test('before Gemini 3 functions win over search', () => {
    const request = { contents, tools: [functions] };
    expect(toolsAfter('gemini-2.5-flash-search', request)).toBe(request);
  });

  test.each([
    [undefined, 'VALIDATED'],
    ['AUTO', 'VALIDATED'],
    ['ANY', 'ANY'],
    ['NONE', 'NONE'],
    ['VALIDATED', 'VALIDATED'],
  ])('from Gemini 3 on both work: mode %s becomes %s', (mode, expected) => {
    const toolConfig = { retrievalConfig: {}, ...(mode !== undefined && { functionCallingConfig: { mode } }) };
    const changed = toolsAfter('gemini-3-flash-preview-search', { contents, tools: [functions], toolConfig });
    expect(changed.tools).toEqual([functions, { googleSearch: {} }]);
    expect(changed.toolConfig).toEqual({ retrievalConfig: {}, functionCallingConfig: { mode: expected } });
  });

  test('functions kept as text count as functions', () => {
    const tools = [{ functionDeclarations: new RawJson('[ {"name":"f"} ]') as never }];
    expect(toolsAfter('gemini-2.5-flash-search', { contents, tools }).tools).toBe(tools);
  });
});
