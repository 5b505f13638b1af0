import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask, call, code, DOORS, errorOf, model, response, tool, user } from './asking.ts';

const ANY_SIGNATURE = 'skip_thought_signature_validator';
const FLASH_3 = 'gemini-3-flash-preview';
/** Code Assist has none. */
const PAINTER = 'gemini-3-pro-image-preview';
const PRO_25 = 'gemini-2.5-pro';

const wx = { name: 'wx' };
const twoCalls = model(call('a'), call('b'));
const config = (generationConfig: object) => ({ generationConfig });
const thinking = (thinkingConfig: object) => config({ thinkingConfig });
const deepSchema = (levels: number): object =>
  levels === 0 ? { type: 'STRING' } : { type: 'OBJECT', properties: { deeper: deepSchema(levels - 1) } };
const loop = {
  type: 'object',
  properties: { next: { $ref: '#/$defs/node' } },
  required: ['next'],
  $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] } },
};

/** What is wrong, the request that is, the words of the refusal, and the model where it matters. */
const REFUSED: readonly (readonly [string, object, RegExp | string, string?])[] = [
  // Fields and types
  ['an unknown field', { serviceTierr: 1 }, /Unknown name "serviceTierr".*: Cannot find field\./],
  [
    'an unknown field of the configuration',
    config({ topX: 1 }),
    /Unknown name "topX" at '.*generation_config': Cannot/,
  ],
  ['a field in neither spelling', config({ top_P: 1 }), /Unknown name "top_P"/],
  [
    'an unknown field of a part',
    { contents: [user({ txt: 'a' })] },
    /'.*contents\[0\]\.parts\[0\]': Cannot find field/,
  ],
  ['a text that is a number', { contents: [user({ text: 5 })] }, /contents\[0\]\.parts\[0\]\.text' \(TYPE_STRING\), 5/],
  [
    'a temperature that is a word',
    config({ temperature: 'hot' }),
    /generation_config\.temperature' \(TYPE_FLOAT\), "hot"/,
  ],
  ['a broken whole number', config({ topK: 3, seed: 1.5 }), /seed' \(TYPE_INT32\), 1\.5/],
  [
    'a system instruction that is a string',
    { systemInstruction: 'Be brief' },
    /system_instruction' \(type\.googleapis/,
  ],
  ['a list for a single field', config({ temperature: [1] }), /Proto field is not repeating, cannot start list/],
  ['a level that does not exist', thinking({ thinkingLevel: 'ULTRA' }), /thinking_level' \(type\.googleapis/, FLASH_3],
  [
    'a data address',
    { contents: [user({ inlineData: { mimeType: 'image/png', data: 'data:image/png;base64,AA==' } })] },
    /Base64/,
  ],
  [
    'arguments that are no object',
    { contents: [user('a'), model({ functionCall: { name: 'a', args: [1] } })] },
    /cannot|Struct/,
  ],
  ['a result that is no object', { contents: [user({ functionResponse: { name: 'a', response: 'x' } })] }, /Struct/],
  // Contents
  ['no contents', { contents: [] }, /contents/],
  ['no parts', { contents: [{ role: 'user', parts: [] }] }, /parts/],
  ['an empty part', { contents: [user({})] }, /data|text parameter/],
  ['nothing but empty text', { contents: [user('', '')] }, /empty/],
  [
    'two kinds of data in a part',
    { contents: [user({ text: 'a', functionCall: wx })] },
    /oneof field 'data' is already set/,
  ],
  ['inline data without a type', { contents: [user({ inlineData: { data: 'AA==' } })] }, /mime/i],
  [
    'the role system',
    { contents: [{ role: 'system', parts: [{ text: 'a' }] }] },
    'Please use a valid role: user, model.',
  ],
  ['the role function', { contents: [user('a'), { role: 'function', parts: [{ text: 'a' }] }] }, /valid role/],
  ['the model first', { contents: [model('a'), user('b')] }, /begin with a user turn/],
  // Calls and their answers
  [
    'a call without an answer',
    { contents: [user('a'), model(call('a')), user('b')] },
    /number of function response parts/,
  ],
  ['a call at the end', { contents: [user('a'), model(call('a'))] }, /number of function response parts/],
  [
    'one answer for two calls',
    { contents: [user('a'), twoCalls, user(response('a'))] },
    /number of function response parts/,
  ],
  [
    'answers in two contents',
    { contents: [user('a'), twoCalls, user(response('a')), user(response('b'))] },
    /number of/,
  ],
  ['answers in another order', { contents: [user('a'), twoCalls, user(response('b'), response('a'))] }, /name of each/],
  ['an answer of another name', { contents: [user('a'), model(call('a')), user(response('call_1'))] }, /name of each/],
  [
    'an answer without a call',
    { contents: [user('a'), model('b'), user(response('a'))] },
    /immediately after a function call/,
  ],
  [
    'a picture beside an answer',
    {
      contents: [
        user('a'),
        model(call('a')),
        user(response('a'), { inlineData: { mimeType: 'image/png', data: 'AA==' } }),
      ],
    },
    /number of/,
  ],
  ['text before an answer', { contents: [user('a'), model(call('a')), user('b', response('a'))] }, /number of/],
  [
    'a call right after the model',
    { contents: [user('a'), model('b'), model(call('a')), user(response('a'))] },
    /immediately after a user/,
  ],
  // Signatures
  [
    'a call without a signature',
    { contents: [user('a'), model(call('a')), user(response('a'))] },
    /missing a `?thought_signature/,
    FLASH_3,
  ],
  [
    'the second step without one',
    {
      contents: [
        user('a'),
        model(call('a', { thoughtSignature: ANY_SIGNATURE })),
        user(response('a')),
        model(call('b')),
        user(response('b')),
      ],
    },
    /`b`.* 4/,
    FLASH_3,
  ],
  [
    'a foreign signature',
    { contents: [user('a'), model({ text: 'b', thoughtSignature: 'Zm9yZWlnbg==' }), user('c')] },
    'Corrupted thought signature.',
    FLASH_3,
  ],
  [
    'a foreign signature on 2.5',
    { contents: [user('a'), model(call('a', { thoughtSignature: 'AAAA' })), user(response('a'))] },
    'Corrupted thought signature.',
  ],
  [
    'a picture without one',
    {
      contents: [
        user('a'),
        model({ text: 'b', thoughtSignature: ANY_SIGNATURE }, { inlineData: { mimeType: 'image/png', data: 'AA==' } }),
        user('c'),
      ],
    },
    /Image part is missing a thought_signature in content position 2, part position 2/,
    PAINTER,
  ],
  [
    'the first text without one, from a model that paints',
    { contents: [user('a'), model('b'), user('c')] },
    /Text part is missing a thought_signature in content position 2, part position 1/,
    PAINTER,
  ],
  // Thinking
  [
    'a budget and a level',
    thinking({ thinkingBudget: 512, thinkingLevel: 'LOW' }),
    /only set only one of thinking budget and thinking level/,
    FLASH_3,
  ],
  ['a level for 2.5', thinking({ thinkingLevel: 'LOW' }), 'Thinking level is not supported for this model.'],
  [
    'MEDIUM for 3 pro',
    thinking({ thinkingLevel: 'MEDIUM' }),
    /Thinking level MEDIUM is not supported/,
    'gemini-3-pro-preview',
  ],
  ['MINIMAL for 3.1 pro', thinking({ thinkingLevel: 'MINIMAL' }), /MINIMAL is not supported/, 'gemini-3.1-pro-preview'],
  ['MINIMAL for 3.8 flash', thinking({ thinkingLevel: 'MINIMAL' }), /MINIMAL is not supported/, 'gemini-3.8-flash'],
  ['MINIMAL for 3.7 flash', thinking({ thinkingLevel: 'MINIMAL' }), /MINIMAL is not supported/, 'gemini-3.7-flash'],
  ['XHIGH for 3.8 flash', thinking({ thinkingLevel: 'XHIGH' }), /XHIGH is not supported/, 'gemini-3.8-flash'],
  ['no thinking for 3.5 flash-lite', thinking({ thinkingBudget: 0 }), /can't be disabled/, 'gemini-3.5-flash-lite'],
  [
    'two candidates of 3.6 flash',
    { generationConfig: { candidateCount: 2 } },
    /Multiple candidates is not enabled/,
    'gemini-3.6-flash',
  ],
  ['no thinking for 2.5 pro', thinking({ thinkingBudget: 0 }), /can't be disabled/, PRO_25],
  ['too small a budget for 2.5 pro', thinking({ thinkingBudget: 127 }), 'The thinking budget (127) is invalid', PRO_25],
  ['too large a budget for 2.5 pro', thinking({ thinkingBudget: 32_769 }), /\(32769\) is invalid/, PRO_25],
  ['too large a budget for 2.5 flash', thinking({ thinkingBudget: 24_577 }), /\(24577\) is invalid/],
  [
    'too small a budget for flash-lite',
    thinking({ thinkingBudget: 511 }),
    /\(511\) is invalid/,
    'gemini-2.5-flash-lite',
  ],
  [
    'thoughts shown with thinking off',
    thinking({ thinkingBudget: 0, includeThoughts: true }),
    /only enabled when thinking is enabled/,
  ],
  // Tools
  [
    '$schema in parameters',
    tool({ name: 'a', parameters: { type: 'OBJECT', $schema: 'x' } }),
    /Unknown name "\$schema" at '.*tools\[0\]\.function_declarations\[0\]\.parameters': Cannot find field/,
  ],
  [
    'additionalProperties deep in parameters',
    tool({
      name: 'a',
      parameters: { type: 'OBJECT', properties: { b: { type: 'OBJECT', additionalProperties: false } } },
    }),
    /Unknown name "additionalProperties" at '.*parameters\.properties\[0\]\.value'/,
  ],
  ['a list of types in parameters', tool({ name: 'a', parameters: { type: ['OBJECT'] } }), /cannot start list/],
  [
    'a number in an enumeration',
    tool({ name: 'a', parameters: { type: 'OBJECT', properties: { b: { type: 'INTEGER', enum: [1] } } } }),
    /enum\[0\]' \(TYPE_STRING\), 1/,
  ],
  [
    'an array without items',
    tool({ name: 'a', parameters: { type: 'object', properties: { b: { type: 'array' } } } }),
    /properties\[b\]\.items: missing field/,
  ],
  [
    'a required property that is none',
    tool({ name: 'a', parameters: { type: 'OBJECT', properties: {}, required: ['b'] } }),
    /required\[0\]: property is not defined/,
  ],
  [
    'a format of strings',
    tool({ name: 'a', parameters: { type: 'OBJECT', properties: { b: { type: 'STRING', format: 'uri' } } } }),
    /only 'enum' and 'date-time'/,
  ],
  [
    'both kinds of parameters',
    tool({ name: 'a', parameters: { type: 'OBJECT' }, parametersJsonSchema: { type: 'object' } }),
    /mutually exclusive/,
  ],
  ['too deep a schema', tool({ name: 'a', parameters: deepSchema(40) }), 'maximum schema depth exceeded'],
  ['a schema without end', tool({ name: 'a', parametersJsonSchema: loop }), 'maximum schema depth exceeded'],
  [
    'a reference to nothing',
    tool({ name: 'a', parametersJsonSchema: { type: 'object', properties: { b: { $ref: '#/$defs/c' } } } }),
    /undefined schema/,
  ],
  [
    'words beside a reference',
    tool({
      name: 'a',
      parametersJsonSchema: {
        type: 'object',
        properties: { b: { $ref: '#/$defs/c', description: 'd' } },
        $defs: { c: { type: 'string' } },
      },
    }),
    /\$ref may not be set together with description/,
  ],
  [
    'an empty text in an enumeration',
    tool({ name: 'a', parametersJsonSchema: { type: 'object', properties: { b: { enum: ['a', ''] } } } }),
    /enum\[1\]: cannot be empty/,
  ],
  ['a name that begins with a digit', tool({ name: '2fa' }), /Invalid function name/],
  ['a name with a slash', tool({ name: 'my/tool' }), /Invalid function name/],
  ['a name of 65 letters', tool({ name: 'a'.repeat(65) }), /maximum length of 64/],
  ['a function twice', tool(wx, wx), 'Duplicate function declaration found: wx'],
  [
    'ANY without functions',
    { toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
    /set without function_declarations/,
  ],
  [
    'allowed names with AUTO',
    { ...tool(wx), toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['wx'] } } },
    /only when function calling mode is ANY/,
  ],
  [
    'an allowed name that is not declared',
    { ...tool(wx), toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['wy'] } } },
    /`wy`/,
  ],
  [
    'search beside functions on 2.5',
    { tools: [{ functionDeclarations: [wx] }, { googleSearch: {} }] },
    'Tool use with function calling is unsupported',
  ],
  // Configuration
  [
    'JSON with functions on 2.5',
    { ...tool(wx), ...config({ responseMimeType: 'application/json' }) },
    "Function calling with a response mime type: 'application/json' is unsupported",
  ],
  ['six stop sequences', config({ stopSequences: ['1', '2', '3', '4', '5', '6'] }), /stop_?sequences/i],
  ['an empty stop sequence', config({ stopSequences: [''] }), /stop.?sequence/i],
  ['topK 0', config({ topK: 0 }), /topK.*from 1 \(inclusive\) to 65 \(exclusive\)/],
  ['topK 65', config({ topK: 65 }), /65/],
  ['temperature 2.1', config({ temperature: 2.1 }), /temperature.*2\.1/],
  ['topP 1.5', config({ topP: 1.5 }), /topP/],
  ['candidateCount 9', config({ candidateCount: 9 }), /candidateCount/],
  ['maxOutputTokens 0', config({ maxOutputTokens: 0 }), /maxOutputTokens/],
  ['maxOutputTokens 65537', config({ maxOutputTokens: 65_537 }), /65537/],
  ['logprobs without responseLogprobs', config({ logprobs: 3 }), /response_logprobs/],
  ['a penalty on 3 flash', config({ frequencyPenalty: 0.5 }), 'Penalty is not enabled for this model', FLASH_3],
  ['a penalty of 2', config({ presencePenalty: 2 }), /presencePenalty/],
  [
    'a model turn at the end on 3.5 flash',
    { contents: [user('a'), model('b')] },
    'Requests ending with a model turn are not supported.',
    'gemini-3.5-flash',
  ],
  [
    'both response schemas',
    config({ responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' }, responseJsonSchema: {} }),
    /only one of/,
  ],
  ['a schema for plain text', config({ responseJsonSchema: { type: 'object' } }), /only allowed when/],
  ['an unknown response type', config({ responseMimeType: 'text/html' }), /allowed mimetypes/],
  ['pictures from a text model', config({ responseModalities: ['IMAGE'] }), /response modalities/],
];

const ACCEPTED: readonly (readonly [string, object, string?])[] = [
  [
    'snake_case throughout',
    {
      system_instruction: { parts: [{ text: 'a' }] },
      generation_config: { max_output_tokens: 90, thinking_config: { include_thoughts: true } },
      safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    },
  ],
  ['null for absent', { systemInstruction: null, tools: null, generationConfig: { temperature: null } }],
  [
    'enumerations as numbers, and in lower case',
    { ...tool({ name: 'a', parameters: { type: 6, properties: { b: { type: 'string' } } } }) },
  ],
  ['safety settings as numbers', { safetySettings: [{ category: 7, threshold: 4 }] }],
  ['numbers as strings', config({ maxOutputTokens: '90', temperature: '0.5' })],
  ['a single part without its list', { contents: [{ role: 'user', parts: { text: 'a' } }] }],
  ['text after the answers', { contents: [user('a'), model(call('a')), user(response('a'), 'and now?')] }],
  [
    'a content of the user after the answers',
    { contents: [user('a'), model(call('a')), user(response('a')), user('b')] },
  ],
  [
    'a property called like a keyword',
    tool({
      name: 'a',
      parameters: { type: 'OBJECT', properties: { $schema: { type: 'STRING' }, const: { type: 'STRING' } } },
    }),
  ],
  [
    'any keyword in parametersJsonSchema',
    tool({
      name: 'a',
      parametersJsonSchema: { $schema: 'x', type: ['object', 'null'], additionalProperties: false, 'x-y': 1 },
    }),
  ],
  ['recursion that may end', tool({ name: 'a', parametersJsonSchema: { ...loop, required: [] } })],
  ['the model last on 2.5', { contents: [user('a'), model('b')] }],
  [
    'a sentinel for the first call only',
    {
      contents: [
        user('a'),
        model(call('a', { thoughtSignature: ANY_SIGNATURE }), call('b')),
        user(response('a'), response('b')),
      ],
    },
    FLASH_3,
  ],
  [
    'the other sentinel',
    {
      contents: [
        user('a'),
        model(call('a', { thoughtSignature: 'context_engineering_is_the_way_to_go' })),
        user(response('a')),
      ],
    },
    FLASH_3,
  ],
  [
    'an unsigned call of an earlier turn',
    { contents: [user('a'), model(call('a')), user(response('a')), model('b'), user('c')] },
    FLASH_3,
  ],
  [
    'an empty text with a signature',
    { contents: [user('a'), model({ text: '', thoughtSignature: ANY_SIGNATURE }), user('c')] },
    FLASH_3,
  ],
  ['JSON with functions on 3', { ...tool(wx), ...config({ responseMimeType: 'application/json' }) }, FLASH_3],
  ['a budget on 3', thinking({ thinkingBudget: 512 }), FLASH_3],
  ['a budget of -1', thinking({ thinkingBudget: -1 }), PRO_25],
  ['thinking off on 2.5 flash', thinking({ thinkingBudget: 0 })],
  ['a penalty of zero on 3 flash', config({ presencePenalty: 0 }), FLASH_3],
  ['a level in lower case', thinking({ thinkingLevel: 'low' }), FLASH_3],
];

describe.each(Object.entries(DOORS))('%s', (door, asking) => {
  let google: Simulator;
  beforeAll(async () => {
    google = await startSimulator();
  });
  afterAll(() => google.close());

  const refused = REFUSED.filter(([, , , id]) => id !== PAINTER || door !== 'code-assist');
  it.each(refused.map(([what, request, words, id]) => ({ what, request, words, id })))(
    'refuses $what',
    async ({ request, words, id }) => {
      const answer = await ask(google, asking('hello', { request, ...(id !== undefined && { model: id }) }));
      expect(answer.status).toBe(400);
      const error = await errorOf(answer);
      expect(error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
      expect(error.message).toMatch(words);
    },
  );

  it.each(ACCEPTED.map(([what, request, id]) => ({ what, request, id })))('accepts $what', async ({ request, id }) => {
    const answer = await ask(google, asking('hello', { request, ...(id !== undefined && { model: id }) }));
    expect(answer.status, await answer.text()).toBe(200);
  });

  it('names every wrong field, where it is', async () => {
    const request = { extra: 1, generationConfig: { topX: 1 } };
    const { details, message } = await errorOf(await ask(google, asking('hello', { request })));
    const inner = door === 'code-assist' ? 'request.' : '';
    expect(message.split('\n')).toHaveLength(2);
    expect(details?.[0]).toMatchObject({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [
        { description: expect.stringContaining('Unknown name "extra"') as string },
        { field: `${inner}generation_config` },
      ],
    });
  });

  it('wraps the refusals of a stream in an array', async () => {
    const answer = await ask(google, asking('hello', { stream: true, request: { contents: [] } }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject([{ error: { code: 400, status: 'INVALID_ARGUMENT' } }]);
  });

  it.each(['nonsense', 'gemini-2.5-flash-search', 'gemini-2.5-flash-nothinking'])('does not know %s', async (id) => {
    const answer = await ask(google, asking('hello', { model: id }));
    expect(answer.status).toBe(404);
    const error = await errorOf(answer);
    expect(error.status).toBe('NOT_FOUND');
    expect(error.message).toMatch(
      {
        'code-assist': /^Requested entity was not found\.$/,
        'gemini-api': /is not found for API version v1beta, or is not supported for generateContent/,
        vertex: /^Publisher Model `projects\/own-project\/.*` was not found or your project does not have access/,
      }[door] ?? /never/,
    );
  });

  it('refuses a body that is no JSON', async () => {
    const { path } = asking('hello');
    const headers = { authorization: `Bearer ${google.credentials.access_token}`, 'x-goog-api-key': google.apiKey };
    const answer = await fetch(google.url + path, { method: 'POST', headers, body: '{"contents": [' });
    expect(answer.status).toBe(400);
    expect((await errorOf(answer)).message).toMatch('Invalid JSON payload received.');
  });
});

describe('a signature', () => {
  it('is good for its own generation and door alone', async () => {
    const google = await startSimulator();
    const request = tool({ name: 'wx', parametersJsonSchema: { type: 'object' } });
    const first = await ask(google, code('go', { model: FLASH_3, request }));
    const { response: inner } = (await first.json()) as {
      response: { candidates: [{ content: { parts: [{ thoughtSignature: string }] } }] };
    };
    const [part] = inner.candidates[0].content.parts;
    const contents = [user('go'), model(part), user(response('wx'))];
    const statuses = await Promise.all(
      [
        code('', { model: FLASH_3, request: { contents } }),
        code('', { model: 'gemini-3.1-pro-preview', request: { contents } }),
        code('', { model: 'gemini-2.5-flash', request: { contents } }),
        DOORS.vertex('', { model: FLASH_3, request: { contents } }),
      ].map(async (asking) => (await ask(google, asking)).status),
    );
    expect(statuses).toEqual([200, 200, 400, 400]);
    await google.close();
  });
});
