import { describe, expect, it } from 'vitest';
import { SENTINEL } from '../../../../src/gemini/signatures.ts';
import { writeJson } from '../../../../src/json.ts';
import {
  answered,
  assistant,
  called,
  contents,
  createSignatures,
  decode,
  decodeText,
  FLASH,
  FLASH_3,
  PRO,
  PRO_3_1,
  refused,
  upstream,
  user,
} from './decoding.ts';

const SIGNATURE = 'QUJDRA==';
const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
const text = (...texts: string[]) => texts.map((one) => ({ text: one }));
const modelCall = (id: string, name: string, args: object = {}) => ({ functionCall: { id, name, args } });
const response = (id: string, name: string, output: string) => ({
  functionResponse: { id, name, response: { output } },
});
const PNG = 'iVBORw0KGgo=';
const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } };
const inline = { inlineData: { mimeType: 'image/png', data: PNG } };

describe('system messages', () => {
  it('the leading ones are the instruction, one part each', () => {
    const request = upstream({
      messages: [
        { role: 'developer', content: 'One.' },
        {
          role: 'system',
          content: [
            { type: 'text', text: 'Two.' },
            { type: 'text', text: '' },
          ],
        },
        user('hi'),
      ],
    });
    expect(request.systemInstruction).toEqual({ parts: text('One.', 'Two.') });
  });

  it('H69: a later one keeps its place, marked', () => {
    const request = upstream({
      messages: [
        { role: 'system', content: 'First.' },
        user('a'),
        assistant({ content: 'b' }),
        user('c'),
        { role: 'system', content: 'Now in French.' },
      ],
    });
    expect(request.systemInstruction).toEqual({ parts: text('First.') });
    expect(request.contents?.at(-1)).toEqual({ role: 'user', parts: text('c', '[system]\nNow in French.') });
  });

  it('alone they are what the user says', () => {
    const request = upstream({ messages: [{ role: 'system', content: 'Say hello.' }] });
    expect(request).not.toHaveProperty('systemInstruction');
    expect(request.contents).toEqual([{ role: 'user', parts: text('Say hello.') }]);
  });

  it('empty ones leave no instruction', () => {
    expect(upstream({ messages: [{ role: 'system', content: '' }, user('hi')] })).not.toHaveProperty(
      'systemInstruction',
    );
  });

  it('hold text only', () => {
    expect(refused(() => contents([{ role: 'system', content: [image] }, user('x')]))).toEqual({
      status: 400,
      reason: 'invalid_value',
      param: 'messages[0].content[0]',
    });
  });
});

describe('who says what', () => {
  it.each([
    [{ content: 'x' }, 'missing_required_parameter', 'messages[0].role'],
    [{ role: 'wizard', content: 'x' }, 'invalid_value', 'messages[0].role'],
    [{ role: 'user', content: 5 }, 'invalid_type', 'messages[0].content'],
    [{ role: 'user', content: [7] }, 'invalid_type', 'messages[0].content[0]'],
    [{ role: 'user', content: [{ type: 'odd' }] }, 'invalid_value', 'messages[0].content[0]'],
    [{ role: 'user', content: [{ type: 'constructor' }] }, 'invalid_value', 'messages[0].content[0]'],
    [{ role: 'user', content: [{}] }, 'missing_required_parameter', 'messages[0].content[0].type'],
    [{ role: 'user', content: [{ type: 'text', text: 3 }] }, 'invalid_type', 'messages[0].content[0].text'],
    [{ role: 'assistant', tool_calls: {} }, 'invalid_type', 'messages[0].tool_calls'],
    [{ role: 'assistant', tool_calls: ['x'] }, 'invalid_type', 'messages[0].tool_calls[0]'],
  ])('refuses %j', (message, reason, param) => {
    expect(refused(() => contents([message]))).toEqual({ status: 400, reason, param });
  });

  it('neighbours of one role become one content, part by part', () => {
    expect(
      contents([user('a'), user([{ type: 'text', text: 'b' }, 'c']), assistant({ content: 'd' }), user('e')]),
    ).toEqual([
      { role: 'user', parts: text('a', 'b', 'c') },
      { role: 'model', parts: text('d') },
      { role: 'user', parts: text('e') },
    ]);
  });

  it('empty messages are dropped', () => {
    expect(contents([user('a'), assistant({ content: '' }), assistant({ content: null }), user('b')])).toEqual([
      { role: 'user', parts: text('a', 'b') },
    ]);
  });

  it('H67: a history that starts with the model gets a blank user before it', () => {
    expect(contents([assistant({ content: 'a' }), user('b')])[0]).toEqual({ role: 'user', parts: text(' ') });
  });

  it('a model that goes on from its own words, where it can; else it is asked to', () => {
    const messages = [user('Write.'), assistant({ content: 'Once upon' })];
    expect(contents(messages, FLASH).at(-1)).toEqual({ role: 'model', parts: text('Once upon') });
    expect(contents(messages, FLASH_3).at(-1)).toEqual({ role: 'user', parts: text('Continue.') });
  });

  it('thoughts are not replayed, and that is said', () => {
    const { call, reading } = decode({
      messages: [
        user('a'),
        assistant({
          content: 'b',
          reasoning_content: 'hm',
          reasoning: 'hm',
          reasoning_details: [{ type: 'reasoning.text' }],
        }),
        { ...user('c'), name: 'Ann' },
      ],
    });
    expect(JSON.stringify(call.request)).not.toContain('hm');
    expect(reading.ignored).toEqual([
      'messages[].reasoning_content',
      'messages[].reasoning',
      'messages[].reasoning_details',
      'messages[].name',
    ]);
  });

  it('a refusal is text', () => {
    expect(contents([user('a'), assistant({ content: null, refusal: 'No.' }), user('b')])[1]?.parts).toEqual(
      text('No.'),
    );
    const part = { type: 'refusal', refusal: 'No.' };
    expect(contents([user('a'), assistant({ content: [part] }), user('b')])[1]?.parts).toEqual(text('No.'));
  });

  it('images of the model come back as images: from the content, from their field, from markdown', () => {
    for (const message of [
      { content: ['see', image] },
      { content: 'see', images: [{ ...image, index: 0 }] },
      { content: `see ![image](data:image/png;base64,${PNG})\n` },
    ]) {
      const [, model] = contents([user('draw'), assistant(message), user('bluer')]);
      expect(model?.parts?.map((part: object) => Object.keys(part)[0])).toEqual(['text', 'inlineData']);
      expect(model?.parts?.[1]).toEqual(inline);
    }
  });

  it('H103: half a character becomes U+FFFD before it gets here; the mark itself passes', () => {
    expect(contents([user('a\ufffdb')])[0]?.parts).toEqual(text('a\ufffdb'));
  });
});

describe('calls', () => {
  it('A3: the worked request', () => {
    const schema = {
      type: 'object',
      properties: { c: { type: 'string' } },
      required: ['c'],
      additionalProperties: false,
    };
    const request = upstream({
      model: FLASH_3,
      stream: true,
      reasoning_effort: 'low',
      max_tokens: 900,
      messages: [
        { role: 'developer', content: 'Be brief.' },
        user('Weather in Oslo and Rome?'),
        assistant({
          content: null,
          tool_calls: [
            called('call_a', 'wx', '{"c":"Oslo"}', signed(SIGNATURE)),
            called('call_b', 'wx', '{"c":"Rome"}'),
          ],
        }),
        answered('call_b', '21C'),
        answered('call_a', '4C'),
      ],
      tools: [{ type: 'function', function: { name: 'wx', parameters: schema } }],
    });
    expect(request).toEqual({
      systemInstruction: { parts: text('Be brief.') },
      contents: [
        { role: 'user', parts: text('Weather in Oslo and Rome?') },
        {
          role: 'model',
          parts: [
            { ...modelCall('call_a', 'wx', { c: 'Oslo' }), thoughtSignature: SIGNATURE },
            modelCall('call_b', 'wx', { c: 'Rome' }),
          ],
        },
        { role: 'user', parts: [response('call_a', 'wx', '4C'), response('call_b', 'wx', '21C')] },
      ],
      tools: [{ functionDeclarations: [{ name: 'wx', parametersJsonSchema: schema }] }],
      generationConfig: { maxOutputTokens: 900, thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true } },
    });
  });

  it('H65: text, then calls', () => {
    expect(
      contents([user('a'), assistant({ content: 'x', tool_calls: [called('1', 'f')] }), answered('1', '')])[1],
    ).toEqual({
      role: 'model',
      parts: [{ text: 'x' }, modelCall('1', 'f')],
    });
  });

  it('H61, H63: arguments in every form', () => {
    const calls = ['', 'null', { a: 1 }, '{"a":', undefined].map((args, index) => called(`${index}`, 'f', args));
    const [, model] = contents([user('a'), assistant({ tool_calls: calls })]);
    expect(model?.parts?.map((part) => part.functionCall?.args)).toEqual([
      {},
      { value: null },
      { a: 1 },
      { _raw: '{"a":' },
      {},
    ]);
  });

  it('arguments keep every digit, as text and as an object', () => {
    for (const args of ['"{\\"n\\":9007199254740993,\\"x\\":1.0}"', '{"n":9007199254740993,"x":1.0}']) {
      const body = `{"model":"${FLASH}","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":${args}}}]}]}`;
      expect(writeJson(decodeText(body).call.request)).toContain('"args":{"n":9007199254740993,"x":1.0}');
    }
  });

  it('legacy function_call and function messages', () => {
    expect(
      contents([
        user('a'),
        assistant({ content: null, function_call: { name: 'f', arguments: '{"a":1}' } }),
        { role: 'function', name: 'f', content: 'r' },
      ]).slice(1),
    ).toEqual([
      { role: 'model', parts: [modelCall('call_messages_1_tool_calls_0_', 'f', { a: 1 })] },
      { role: 'user', parts: [response('call_messages_1_tool_calls_0_', 'f', 'r')] },
    ]);
  });

  it("Anthropic's tool_use and tool_result", () => {
    const history = contents([
      user('a'),
      assistant({
        content: [
          { type: 'text', text: 'x' },
          { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
        ],
      }),
      user([
        { type: 'text', text: 'and now?' },
        { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'no' }], is_error: true },
      ]),
    ]);
    expect(history.slice(1)).toEqual([
      { role: 'model', parts: [{ text: 'x' }, modelCall('t', 'f', { a: 1 })] },
      {
        role: 'user',
        parts: [{ functionResponse: { id: 't', name: 'f', response: { error: 'no' } } }, { text: 'and now?' }],
      },
    ]);
  });

  it('a call without a name', () => {
    const [, model, answers] = contents([
      user('a'),
      assistant({ tool_calls: [{ id: '1', function: {} }] }),
      answered('1', 'r'),
    ]);
    expect(model?.parts).toEqual([modelCall('1', 'unknown_function')]);
    expect(answers?.parts).toEqual([response('1', 'unknown_function', 'r')]);
  });

  it('functions whose schema is no object get their value where they expect it', () => {
    const tools = [
      { type: 'function', function: { name: 'f', parameters: { type: 'array', items: { type: 'string' } } } },
    ];
    const messages = [user('a'), assistant({ tool_calls: [called('1', 'f', '["x"]')] }), answered('1', 'r')];
    const { call, reading } = decode({ tools, messages });
    expect([...reading.wrappedTools]).toEqual(['f']);
    expect(writeJson(call.request)).toContain('"args":{"value":["x"]}');
  });
});

describe('answers', () => {
  const two = assistant({ tool_calls: [called('a', 'f'), called('b', 'g')] });

  it('H55: in the order of the calls, in one content', () => {
    expect(contents([user('x'), two, answered('b', '2'), answered('a', '1')])[2]).toEqual({
      role: 'user',
      parts: [response('a', 'f', '1'), response('b', 'g', '2')],
    });
  });

  it('H57: an id used twice belongs to the nearest call before', () => {
    const history = contents([
      user('x'),
      assistant({ tool_calls: [called('1', 'f')] }),
      answered('1', 'one'),
      assistant({ tool_calls: [called('1', 'g')] }),
      answered('1', 'two'),
    ]);
    expect(history[2]?.parts).toEqual([response('1', 'f', 'one')]);
    expect(history[4]?.parts).toEqual([response('1', 'g', 'two')]);
  });

  it('parallel calls that share an id are answered in order', () => {
    const twins = assistant({ tool_calls: [called('1', 'f', '{"n":1}'), called('1', 'f', '{"n":2}')] });
    expect(contents([user('x'), twins, answered('1', 'one'), answered('1', 'two')])[2]?.parts).toEqual([
      response('1', 'f', 'one'),
      response('1', 'f', 'two'),
    ]);
  });

  it('the last of several answers counts', () => {
    const messages = [
      user('x'),
      assistant({ tool_calls: [called('1', 'f')] }),
      answered('1', 'one'),
      answered('1', 'two'),
    ];
    expect(contents(messages)[2]?.parts).toEqual([response('1', 'f', 'two')]);
  });

  it('a missing answer is said to be missing', () => {
    expect(contents([user('x'), two, answered('b', '2'), user('y')])[2]?.parts).toEqual([
      { functionResponse: { id: 'a', name: 'f', response: { error: 'tool result missing' } } },
      response('b', 'g', '2'),
      { text: 'y' },
    ]);
  });

  it('what the user said in between comes after the answers', () => {
    expect(contents([user('x'), two, user('wait'), answered('a', '1'), answered('b', '2')])[2]?.parts).toEqual([
      response('a', 'f', '1'),
      response('b', 'g', '2'),
      { text: 'wait' },
    ]);
  });

  it('text stays verbatim, parts are joined by lines, nothing is an empty text', () => {
    const outputs = [
      '{"big":9007199254740993}',
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      null,
      '',
    ];
    const calls = outputs.map((_, index) => called(`${index}`, 'f'));
    const messages = [
      user('x'),
      assistant({ tool_calls: calls }),
      ...outputs.map((output, index) => answered(`${index}`, output)),
    ];
    const parts = contents(messages)[2]?.parts as readonly { functionResponse: { response: object } }[];
    expect(parts.map((part) => part.functionResponse.response)).toEqual([
      { output: '{"big":9007199254740993}' },
      { output: 'a\nb' },
      { output: '' },
      { output: '' },
    ]);
  });

  it('an object that is no part becomes its text', () => {
    const messages = [user('x'), assistant({ tool_calls: [called('1', 'f')] }), answered('1', { temp: 4 })];
    expect(contents(messages)[2]?.parts).toEqual([response('1', 'f', '{"temp":4}')]);
  });

  it('images sit in the answer from Gemini 3 on, and in a content after it before', () => {
    const messages = [
      user('x'),
      assistant({ tool_calls: [called('1', 'f')] }),
      answered('1', [{ type: 'text', text: 'see' }, image]),
      user('y'),
    ];
    expect(contents(messages, PRO_3_1)[2]?.parts).toEqual([
      { functionResponse: { id: '1', name: 'f', response: { output: 'see' }, parts: [inline] } },
      { text: 'y' },
    ]);
    expect(contents(messages, PRO).slice(2)).toEqual([
      { role: 'user', parts: [response('1', 'f', 'see')] },
      { role: 'user', parts: [inline, { text: 'y' }] },
    ]);
  });

  it('H59: an answer without a call gets one, where its name is known', () => {
    expect(contents([{ ...answered('1', 'r'), name: 'f' }, user('x')], FLASH_3)).toEqual([
      { role: 'user', parts: text(' ') },
      { role: 'model', parts: [{ ...modelCall('1', 'f'), thoughtSignature: SENTINEL }] },
      { role: 'user', parts: [response('1', 'f', 'r'), { text: 'x' }] },
    ]);
  });

  it('H59: else it is told as text', () => {
    expect(contents([answered('1', 'r'), user('x')])).toEqual([{ role: 'user', parts: text('[tool result]\nr', 'x') }]);
  });

  it('an answer without an id belongs to the first open call', () => {
    const messages = [user('x'), two, { role: 'tool', content: '1' }, { role: 'tool', content: '2' }];
    expect(contents(messages)[2]?.parts).toEqual([response('a', 'f', '1'), response('b', 'g', '2')]);
  });
});

describe('thought signatures', () => {
  const history = (fields: object) => [user('x'), assistant(fields), answered('1', 'r'), answered('2', 'r')];
  const first = (fields: object, more = {}) => contents(history(fields), FLASH_3, more)[1]?.parts?.[0];
  const calls = (more: object = {}) => [called('1', 'f', '{"a":1}', more), called('2', 'g')];

  it.each([
    ['H91: extra_content', { tool_calls: calls(signed(SIGNATURE)) }],
    [
      'in the function',
      {
        tool_calls: [
          { id: '1', type: 'function', function: { name: 'f', arguments: '{"a":1}', ...signed(SIGNATURE) } },
        ],
      },
    ],
    ["LiteLLM's fields", { tool_calls: calls({ provider_specific_fields: { thought_signature: SIGNATURE } }) }],
    [
      "LiteLLM's thinking blocks",
      { tool_calls: calls({}), thinking_blocks: [{ type: 'thinking', thinking: 'x', signature: SIGNATURE }] },
    ],
    ["LiteLLM's list", { tool_calls: calls({}), provider_specific_fields: { thought_signatures: [SIGNATURE, 'no!'] } }],
    [
      'H95: reasoning_details',
      { tool_calls: calls(), reasoning_details: [{ type: 'reasoning.encrypted', id: '1', data: SIGNATURE }] },
    ],
    ['in the id, one way', { tool_calls: [called(`1__thought__${SIGNATURE}`, 'f', '{"a":1}')] }],
    ['in the id, the other way', { tool_calls: [called(`1__sig__${SIGNATURE}`, 'f', '{"a":1}')] }],
  ])('%s', (_case, fields) => {
    expect(first(fields)).toEqual({ ...modelCall('1', 'f', { a: 1 }), thoughtSignature: SIGNATURE });
  });

  it("LiteLLM's signatures of a message without calls belong to its text", () => {
    for (const more of [
      { thinking_blocks: [{ type: 'thinking', thinking: 'x', signature: SIGNATURE }] },
      { provider_specific_fields: { thought_signatures: [SIGNATURE] } },
    ]) {
      const messages = [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b', ...more },
        { role: 'user', content: 'c' },
      ];
      expect(contents(messages, FLASH_3)[1]?.parts).toEqual([{ text: 'b', thoughtSignature: SIGNATURE }]);
    }
  });

  it("a call's own signature is not replaced by the message's", () => {
    const own = Buffer.from('own signature').toString('base64');
    const message = {
      tool_calls: calls({ provider_specific_fields: { thought_signature: own } }),
      thinking_blocks: [{ type: 'thinking', thinking: 'x', signature: SIGNATURE }],
    };
    expect(first(message)?.thoughtSignature).toBe(own);
  });

  it('an id with a signature loses it in the answer as well', () => {
    const id = `1__thought__${SIGNATURE}`;
    const messages = [user('x'), assistant({ tool_calls: [called(id, 'f')] }), answered(id, 'r')];
    expect(contents(messages, FLASH_3)[2]?.parts).toEqual([response('1', 'f', 'r')]);
  });

  it('the first place that holds a valid one wins', () => {
    expect(first({ tool_calls: [called(`1__thought__AAAA`, 'f', '{}', signed('BBBB'))] })?.thoughtSignature).toBe(
      'BBBB',
    );
    expect(first({ tool_calls: [called(`1__thought__AAAA`, 'f', '{}', signed('no!'))] })?.thoughtSignature).toBe(
      'AAAA',
    );
  });

  it('is remembered for clients that keep only id, name and arguments', () => {
    const signatures = createSignatures();
    const call = { id: '1', name: 'f', args: '{"a":1}' };
    signatures.remember(call, SIGNATURE, { family: '3', account: 'account' });
    const respelled = [called('1', 'f', '{ "a": 1 }'), called('2', 'g')];
    expect(first({ tool_calls: respelled }, { signatures })?.thoughtSignature).toBe(SIGNATURE);
    expect(first({ tool_calls: [called('1', 'other', '{"a":1}')] }, { signatures })?.thoughtSignature).toBe(SENTINEL);
    expect(contents(history({ tool_calls: respelled }), FLASH, { signatures })[1]?.parts?.[0]).not.toHaveProperty(
      'thoughtSignature',
    );
  });

  it('H93: cold, the sentinel stands on the first call alone', () => {
    const [, model] = contents(history({ tool_calls: calls() }), FLASH_3);
    expect(model?.parts).toEqual([
      { ...modelCall('1', 'f', { a: 1 }), thoughtSignature: SENTINEL },
      modelCall('2', 'g'),
    ]);
  });

  it('H97: what is no base64 is no signature', () => {
    expect(first({ tool_calls: calls(signed('not base64!!')) })?.thoughtSignature).toBe(SENTINEL);
  });

  it('before Gemini 3 nothing is made up, and what came back is sent', () => {
    const [, cold] = contents(history({ tool_calls: calls() }), FLASH);
    expect(cold?.parts?.[0]).not.toHaveProperty('thoughtSignature');
    const [, warm] = contents(history({ tool_calls: calls(signed(SIGNATURE)) }), FLASH);
    expect(warm?.parts?.[0]?.thoughtSignature).toBe(SIGNATURE);
  });

  it("a message's own belongs to its last text, a part's own to that part", () => {
    const [, one] = contents([user('x'), assistant({ content: ['a', 'b'], ...signed(SIGNATURE) }), user('y')], FLASH_3);
    expect(one?.parts).toEqual([{ text: 'a' }, { text: 'b', thoughtSignature: SIGNATURE }]);
    const images = [{ ...image, ...signed(SIGNATURE) }];
    const [, two] = contents([user('x'), assistant({ content: 'a', images }), user('y')], FLASH_3);
    expect(two?.parts).toEqual([{ text: 'a' }, { ...inline, thoughtSignature: SIGNATURE }]);
  });
});
