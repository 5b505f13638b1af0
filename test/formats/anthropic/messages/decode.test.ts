/** The rows of api-mapping F1 and the rules for Claude Code, each as a request and what Google is asked for it. */
import { describe, expect, it } from 'vitest';
import { writeCarrier, writeReference } from '../../../../src/conversation/signature-carrier.ts';
import { textKey } from '../../../../src/formats/anthropic/messages/decode.ts';
import { DEFAULT_ALIASES, withAliases } from '../../../../src/gemini/aliases.ts';
import { createCatalogue } from '../../../../src/gemini/catalogue.ts';
import { SENTINEL } from '../../../../src/gemini/signatures.ts';
import { writeJson } from '../../../../src/json.ts';
import { createSignatures, FLASH, FLASH_3, PRO, PRO_3_1, refused } from '../../openai/chat/decoding.ts';
import { assistant, contents, decode, result, upstream, used, user } from './decoding.ts';

const PIXEL = 'iVBORw0KGgo=';
const SIGNATURE = 'QUJDRA==';
const FAMILY = '3';
const SCHEMA = { type: 'object', properties: { q: { type: 'string' } } };
const TOOL = { name: 'f', description: 'does f', input_schema: SCHEMA };
const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const text = (said: string) => ({ type: 'text', text: said });
const thinking = (signature: unknown, said = 'Hm.') => ({ type: 'thinking', thinking: said, signature });
const base64 = (mediaType: string, data: string) => ({ type: 'base64', media_type: mediaType, data });
const carrier = (callId?: string) => writeCarrier({ signature: SIGNATURE, family: FAMILY, callId });
const config = (body: object) => upstream(body).generationConfig ?? {};
const ignored = (body: object) => decode(body).reading.ignored;

describe('system', () => {
  it.each([
    ['a text', 'Be brief.', [{ text: 'Be brief.' }]],
    ['blocks, in order', [text('One.'), { ...text('Two.'), cache_control: { type: 'ephemeral' } }], ['One.', 'Two.']],
    ['without who is billed', [text('x-anthropic-billing-header: cc_version=2'), text('You code.')], ['You code.']],
    ['an empty text', '', undefined],
  ])('is %s', (_name, system, expected) => {
    const parts = expected?.map((one) => (typeof one === 'string' ? { text: one } : one));
    expect(upstream({ system }).systemInstruction?.parts).toEqual(parts);
    expect(ignored({ system })).toEqual([]);
  });

  it('keeps its place inside the messages', () => {
    const messages = [user('a'), { role: 'system', content: '980 tokens left' }, assistant(text('b')), user('c')];
    const body = { system: 'Rules.', messages: [...messages, { role: 'system', content: [text('970 tokens left')] }] };
    expect(upstream(body)).toMatchObject({
      systemInstruction: { parts: [{ text: 'Rules.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: '[system]\n980 tokens left' }] },
        { role: 'model', parts: [{ text: 'b' }] },
        { role: 'user', parts: [{ text: 'c' }, { text: '[system]\n970 tokens left' }] },
      ],
    });
  });
});

describe('a block', () => {
  const image = { inlineData: { mimeType: 'image/png', data: PIXEL } };
  const pdf = { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } };
  it.each([
    ['text', [text('a')], [{ text: 'a' }]],
    ['an image', [{ type: 'image', source: base64('image/png', PIXEL) }], [image]],
    ['a PDF', [{ type: 'document', source: base64('application/pdf', 'JVBERi0=') }], [pdf]],
    [
      'a document with a title and a context',
      [{ type: 'document', source: base64('application/pdf', 'JVBERi0='), title: 'T', context: 'C' }],
      [{ text: 'T\nC' }, pdf],
    ],
    [
      'a text document',
      [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } }],
      [{ text: 'words' }],
    ],
    [
      'a document of blocks',
      [
        {
          type: 'document',
          source: { type: 'content', content: [text('a'), { type: 'image', source: base64('image/png', PIXEL) }] },
        },
      ],
      [{ text: 'a' }, image],
    ],
    [
      'a document whose blocks are a text',
      [{ type: 'document', source: { type: 'content', content: 'all of it' } }],
      [{ text: 'all of it' }],
    ],
    [
      'a PDF by its address',
      [{ type: 'document', source: { type: 'url', url: 'https://www.youtube.com/watch?v=1' } }],
      [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } }],
    ],
    [
      'a search result',
      [{ type: 'search_result', title: 'T', source: 'https://a.example', content: [text('found')] }],
      [{ text: 'T\nhttps://a.example\nfound' }],
    ],
    ['nothing, where its text is empty', [text('a'), text('')], [{ text: 'a' }]],
  ])('is %s', (_name, content, expected) => {
    expect(contents([user(content)])[0]?.parts).toMatchObject(expected);
    expect(ignored({ messages: [user(content)] })).toEqual([]);
  });

  it('that nobody knows becomes a text that says so, and is told', () => {
    const content = [text('a'), { type: 'container_upload', file_id: 'f' }];
    expect(JSON.stringify(contents([user(content)]))).toContain('container_upload');
    expect(ignored({ messages: [user(content)] })).toEqual(['messages[].content[] (container_upload)']);
  });

  it.each([
    ['tool_use', 'the user'],
    ['thinking', 'the user'],
  ])('%s of %s is no reason to refuse', (type) => {
    expect(contents([user([text('a'), { type }])])).toHaveLength(1);
  });

  it.each([
    [[7], 'messages[0].content[0]', 'invalid_type'],
    [[{}], 'messages[0].content[0].type', 'missing_required_parameter'],
    [7, 'messages[0].content', 'invalid_type'],
    [[{ type: 'image' }], 'messages[0].content[0].source', 'missing_required_parameter'],
    [
      [{ type: 'image', source: { type: 'file', file_id: 'f' } }],
      'messages[0].content[0].source.file_id',
      'invalid_value',
    ],
    [
      [{ type: 'document', source: { type: 'file', file_id: 'f' } }],
      'messages[0].content[0].source.file_id',
      'invalid_value',
    ],
    [[result('t', 7)], 'messages[0].content[0].content', 'invalid_type'],
  ])('is refused by its place: %j', (content, param, reason) => {
    expect(refused(() => decode({ messages: [user(content)] }))).toMatchObject({ status: 400, param, reason });
  });
});

describe('calls and what came of them', () => {
  const asked = user('a');

  it('are put together as Google wants them, texts behind the answers', () => {
    const messages = [
      asked,
      assistant(text('I look.'), used('t1', 'f', { q: 'x' }), used('t2', 'g')),
      user([result('t2', 'two'), result('t1', [text('one'), text('more')]), text('go on')]),
    ];
    expect(contents(messages)).toEqual([
      { role: 'user', parts: [{ text: 'a' }] },
      {
        role: 'model',
        parts: [
          { text: 'I look.' },
          { functionCall: { id: 't1', name: 'f', args: { q: 'x' } } },
          { functionCall: { id: 't2', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 't1', name: 'f', response: { output: 'one\nmore' } } },
          { functionResponse: { id: 't2', name: 'g', response: { output: 'two' } } },
          { text: 'go on' },
        ],
      },
    ]);
  });

  const answer = (sent: object, model = FLASH_3) =>
    contents([asked, assistant(used('t1', 'f')), user([sent])], model)[2]?.parts?.[0];

  it.each([
    ['a failure', result('t1', 'no such file', { is_error: true }), { response: { error: 'no such file' } }],
    ['nothing', result('t1', undefined), { response: { output: '' } }],
    [
      'a picture',
      result('t1', [text('seen'), { type: 'image', source: base64('image/png', PIXEL) }]),
      { response: { output: 'seen' }, parts: [{ inlineData: { mimeType: 'image/png', data: PIXEL } }] },
    ],
    [
      'a document',
      result('t1', [{ type: 'document', source: base64('application/pdf', 'JVBERi0=') }]),
      { response: { output: '' }, parts: [{ inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } }] },
    ],
    [
      'tools that were found',
      result('t1', [{ type: 'tool_reference', tool_name: 'NotebookEdit' }]),
      { response: { output: 'The tool NotebookEdit can be called now.' } },
    ],
  ])('answer with %s', (_name, sent, expected) => {
    expect(answer(sent)).toMatchObject({ functionResponse: { id: 't1', name: 'f', ...expected } });
  });

  it('never fail for a call that nobody answered, or an answer that nobody called for', () => {
    expect(contents([asked, assistant(used('t1', 'f')), user('and?')])[2]?.parts).toEqual([
      { functionResponse: { id: 't1', name: 'f', response: { error: 'tool result missing' } } },
      { text: 'and?' },
    ]);
    expect(JSON.stringify(contents([user([result('t9', 'lost')])]))).toContain('lost');
  });

  it('keep long numbers as they are written', () => {
    const input = { id: JSON.rawJSON('9007199254740993'), share: JSON.rawJSON('1.0') };
    const messages = [asked, assistant(used('t1', 'f', input)), user([result('t1', 'x')])];
    expect(writeJson(decode({ messages }).call.request)).toContain('"args":{"id":9007199254740993,"share":1.0}');
  });
});

describe('signatures', () => {
  const round = (block: object, model = FLASH_3, more = {}) =>
    contents([user('a'), assistant(block, used('t1', 'f'), used('t2', 'g')), user([result('t1', 'x')])], model, more)[1]
      ?.parts;

  it('come back in the thinking block before their call, which is not sent itself (H131)', () => {
    expect(round(thinking(carrier('t1')))).toMatchObject([
      { functionCall: { id: 't1' }, thoughtSignature: SIGNATURE },
      { functionCall: { id: 't2' } },
    ]);
    expect(JSON.stringify(round(thinking(carrier('t1'))))).not.toContain('Hm.');
  });

  it.each([
    ["Claude's own", thinking('EqQBCgIYAhIkZGVhZGJlZWY=')],
    ['of another family', thinking(writeCarrier({ signature: SIGNATURE, family: '2.5', callId: 't1' }))],
    ['cut short', thinking(carrier('t1').slice(0, 30))],
    ['none', thinking(undefined)],
    ['hidden by Anthropic', { type: 'redacted_thinking', data: 'EmwK' }],
  ])('that are worth nothing are replaced by what Google takes: %s (H131)', (_name, block) => {
    expect(round(block)).toMatchObject([
      { functionCall: { id: 't1' }, thoughtSignature: SENTINEL },
      { functionCall: { id: 't2' } },
    ]);
  });

  it('of several rounds each find their own call', () => {
    const messages = [
      user('a'),
      assistant(thinking(carrier('t1')), used('t1', 'f')),
      user([result('t1', 'x')]),
      assistant(thinking(writeCarrier({ signature: 'RUZHSA==', family: FAMILY, callId: 't2' })), used('t2', 'g')),
      user([result('t2', 'y')]),
    ];
    const sent = contents(messages, FLASH_3);
    expect(sent[1]?.parts?.[0]).toMatchObject({ thoughtSignature: SIGNATURE });
    expect(sent[3]?.parts?.[0]).toMatchObject({ thoughtSignature: 'RUZHSA==' });
  });

  it('of a text are in its block, or remembered under what the block holds', () => {
    const signatures = createSignatures();
    signatures.remember(textKey('text_1'), SIGNATURE, { family: FAMILY, account: 'me' });
    for (const sent of [carrier(), writeReference('text_1')]) {
      const [, model] = contents([user('a'), assistant(thinking(sent), text('b')), user('c')], FLASH_3, { signatures });
      expect(model?.parts).toEqual([{ text: 'b', thoughtSignature: SIGNATURE }]);
    }
  });

  it('are remembered for clients without thinking blocks (H133)', () => {
    const signatures = createSignatures();
    signatures.remember({ id: 't1', name: 'f', args: '{}' }, SIGNATURE, { family: FAMILY, account: 'me' });
    const messages = [user('a'), assistant(used('t1', 'f')), user([result('t1', 'x')])];
    expect(contents(messages, FLASH_3, { signatures })[1]?.parts).toMatchObject([{ thoughtSignature: SIGNATURE }]);
  });
});

describe('tools', () => {
  const declared = (tool: object) => upstream({ tools: [tool] }).tools;

  it('are declared with their schema', () => {
    expect(declared({ ...TOOL, cache_control: { type: 'ephemeral' }, eager_input_streaming: true })).toEqual([
      { functionDeclarations: [{ name: 'f', description: 'does f', parametersJsonSchema: SCHEMA }] },
    ]);
  });

  it.each([
    ['web_search_20250305', 'googleSearch'],
    ['web_search_20260209', 'googleSearch'],
    ['web_fetch_20250910', 'urlContext'],
    ['code_execution_20250825', 'codeExecution'],
  ])('of the server: %s', (type, key) => {
    expect(declared({ type, name: 'tool' })).toEqual([{ [key]: {} }]);
  });

  it.each(['bash_20250124', 'text_editor_20250728', 'memory_20250818'])('of the client: %s', (type) => {
    expect(declared({ type, name: 'it' })).toMatchObject([{ functionDeclarations: [{ name: 'it' }] }]);
  });

  it.each([
    [{ type: 'computer_20250124', name: 'computer' }, 'tools[] (computer_20250124)'],
    [{ type: 'mcp_toolset', mcp_server_name: 's' }, 'tools[] (mcp_toolset)'],
    [{ ...TOOL, name: 'DeferredToolPlaceholder' }, 'tools[] (DeferredToolPlaceholder)'],
  ])('that cannot be declared are told: %j', (tool, name) => {
    expect(declared(tool)).toBeUndefined();
    expect(ignored({ tools: [tool] })).toEqual([name]);
  });

  it('that are loaded later are declared where they stand', () => {
    expect(declared({ ...TOOL, defer_loading: true })).toMatchObject([{ functionDeclarations: [{ name: 'f' }] }]);
  });

  it.each([
    [{ type: 'auto' }, undefined],
    [{ type: 'any' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [{ type: 'none' }, { mode: 'NONE' }],
  ])('are chosen by %j', (choice, expected) => {
    expect(upstream({ tools: [TOOL], tool_choice: choice }).toolConfig?.functionCallingConfig).toEqual(expected);
  });

  it('of the server are not used where none is to be', () => {
    const tool_choice = { type: 'none' };
    expect(upstream({ tools: [SEARCH], tool_choice }).tools).toBeUndefined();
    const both = upstream({ model: FLASH_3, tools: [TOOL, SEARCH], tool_choice });
    expect(both.tools).toMatchObject([{ functionDeclarations: [{ name: 'f' }] }]);
    expect(both.tools).toHaveLength(1);
  });

  it('may be asked for one at a time', () => {
    const choice = { type: 'auto', disable_parallel_tool_use: true };
    expect(decode({ tools: [TOOL], tool_choice: choice }).reading.singleCall).toBe(true);
    expect(decode({ tools: [TOOL] }).reading.singleCall).toBe(false);
  });

  it('are a search where one is asked for: findings come first', () => {
    const body = { tools: [SEARCH], tool_choice: { type: 'tool', name: 'web_search' }, thinking: { type: 'disabled' } };
    expect(upstream(body)).toMatchObject({ tools: [{ googleSearch: {} }] });
    expect(upstream(body).toolConfig).toBeUndefined();
    expect(decode({ ...body, stream: true }).reading).toMatchObject({ search: 'web_search', findingsFirst: true });
  });

  it('tell what of a search Google has no word for', () => {
    expect(ignored({ tools: [{ ...SEARCH, max_uses: 8, allowed_domains: ['a.example'] }] })).toEqual([
      ...['tools[].max_uses', 'tools[].allowed_domains'],
    ]);
  });

  it.each([
    ['a.example', []],
    ['sub.a-b.example', []],
    ['a.example/blog', ['tools[].blocked_domains']],
    ['*.example', ['tools[].blocked_domains']],
    [7, ['tools[].blocked_domains']],
  ])('of a search leave out whole domains, and tell what is none: %s', (domain, told) => {
    const body = { tools: [{ ...SEARCH, blocked_domains: ['b.example', domain] }] };
    const excludeDomains = told.length === 0 ? ['b.example', domain] : ['b.example'];
    expect(upstream(body).tools).toEqual([{ googleSearch: { excludeDomains } }]);
    expect(ignored(body)).toEqual(told);
  });

  it('beside a search are for models that can have both; for others the search is a function that the relay runs', () => {
    expect(upstream({ model: FLASH_3, tools: [TOOL, SEARCH] }).tools).toHaveLength(2);
    expect(decode({ model: FLASH_3, tools: [TOOL, SEARCH] }).reading.own).toBeUndefined();
    const body = { tools: [TOOL, { ...SEARCH, max_uses: 2, blocked_domains: ['a.example'] }] };
    const [declared, ...more] = upstream(body).tools ?? [];
    expect(more).toEqual([]);
    expect(declared?.functionDeclarations).toMatchObject([
      { name: TOOL.name },
      { name: 'web_search', parametersJsonSchema: { required: ['query'] } },
    ]);
    expect(decode(body).reading.own?.get('web_search')).toMatchObject({ tool: { googleSearch: {} }, most: 2 });
    expect(ignored(body)).toEqual(['tools[].blocked_domains']);
    const forced = { ...body, tool_choice: { type: 'tool', name: 'web_search' } };
    expect(upstream(forced).toolConfig?.functionCallingConfig).toEqual({
      mode: 'ANY',
      allowedFunctionNames: ['web_search'],
    });
  });

  it('whose schema is strict are checked', () => {
    expect(upstream({ tools: [{ ...TOOL, strict: true }] }).toolConfig?.functionCallingConfig?.mode).toBe('VALIDATED');
  });
});

describe('thinking and effort', () => {
  const CASES: readonly (readonly [model: string, body: object, config: object])[] = [
    [PRO, { thinking: { type: 'enabled', budget_tokens: 6976 } }, { thinkingBudget: 6976, includeThoughts: true }],
    [PRO, { thinking: { type: 'enabled', budget_tokens: 99_999 } }, { thinkingBudget: 32_768, includeThoughts: true }],
    [PRO, { thinking: { type: 'disabled' } }, { thinkingBudget: 128, includeThoughts: false }],
    [FLASH, { thinking: { type: 'disabled' } }, { thinkingBudget: 0, includeThoughts: false }],
    [FLASH_3, { thinking: { type: 'disabled' } }, { thinkingLevel: 'MINIMAL', includeThoughts: false }],
    [FLASH_3, { thinking: { type: 'enabled', budget_tokens: 1024 } }, { thinkingLevel: 'LOW', includeThoughts: true }],
    [PRO_3_1, { thinking: { type: 'adaptive' } }, { includeThoughts: true }],
    [PRO_3_1, { thinking: { type: 'between_tools' } }, { includeThoughts: true }],
    [PRO_3_1, { thinking: { type: 'adaptive', display: 'omitted' } }, { includeThoughts: false }],
    [PRO_3_1, { output_config: { effort: 'low' } }, { thinkingLevel: 'LOW', includeThoughts: false }],
    [PRO_3_1, { output_config: { effort: 'medium' } }, { thinkingLevel: 'MEDIUM', includeThoughts: false }],
    [PRO_3_1, { output_config: { effort: 'high' } }, { thinkingLevel: 'HIGH', includeThoughts: false }],
    [PRO_3_1, { output_config: { effort: 'xhigh' } }, { thinkingLevel: 'HIGH', includeThoughts: false }],
    [PRO_3_1, { output_config: { effort: 'max' } }, { thinkingLevel: 'HIGH', includeThoughts: false }],
    [
      PRO_3_1,
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      { thinkingLevel: 'HIGH', includeThoughts: true },
    ],
    [PRO_3_1, {}, { includeThoughts: false }],
  ];
  it.each(CASES)('%s: %j', (model, body, expected) => {
    expect(config({ model, ...body })['thinkingConfig']).toEqual(expected);
  });

  it('has blocks where it is not switched off', () => {
    const has = (body: object) => decode({ model: FLASH_3, ...body }).reading.thinkingBlocks;
    expect(has({})).toBe(false);
    expect(has({ thinking: { type: 'disabled' } })).toBe(false);
    expect(has({ thinking: { type: 'adaptive', display: 'omitted' } })).toBe(true);
  });

  it('never eats up a small limit: Claude Code asks with one token', () => {
    expect(config({ max_tokens: 1 })).toMatchObject({ thinkingConfig: { thinkingBudget: 0 } });
  });
});

describe('the other settings', () => {
  it('are passed on', () => {
    expect(config({ temperature: 0.3, top_p: 0.9, top_k: 400, max_tokens: 999_999 })).toMatchObject({
      ...{ temperature: 0.3, topP: 0.9, topK: 64, maxOutputTokens: 65_536 },
    });
  });

  it('stop at what Google looks for, and at what the relay does (H137)', () => {
    const stops = ['1', '2', '3', '4', '5', '6', '7'];
    const { call, reading } = decode({ stop_sequences: stops });
    expect(call.request.generationConfig?.['stopSequences']).toEqual(stops.slice(0, 5));
    expect(reading.stops).toEqual(['6', '7']);
  });

  it.each([
    { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
    { output_format: { type: 'json_schema', schema: SCHEMA } },
  ])('ask for JSON: %j', (body) => {
    expect(config(body)).toMatchObject({ responseMimeType: 'application/json', responseJsonSchema: SCHEMA });
  });

  it('end with what the model shall go on with, or with an instruction to go on', () => {
    const messages = [user('a'), assistant(text('{"b":'))];
    expect(contents(messages).at(-1)).toEqual({ role: 'model', parts: [{ text: '{"b":' }] });
    expect(contents(messages, 'gemini-3.6-flash').at(-1)?.role).toBe('user');
  });

  it("name the client's model and ask for Google's (H139)", () => {
    const catalogue = withAliases(createCatalogue([]), DEFAULT_ALIASES, () => true);
    const { call, reading } = decode({ model: 'claude-haiku-4-5-20251001' }, { catalogue });
    expect(reading.resolved.requested).toBe('claude-haiku-4-5-20251001');
    expect(call.model).toBe('gemini-3.5-flash-lite');
  });
});

describe('a request', () => {
  it.each([
    [{ max_tokens: undefined }, 'max_tokens', 'missing_required_parameter'],
    [{ max_tokens: 0 }, 'max_tokens', 'invalid_value'],
    [{ model: '' }, 'model', 'missing_required_parameter'],
    [{ messages: undefined }, 'messages', 'missing_required_parameter'],
    [{ messages: [] }, 'messages', 'empty_array'],
    [{ messages: [7] }, 'messages[0]', 'invalid_type'],
    [{ messages: [{ role: 'judge', content: 'x' }] }, 'messages[0].role', 'invalid_value'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role', 'missing_required_parameter'],
    [{ messages: [user('')] }, 'messages', 'invalid_value'],
    [{ system: 7 }, 'system', 'invalid_type'],
    [{ system: [{ type: 'image' }] }, 'system[0]', 'invalid_value'],
    [{ thinking: { type: 'sometimes' } }, 'thinking.type', 'invalid_value'],
    [{ output_config: { effort: 'ultra' } }, 'output_config.effort', 'invalid_value'],
    [{ output_config: { format: { type: 'xml' } } }, 'output_config.format.type', 'invalid_value'],
    [{ tool_choice: { type: 'tool', name: 'g' }, tools: [TOOL] }, 'tool_choice', 'invalid_value'],
    [{ tool_choice: { type: 'tool' }, tools: [TOOL] }, 'tool_choice.name', 'missing_required_parameter'],
    [{ tool_choice: { type: 'maybe' }, tools: [TOOL] }, 'tool_choice.type', 'invalid_value'],
    [{ tool_choice: { type: 'any' } }, 'tool_choice', 'invalid_value'],
    [{ tools: [{ input_schema: SCHEMA }] }, 'tools[0].name', 'missing_required_parameter'],
    [{ tools: [7] }, 'tools[0]', 'invalid_type'],
    [{ temperature: 3 }, 'temperature', 'invalid_value'],
    [{ stop_sequences: ['x'.repeat(1025)] }, 'stop_sequences[0]', 'invalid_value'],
    [{ stop_sequences: Array.from({ length: 65 }, String) }, 'stop_sequences', 'invalid_value'],
    [{ metadata: 'me' }, 'metadata', 'invalid_type'],
  ])('is refused where it cannot be understood: %j', (body, param, reason) => {
    expect(refused(() => decode(body))).toMatchObject({ status: 400, param, reason });
  });

  it('is taken with all that Claude Code adds, and tells what means nothing here', () => {
    const body = {
      metadata: { user_id: '{"session_id":"s"}' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      service_tier: 'auto',
      container: 'c',
      mcp_servers: [{ type: 'url', url: 'https://a.example', name: 'a' }],
      inference_geo: 'eu',
      speed: 'fast',
    };
    expect(ignored(body)).toEqual([
      ...['context_management', 'container', 'mcp_servers', 'inference_geo', 'speed', 'service_tier'],
    ]);
  });
});
