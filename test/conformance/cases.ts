/** What every door must do alike, for clients of every family. */
import * as broken from '../../src/simulator/faults.ts';
import type { Target } from '../../src/simulator/fault-queue.ts';
import { errorInfo } from '../../src/simulator/google-error.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { inAll, chat, differs, generate, responses } from './case.ts';
import type { Body, Case } from './case.ts';
import { inBlocks } from './messages.ts';
import { beginnings, instructions, paintings, results, schemas } from './histories.ts';

const SCHEMA = {
  type: 'object',
  properties: { zone: { type: 'string' } },
  required: ['zone'],
  additionalProperties: false,
};
const TOOL = { type: 'function', function: { name: 'get_time', parameters: SCHEMA } };
const DECLARED = { functionDeclarations: [{ name: 'get_time', parametersJsonSchema: SCHEMA }] };
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Well-formed, and of another backend. */
const FOREIGN = Buffer.from('signed by somebody else entirely').toString('base64');

const history = (signature: string) => ({
  openai: chat('', {
    model: 'gemini-3-pro-preview',
    tools: [TOOL],
    messages: [
      { role: 'user', content: 'What time is it?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'get_time', arguments: '{"zone":"Oslo"}' },
            extra_content: { google: { thought_signature: signature } },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '12:00' },
    ],
  }),
  gemini: generate(
    '',
    {
      tools: [DECLARED],
      contents: [
        { role: 'user', parts: [{ text: 'What time is it?' }] },
        {
          role: 'model',
          parts: [
            {
              functionCall: { name: 'get_time', args: { zone: 'Oslo' } },
              ...(signature && { thoughtSignature: signature }),
            },
          ],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'get_time', response: { output: '12:00' } } }] },
      ],
    },
    'gemini-3-pro-preview',
  ),
});

const SENTINEL_SENT: Body = {
  contents: [
    {},
    { parts: [{ functionCall: { name: 'get_time' }, thoughtSignature: 'skip_thought_signature_validator' }] },
    { parts: [{ functionResponse: { name: 'get_time' } }] },
  ],
};

const NO_SUCH_DOOR = 'Code Assist serves neither pictures nor embeddings';

const answers: readonly Case[] = [
  {
    name: 'a question',
    ...inAll('say exactly: as ever'),
    says: 'as ever',
    model: 'gemini-2.5-flash',
    sent: { contents: [{ role: 'user', parts: [{ text: 'say exactly: as ever' }] }] },
  },
  {
    name: 'an instruction, sampling, a cap and a stop',
    openai: chat('say exactly: one two', {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'say exactly: one two' },
      ],
      temperature: 0.2,
      top_p: 0.9,
      max_tokens: 3000,
      stop: 'two',
    }),
    gemini: generate('say exactly: one two', {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: { temperature: 0.2, topP: 0.9, maxOutputTokens: 3000, stopSequences: ['two'] },
    }),
    says: 'one',
    sent: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: { temperature: 0.2, topP: 0.9, maxOutputTokens: 3000, stopSequences: ['two'] },
    },
  },
  {
    name: 'a picture to look at',
    openai: chat('', {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'say exactly: seen' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
          ],
        },
      ],
    }),
    gemini: generate('', {
      contents: [
        {
          role: 'user',
          parts: [{ text: 'say exactly: seen' }, { inlineData: { mimeType: 'image/png', data: PIXEL } }],
        },
      ],
    }),
    says: 'seen',
    sent: {
      contents: [{ parts: [{ text: 'say exactly: seen' }, { inlineData: { mimeType: 'image/png', data: PIXEL } }] }],
    },
  },
  {
    name: 'a picture to make',
    openai: chat('A bicycle', { model: 'gemini-2.5-flash-image', modalities: ['text', 'image'] }),
    gemini: generate(
      'A bicycle',
      { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } },
      'gemini-2.5-flash-image',
    ),
    status: differs(NO_SUCH_DOOR, 200, { 'code-assist': 404 }),
    says: differs<string | RegExp>(NO_SUCH_DOOR, 'image/png', { 'code-assist': /not found/i }),
  },
  ...(
    [
      ['gemini-2.5-flash-nothinking', { thinkingBudget: 0 }],
      ['gemini-2.5-pro-nothinking', { thinkingBudget: 128 }],
      ['gemini-2.5-pro-maxthinking', { thinkingBudget: 32_768 }],
      ['gemini-3-pro-preview-nothinking', { thinkingLevel: 'LOW' }],
      ['gemini-3.5-flash-maxthinking', { thinkingLevel: 'HIGH' }],
    ] as const
  ).map(([model, thinkingConfig]): Case => ({
    name: `the variant ${model}`,
    ...inAll('say exactly: variants', model),
    says: 'variants',
    model: differs('Code Assist has a name of its own for it', model.replace(/-\w+thinking$/, ''), {
      ...(model.startsWith('gemini-3.5-flash') && { 'code-assist': 'gemini-3-flash' }),
    }),
    sent: { generationConfig: { thinkingConfig } },
  })),
  {
    name: 'thinking as asked for, before 3',
    openai: chat('say exactly: thought', { reasoning_effort: 'low' }),
    gemini: generate('say exactly: thought', { generationConfig: { thinkingConfig: { thinkingBudget: 1024 } } }),
    says: 'thought',
    sent: { generationConfig: { thinkingConfig: { thinkingBudget: 1024 } } },
  },
  {
    name: 'thinking as asked for, from 3 on',
    openai: chat('say exactly: thought', { model: 'gemini-3-pro-preview', reasoning_effort: 'low' }),
    gemini: generate(
      'say exactly: thought',
      { generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } },
      'gemini-3-pro-preview',
    ),
    says: 'thought',
    sent: { generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } },
  },
  {
    name: 'search',
    ...inAll('What is new?', 'gemini-2.5-flash-search'),
    says: 'According to the web',
    model: 'gemini-2.5-flash',
    sent: { tools: [{ googleSearch: {} }] },
  },
  {
    name: 'a function to call',
    openai: chat('What time is it in Oslo?', { tools: [TOOL] }),
    gemini: generate('What time is it in Oslo?', { tools: [DECLARED] }),
    says: 'get_time',
    sent: { tools: [{ functionDeclarations: [{ name: 'get_time', parametersJsonSchema: SCHEMA }] }] },
    unsent: ['toolConfig'],
  },
  {
    name: "a function beside Google's own search, from 3 on",
    openai: chat('What time is it in Oslo?', { model: 'gemini-3-pro-preview-search', tools: [TOOL] }),
    gemini: generate('What time is it in Oslo?', { tools: [DECLARED] }, 'gemini-3-pro-preview-search'),
    says: 'get_time',
    sent: differs<Body>(
      'only the Gemini API wants to be told, the others refuse the word',
      {
        tools: [DECLARED, { googleSearch: {} }],
        toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } },
      },
      {
        'gemini-api': {
          toolConfig: { functionCallingConfig: { mode: 'VALIDATED' }, includeServerSideToolInvocations: true },
        },
      },
    ),
    unsent: differs<readonly string[]>('as above', ['toolConfig.includeServerSideToolInvocations'], {
      'gemini-api': [],
    }),
  },
  {
    name: "a function beside Google's own search, before 3: the function wins",
    openai: chat('What time is it in Oslo?', { model: 'gemini-2.5-flash-search', tools: [TOOL] }),
    gemini: generate('What time is it in Oslo?', { tools: [DECLARED] }, 'gemini-2.5-flash-search'),
    says: 'get_time',
    unsent: ['tools.1'],
  },
  { name: 'a lost signature', ...history(''), says: 'The functions answered', sent: SENTINEL_SENT },
  {
    name: 'a signature of another backend: asked once more, with the sentinel',
    ...history(FOREIGN),
    says: 'The functions answered',
    calls: 2,
    sent: SENTINEL_SENT,
  },
  {
    name: 'JSON of a given form',
    openai: chat('Oslo', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA } } }),
    gemini: generate('Oslo', {
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA },
    }),
    says: 'zone',
    sent: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA } },
  },
  {
    name: 'fields that belong to the other service',
    gemini: generate('say exactly: trimmed', {
      labels: { team: 'x' },
      serviceTier: 'flex',
      generationConfig: { temperature: 0, audioTimestamp: true, enableEnhancedCivicAnswers: true },
    }),
    says: 'trimmed',
    sent: { generationConfig: { temperature: 0 } },
    unsent: differs<readonly string[]>(
      'each knows words that the other refuses',
      ['serviceTier', 'generationConfig.enableEnhancedCivicAnswers'],
      { 'gemini-api': ['labels', 'generationConfig.audioTimestamp'] },
    ),
  },
  {
    name: 'an answer cut short by its cap',
    openai: chat('stream 500 words', { max_tokens: 100, reasoning_effort: 'none' }),
    gemini: generate('stream 500 words', {
      generationConfig: { maxOutputTokens: 100, thinkingConfig: { thinkingBudget: 0 } },
    }),
    says: /"finish_reason":"length"|"finishReason":\s*"MAX_TOKENS"/,
  },
  {
    name: 'characters of several bytes, torn apart on the way',
    ...inAll('use café and 😀'),
    faults: [broken.splitInsideCharacters()],
    says: '日本語',
  },
];

const retried: readonly Case[] = [
  ...([500, 502, 503, 504] as const).map((code): Case => ({
    name: `a passing ${code}`,
    ...inAll('say exactly: at last'),
    faults: [google.serverError(code), google.serverError(code)],
    says: 'at last',
    calls: 3,
  })),
  {
    name: 'a limit of the minute that is over soon',
    ...inAll('say exactly: at last'),
    faults: [google.perMinuteQuota({ retryDelay: '0.02s' })],
    says: 'at last',
    calls: 2,
  },
  {
    name: 'a connection that breaks before the answer',
    ...inAll('say exactly: at last'),
    faults: [broken.resetBeforeHeaders()],
    says: 'at last',
    calls: 2,
  },
  {
    name: 'an empty answer',
    ...inAll('say exactly: at last'),
    faults: [broken.empty()],
    says: 'at last',
    calls: 2,
  },
];

const QUOTA: readonly [string, string] = ['insufficient_quota', 'RESOURCE_EXHAUSTED'];
const OWN: readonly [string, string] = ['config_error', 'UNAVAILABLE'];

const failures: readonly Case[] = [
  {
    name: 'a 503 that stays',
    ...inAll('Hello'),
    faults: Array.from({ length: 3 }, () => google.serverError(503)),
    status: { openai: 503, gemini: 503, anthropic: 529 },
    code: ['overloaded', 'UNAVAILABLE'],
    calls: 3,
  },
  {
    name: 'a limit of the minute',
    ...inAll('Hello'),
    faults: [google.perMinuteQuota({ retryDelay: '34s' })],
    status: 429,
    code: ['rate_limit_exceeded', 'RESOURCE_EXHAUSTED'],
    says: 'retry in 34s',
    headers: { 'retry-after': '34' },
  },
  {
    name: 'a quota that is told in words only',
    ...inAll('Hello'),
    faults: [google.quotaInWords({ resetDelay: '37s' })],
    status: 429,
    code: ['rate_limit_exceeded', 'RESOURCE_EXHAUSTED'],
    says: 'reset after 37s',
    headers: { 'retry-after': '37', 'x-should-retry': null },
    calls: 1,
  },
  {
    name: 'a quota of the day',
    ...inAll('Hello'),
    faults: [google.dailyQuota()],
    status: 429,
    code: QUOTA,
    headers: { 'x-should-retry': 'false' },
  },
  {
    name: 'a refusal without a reason',
    ...inAll('Hello'),
    faults: [google.denied()],
    status: 503,
    code: ['upstream_auth_error', 'UNAVAILABLE'],
    headers: { 'x-should-retry': 'false' },
  },
  {
    name: 'a service that is switched off',
    ...inAll('Hello'),
    faults: [google.serviceDisabled('aiplatform.googleapis.com')],
    status: 503,
    code: OWN,
    says: 'https://console.developers.google.com/apis/api/aiplatform.googleapis.com',
    headers: { 'x-should-retry': 'false' },
  },
  {
    name: 'a context that is too long',
    ...inAll('Hello'),
    faults: [google.contextTooLong()],
    status: 400,
    code: ['context_length_exceeded', 'INVALID_ARGUMENT'],
  },
  {
    name: 'a country that Google does not serve',
    ...inAll('Hello'),
    faults: [google.locationUnsupported()],
    status: { openai: 403, gemini: 400 },
    code: ['unsupported_country_region_territory', 'FAILED_PRECONDITION'],
  },
  {
    name: 'a model that nobody has',
    ...inAll('Hello', 'gemini-99-ultra'),
    status: 404,
    code: ['model_not_found', 'NOT_FOUND'],
    says: differs<string>('Vertex has models in some places only', 'gemini-99-ultra', {
      vertex: 'no model gemini-99-ultra in the location global',
      'code-assist': '',
    }),
  },
  {
    name: 'a name that can be no model',
    ...inAll('Hello', 'gpt-4o'),
    status: 404,
    code: ['model_not_found', 'NOT_FOUND'],
    says: 'nearest',
    calls: 0,
  },
  {
    name: 'a page in place of an answer',
    ...inAll('Hello'),
    faults: [broken.html()],
    status: 502,
    code: ['upstream_bad_response', 'UNAVAILABLE'],
  },
  {
    name: 'a blocked prompt',
    openai: chat('be blocked'),
    status: 400,
    code: ['content_filter', ''],
    says: 'PROHIBITED_CONTENT',
  },
];

const NO_TOKEN = 'a key is no token that could be renewed';
const REFUSED: readonly [string, string] = ['upstream_auth_error', 'UNAVAILABLE'];

/** Trouble of the relay's own: never the client's 401 or 403. */
const own: readonly Case[] = [
  {
    name: 'a token that Google refuses is renewed',
    ...inAll('say exactly: renewed'),
    faults: [google.unauthorized()],
    status: differs(NO_TOKEN, 200, { 'gemini-api': 503 }),
    says: differs(NO_TOKEN, 'renewed', { 'gemini-api': 'GEMINI_API_KEY' }),
    calls: differs(NO_TOKEN, 2, { 'gemini-api': 1 }),
  },
  {
    name: 'a login that Google refuses for good',
    ...inAll('Hello'),
    faults: differs(NO_TOKEN, [google.unauthorized(), google.unauthorized()], {
      'gemini-api': [google.unauthorized()],
    }),
    status: 503,
    code: differs(NO_TOKEN, REFUSED, { 'gemini-api': OWN }),
    headers: { 'x-should-retry': 'false' },
    calls: differs(NO_TOKEN, 2, { 'gemini-api': 1 }),
  },
  {
    name: 'a key that Google refuses',
    ...inAll('Hello'),
    faults: [
      broken.failing({
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        details: [errorInfo('API_KEY_INVALID', 'googleapis.com', { service: 'generativelanguage.googleapis.com' })],
      }),
    ],
    status: 503,
    code: OWN,
    says: 'GEMINI_API_KEY',
    headers: { 'x-should-retry': 'false' },
  },
  {
    name: 'a permission that the account lacks is named',
    ...inAll('Hello'),
    faults: [
      broken.failing({
        code: 403,
        message: "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/x'.",
        details: [
          errorInfo('IAM_PERMISSION_DENIED', 'aiplatform.googleapis.com', {
            permission: 'aiplatform.endpoints.predict',
          }),
        ],
      }),
    ],
    status: 503,
    code: OWN,
    says: 'lacks the permission aiplatform.endpoints.predict',
  },
  {
    name: 'an account that Google has shut out',
    ...inAll('Hello'),
    faults: [google.termsViolation()],
    status: 503,
    code: ['account_ineligible', 'UNAVAILABLE'],
    says: 'https://forms.gle/simulated',
    headers: { 'x-should-retry': 'false' },
  },
];

const BROKEN: readonly (readonly [string, ReturnType<typeof broken.cutAfter>])[] = [
  ['is reset', broken.resetAfter(3)],
  ['ends too early', broken.cutAfter(3)],
  ['turns into rubbish', broken.garbageAfter(3)],
  ['turns into an error', broken.errorInStream(3, { code: 500, message: 'Internal error encountered.' })],
];

/** R16, R18: after the first byte nothing is tried again, and nothing looks complete. */
const streams: readonly Case[] = BROKEN.map(([what, fault]) => ({
  name: `a stream that ${what}`,
  ...inAll('stream 20 words'),
  form: 'streamed',
  faults: [fault],
  says: /word1 [^]*"error":\s*\{/,
  unsaid: /\[DONE\]|message_stop|"finish_?[rR]eason":\s*"(?:stop|STOP)"/,
}));

const EMBED = {
  single: differs<Target>('Vertex has this model at `predict`, Code Assist nowhere', 'embedContent', {
    vertex: 'predict',
    'code-assist': 'any',
  }),
  many: differs<Target>('as above', 'batchEmbedContents', { vertex: 'predict', 'code-assist': 'any' }),
  status: differs(NO_SUCH_DOOR, 200, { 'code-assist': 404 }),
} as const;
const TEXTS = ['one', 'two', 'three'] as const;
const ADVICE = 'UPSTREAM=gemini-api or UPSTREAM=vertex';
const content = (text: string) => ({ content: { parts: [{ text }] } });

/** Everything but generating. */
const others: readonly Case[] = [
  {
    name: 'counting',
    gemini: { path: '/v1beta/models/gemini-2.5-flash:countTokens', body: generate('one two three four').body },
    form: 'whole',
    operation: 'countTokens',
    says: /"totalTokens":[1-9]/,
  },
  {
    name: 'counting all that would be sent',
    gemini: {
      path: '/v1beta/models/gemini-2.5-flash-search:countTokens',
      body: {
        generateContentRequest: {
          model: 'models/gemini-2.5-flash-search',
          systemInstruction: { parts: [{ text: 'Be brief, and never say more than you must.' }] },
          contents: [{ role: 'user', parts: [{ text: 'one two three four' }] }],
          tools: [DECLARED],
        },
      },
    },
    form: 'whole',
    operation: 'countTokens',
    says: /"totalTokens":[2-9]\d/,
  },
  {
    name: 'counting, tried again',
    gemini: { path: '/v1beta/models/gemini-2.5-flash:countTokens', body: generate('one two three four').body },
    form: 'whole',
    operation: 'countTokens',
    faults: [google.serverError(503)],
    calls: 2,
    says: /"totalTokens":[1-9]/,
  },
  {
    name: 'an embedding',
    openai: { path: '/v1/embeddings', body: { model: 'gemini-embedding-001', input: 'one', dimensions: 8 } },
    gemini: {
      path: '/v1beta/models/gemini-embedding-001:embedContent',
      body: { ...content('one'), outputDimensionality: 8 },
    },
    form: 'whole',
    operation: EMBED.single,
    status: EMBED.status,
    says: differs<string | RegExp>(NO_SUCH_DOOR, /"(?:embedding|values)":\s*\[(?:-?[\d.e-]+,?){8}\]/, {
      'code-assist': ADVICE,
    }),
    calls: differs(NO_SUCH_DOOR, 1, { 'code-assist': 0 }),
  },
  {
    name: 'several embeddings',
    openai: {
      path: '/v1/embeddings',
      body: { model: 'gemini-embedding-001', input: TEXTS, encoding_format: 'base64' },
    },
    gemini: {
      path: '/v1beta/models/gemini-embedding-001:batchEmbedContents',
      body: { requests: TEXTS.map((text) => ({ model: 'models/gemini-embedding-001', ...content(text) })) },
    },
    form: 'whole',
    operation: EMBED.many,
    status: EMBED.status,
    says: differs(NO_SUCH_DOOR, 'embedding', { 'code-assist': ADVICE }),
    calls: differs('Vertex takes one text in a call', 1, { vertex: 3, 'code-assist': 0 }),
  },
  {
    name: 'an embedding, tried again',
    openai: { path: '/v1/embeddings', body: { model: 'gemini-embedding-001', input: 'one' } },
    gemini: { path: '/v1beta/models/gemini-embedding-001:embedContent', body: content('one') },
    form: 'whole',
    operation: EMBED.single,
    faults: differs(NO_SUCH_DOOR, [google.serverError(503)], { 'code-assist': [] }),
    status: EMBED.status,
    calls: differs(NO_SUCH_DOOR, 2, { 'code-assist': 0 }),
  },
  {
    name: 'an embedding of a model that nobody has',
    openai: { path: '/v1/embeddings', body: { model: 'text-embedding-3-small', input: 'one' } },
    gemini: { path: '/v1beta/models/text-embedding-3-small:embedContent', body: content('one') },
    form: 'whole',
    operation: differs<Target>('Vertex has models of this name at `predict`', 'embedContent', { vertex: 'predict' }),
    status: 404,
    code: ['model_not_found', 'NOT_FOUND'],
    says: /The nearest ids: gemini-embedding-\S+, gemini-embedding-/,
    unsaid: /gemini-2\.5/,
    calls: differs('Code Assist has none', 1, { 'code-assist': 0 }),
  },
  {
    name: 'an embedding of another maker',
    openai: { path: '/v1/embeddings', body: { model: 'voyage-3', input: 'one' } },
    gemini: { path: '/v1beta/models/voyage-3:embedContent', body: content('one') },
    form: 'whole',
    status: 404,
    code: ['model_not_found', 'NOT_FOUND'],
    says: /The nearest ids: gemini-embedding-\S+, gemini-embedding-/,
    calls: 0,
  },
  {
    name: 'tokens in place of a text',
    openai: { path: '/v1/embeddings', body: { model: 'gemini-embedding-001', input: [[1, 2, 3]] } },
    form: 'whole',
    status: 400,
    code: ['unsupported_value', ''],
    says: 'Token arrays',
    calls: 0,
  },
];

const AGENTS = {
  type: 'namespace',
  name: 'agents',
  tools: [{ type: 'function', name: 'get_time', parameters: SCHEMA }],
};

const itemised: readonly Case[] = [
  { name: 'a question in items', openai: responses('say exactly: as ever'), says: 'as ever' },
  {
    name: 'a call of a tool in a namespace',
    openai: responses('What time is it in Oslo?', { tools: [AGENTS] }),
    says: /"name":"get_time","namespace":"agents"/,
    sent: { tools: [{ functionDeclarations: [{ name: 'agents__get_time', parametersJsonSchema: SCHEMA }] }] },
  },
  {
    name: 'a history whose reasoning another service wrote',
    openai: responses(
      [
        { role: 'user', content: 'What time is it?' },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABotherVendorsContent' },
        { type: 'function_call', call_id: 'call_1', name: 'get_time', arguments: '{"zone":"Oslo"}' },
        { type: 'function_call_output', call_id: 'call_1', output: '12:00' },
      ],
      { model: 'gemini-3-pro-preview', tools: [{ type: 'function', name: 'get_time', parameters: SCHEMA }] },
    ),
    sent: SENTINEL_SENT,
    says: '12:00',
  },
  {
    name: 'an input that is too long',
    openai: responses('hi'),
    faults: [google.contextTooLong()],
    status: 400,
    code: ['context_length_exceeded', 'INVALID_ARGUMENT'],
    says: /"param":"input"/,
  },
  {
    name: 'an answer that its tokens cut',
    openai: responses('stream 50 words', { max_output_tokens: 20, reasoning: { effort: 'none' } }),
    says: /"incomplete_details":\{"reason":"max_output_tokens"\}/,
  },
];

export const CASES = {
  answers,
  itemised,
  inBlocks,
  beginnings,
  instructions,
  paintings,
  results,
  schemas,
  retried,
  failures,
  own,
  streams,
  others,
} as const;
