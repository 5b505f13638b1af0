import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import { OPAQUE_FIELDS } from '../../../src/formats/gemini/field-names.ts';
import {
  readCountRequest,
  readEmbedRequest,
  readEmbedRequests,
  readGenerateRequest,
  readPredictRequests,
} from '../../../src/formats/gemini/request.ts';
import { parseJson, writeJson } from '../../../src/json.ts';

const parse = (json: string): unknown => parseJson(json, { raw: OPAQUE_FIELDS });
const read = (json: string): string => writeJson(readGenerateRequest(parse(json)));
const hello = '"contents":[{"role":"user","parts":[{"text":"Hello"}]}]';

const failure = (action: () => unknown): RelayError => {
  try {
    action();
  } catch (error) {
    if (error instanceof RelayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('a request that is fine', () => {
  it.each([
    ['unknown keys', '{"contents":[{"role":"user","parts":[{"text":"a","newKey":{"z":1,"a":[1.0]}}],"x":1}]}'],
    [
      'numbers as spelled',
      '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1.0,"b":9007199254740993,"c":1e2}}}]}]}',
    ],
    [
      'keys of args, whatever they are',
      '{"contents":[{"role":"model","parts":[{"functionCall":{"args":{"10":1,"2":2,"snake_case":3,"__proto__":{"x":1}}}}]}]}',
    ],
    [
      'thoughts and signatures',
      '{"contents":[{"role":"model","parts":[{"text":"t","thought":true},{"text":"","thoughtSignature":"c2ln"}]}]}',
    ],
    [
      'responses',
      '{"contents":[{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"some_result":1.50}}}]}]}',
    ],
    [
      'schemas with snake_case names',
      `{${hello},"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"file_data":{"type":"STRING"},"max_output_tokens":{"minimum":1.0}}}}]}]}`,
    ],
    ['response schemas', `{${hello},"generationConfig":{"responseSchema":{"properties":{"top_p":{"type":"NUMBER"}}}}}`],
    ['labels', `{${hello},"labels":{"team_name":"a"}}`],
    ['integer enums', `{${hello},"safetySettings":[{"category":7,"threshold":4}]}`],
    ['fields that Google adds next month', `{${hello},"serviceTier":"flex","brandNew":{"snake_key":null}}`],
    ['a role in system instructions', `{${hello},"systemInstruction":{"role":"system","parts":[{"text":"s"}]}}`],
    ['built-in tools', `{${hello},"tools":[{"googleSearch":{}},{"urlContext":{}},{"codeExecution":{}}]}`],
    ['odd thinking settings', `{${hello},"generationConfig":{"thinkingConfig":{"thinkingBudget":-1,"new_thing":1}}}`],
    [
      'files elsewhere',
      '{"contents":[{"role":"user","parts":[{"fileData":{"fileUri":"gs://bucket/files/a.png","mimeType":"image/png"}},{"fileData":{"fileUri":"https://www.youtube.com/watch?v=x"}}]}]}',
    ],
  ])('is not changed: %s', (_name, json) => {
    expect(read(json)).toBe(json);
  });

  it.each([
    ['contents as a string', '{"contents":"Hello"}', `{${hello}}`],
    ['one content without a list', '{"contents":{"parts":{"text":"Hello"}}}', `{${hello}}`],
    ['parts as a string', '{"contents":[{"parts":"Hello"}]}', `{${hello}}`],
    ['no role', '{"contents":[{"parts":[{"text":"Hello"}]}]}', `{${hello}}`],
    ['role null', '{"contents":[{"role":null,"parts":[{"text":"Hello"}]}]}', `{${hello}}`],
    ['role function', '{"contents":[{"role":"function","parts":[{"text":"Hello"}]}]}', `{${hello}}`],
    [
      'the system instruction as a string',
      `{${hello},"systemInstruction":"Be brief"}`,
      `{${hello},"systemInstruction":{"parts":[{"text":"Be brief"}]}}`,
    ],
    [
      'the system instruction as a part',
      `{${hello},"systemInstruction":{"text":"Be brief"}}`,
      `{${hello},"systemInstruction":{"parts":[{"text":"Be brief"}]}}`,
    ],
    [
      'one tool without a list',
      `{${hello},"tools":{"functionDeclarations":{"name":"f"}}}`,
      `{${hello},"tools":[{"functionDeclarations":[{"name":"f"}]}]}`,
    ],
    [
      'null for what is not set',
      `{${hello},"tools":null,"generationConfig":null,"systemInstruction":null,"cachedContent":null,"safetySettings":null,"toolConfig":null}`,
      `{${hello}}`,
    ],
    ['a model in the body', `{${hello},"model":"models/other"}`, `{${hello}}`],
  ])('is understood: %s', (_name, json, meant) => {
    expect(JSON.parse(read(json))).toEqual(JSON.parse(meant));
  });

  it('renames the fields of Google, and nothing inside the client’s own data', () => {
    const json = `{
      "contents":[{"parts":[
        {"inline_data":{"mime_type":"image/png","data":"AA=="}},
        {"file_data":{"file_uri":"gs://b/x","mime_type":"image/png"}},
        {"video_metadata":{"start_offset":"1s"},"my_own":{"start_offset":1}},
        {"function_call":{"name":"f","args":{"inline_data":1}},"thought_signature":"c2ln"},
        {"function_response":{"name":"f","response":{"mime_type":1}}}
      ]}],
      "system_instruction":{"parts":[{"text":"s"}]},
      "generation_config":{"max_output_tokens":5,"stop_sequences":["a_b"],"thinking_config":{"thinking_budget":0},"response_json_schema":{"max_output_tokens":1}},
      "tool_config":{"function_calling_config":{"allowed_function_names":["a_b"]}},
      "tools":[{"function_declarations":[{"name":"a_b","parameters_json_schema":{"top_k":1}}]},{"google_search":{}}],
      "safety_settings":[],
      "labels":{"top_k":"x"}
    }`;
    expect(JSON.parse(read(json))).toEqual({
      contents: [
        {
          role: 'user',
          parts: [
            { inlineData: { mimeType: 'image/png', data: 'AA==' } },
            { fileData: { fileUri: 'gs://b/x', mimeType: 'image/png' } },
            { videoMetadata: { startOffset: '1s' }, my_own: { start_offset: 1 } },
            { functionCall: { name: 'f', args: { inline_data: 1 } }, thoughtSignature: 'c2ln' },
            { functionResponse: { name: 'f', response: { mime_type: 1 } } },
          ],
        },
      ],
      systemInstruction: { parts: [{ text: 's' }] },
      generationConfig: {
        maxOutputTokens: 5,
        stopSequences: ['a_b'],
        thinkingConfig: { thinkingBudget: 0 },
        responseJsonSchema: { max_output_tokens: 1 },
      },
      toolConfig: { functionCallingConfig: { allowedFunctionNames: ['a_b'] } },
      tools: [{ functionDeclarations: [{ name: 'a_b', parametersJsonSchema: { top_k: 1 } }] }, { googleSearch: {} }],
      safetySettings: [],
      labels: { top_k: 'x' },
    });
  });

  it('renames what stands beside a text, wherever in a history', () => {
    const text = '{"role":"user","parts":[{"text":"a"}],"my_own":1}';
    const signed = '{"role":"model","parts":[{"text":"b"},{"text":"c","thought_signature":"c2ln"}]}';
    const json = `{"contents":[${text},${signed},${text}]}`;
    expect(read(json)).toBe(json.replace('thought_signature', 'thoughtSignature'));
  });

  it('leaves a field that stands there in both spellings to Google', () => {
    const json = `{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"a","mime_type":"b"}}]}]}`;
    expect(read(json)).toBe(json);
  });

  it('R29: names of JavaScript are ordinary names', () => {
    const json =
      '{"contents":[{"role":"user","parts":[{"text":"a","constructor":1,"to_string":2,"__proto__":{"text":"b"}}]}]}';
    expect(read(json)).toBe(json);
  });
});

describe('a file that was uploaded before', () => {
  const ADDRESS = 'https://generativelanguage.googleapis.com/v1beta/files/abc';

  it.each([ADDRESS, 'files/abc', 'http://localhost:8888/v1beta/files/abc'])(
    'is named by its own address: %s',
    (fileUri) => {
      const parts = [{ fileData: { fileUri, mimeType: 'a/b' } }];
      const { contents } = readGenerateRequest({ contents: [{ parts }] });
      expect(contents?.[0]?.parts).toEqual([{ fileData: { fileUri: ADDRESS, mimeType: 'a/b' } }]);
    },
  );

  it('what Google fetches from elsewhere stays', () => {
    const parts = [{ fileData: { fileUri: 'gs://bucket/files/abc' } }];
    expect(readGenerateRequest({ contents: [{ parts }] }).contents?.[0]?.parts).toEqual(parts);
  });
});

describe('a request that cannot be read', () => {
  it.each([
    ['{}', 'contents', 'missing_required_parameter'],
    ['{"contents":null}', 'contents', 'missing_required_parameter'],
    ['{"contents":[]}', 'contents', 'empty_array'],
    ['{"contents":7}', 'contents', 'invalid_type'],
    ['{"contents":[null]}', 'contents[0]', 'invalid_type'],
    ['{"contents":[[]]}', 'contents[0]', 'invalid_type'],
    ['{"contents":[{"role":7}]}', 'contents[0].role', 'invalid_type'],
    ['{"contents":[{"parts":7}]}', 'contents[0].parts', 'invalid_type'],
    ['{"contents":[{"parts":[{"text":"a"},null]}]}', 'contents[0].parts[1]', 'invalid_type'],
    ['{"contents":[{"parts":[{"functionCall":"f"}]}]}', 'contents[0].parts[0].functionCall', 'invalid_type'],
    ['{"contents":[{"parts":[{"inline_data":[]}]}]}', 'contents[0].parts[0].inlineData', 'invalid_type'],
    [`{${hello},"tools":"search"}`, 'tools', 'invalid_type'],
    [`{${hello},"tools":[7]}`, 'tools[0]', 'invalid_type'],
    [`{${hello},"tools":[{"functionDeclarations":[null]}]}`, 'tools[0].functionDeclarations[0]', 'invalid_type'],
    [`{${hello},"generationConfig":[]}`, 'generationConfig', 'invalid_type'],
    [`{${hello},"generationConfig":{"thinkingConfig":"high"}}`, 'generationConfig.thinkingConfig', 'invalid_type'],
    [`{${hello},"toolConfig":{"functionCallingConfig":1}}`, 'toolConfig.functionCallingConfig', 'invalid_type'],
    [`{${hello},"safetySettings":[1]}`, 'safetySettings[0]', 'invalid_type'],
    [`{${hello},"systemInstruction":5}`, 'systemInstruction', 'invalid_type'],
    [`{${hello},"cached_content":{}}`, 'cachedContent', 'invalid_type'],
  ])('names the field: %s', (json, param, reason) => {
    const error = failure(() => read(json));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', status: 400, param, reason });
    expect(error.message.startsWith(`${param}: `)).toBe(true);
  });
});

describe('R28: whatever stands in a body', () => {
  const known = fc.constantFrom('contents', 'parts', 'role', 'text', 'tools', 'inline_data', 'functionCall', 'args');
  const junk = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(known, fc.string()), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  it('is read as it is meant, once and for all, or refused as INVALID_ARGUMENT', () => {
    let taken = 0;
    fc.assert(
      fc.property(junk, junk, junk, (contents, systemInstruction, tools) => {
        const body = parse(JSON.stringify({ contents, systemInstruction, tools }));
        let text: string;
        try {
          text = writeJson(readGenerateRequest(body));
        } catch (error) {
          expect(error).toMatchObject({ name: 'RelayError', code: 'INVALID_ARGUMENT' });
          return;
        }
        taken += 1;
        expect(read(text)).toBe(text);
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

describe('the body of countTokens', () => {
  it('has two forms with the same meaning', () => {
    const rest = '"systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"googleSearch":{}}]';
    const plain = readCountRequest(parse(`{${hello},${rest}}`));
    const wrapped = readCountRequest(parse(`{"generateContentRequest":{"model":"models/m",${hello},${rest}}}`));
    const snake = readCountRequest(
      parse(`{"generate_content_request":{${hello},${rest.replace('systemInstruction', 'system_instruction')}}}`),
    );
    expect(JSON.parse(writeJson(plain))).toEqual(JSON.parse(`{${hello},${rest}}`));
    expect(wrapped).toEqual(plain);
    expect(snake).toEqual(plain);
  });

  it('names the field in either form', () => {
    expect(failure(() => readCountRequest({})).param).toBe('contents');
    expect(failure(() => readCountRequest({ generateContentRequest: {} })).param).toBe(
      'generateContentRequest.contents',
    );
  });
});

describe('the bodies of embeddings', () => {
  it('keeps all but the model', () => {
    expect(
      readEmbedRequest({ model: 'models/m', content: { parts: [{ text: 'a' }] }, task_type: 'CLUSTERING' }),
    ).toEqual({
      content: { parts: [{ text: 'a' }] },
      taskType: 'CLUSTERING',
    });
    expect(readEmbedRequests({ requests: [{ content: 'a', outputDimensionality: 3 }] })).toEqual([
      { content: { parts: [{ text: 'a' }] }, outputDimensionality: 3 },
    ]);
  });

  it("has the settings of Vertex AI's clients beside the content", () => {
    const config = { taskType: 'CLUSTERING', output_dimensionality: 3, documentOcr: true };
    const settings = { taskType: 'CLUSTERING', outputDimensionality: 3, documentOcr: true };
    const content = { parts: [{ text: 'a' }] };
    expect(readEmbedRequest({ content, embedContentConfig: config })).toEqual({ content, ...settings });
    expect(readEmbedRequests({ requests: [{ content, embed_content_config: config }, { content }] })).toEqual([
      { content, ...settings },
      { content },
    ]);
    expect(readEmbedRequest({ content, embedContentConfig: null })).toEqual({ content });
  });

  it('reads what is predicted as embeddings, the settings with each of them', () => {
    const instances = [{ content: 'a', task_type: 'CLUSTERING', title: 't' }, { content: 'b' }];
    expect(readPredictRequests({ instances, parameters: { outputDimensionality: 3 }, more: 1 })).toEqual([
      {
        content: { parts: [{ text: 'a' }] },
        ...{ taskType: 'CLUSTERING', title: 't', outputDimensionality: 3, more: 1 },
      },
      { content: { parts: [{ text: 'b' }] }, outputDimensionality: 3, more: 1 },
    ]);
  });

  it.each([
    [() => readEmbedRequest({ content: 'a', embedContentConfig: 7 }), 'embedContentConfig'],
    [
      () => readEmbedRequests({ requests: [{ content: 'a', embedContentConfig: 7 }] }),
      'requests[0].embedContentConfig',
    ],
    [() => readPredictRequests({}), 'instances'],
    [() => readPredictRequests({ instances: [] }), 'instances'],
    [() => readPredictRequests({ instances: [{}] }), 'instances[0].content'],
    [() => readPredictRequests({ instances: [{ content: { parts: [] } }] }), 'instances[0].content'],
    [() => readPredictRequests({ instances: [{ content: 'a' }], parameters: 7 }), 'parameters'],
    [() => readEmbedRequest({}), 'content'],
    [() => readEmbedRequests({}), 'requests'],
    [() => readEmbedRequests({ requests: [] }), 'requests'],
    [() => readEmbedRequests({ requests: [{}] }), 'requests[0].content'],
    [() => readEmbedRequests({ requests: [7] }), 'requests[0]'],
  ])('names the missing field %#', (action, param) => {
    expect(failure(action).param).toBe(param);
  });
});

describe('what Google refuses and no client means', () => {
  const call = (id: string, name = 'f') => ({ functionCall: { id, name, args: {} } });
  const result = (id: string, name = 'f', output = id) => ({ functionResponse: { id, name, response: { output } } });
  const user = (...parts: readonly object[]) => ({ role: 'user', parts });
  const model = (...parts: readonly object[]) => ({ role: 'model', parts });
  const hi = user({ text: 'Hi.' });
  const PICTURE = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const FILE = { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } };
  const contentsOf = (...contents: readonly object[]): unknown =>
    (JSON.parse(read(JSON.stringify({ contents }))) as { contents: unknown }).contents;

  it('results of one turn in contents of their own are together', () => {
    const turn = [hi, model(call('1'), call('2'))];
    const later = [user({ text: 'And?' }), model({ text: 'So.' })];
    expect(contentsOf(...turn, user(result('1')), user(result('2')), ...later)).toEqual([
      ...turn,
      user(result('1'), result('2')),
      ...later,
    ]);
  });

  it.each([
    ['in contents of their own', [user(result('1')), user(result('1'))]],
    ['in one content', [user(result('1'), result('1'))]],
    ['three times', [user(result('1'), result('1')), user(result('1'))]],
  ])('a result that is there twice is sent once: %s', (_how, answers) => {
    expect(contentsOf(hi, model(call('1')), ...answers)).toEqual([hi, model(call('1')), user(result('1'))]);
  });

  it('another result of the same call is told with the one before it, with all that it has', () => {
    const seen = { functionResponse: { ...result('1', 'f', 'b').functionResponse, parts: [PICTURE] } };
    const answers = [user(result('1', 'f', 'a'), result('1', 'f', 'a'), seen), user(result('1', 'f', 'c'))];
    const output = [{ output: 'a' }, { output: 'b' }, { output: 'c' }];
    expect(contentsOf(hi, model(call('1')), ...answers)).toEqual([
      hi,
      model(call('1')),
      user({ functionResponse: { id: '1', name: 'f', response: { output }, parts: [PICTURE] } }),
    ]);
  });

  it('what stands beside a repeated result stays', () => {
    const [said, again] = [user(result('1')), user(result('1'), { text: 'Go on.' })];
    expect(contentsOf(hi, model(call('1')), said, again)).toEqual([
      hi,
      model(call('1')),
      said,
      user({ text: 'Go on.' }),
    ]);
  });

  it.each([
    [
      'of one call',
      [call('1')],
      [user(result('1'), PICTURE, { text: 'As asked.' })],
      [[PICTURE, { text: 'As asked.' }]],
    ],
    ['of two in one content', [call('1'), call('2')], [user(result('1'), PICTURE, result('2'))], [[PICTURE]]],
    [
      'of two in contents of their own',
      [call('1'), call('2')],
      [user(result('1'), PICTURE), user(result('2'), FILE), user({ text: 'And?' })],
      [[PICTURE], [FILE], [{ text: 'And?' }]],
    ],
  ])('media beside results stand behind them: %s', (_how, calls, answers, behind) => {
    expect(contentsOf(hi, model(...calls), ...answers)).toEqual([
      hi,
      model(...calls),
      user(...calls.map(({ functionCall }) => result(functionCall.id))),
      ...behind.map((parts) => user(...parts)),
    ]);
  });

  it('a turn of the model with calls in several contents is one', () => {
    const [thought, text] = [{ text: 'Hm.', thought: true }, { text: '' }];
    const signed = { ...call('1'), thoughtSignature: 'c2lnbmVk' };
    const later = [user({ text: 'And?' }), model({ text: 'So' }), model({ text: '.' })];
    const answers = user(result('1'), result('2'));
    expect(contentsOf(hi, model(thought), model(signed), model(call('2')), model(text), answers, ...later)).toEqual([
      hi,
      model(thought, signed, call('2'), text),
      answers,
      ...later,
    ]);
  });

  it.each([
    ['calls that share an id', [hi, model(call('1'), call('1')), user(result('1'), result('1'))]],
    ['the same id in another turn', [hi, model(call('1')), user(result('1')), model(call('1')), user(result('1'))]],
    ['the same id of another function', [hi, model(call('1')), user(result('1'), result('1', 'g'))]],
    ['results without ids', [hi, model({ functionCall: { name: 'f' } }), user(result('1'))]],
    ['results after no call', [hi, model({ text: 'a' }), user(result('1')), user(result('1'))]],
    ['text between results', [hi, model(call('1'), call('2')), user(result('1'), { text: 'a' }), user(result('2'))]],
    ['a model that says two things', [hi, model({ text: 'a' }), model({ text: 'b' }), hi]],
    ['text beside a result', [hi, model(call('1')), user(result('1'), { text: 'Go on.' })]],
    ['a medium in a result', [hi, model(call('1')), user({ functionResponse: { name: 'f', parts: [PICTURE] } })]],
    ['users who say two things', [hi, hi, model(call('1')), user(result('1')), hi, hi]],
  ])('all else stays as it is: %s', (_what, contents) => {
    expect(contentsOf(...contents)).toEqual(contents);
  });

  it.each(['{"parts":[{"text":""}]}', '{"parts":[]}', '{}', '""', '[]', '{"text":""}', '{"role":"user","parts":[""]}'])(
    'a system instruction that says nothing is left out: %s',
    (system) => {
      expect(read(`{"systemInstruction":${system},${hello}}`)).toBe(`{${hello}}`);
    },
  );

  it('a system instruction that says something in any part stays', () => {
    const body = `{${hello},"systemInstruction":{"parts":[{"text":""},{"inlineData":{"data":"AAAA"}}]}}`;
    expect(read(body)).toBe(body);
  });

  it('takes long histories in its stride', () => {
    const turns = Array.from({ length: 5_000 }, (_, index) => [
      model(call(String(index))),
      user(result(String(index))),
      user(result(String(index))),
    ]);
    expect(contentsOf(...turns.flat())).toHaveLength(10_000);
    const talk = JSON.stringify({ contents: [hi, model(call('1')), ...Array.from({ length: 150_000 }, () => hi)] });
    expect(JSON.parse(read(talk))).toMatchObject({ contents: { length: 150_002 } });
  });
});
