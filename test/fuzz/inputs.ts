/** Requests as no honest client writes them: valid shapes with hostile values, broken JSON, absurd heads. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

export interface FuzzInput {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes as latin1, so that an input can be printed and read back. */
  readonly body: string;
  /** Whose envelope an error has to have; undefined: either. */
  readonly family: 'openai' | 'anthropic' | 'gemini' | undefined;
}

const MODELS = ['gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-2.5-flash-search-nothinking'];

const oftenThen = <T>(
  weight: number,
  usual: Arbitrary<T>,
  ...others: readonly Arbitrary<unknown>[]
): Arbitrary<unknown> =>
  fc.oneof({ weight, arbitrary: usual }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));

const nasty = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '',
  ' ',
  '\0',
  '\u2028',
  '\uFEFF',
  '../../etc/passwd',
  'a'.repeat(5000),
  `${'a'.repeat(3000)}!`,
  '('.repeat(3000),
  '![]('.repeat(800),
  '\\'.repeat(2000),
  `data:image/png;base64,${'='.repeat(3000)}`,
  'data:image/png;base64,iVBORw0KGgo=',
  'data:;base64,',
  'data:,x',
  'data:',
  'https://169.254.169.254/latest',
  'http://localhost/',
  'file:///etc/passwd',
  'javascript:1',
  '```json',
  '<thinking>',
  'ya29.canary',
  'call_1__sig',
  'skip_thought_signature_validator',
  '%00%ff%',
  '\r\nx-injected: 1',
  '😀'.repeat(500),
  '\ud83d',
  '\udc00x',
  'user',
  'assistant',
  'tool',
  'system',
  'function',
  'image_url',
  'text',
  'auto',
  'none',
  'required',
);
const text = fc.oneof(nasty, fc.string(), fc.string({ unit: 'binary', maxLength: 40 }));

/** Numbers that JSON can spell and JavaScript cannot hold come from the mutations of the text. */
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, -(2 ** 53), 65_537, 999_999_999),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const key = fc.oneof(
  nasty,
  fc.constantFrom('type', 'text', 'role', 'content', 'parts', 'name', 'args'),
  fc.string({ maxLength: 8 }),
);

/** Any JSON value at all; `__proto__` becomes a member of its own. */
const anything: Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: false },
    fc.constantFrom(null, true, false, [], {}),
    text,
    number,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries) as unknown),
  ),
})).value;

const deep = fc
  .tuple(
    fc.constantFrom('a', 'items', 'properties', 'parts', 'content'),
    fc.integer({ min: 1, max: 260 }),
    fc.boolean(),
  )
  .map(([name, levels, arrays]) => {
    let value: unknown = 'bottom';
    for (let level = 0; level < levels; level += 1) value = arrays ? [value] : { [name]: value };
    return value;
  });

const wild = fc.oneof({ weight: 4, arbitrary: anything }, { weight: 1, arbitrary: deep });
const or = <T>(usual: Arbitrary<T>): Arbitrary<unknown> => oftenThen(60, usual, wild);

/** Members that are not required are seldom there (`undefined` leaves no trace in JSON), or nothing would ever pass. */
const record = (
  fields: Readonly<Record<string, Arbitrary<unknown>>>,
  required: readonly string[],
): Arbitrary<unknown> =>
  fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        required.includes(name) ? value : oftenThen(7, fc.constant(undefined), value),
      ]),
    ),
  );

const SCHEMA_TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null', 'OBJECT', 'any'];
const schema: Arbitrary<unknown> = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom({}, true, { type: 'object' }, { type: ['string', 'null'] }, { $ref: '#' }, { const: 1 }),
    record(
      {
        type: or(fc.constantFrom(...SCHEMA_TYPES)),
        properties: or(fc.dictionary(key, tie('schema'), { maxKeys: 3 })),
        items: or(tie('schema')),
        required: or(fc.array(key, { maxLength: 3 })),
        enum: or(fc.array(wild, { maxLength: 3 })),
        anyOf: or(fc.array(tie('schema'), { maxLength: 3 })),
        allOf: or(fc.array(tie('schema'), { maxLength: 2 })),
        $ref: or(fc.constantFrom('#/$defs/a', '#/properties/a', '#', 'https://elsewhere/', '#/$defs/__proto__')),
        $defs: or(fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('schema'), { maxKeys: 2 })),
        additionalProperties: or(tie('schema')),
        format: or(text),
        pattern: or(text),
        minimum: or(number),
        description: or(text),
      },
      [],
    ),
  ),
})).schema;

const openaiPart = oftenThen(
  30,
  fc.oneof(
    fc.record({ type: fc.constant('text'), text: or(text) }),
    fc.record({ type: fc.constant('image_url'), image_url: or(fc.record({ url: or(text), detail: or(text) })) }),
    fc.record({ type: fc.constant('input_audio'), input_audio: or(fc.record({ data: or(text), format: or(text) })) }),
    fc.record({ type: fc.constant('file'), file: or(fc.record({ file_data: or(text), filename: or(text) })) }),
  ),
  wild,
);
const toolCall = record(
  {
    id: or(text),
    type: or(fc.constant('function')),
    function: or(
      fc.record({
        name: or(fc.constantFrom('look', 'constructor')),
        arguments: or(fc.constantFrom('{}', '{"a":1}', '[', '')),
      }),
    ),
    extra_content: or(fc.constant({})),
  },
  ['function'],
);
const message = oftenThen(
  20,
  fc.record({ role: fc.constant('user'), content: text }),
  oftenThen(
    40,
    record(
      {
        role: or(fc.constantFrom('user', 'assistant', 'system', 'developer', 'tool', 'function')),
        content: or(fc.oneof(text, fc.array(openaiPart, { maxLength: 3 }))),
        name: or(text),
        tool_calls: or(fc.array(toolCall, { maxLength: 3 })),
        tool_call_id: or(text),
        reasoning_content: or(text),
        refusal: or(text),
      },
      ['role', 'content'],
    ),
    wild,
  ),
);
const tool = oftenThen(
  40,
  fc.record({
    type: or(fc.constantFrom('function', 'custom', 'web_search')),
    function: or(
      record(
        {
          name: or(fc.constantFrom('look', 'find', 'constructor')),
          description: or(text),
          parameters: or(schema),
          strict: or(fc.boolean()),
        },
        ['name'],
      ),
    ),
  }),
  wild,
);
const chat = record(
  {
    model: or(fc.constantFrom(...MODELS)),
    messages: or(fc.array(message, { minLength: 1, maxLength: 5 })),
    stream: or(fc.boolean()),
    stream_options: or(fc.record({ include_usage: or(fc.boolean()) })),
    tools: or(fc.array(tool, { maxLength: 3 })),
    tool_choice: or(fc.constantFrom('auto', 'none', 'required')),
    response_format: or(
      oftenThen(
        3,
        fc.record({
          type: fc.constant('json_schema'),
          json_schema: or(fc.record({ name: or(text), schema: or(schema) })),
        }),
        fc.constant({ type: 'json_object' }),
      ),
    ),
    temperature: or(fc.constantFrom(0, 0.7, 1, 2)),
    top_p: or(fc.constantFrom(0.1, 0.9, 1)),
    n: or(fc.constantFrom(1, 2)),
    max_tokens: or(fc.constantFrom(1, 20, 4096)),
    max_completion_tokens: or(fc.integer({ min: 1, max: 9000 })),
    stop: or(fc.oneof(text, fc.array(text, { maxLength: 6 }))),
    reasoning_effort: or(fc.constantFrom('low', 'medium', 'high', 'none', 'minimal')),
    logprobs: or(fc.boolean()),
    top_logprobs: or(fc.integer({ min: 0, max: 20 })),
    seed: or(number),
    modalities: or(fc.array(text, { maxLength: 2 })),
    user: or(text),
    extra_body: or(fc.constant({})),
    functions: or(fc.constant([])),
    metadata: or(fc.constant({})),
  },
  ['model', 'messages'],
);

const itemType = oftenThen(
  8,
  fc.constantFrom(
    ...['message', 'function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'reasoning'],
    ...[
      'local_shell_call',
      'item_reference',
      'compaction',
      'compaction_trigger',
      'additional_tools',
      'web_search_call',
    ],
    ...['tool_search_output', 'image_generation_call', 'input_text', 'input_image'],
  ),
  text,
);
const item = oftenThen(
  20,
  fc.record(
    {
      type: or(itemType),
      role: or(fc.constantFrom('user', 'assistant', 'developer', 'system')),
      content: or(text),
      id: or(text),
      call_id: or(fc.constantFrom('call_1', 'call_2')),
      name: or(text),
      namespace: or(text),
      arguments: or(text),
      input: or(text),
      output: or(wild),
      action: or(wild),
      encrypted_content: or(fc.constantFrom('gts1.e30', 'gtc1.e30', 'gAAAA')),
      image_url: or(text),
      result: or(text),
      tools: or(fc.array(tool, { maxLength: 2 })),
    },
    { requiredKeys: [] },
  ),
  text,
  wild,
);

const responses = record(
  {
    model: or(fc.constantFrom(...MODELS)),
    input: or(fc.oneof(text, fc.array(item, { minLength: 1, maxLength: 6 }))),
    instructions: or(text),
    stream: or(fc.boolean()),
    tools: or(
      fc.array(
        fc.oneof(
          tool,
          fc.record({ type: fc.constant('namespace'), name: or(text), tools: or(fc.array(tool, { maxLength: 2 })) }),
        ),
        { maxLength: 3 },
      ),
    ),
    tool_choice: or(fc.constantFrom('auto', 'none', 'required')),
    text: or(fc.record({ format: or(fc.constant({ type: 'json_object' })) })),
    reasoning: or(fc.record({ effort: or(fc.constantFrom('low', 'high', 'none')), summary: or(fc.constant('auto')) })),
    include: or(fc.constant(['reasoning.encrypted_content'])),
    store: or(fc.boolean()),
    previous_response_id: or(text),
    max_output_tokens: or(fc.integer({ min: 1, max: 9000 })),
    metadata: or(wild),
    parallel_tool_calls: or(fc.boolean()),
  },
  ['model', 'input'],
);

/** The same on a WebSocket. */
const responsesFrame = fc
  .record({
    body: responses,
    type: or(fc.constant('response.create')),
    generate: oftenThen(7, fc.constant(undefined), or(fc.boolean())),
  })
  .map(({ body, ...more }) => (typeof body === 'object' && body !== null ? { ...body, ...more } : body));

const source = oftenThen(
  20,
  fc.record(
    {
      type: or(fc.constantFrom('base64', 'url', 'text', 'content', 'file')),
      media_type: or(fc.constantFrom('image/png', 'application/pdf', 'text/plain')),
      data: or(fc.constantFrom('iVBORw0KGgo=', 'JVBERi0=', '')),
      url: or(text),
      content: or(text),
    },
    { requiredKeys: ['type', 'data'] },
  ),
  wild,
);
const blockType = oftenThen(
  10,
  fc.constantFrom(
    ...['text', 'text', 'image', 'document', 'search_result', 'tool_use', 'tool_result', 'thinking', 'tool_reference'],
    ...['redacted_thinking', 'server_tool_use', 'web_search_tool_result', 'container_upload'],
  ),
  text,
);
const block = oftenThen(
  20,
  fc.record(
    {
      type: or(blockType),
      text: or(text),
      source: or(source),
      id: or(fc.constantFrom('toolu_1', 'toolu_2')),
      tool_use_id: or(fc.constantFrom('toolu_1', 'toolu_2')),
      name: or(fc.constantFrom('look', 'constructor')),
      input: or(wild),
      content: or(fc.oneof(text, fc.array(fc.record({ type: blockType, text }), { maxLength: 2 }))),
      is_error: or(fc.boolean()),
      thinking: or(text),
      signature: or(fc.constantFrom('gts1.e30', 'EqQB', '')),
      title: or(text),
      cache_control: or(fc.constant({ type: 'ephemeral' })),
      citations: or(wild),
    },
    { requiredKeys: ['type', 'text'] },
  ),
  text,
  wild,
);
const messageOfBlocks = oftenThen(
  20,
  fc.record({ role: fc.constant('user'), content: text }),
  oftenThen(
    40,
    fc.record({
      role: or(fc.constantFrom('user', 'assistant', 'system')),
      content: or(fc.oneof(text, fc.array(block, { maxLength: 4 }))),
    }),
    wild,
  ),
);
const toolOfMessages = oftenThen(
  20,
  record(
    {
      type: or(fc.constantFrom('custom', 'web_search_20250305', 'bash_20250124', 'computer_20250124', 'web_fetch_1')),
      name: or(fc.constantFrom('look', 'find', 'constructor', 'DeferredToolPlaceholder')),
      description: or(text),
      input_schema: or(schema),
      strict: or(fc.boolean()),
    },
    ['name', 'input_schema'],
  ),
  wild,
);
const messages = record(
  {
    model: or(fc.constantFrom(...MODELS, 'claude-opus-5', 'claude-haiku-4-5[1m]')),
    max_tokens: or(fc.constantFrom(1, 20, 4096)),
    messages: or(fc.array(messageOfBlocks, { minLength: 1, maxLength: 5 })),
    system: or(fc.oneof(text, fc.array(block, { maxLength: 2 }))),
    stream: or(fc.boolean()),
    tools: or(fc.array(toolOfMessages, { maxLength: 3 })),
    tool_choice: or(fc.record({ type: or(fc.constantFrom('auto', 'any', 'none', 'tool')), name: or(text) })),
    thinking: or(
      fc.record({
        type: or(fc.constantFrom('enabled', 'disabled', 'adaptive')),
        budget_tokens: or(fc.constantFrom(1024, 9000)),
        display: or(fc.constantFrom('omitted', 'summarized')),
      }),
    ),
    output_config: or(
      fc.record({
        effort: or(fc.constantFrom('low', 'high', 'max')),
        format: or(fc.record({ type: fc.constant('json_schema'), schema: or(schema) })),
      }),
    ),
    stop_sequences: or(fc.array(text, { maxLength: 8 })),
    temperature: or(fc.constantFrom(0, 0.7, 1)),
    top_p: or(fc.constantFrom(0.1, 1)),
    top_k: or(number),
    metadata: or(fc.record({ user_id: or(text) })),
    context_management: or(wild),
  },
  ['model', 'messages', 'max_tokens'],
);

const geminiPart = oftenThen(
  40,
  fc.oneof(
    fc.record({ text: or(text) }),
    fc.record({
      inlineData: or(fc.record({ mimeType: or(fc.constant('image/png')), data: or(fc.constant('iVBORw0KGgo=')) })),
    }),
    fc.record({ functionCall: or(fc.record({ name: or(text), args: or(wild) })), thoughtSignature: or(text) }),
    fc.record({ functionResponse: or(fc.record({ name: or(text), response: or(wild) })) }),
    fc.record({ file_data: or(fc.record({ file_uri: or(text), mime_type: or(text) })) }),
  ),
  wild,
);
const content = oftenThen(
  4,
  fc.record({ parts: fc.tuple(fc.record({ text })) }),
  oftenThen(
    40,
    record(
      { role: or(fc.constantFrom('user', 'model', 'function')), parts: or(fc.array(geminiPart, { maxLength: 4 })) },
      ['parts'],
    ),
    wild,
  ),
);
const generate = record(
  {
    contents: or(fc.array(content, { minLength: 1, maxLength: 4 })),
    systemInstruction: or(fc.oneof(content, text)),
    system_instruction: or(content),
    tools: or(
      fc.array(
        or(
          fc.record({
            functionDeclarations: or(
              fc.array(
                or(
                  record(
                    { name: or(text), description: or(text), parameters: or(schema), parametersJsonSchema: or(schema) },
                    ['name'],
                  ),
                ),
                { maxLength: 3 },
              ),
            ),
          }),
        ),
        { maxLength: 2 },
      ),
    ),
    toolConfig: or(fc.constant({ functionCallingConfig: { mode: 'AUTO' } })),
    generationConfig: or(
      record(
        {
          temperature: or(fc.constantFrom(0, 0.7, 1, 2)),
          maxOutputTokens: or(fc.constantFrom(1, 20, 4096)),
          candidateCount: or(fc.constantFrom(1, 2)),
          stopSequences: or(fc.array(text, { maxLength: 3 })),
          responseMimeType: or(fc.constant('application/json')),
          responseSchema: or(schema),
          thinkingConfig: or(
            fc.record({ thinkingBudget: or(fc.constantFrom(-1, 0, 512, 1024)), includeThoughts: or(fc.boolean()) }),
          ),
        },
        [],
      ),
    ),
    safetySettings: or(fc.constant([])),
    cachedContent: or(fc.constant('')),
    labels: or(fc.constant({})),
  },
  ['contents'],
);

/** What happens to the text of a body on its way. */
type Mutation = (json: string) => Buffer;
const HUGE_NUMBERS = [
  '1e400',
  '-1e400',
  '9007199254740993',
  '0.1000',
  '1E5',
  '123456789012345678901234567890',
  '-0',
  '1e-400',
];
const mutation: Arbitrary<Mutation> = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Mutation>((json) => Buffer.from(json)) },
  fc.nat().map(
    (at): Mutation =>
      (json) =>
        Buffer.from(json.slice(0, at % (json.length + 1))),
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, byte]): Mutation => (json) => {
    const bytes = Buffer.from(json);
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  }),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 4 })).map(([at, extra]): Mutation => (json) => {
    const bytes = Buffer.from(json);
    const cut = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, cut), extra, bytes.subarray(cut)]);
  }),
  fc.constantFrom(...HUGE_NUMBERS).map(
    (huge): Mutation =>
      (json) =>
        Buffer.from(json.replace(/(?<=[:[,])-?\d[\d.e+-]*/, huge)),
  ),
  fc.constant<Mutation>((json) => Buffer.from(json.replace(/^\{"(\w+)":/, '{"$1":null,"__proto__":{"x":1},"$1":'))),
  fc.constant<Mutation>((json) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(json)])),
  fc.constant<Mutation>((json) => Buffer.from(json, 'utf16le')),
  fc.constantFrom<Mutation>(
    ...['', '{}', '[]', 'null', '0', '"x"', '[[[[', '{"a":', '\u0000', '{"messages":[]}'].map(
      (fixed) => () => Buffer.from(fixed),
    ),
  ),
);

const toBody = (value: Arbitrary<unknown>): Arbitrary<string> =>
  fc.tuple(value, mutation).map(([shape, mutate]) => mutate(JSON.stringify(shape)).toString('latin1'));

const headerName = fc.constantFrom(
  'x-request-id',
  'x-goog-api-client',
  'content-type',
  'accept',
  'origin',
  'user-agent',
  'content-encoding',
  'x-stainless-lang',
  'referer',
  'cookie',
  'range',
  'if-none-match',
  'accept-encoding',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-http-method-override',
  'idempotency-key',
  'authorization',
);
const headerValue = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '*',
      'application/json',
      'text/event-stream',
      'gzip',
      'multipart/form-data',
      'Basic Og==',
      'Bearer',
      'bytes=0-',
      '..',
      'null',
    ),
  },
  fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 60,
  }),
  fc.constant('a'.repeat(6000)),
);
const headers = oftenThen(30, fc.constant({}), fc.dictionary(headerName, headerValue, { maxKeys: 4 })) as Arbitrary<
  Record<string, string>
>;

const modelName = oftenThen(40, fc.constantFrom(...MODELS), text) as Arbitrary<string>;
const geminiPath = fc
  .tuple(
    modelName,
    fc.constantFrom(
      'generateContent',
      'streamGenerateContent',
      'streamGenerateContent?alt=sse',
      'countTokens',
      'generateContent?alt=sse',
      'embedContent',
      'nonsense',
    ),
  )
  .map(([model, method]) => `/v1beta/models/${encodeURIComponent(model.toWellFormed())}:${method}`);

const absurdPath = fc
  .tuple(
    fc.constantFrom(
      '/',
      '/v1',
      '/v1/',
      '/v1beta/',
      '/v1/models/',
      '/v1beta/models/',
      '/health',
      '/%2e%2e/',
      '/v1/v1/',
      '//',
      '/v1beta/openai/',
    ),
    fc.oneof(
      fc.webPath(),
      text.map((each) => encodeURIComponent(each.toWellFormed())),
      fc.constantFrom('%', '%zz', '%ff', '?', '?key=', '?key=a&key=b', ';a=b', '%00', '%2f..%2f', 'x'.repeat(7000)),
    ),
  )
  .map(([start, rest]) => `${start}${rest}`.replaceAll(/[^\x21-\x7e]/g, ''));

/** Bytes of one message, as latin1. */
export const frameBody: Arbitrary<string> = toBody(responsesFrame);

export const fuzzInput: Arbitrary<FuzzInput> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      method: fc.constant('POST'),
      path: fc.constant('/v1/chat/completions'),
      headers,
      body: toBody(chat),
      family: fc.constant<FuzzInput['family']>('openai'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      method: fc.constant('POST'),
      path: fc.constantFrom('/v1/responses', '/v1/responses', '/v1/responses/input_tokens', '/v1/chat/completions'),
      headers,
      body: toBody(responses),
      family: fc.constant<FuzzInput['family']>('openai'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      method: fc.constant('POST'),
      path: fc.constantFrom('/v1/messages', '/v1/messages', '/v1/messages/count_tokens', '/anthropic/v1/messages'),
      headers,
      body: toBody(messages),
      family: fc.constant<FuzzInput['family']>('anthropic'),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      method: fc.constant('POST'),
      path: geminiPath,
      headers,
      body: toBody(generate),
      family: fc.constant<FuzzInput['family']>('gemini'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      method: fc.constant('POST'),
      path: fc.constantFrom('/v1/completions', '/v1/embeddings', '/v1/images/generations', '/v1/responses'),
      headers,
      body: toBody(
        oftenThen(
          3,
          record(
            {
              model: or(fc.constantFrom(...MODELS)),
              prompt: or(text),
              input: or(fc.oneof(text, fc.array(text, { maxLength: 3 }))),
              stream: or(fc.boolean()),
              suffix: or(text),
              n: or(number),
            },
            ['model'],
          ),
          wild,
        ),
      ),
      family: fc.constant<FuzzInput['family']>('openai'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
      path: absurdPath,
      headers,
      body: toBody(wild),
      family: fc.constant<FuzzInput['family']>(undefined),
    }),
  },
);
