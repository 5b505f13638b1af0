import { describe, expect, it } from 'vitest';
import { answered, assistant, called, decode, FLASH_3, refused, upstream, user } from './decoding.ts';

const fn = (name: string, more: object = {}) => ({ type: 'function', function: { name, ...more } });
const schema = { type: 'object', properties: { c: { type: 'string' } }, required: ['c'], additionalProperties: false };
const empty = { type: 'object', properties: {} };

describe('declarations', () => {
  it('H21: name, description and parametersJsonSchema, nothing else', () => {
    const tools = [
      fn('wx', { description: 'Weather.', parameters: schema, strict: false, extra: 1 }),
      fn('time', { parameters: schema }),
    ];
    expect(upstream({ tools }).tools).toEqual([
      {
        functionDeclarations: [
          { name: 'wx', description: 'Weather.', parametersJsonSchema: schema },
          { name: 'time', parametersJsonSchema: schema },
        ],
      },
    ]);
  });

  it.each([
    ['missing', undefined],
    ['true', true],
    ['empty', {}],
    ['null', null],
  ])('H79: parameters %s', (_case, parameters) => {
    expect(upstream({ tools: [fn('f', { parameters })] }).tools?.[0]?.functionDeclarations).toEqual([
      { name: 'f', parametersJsonSchema: empty },
    ]);
  });

  it.each([
    ['flat', { type: 'function', name: 'f', parameters: schema }],
    ['without a type', { function: { name: 'f', parameters: schema } }],
    ['flat without a type', { name: 'f', parameters: schema }],
    ["Anthropic's", { name: 'f', input_schema: schema }],
    ["Anthropic's with its type", { type: 'custom', name: 'f', input_schema: schema }],
  ])('takes a function %s', (_case, tool) => {
    expect(upstream({ tools: [tool] }).tools).toEqual([
      { functionDeclarations: [{ name: 'f', parametersJsonSchema: schema }] },
    ]);
  });

  it('H71, H73: names are made fit, in declarations, history and choice, and back', () => {
    const { call, reading } = decode({
      tools: [fn('my/tool'), fn('2fa')],
      tool_choice: { type: 'function', function: { name: 'my/tool' } },
      messages: [user('x'), assistant({ tool_calls: [called('a', 'my/tool')] }), answered('a', 'y')],
    });
    const text = JSON.stringify(call.request);
    expect(text).not.toContain('my/tool');
    expect(call.request.tools?.[0]?.functionDeclarations?.map(({ name }) => name)).toEqual(['my_tool', '_2fa']);
    expect(call.request.toolConfig?.functionCallingConfig?.allowedFunctionNames).toEqual(['my_tool']);
    expect(call.request.contents?.[1]?.parts?.[0]?.functionCall?.name).toBe('my_tool');
    expect(call.request.contents?.[2]?.parts?.[0]?.functionResponse?.name).toBe('my_tool');
    expect(reading.names.toClient('my_tool')).toBe('my/tool');
    expect(reading.names.toClient('_2fa')).toBe('2fa');
  });

  it('H75: properties may be called like keywords', () => {
    const properties = Object.fromEntries(
      ['title', 'format', 'const', 'default'].map((name) => [name, { type: 'string' }]),
    );
    const [declaration] =
      upstream({ tools: [fn('f', { parameters: { type: 'object', properties } })] }).tools?.[0]?.functionDeclarations ??
      [];
    expect(declaration).toHaveProperty('parametersJsonSchema.properties', properties);
  });

  it('H77: const becomes enum, lists of types stay, notes go', () => {
    const odd = {
      type: 'object',
      $comment: 'x',
      'x-foo': 1,
      properties: { a: { const: 'v' }, b: { type: ['string', 'null'] } },
    };
    const [declaration] = upstream({ tools: [fn('f', { parameters: odd })] }).tools?.[0]?.functionDeclarations ?? [];
    expect(declaration?.parametersJsonSchema).toMatchObject({
      type: 'object',
      properties: { a: { enum: ['v'] }, b: { type: ['string', 'null'] } },
    });
    expect(declaration?.parametersJsonSchema).not.toHaveProperty('$comment');
    expect(declaration?.parametersJsonSchema).not.toHaveProperty('x-foo');
  });

  it('H81: models of other vendors get cleaned parameters', () => {
    const [declaration] =
      upstream({ model: 'claude-sonnet-4', tools: [fn('f', { parameters: schema })] }).tools?.[0]
        ?.functionDeclarations ?? [];
    expect(declaration).toHaveProperty('parameters.properties.c');
    expect(declaration).not.toHaveProperty('parametersJsonSchema');
  });

  it('takes the same function twice, and refuses two of one name', () => {
    const twice = [fn('f', { parameters: schema }), fn('f', { parameters: schema })];
    expect(upstream({ tools: twice }).tools?.[0]?.functionDeclarations).toHaveLength(1);
    expect(refused(() => decode({ tools: [fn('f', { parameters: schema }), fn('f')] }))).toEqual({
      status: 400,
      reason: 'invalid_value',
      param: 'tools',
    });
  });

  it('R29: a function may be called constructor', () => {
    expect(upstream({ tools: [fn('constructor'), fn('toString')] }).tools?.[0]?.functionDeclarations).toHaveLength(2);
  });

  it.each([
    [{ type: 'function' }, 'tools[0].name'],
    [{ type: 'function', function: {} }, 'tools[0].function.name'],
    [{ type: 'custom', custom: { name: ' ' } }, 'tools[0].custom.name'],
  ])('refuses %j', (tool, param) => {
    expect(refused(() => decode({ tools: [tool] }))).toEqual({
      status: 400,
      reason: 'missing_required_parameter',
      param,
    });
  });

  it('custom tools take one text, and their grammar is described', () => {
    const format = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } };
    const { call, reading } = decode({
      tools: [{ type: 'custom', custom: { name: 'patch', description: 'Patch.', format } }],
      messages: [
        user('x'),
        assistant({ tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'patch', input: 'text' } }] }),
        answered('a', 'done'),
      ],
    });
    const [declaration] = call.request.tools?.[0]?.functionDeclarations ?? [];
    expect(declaration).toMatchObject({
      name: 'patch',
      parametersJsonSchema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    });
    expect(declaration?.description).toMatch(/^Patch\.\n\n.*lark grammar:\nstart: "a"$/);
    expect(call.request.contents?.[1]?.parts?.[0]?.functionCall?.args).toEqual({ input: 'text' });
    expect([...reading.customTools]).toEqual(['patch']);
  });

  it('legacy functions, unless tools are given', () => {
    const functions = [{ name: 'old', parameters: schema }];
    const old = decode({ functions, function_call: { name: 'old' } });
    expect(old.reading.legacyFunctions).toBe(true);
    expect(old.call.request.toolConfig?.functionCallingConfig).toEqual({ mode: 'ANY', allowedFunctionNames: ['old'] });
    const both = decode({ functions, tools: [fn('new')] });
    expect(both.reading).toMatchObject({ legacyFunctions: false, ignored: ['functions'] });
    expect(both.call.request.tools?.[0]?.functionDeclarations).toHaveLength(1);
    expect(decode({ functions, tools: [] }).reading.legacyFunctions).toBe(true);
  });

  it('unknown types are dropped, not refused, and named', () => {
    const { call, reading } = decode({
      tools: [{ type: 'image_generation' }, fn('f'), { type: 'computer_use_preview' }],
    });
    expect(call.request.tools?.[0]?.functionDeclarations).toHaveLength(1);
    expect(reading.ignored).toEqual(['tools[0] (image_generation)', 'tools[2] (computer_use_preview)']);
    expect(upstream({ tools: [{ type: 'mcp' }] })).not.toHaveProperty('tools');
  });

  it('what a search of another vendor asks besides is named', () => {
    const search = { type: 'web_search', search_context_size: 'low', user_location: { country: 'DE' } };
    expect(decode({ tools: [search] }).reading.ignored).toEqual([
      'tools[0].search_context_size',
      'tools[0].user_location',
    ]);
  });

  it('a search leaves out domains, keeps to none, and says so', () => {
    const filters = { blocked_domains: ['a.example', 'a.example/b'], allowed_domains: ['b.example'], odd: 1 };
    const { call, reading } = decode({ tools: [{ type: 'web_search', filters }] });
    expect(call.request.tools).toEqual([{ googleSearch: { excludeDomains: ['a.example'] } }]);
    expect(reading.ignored).toEqual([
      ...['tools[0].filters.allowed_domains', 'tools[0].filters.odd', 'tools[0].filters.blocked_domains'],
    ]);
  });

  it('of Google are not used where none is to be', () => {
    const search = { type: 'web_search' };
    expect(upstream({ tools: [search], tool_choice: 'none' }).tools).toBeUndefined();
    expect(upstream({ google: { tools: [{ urlContext: {} }] }, tool_choice: 'none' }).tools).toBeUndefined();
    expect(upstream({ model: FLASH_3, tools: [fn('f'), search], tool_choice: 'none' }).tools).toEqual([
      { functionDeclarations: [expect.objectContaining({ name: 'f' })] },
    ]);
    const { call, reading } = decode({ web_search_options: {}, tool_choice: 'none' });
    expect([call.request.tools, reading.ignored]).toEqual([undefined, ['web_search_options']]);
  });

  it('a function that is called like a search is a function', () => {
    expect(upstream({ tools: [fn('web_search')] }).tools?.[0]?.functionDeclarations).toMatchObject([
      { name: 'web_search' },
    ]);
  });

  it('no tools are no tools', () => {
    expect(upstream({ tools: [], tool_choice: 'auto' })).not.toHaveProperty('tools');
  });
});

describe("Google's own tools", () => {
  it.each([
    ['by key', { tools: [{ google_search: {} }] }, [{ googleSearch: {} }]],
    ["OpenAI's search", { tools: [{ type: 'web_search' }] }, [{ googleSearch: {} }]],
    ["OpenAI's older search", { tools: [{ type: 'web_search_preview' }] }, [{ googleSearch: {} }]],
    ['a dated search', { tools: [{ type: 'web_search_preview_2025_03_11' }] }, [{ googleSearch: {} }]],
    ["Anthropic's search", { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, [{ googleSearch: {} }]],
    ['maps', { tools: [{ googleMaps: { enableWidget: true } }] }, [{ googleMaps: { enableWidget: true } }]],
    ['maps by type', { tools: [{ type: 'google_maps' }] }, [{ googleMaps: {} }]],
    ['the search for enterprises', { tools: [{ enterpriseWebSearch: {} }] }, [{ enterpriseWebSearch: {} }]],
    ['pages by type', { tools: [{ type: 'url_context' }] }, [{ urlContext: {} }]],
    ['by type, with settings', { tools: [{ type: 'google_maps', google_maps: { a: 1 } }] }, [{ googleMaps: { a: 1 } }]],
    ['by type', { tools: [{ type: 'code_execution' }] }, [{ codeExecution: {} }]],
    [
      'with settings',
      { tools: [{ googleSearch: { a: 1 } }, { url_context: {} }] },
      [{ googleSearch: { a: 1 } }, { urlContext: {} }],
    ],
    ['H85: web_search_options', { web_search_options: {} }, [{ googleSearch: {} }]],
    ['twice', { web_search_options: {}, tools: [{ google_search: {} }] }, [{ googleSearch: {} }]],
    ['in google.tools', { extra_body: { google: { tools: [{ google_search: {} }] } } }, [{ googleSearch: {} }]],
  ])('%s', (_case, body, tools) => {
    const request = upstream(body);
    expect(request.tools).toEqual(tools);
    expect(request).not.toHaveProperty('toolConfig');
  });

  it('before Gemini 3 functions win', () => {
    const { call, reading } = decode({ tools: [fn('f'), { google_search: {} }] });
    expect(call.request.tools).toHaveLength(1);
    expect(call.request).not.toHaveProperty('toolConfig');
    expect(reading.ignored).toEqual(['googleSearch']);
  });

  it('from Gemini 3 on both work, validated', () => {
    const tools = [fn('f'), { google_search: {} }];
    expect(upstream({ model: FLASH_3, tools })).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } },
    });
    expect(upstream({ model: FLASH_3, tools, tool_choice: 'required' }).toolConfig?.functionCallingConfig?.mode).toBe(
      'ANY',
    );
  });

  it('are dropped for models that have none', () => {
    const { call, reading } = decode({ model: 'gemini-2.5-flash-image', tools: [{ code_execution: {} }] });
    expect(call.request).not.toHaveProperty('tools');
    expect(reading.ignored).toEqual(['codeExecution']);
  });

  it('declarations in their own form pass', () => {
    const own = { name: 'g', parameters: { type: 'OBJECT' } };
    const request = upstream({ google: { tools: [{ function_declarations: [own] }] }, tool_choice: 'required' });
    expect(request.tools).toEqual([{ functionDeclarations: [own] }]);
  });
});

describe('tool_choice', () => {
  const tools = [fn('f'), fn('g')];
  const any = (...names: string[]) => ({ mode: 'ANY', ...(names.length > 0 && { allowedFunctionNames: names }) });

  it.each([
    ['none', { mode: 'NONE' }],
    ['auto', undefined],
    ['H23: required', any()],
    ['any', any()],
  ])('%s', (word, expected) => {
    const request = upstream({ tools, tool_choice: word.replace('H23: ', '') });
    expect(request.toolConfig?.functionCallingConfig).toEqual(expected);
    expect(request.tools?.[0]?.functionDeclarations).toHaveLength(2);
  });

  it.each([
    ['H23: a function', { type: 'function', function: { name: 'f' } }, any('f')],
    ['flat', { type: 'function', name: 'f' }, any('f')],
    ["Anthropic's tool", { type: 'tool', name: 'g' }, any('g')],
    ["Anthropic's any", { type: 'any' }, any()],
    ['custom', { type: 'custom', custom: { name: 'f' } }, any('f')],
    [
      'allowed, required',
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'g' } }] },
      },
      any('g'),
    ],
    ['hosted', { type: 'web_search_preview' }, undefined],
  ])('%s', (_case, choice, expected) => {
    expect(upstream({ tools, tool_choice: choice }).toolConfig?.functionCallingConfig).toEqual(expected);
  });

  it('H87: allowed_tools in mode auto declares those alone', () => {
    const choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] };
    const request = upstream({ tools, tool_choice: choice });
    expect(request.tools?.[0]?.functionDeclarations).toEqual([{ name: 'f', parametersJsonSchema: empty }]);
    expect(request).not.toHaveProperty('toolConfig');
  });

  it('strict functions are validated', () => {
    const strict = [fn('f', { strict: true })];
    expect(upstream({ tools: strict }).toolConfig?.functionCallingConfig).toEqual({ mode: 'VALIDATED' });
    expect(upstream({ tools: strict, tool_choice: 'required' }).toolConfig?.functionCallingConfig).toEqual(any());
  });

  it.each([
    [{ tools, tool_choice: 'sometimes' }, 'tool_choice'],
    [{ tools, tool_choice: { type: 'function', function: { name: 'h' } } }, 'tool_choice'],
    [{ tools, tool_choice: { type: 'odd' } }, 'tool_choice'],
    [{ tools, tool_choice: { type: 'allowed_tools', mode: 'x', tools: [] } }, 'tool_choice.mode'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [], tool_choice: { type: 'function', function: { name: 'f' } } }, 'tool_choice'],
    [{ functions: [{ name: 'f' }], function_call: { name: 'h' } }, 'function_call'],
  ])('refuses %j', (body, param) => {
    expect(refused(() => decode(body))).toEqual({ status: 400, reason: 'invalid_value', param });
  });

  it.each(['none', 'auto'])('%s without tools says nothing', (word) => {
    expect(upstream({ tool_choice: word })).not.toHaveProperty('toolConfig');
  });

  it('H89: one call at a time', () => {
    expect(decode({ tools, parallel_tool_calls: false }).reading.singleCall).toBe(true);
    expect(decode({ tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }).reading.singleCall).toBe(
      true,
    );
    expect(decode({ tools }).reading.singleCall).toBe(false);
  });
});
