import { describe, expect, it } from 'vitest';
import { writeCarrier } from '../../../../src/conversation/signature-carrier.ts';
import { sealSummary } from '../../../../src/formats/openai/responses/compaction.ts';
import { SENTINEL } from '../../../../src/gemini/signatures.ts';
import { createSignatures, FLASH, FLASH_3, PRO_3_1, refused } from '../chat/decoding.ts';
import { contents, decode, upstream } from './decoding.ts';

const user = (content: unknown) => ({ role: 'user', content });
const said = (text: string) => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const called = (callId: string, name: string, more: object = {}) => ({
  ...{ type: 'function_call', id: `fc_${callId}`, call_id: callId, name, arguments: '{}' },
  ...more,
});
const answered = (callId: string, output: unknown) => ({ type: 'function_call_output', call_id: callId, output });
const reasoning = (carrier: unknown) => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: carrier });
const TOOL = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } };
const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const SIGNATURE = 'QUJDRA==';
const FAMILY = '3';

const CALL = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };

describe('the input', () => {
  it.each([
    ['a text', 'hello', [{ role: 'user', parts: [{ text: 'hello' }] }]],
    ['a bare message', [user('hello')], [{ role: 'user', parts: [{ text: 'hello' }] }]],
    ['a text as an item', ['hello'], [{ role: 'user', parts: [{ text: 'hello' }] }]],
    ['a part as an item', [{ type: 'input_text', text: 'hello' }], [{ role: 'user', parts: [{ text: 'hello' }] }]],
    [
      'parts',
      [
        user([
          { type: 'input_text', text: 'what?' },
          { type: 'input_image', image_url: PIXEL, detail: 'auto' },
        ]),
      ],
      [{ role: 'user', parts: [{ text: 'what?' }, { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] }],
    ],
    [
      'a file',
      [user([{ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' }])],
      [{ role: 'user', parts: [{ inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } }] }],
    ],
    [
      'a sound',
      [user([{ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }])],
      [{ role: 'user', parts: [{ inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } }] }],
    ],
    [
      'a conversation',
      [user('a'), said('b'), user('c')],
      [
        { role: 'user', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ text: 'b' }] },
        { role: 'user', parts: [{ text: 'c' }] },
      ],
    ],
  ])('may be %s', (_name, input, expected) => {
    expect(contents(input)).toEqual(expected);
  });

  it('puts instructions before what the developer says, and later words in their place', () => {
    const { systemInstruction, contents: sent } = upstream({
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You code.' }] },
        { role: 'system', content: 'Rules.' },
        user('a'),
        { role: 'developer', content: 'Mind the time.' },
      ],
    });
    expect(systemInstruction?.parts).toEqual([{ text: 'Be brief.' }, { text: 'You code.' }, { text: 'Rules.' }]);
    expect(sent).toEqual([{ role: 'user', parts: [{ text: 'a' }, { text: '[system]\nMind the time.' }] }]);
  });

  it('takes the rest of what a client knows of messages', () => {
    expect(decode({ input: [{ ...said('a'), id: 'msg_1', status: 'completed' }, user('b')] }).reading.ignored).toEqual(
      [],
    );
  });

  it.each([
    [{ input: undefined }, 'input', 'missing_required_parameter'],
    [{ input: [] }, 'input', 'invalid_value'],
    [{ input: 7 }, 'input', 'invalid_type'],
    [{ input: [7] }, 'input[0]', 'invalid_type'],
    [{ input: [{ role: 'judge', content: 'x' }] }, 'input[0].role', 'invalid_value'],
    [{ input: [user([{ type: 'input_image', file_id: 'file_1' }])] }, 'input[0].content[0].file_id', 'invalid_value'],
    [{ input: [{ type: 7 }] }, 'input[0].type', 'invalid_type'],
    [{ model: ' ' }, 'model', 'missing_required_parameter'],
    [{ background: true }, 'background', 'unsupported_parameter'],
    [{ conversation: 'conv_1' }, 'conversation', 'unsupported_parameter'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt', 'unsupported_parameter'],
    [{ reasoning: { effort: 'ultra' } }, 'reasoning.effort', 'invalid_value'],
    [{ text: { format: { type: 'xml' } } }, 'text.format.type', 'invalid_value'],
    [{ max_output_tokens: 0 }, 'max_output_tokens', 'invalid_value'],
    [{ tool_choice: { type: 'function', name: 'g' }, tools: [TOOL] }, 'tool_choice', 'invalid_value'],
  ])('is refused where it cannot be understood: %j', (body, param, reason) => {
    expect(refused(() => decode(body))).toMatchObject({ status: 400, param, reason });
  });
});

describe('calls and what came of them', () => {
  it('are put together as Google wants them', () => {
    const input = [
      user('a'),
      said('I look.'),
      called('c1', 'f'),
      called('c2', 'g'),
      answered('c2', 'two'),
      answered('c1', 'one'),
    ];
    expect(contents(input)).toEqual([
      { role: 'user', parts: [{ text: 'a' }] },
      {
        role: 'model',
        parts: [
          { text: 'I look.' },
          { functionCall: { id: 'c1', name: 'f', args: {} } },
          { functionCall: { id: 'c2', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'c1', name: 'f', response: { output: 'one' } } },
          { functionResponse: { id: 'c2', name: 'g', response: { output: 'two' } } },
        ],
      },
    ]);
  });

  it.each([
    ['custom_tool_call', { name: 'patch', input: '*** Begin' }, 'patch', { input: '*** Begin' }],
    [
      'local_shell_call',
      { action: { type: 'exec', command: ['ls'] } },
      'local_shell',
      { type: 'exec', command: ['ls'] },
    ],
    ['shell_call', { action: { commands: ['ls'] } }, 'shell', { commands: ['ls'] }],
    [
      'apply_patch_call',
      { operation: { type: 'delete_file', path: 'a' } },
      'apply_patch',
      { type: 'delete_file', path: 'a' },
    ],
    ['tool_search_call', { arguments: { query: 'x' } }, 'tool_search', { query: 'x' }],
    ['function_call', { name: 'spawn', namespace: 'agents', arguments: '{"a":1}' }, 'agents__spawn', { a: 1 }],
  ])('may be a %s', (type, fields, name, args) => {
    const output = { type: `${type}_output`, call_id: 'c1', output: 'done' };
    expect(contents([user('a'), { type, id: 'i', call_id: 'c1', ...fields }, output])).toEqual([
      { role: 'user', parts: [{ text: 'a' }] },
      { role: 'model', parts: [{ functionCall: { id: 'c1', name, args } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'c1', name, response: { output: 'done' } } }] },
    ]);
  });

  it('may be answered with parts, an object or a screenshot', () => {
    const of = (output: unknown) =>
      contents([user('a'), called('c1', 'f'), answered('c1', output)], FLASH_3).at(-1)?.parts;
    expect(
      of([
        { type: 'input_text', text: 'x' },
        { type: 'input_image', image_url: PIXEL },
      ]),
    ).toMatchObject([
      { functionResponse: { response: { output: 'x' }, parts: [{ inlineData: { mimeType: 'image/png' } }] } },
    ]);
    expect(of({ a: 1 })).toMatchObject([{ functionResponse: { response: { output: '{"a":1}' } } }]);
    expect(of([{ stdout: 'x', stderr: '' }])).toMatchObject([
      { functionResponse: { response: { output: '[{"stdout":"x","stderr":""}]' } } },
    ]);
    expect(of({ type: 'computer_screenshot', image_url: PIXEL })).toMatchObject([
      { functionResponse: { parts: [{ inlineData: { mimeType: 'image/png' } }] } },
    ]);
  });

  it.each([
    ['a message', { ...said('a'), phase: 'final' }, ['input[].phase']],
    ['a part', { role: 'user', content: [{ type: 'input_text', text: 'a', odd: 1 }] }, ['input[].content[].odd']],
    ['a part alone', { type: 'input_text', text: 'a', odd: 1 }, ['input[].odd']],
    [
      'a named file of known type',
      { role: 'user', content: [{ type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,YQ==' }] },
      ['input[].content[].filename'],
    ],
    ['a call', { ...CALL, caller: 'x' }, ['input[].caller']],
    ['a custom call', { type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'a', odd: 1 }, ['input[].odd']],
    [
      'an output',
      { type: 'function_call_output', call_id: 'c', output: 'a', status: 'incomplete', odd: 1 },
      ['input[].odd', 'input[].status'],
    ],
    [
      "an output's part",
      { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'a', odd: 1 }] },
      ['input[].output[].odd'],
    ],
    [
      'a thought, and a signature that is not ours',
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x', odd: 1 },
      ['input[].encrypted_content', 'input[].odd'],
    ],
    ["Codex's notes to itself", { ...CALL, internal_chat_message_metadata_passthrough: { turn_id: 't' } }, []],
    ['the same on a message', { ...said('a'), internal_chat_message_metadata_passthrough: { turn_id: 't' } }, []],
    ['a call as it was sent', { ...CALL, id: 'fc_1', status: 'completed', namespace: null }, []],
  ])('whose fields have no effect are told by their place: %s', (_case, item, ignored) => {
    const answered = { type: 'function_call_output', call_id: 'c', output: 'b' };
    const before = 'output' in item ? [CALL] : [];
    const after = 'call_id' in item && !('output' in item) ? [answered] : [];
    expect(decode({ input: [user('q'), ...before, item, ...after] }).reading.ignored).toEqual(ignored);
  });

  it('answer the call that they name by its tool where they have no id', () => {
    const calls = [called('c1', 'f'), called('c2', 'g'), { ...called('c3', 'tell'), namespace: 'agents' }];
    const named = (name: string, more: object = {}) => ({
      ...{ type: 'function_call_output', id: `fco_${name}`, call_id: null, name, output: `of ${name}`, ...more },
    });
    const input = [user('a'), ...calls, named('g'), named('tell', { namespace: 'agents' }), named('f')];
    expect(
      contents(input)
        .at(-1)
        ?.parts?.map(({ functionResponse }) => functionResponse),
    ).toEqual([
      { id: 'c1', name: 'f', response: { output: 'of f' } },
      { id: 'c2', name: 'g', response: { output: 'of g' } },
      { id: 'c3', name: 'agents__tell', response: { output: 'of tell' } },
    ]);
    expect(decode({ input }).reading.ignored).toEqual([]);
  });

  it.each([
    [null, 'It failed.'],
    ['hunk 1 does not apply', 'hunk 1 does not apply'],
  ])('say of a patch that it failed: %j', (output, error) => {
    const patch = { type: 'apply_patch_call', call_id: 'c', operation: { type: 'delete_file', path: 'a' } };
    const input = [user('a'), patch, { type: 'apply_patch_call_output', call_id: 'c', status: 'failed', output }];
    expect(contents(input).at(-1)?.parts).toMatchObject([{ functionResponse: { response: { error } } }]);
  });

  it('may be several actions at a computer', () => {
    const actions = [{ type: 'click', x: 1, y: 2 }, { type: 'wait' }];
    const input = [user('a'), { type: 'computer_call', call_id: 'c', actions }, answered('c', 'done')];
    expect(contents(input)[1]?.parts).toMatchObject([{ functionCall: { name: 'computer', args: { actions } } }]);
    expect(decode({ input }).reading.ignored).toEqual([]);
  });

  it('that other services made are left out, and said so', () => {
    const input = [
      user('a'),
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'mcp_list_tools', id: 'm' },
      { type: 'from_next_year', id: 'x' },
      { type: 'constructor', id: 'x' },
      { type: 'compaction', encrypted_content: 'gAAAAABx' },
    ];
    const { reading, call } = decode({ input });
    expect(call.request.contents).toHaveLength(1);
    expect(reading.ignored).toEqual([
      'input (web_search_call)',
      'input (mcp_list_tools)',
      'input (from_next_year)',
      'input (constructor)',
      'input (compaction)',
    ]);
  });

  it('bring pictures of before back to the model', () => {
    const input = [user('paint'), { type: 'image_generation_call', id: 'ig_1', result: 'iVBORw0KGgo=' }, user('again')];
    expect(contents(input)[1]).toEqual({
      role: 'model',
      parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }],
    });
  });
});

describe('signatures', () => {
  const carrier = (callId: string | undefined, family = FAMILY) =>
    writeCarrier({ signature: SIGNATURE, family, callId });
  const callPart = (input: readonly unknown[], model = PRO_3_1, more = {}) =>
    contents(input, model, more)
      .flatMap(({ parts = [] }) => parts)
      .filter(({ functionCall }) => functionCall);

  it.each([
    ['before its call', [reasoning(carrier('c1')), called('c1', 'f')]],
    ['anywhere else', [called('c1', 'f'), reasoning(carrier('c1'))]],
    ['behind another reasoning item', [reasoning(null), reasoning(carrier('c1')), called('c1', 'f')]],
  ])('go back to their call: the carrier %s', (_name, items) => {
    expect(callPart([user('a'), ...items])).toEqual([
      { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: SIGNATURE },
    ]);
  });

  it('of parallel calls belong to the first alone', () => {
    const parts = callPart([user('a'), reasoning(carrier('c1')), called('c1', 'f'), called('c2', 'f')]);
    expect(parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([SIGNATURE, undefined]);
  });

  it('of a text go to its last part', () => {
    expect(contents([user('a'), said('b'), reasoning(carrier(undefined)), user('c')], PRO_3_1)[1]).toEqual({
      role: 'model',
      parts: [{ text: 'b', thoughtSignature: SIGNATURE }],
    });
  });

  it.each([
    ['of another service (H123)', 'gAAAAABotherVendorsContent'],
    ['of another relay', SIGNATURE],
    ['damaged', carrier('c1').slice(0, -7)],
    ['of another family', carrier('c1', 'x')],
    ['missing', undefined],
    ['null', null],
    ['an object', { a: 1 }],
  ])('are stood in for where the content is %s, and never a 400', (_name, content) => {
    expect(callPart([user('a'), reasoning(content), called('c1', 'f')])).toMatchObject([
      { thoughtSignature: SENTINEL },
    ]);
    expect(callPart([user('a'), reasoning(content), called('c1', 'f')], FLASH)[0]).not.toHaveProperty(
      'thoughtSignature',
    );
  });

  it('are found in memory where the client keeps none', () => {
    const signatures = createSignatures();
    const call = { id: 'c1', name: 'agents__spawn', args: '{"a":1}' };
    signatures.remember(call, SIGNATURE, { family: FAMILY, account: 'account' });
    const item = called('c1', 'spawn', { namespace: 'agents', arguments: '{ "a": 1 }' });
    expect(callPart([user('a'), item], PRO_3_1, { signatures })).toMatchObject([{ thoughtSignature: SIGNATURE }]);
  });
});

describe('tools', () => {
  const AGENTS = {
    type: 'namespace',
    name: 'agents',
    description: 'x',
    tools: [
      { ...TOOL, name: 'spawn' },
      { type: 'custom', name: 'tell' },
    ],
  };
  const names = (tools: readonly unknown[], more: object = {}) =>
    upstream({ tools, ...more }).tools?.flatMap(({ functionDeclarations = [] }) =>
      functionDeclarations.map(({ name }) => name),
    );

  it('of a namespace get one name', () => {
    expect(names([TOOL, AGENTS])).toEqual(['f', 'agents__spawn', 'agents__tell']);
    expect(decode({ tools: [AGENTS] }).reading.namespaces.find('agents__spawn')).toEqual({
      namespace: 'agents',
      name: 'spawn',
    });
  });

  it('of a namespace say what is said of it', () => {
    const described = {
      ...AGENTS,
      description: 'Helpers.',
      tools: [
        { ...TOOL, description: 'Begins.' },
        { ...TOOL, name: 'g' },
      ],
    };
    expect(upstream({ tools: [described] }).tools?.[0]?.functionDeclarations).toMatchObject([
      { name: 'agents__f', description: 'Begins.\n\nOf all agents tools: Helpers.' },
      { name: 'agents__g' },
    ]);
    expect(refused(() => decode({ tools: [{ ...AGENTS, tools: [7] }] }))).toMatchObject({
      status: 400,
      param: 'tools[0].tools[0]',
    });
  });

  it.each([
    ['a plain one of the same name', [AGENTS, { ...TOOL, name: 'agents__spawn' }]],
    [
      'two of the same joined name',
      [
        { type: 'namespace', name: 'a__b', tools: [{ ...TOOL, name: 'c' }] },
        { type: 'namespace', name: 'a', tools: [{ ...TOOL, name: 'b__c' }] },
      ],
    ],
    [
      'names that Google would not take',
      [{ type: 'namespace', name: 'ä/ö', tools: [TOOL, { ...TOOL, name: 'g'.repeat(80) }] }],
    ],
  ])('are told apart: %s', (_name, tools) => {
    const found = names(tools) ?? [];
    expect(new Set(found).size).toBe(found.length);
    for (const name of found) expect(name).toMatch(/^[A-Za-z_][\w.:-]{0,63}$/);
  });

  it('may be custom, with a grammar', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
    const declaration = upstream({ tools: [{ type: 'custom', name: 'p', description: 'Patches.', format }] }).tools?.[0]
      ?.functionDeclarations?.[0];
    expect(declaration).toMatchObject({
      name: 'p',
      parametersJsonSchema: { properties: { input: { type: 'string' } }, required: ['input'] },
    });
    expect(declaration?.description).toMatch(/^Patches\.\n\n.*lark grammar:\nstart: "x"$/s);
  });

  it.each(['web_search', 'web_search_preview', 'web_search_2025_08_26'])('of the house search: %s', (type) => {
    expect(upstream({ tools: [{ type, external_web_access: false }] }).tools).toEqual([{ googleSearch: {} }]);
  });

  it.each([
    'file_search',
    'computer_use_preview',
    'mcp',
    'image_generation',
    'local_shell',
    'shell',
    'apply_patch',
    'tool_search',
    'next_year',
  ])('of other houses are left out, never refused: %s', (type) => {
    const { reading } = decode({ tools: [TOOL, { type }], tool_choice: 'auto' });
    expect(reading.ignored).toEqual([`tools[1] (${type})`]);
  });

  it('run code where nothing else is declared', () => {
    expect(upstream({ tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }).tools).toEqual([
      { codeExecution: {} },
    ]);
    expect(names([TOOL, { type: 'code_interpreter' }])).toEqual(['f']);
  });

  it('that paint say what of them has no effect', () => {
    const { reading } = decode({
      model: 'gemini-2.5-flash-image',
      tools: [{ type: 'image_generation', size: '1024x1024' }],
    });
    expect([reading.imagesAs, reading.ignored]).toEqual(['images', ['tools[0].size']]);
  });

  it('may come in the input', () => {
    const more = { type: 'additional_tools', role: 'developer', tools: [{ ...TOOL, name: 'late' }] };
    expect(names([TOOL], { input: [more, user('a')] })).toEqual(['f', 'late']);
    const found = { type: 'tool_search_output', call_id: 'c1', tools: [AGENTS] };
    expect(
      names([TOOL], { input: [user('a'), { type: 'tool_search_call', call_id: 'c1', arguments: {} }, found] }),
    ).toEqual([...['f', 'agents__spawn', 'agents__tell']]);
  });

  it.each([
    ['required', { mode: 'ANY' }],
    ['none', { mode: 'NONE' }],
    [
      { type: 'function', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'function', name: 'spawn', namespace: 'agents' },
      { mode: 'ANY', allowedFunctionNames: ['agents__spawn'] },
    ],
    [
      { type: 'custom', name: 'agents__tell' },
      { mode: 'ANY', allowedFunctionNames: ['agents__tell'] },
    ],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'spawn', namespace: 'agents' }] },
      { mode: 'ANY', allowedFunctionNames: ['agents__spawn'] },
    ],
    [{ type: 'web_search' }, undefined],
    [{ type: 'tool_search' }, undefined],
    [{ type: 'programmatic_tool_calling' }, undefined],
  ])('are chosen among: %j', (choice, expected) => {
    const { toolConfig } = upstream({ tools: [TOOL, AGENTS], tool_choice: choice });
    expect(toolConfig?.functionCallingConfig).toEqual(expected);
  });

  it('of Google are not used where none is to be, and not forced where one must be', () => {
    const search = { type: 'web_search' };
    expect(upstream({ tools: [search], tool_choice: 'none' }).tools).toBeUndefined();
    const { tools, toolConfig } = upstream({ model: FLASH_3, tools: [TOOL, search], tool_choice: 'none' });
    expect([tools, toolConfig]).toMatchObject([
      [{ functionDeclarations: [{ name: 'f' }] }],
      { functionCallingConfig: { mode: 'NONE' } },
    ]);
    expect(tools).toHaveLength(1);
    const { call, reading } = decode({ tools: [search], tool_choice: 'required' });
    expect([call.request.tools, call.request.toolConfig]).toEqual([[{ googleSearch: {} }], undefined]);
    expect(reading.ignored).toEqual(['tool_choice']);
  });

  it('are not asked for in parallel where the client takes one', () => {
    expect(decode({ tools: [TOOL], parallel_tool_calls: false }).reading.singleCall).toBe(true);
  });
});

describe('settings', () => {
  it.each([
    [
      { max_output_tokens: 5000, temperature: 0.2, top_p: 0.9 },
      { maxOutputTokens: 5000, temperature: 0.2, topP: 0.9 },
    ],
    [
      { model: 'gemini-2.0-flash', presence_penalty: 0.5, frequency_penalty: -1 },
      { presencePenalty: 0.5, frequencyPenalty: -1 },
    ],
    [{ reasoning: { effort: 'low' } }, { thinkingConfig: { thinkingBudget: 1024, includeThoughts: false } }],
    [
      { reasoning: { effort: 'low', summary: 'auto' } },
      { thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } },
    ],
    [{ reasoning: { summary: 'detailed' } }, { thinkingConfig: { includeThoughts: true } }],
    [{ reasoning: { summary: null } }, { thinkingConfig: { includeThoughts: false } }],
    [
      { reasoning: { effort: 'none', summary: 'auto' } },
      { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } },
    ],
    [
      { model: PRO_3_1, reasoning: { effort: 'high' } },
      { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: false } },
    ],
    [
      { include: ['message.output_text.logprobs'], top_logprobs: 3 },
      { responseLogprobs: true, logprobs: 3 },
    ],
    [{ text: { format: { type: 'json_object' }, verbosity: 'low' } }, { responseMimeType: 'application/json' }],
    [
      {
        text: {
          format: {
            type: 'json_schema',
            name: 'p',
            strict: true,
            schema: { type: 'object', properties: { a: { type: 'string' } } },
          },
        },
      },
      { responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } } } },
    ],
  ])('steer the answer: %j', (body, expected) => {
    expect(upstream(body).generationConfig).toMatchObject(expected);
  });

  it('are left out and told where the model has none of them', () => {
    const steering = { temperature: 0.2, top_p: 0.9, presence_penalty: 0.5, frequency_penalty: 1 };
    const { call, reading } = decode({ model: 'gemini-3.8-flash', ...steering });
    expect(call.request.generationConfig).toEqual({ thinkingConfig: { includeThoughts: false } });
    expect(reading.ignored.toSorted()).toEqual(Object.keys(steering).toSorted());
    expect(decode({ presence_penalty: 0, frequency_penalty: 0 }).reading.ignored).toEqual([]);
  });

  it('show thoughts only where a summary is asked for', () => {
    expect(decode({}).reading.showThoughts).toBe(false);
    expect(decode({ model: `${FLASH}-maxthinking` }).reading.showThoughts).toBe(false);
    expect(decode({ reasoning: { summary: 'concise' } }).reading.showThoughts).toBe(true);
    expect(decode({ reasoning: { generate_summary: 'auto' } }).reading.showThoughts).toBe(true);
  });

  it.each([
    [{}, false],
    [{ store: false }, true],
    [{ include: ['reasoning.encrypted_content'] }, true],
  ])('let signatures travel with who keeps them: %j', (body, carriers) => {
    expect(decode(body).reading.carriers).toBe(carriers);
  });

  it('that mean nothing here are told', () => {
    const body = {
      client_metadata: { a: 1 },
      truncation: 'auto',
      verbosity: 1,
      text: { verbosity: 'low' },
    };
    expect(decode(body).reading.ignored.toSorted()).toEqual([
      ...['client_metadata', 'text.verbosity', 'truncation', 'verbosity'],
    ]);
  });
});

describe('a conversation to be put in few words', () => {
  it('is asked for by an item at the end', () => {
    const { reading, call } = decode({
      tools: [TOOL],
      input: [user('a'), said('b'), { type: 'compaction_trigger' }],
      text: { format: { type: 'json_object' } },
    });
    expect(reading.compacts).toBe(true);
    expect(call.request.contents?.at(-1)?.parts?.[0]?.text).toMatch(/dropped/);
    expect(call.request.toolConfig?.functionCallingConfig?.mode).toBe('NONE');
    expect(call.request.generationConfig).not.toHaveProperty('responseMimeType');
  });

  it('goes on from there', () => {
    const input = [
      { type: 'compaction', id: 'cmp_1', encrypted_content: sealSummary('Ann wants tea.') },
      user('Well?'),
    ];
    expect(contents(input)[0]?.parts).toEqual([
      { text: '[summary of the conversation so far]\nAnn wants tea.' },
      { text: 'Well?' },
    ]);
  });
});
