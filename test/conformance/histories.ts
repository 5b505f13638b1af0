/** Conversations that clients send and that Google refuses as they stand. */
import { chat, differs, generate } from './case.ts';
import type { Ask, Body, Case } from './case.ts';

export const NOT_THERE = 'Code Assist has no models that paint';

const PAINTER = 'gemini-3-pro-image-preview';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SENTINEL = { thoughtSignature: 'skip_thought_signature_validator' };
/** Well-formed, and of another backend. */
const FOREIGN = { thoughtSignature: Buffer.from('signed by somebody else entirely').toString('base64') };
const PICTURE = { inlineData: { mimeType: 'image/png', data: PIXEL } };

const user = (...parts: readonly object[]): Body => ({ role: 'user', parts });
const model = (...parts: readonly object[]): Body => ({ role: 'model', parts });

const said = (contents: readonly Body[], more: Body = {}, name?: string): Ask =>
  generate('', { contents, ...more }, name);

const bluer = (...answer: readonly object[]): Ask =>
  said([user({ text: 'A bicycle' }), model(...answer), user({ text: 'Bluer' })], {}, PAINTER);

const bluerInChat = (content: string): Ask =>
  chat('', {
    model: PAINTER,
    messages: [
      { role: 'user', content: 'A bicycle' },
      { role: 'assistant', content },
      { role: 'user', content: 'Bluer' },
    ],
  });

const painted = (...parts: readonly Body[]) =>
  ({
    status: differs(NOT_THERE, 200, { 'code-assist': 404 }),
    says: differs<string | RegExp>(NOT_THERE, 'image/png', { 'code-assist': /UPSTREAM=gemini-api or UPSTREAM=vertex/ }),
    sent: { contents: [{}, { parts }, {}] },
  }) as const;

/** Models that paint want their signatures back, and most clients have none to give. */
export const paintings: readonly Case[] = [
  {
    name: 'a second turn after a picture, as markdown or as data',
    openai: bluerInChat(`Here it is.\n\n![image](data:image/png;base64,${PIXEL})`),
    gemini: bluer({ text: 'Here it is.\n\n' }, PICTURE),
    ...painted({ text: 'Here it is.\n\n', ...SENTINEL }, { ...PICTURE, ...SENTINEL }),
  },
  {
    name: 'a second turn after nothing but text',
    openai: bluerInChat('What kind?'),
    gemini: bluer({ text: 'What kind?' }),
    ...painted({ text: 'What kind?', ...SENTINEL }),
  },
  {
    name: 'signatures of another backend: asked once more, with the sentinel wherever one is wanted',
    gemini: bluer({ text: 'Here it is.', ...FOREIGN }, { ...PICTURE, ...FOREIGN }),
    status: differs(NOT_THERE, 200, { 'code-assist': 404 }),
    calls: differs(NOT_THERE, 2, { 'code-assist': 1 }),
    sent: differs<Body>(
      NOT_THERE,
      { contents: [{}, model({ text: 'Here it is.', ...SENTINEL }, { ...PICTURE, ...SENTINEL }), {}] },
      { 'code-assist': {} },
    ),
  },
];

const CALL = (id: string, name: string): Body => ({ functionCall: { id, name, args: {} } });
const RESULT = (id: string, name: string): Body => ({ functionResponse: { id, name, response: { output: id } } });
const NO_IDS = 'Vertex refuses ids, and pairs by order';
const ASKED = user({ text: 'Weather?' });
const TOOLS = { tools: [{ functionDeclarations: [{ name: 'sun' }, { name: 'rain' }] }] };

const paired = (...pairs: readonly (readonly [id: string, name: string])[]) =>
  differs<Body>(
    NO_IDS,
    { contents: [ASKED, model(...pairs.map((pair) => CALL(...pair))), user(...pairs.map((pair) => RESULT(...pair)))] },
    {
      vertex: {
        contents: [
          ASKED,
          model(...pairs.map(([, name]) => ({ functionCall: { name, args: {} } }))),
          user(...pairs.map(([id, name]) => ({ functionResponse: { name, response: { output: id } } }))),
        ],
      },
    },
  );

const TWO = [
  ['1', 'sun'],
  ['2', 'rain'],
] as const;
const CALLS = model(CALL('1', 'sun'), CALL('2', 'rain'));
const WITHOUT_IDS = differs<readonly string[]>(NO_IDS, [], {
  vertex: [0, 1].flatMap((at) => [
    `contents.1.parts.${at}.functionCall.id`,
    `contents.2.parts.${at}.functionResponse.id`,
  ]),
});

/** Results of functions, as clients keep them. */
export const results: readonly Case[] = [
  {
    name: 'calls with ids',
    openai: chat('', {
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          tool_calls: TWO.map(([id, name]) => ({ id, type: 'function', function: { name, arguments: '{}' } })),
        },
        ...TWO.map(([id]) => ({ role: 'tool', tool_call_id: id, content: id })),
      ],
    }),
    gemini: said([ASKED, CALLS, user(RESULT('1', 'sun'), RESULT('2', 'rain'))], TOOLS),
    says: 'The functions answered',
    sent: paired(...TWO),
    unsent: WITHOUT_IDS,
  },
  {
    name: 'results in contents of their own',
    gemini: said([ASKED, CALLS, user(RESULT('1', 'sun')), user(RESULT('2', 'rain'))], TOOLS),
    says: 'The functions answered',
    sent: paired(...TWO),
    unsent: WITHOUT_IDS,
  },
  {
    name: 'results that are there twice',
    gemini: said(
      [
        ASKED,
        CALLS,
        user(RESULT('1', 'sun'), RESULT('2', 'rain')),
        user(RESULT('1', 'sun')),
        user(RESULT('2', 'rain')),
      ],
      TOOLS,
    ),
    says: 'The functions answered',
    sent: paired(...TWO),
    unsent: ['contents.3'],
  },
  {
    name: 'results of one function in another order than its calls: Vertex gets them in theirs',
    gemini: said(
      [ASKED, model(CALL('1', 'sun'), CALL('2', 'sun')), user(RESULT('2', 'sun'), RESULT('1', 'sun'))],
      TOOLS,
    ),
    says: 'The functions answered',
    sent: differs<Body>(
      NO_IDS,
      { contents: [{}, {}, user(RESULT('2', 'sun'), RESULT('1', 'sun'))] },
      {
        vertex: {
          contents: [
            {},
            {},
            user(
              { functionResponse: { name: 'sun', response: { output: '1' } } },
              { functionResponse: { name: 'sun', response: { output: '2' } } },
            ),
          ],
        },
      },
    ),
  },
  {
    name: 'counting with ids',
    gemini: {
      path: '/v1beta/models/gemini-2.5-flash:countTokens',
      body: said([ASKED, CALLS, user(RESULT('1', 'sun'), RESULT('2', 'rain'))]).body,
    },
    form: 'whole',
    operation: 'countTokens',
    says: /"totalTokens":[1-9]/,
  },
];

/** Beginnings that Google refuses. */
export const beginnings: readonly Case[] = [
  {
    name: 'a system instruction that says nothing',
    gemini: said([user({ text: 'say exactly: as ever' })], { systemInstruction: { parts: [{ text: '' }] } }),
    says: 'as ever',
    unsent: ['systemInstruction'],
  },
  {
    name: "a conversation that begins with the model's greeting: once more, with a user before it",
    gemini: said([model({ text: 'Greetings.' }), user({ text: 'say exactly: as ever' })]),
    says: 'as ever',
    calls: 2,
    sent: { contents: [user({ text: ' ' }), model({ text: 'Greetings.' }), user({ text: 'say exactly: as ever' })] },
  },
];

const GEMMA = 'gemma-3-27b-it';
const NO_GEMMA = 'the Gemini API alone has Gemma 3';

/** Gemma 3 takes no instruction: the user says it first. */
export const instructions: readonly Case[] = [
  {
    name: 'an instruction for Gemma 3',
    openai: chat('', {
      model: GEMMA,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    }),
    gemini: said([user({ text: 'Hello' })], { systemInstruction: { parts: [{ text: 'Be brief.' }] } }, GEMMA),
    status: differs(NO_GEMMA, 404, { 'gemini-api': 200 }),
    sent: { contents: [user({ text: 'Be brief.\n\n' }, { text: 'Hello' })] },
    unsent: ['systemInstruction'],
  },
];

const declaring = (parameters: Body): Ask =>
  chat('What time is it in Oslo?', { tools: [{ type: 'function', function: { name: 'get_time', parameters } }] });

/** Schemas that Google refuses as they stand. */
export const schemas: readonly Case[] = [
  {
    name: 'words beside a reference',
    openai: declaring({
      type: 'object',
      properties: { zone: { $ref: '#/$defs/Zone', description: 'Of the city.' } },
      $defs: { Zone: { type: 'string' } },
    }),
    says: 'get_time',
    sent: {
      tools: [
        {
          functionDeclarations: [
            {
              parametersJsonSchema: {
                properties: { zone: { description: 'Of the city.', anyOf: [{ $ref: '#/$defs/Zone' }] } },
                $defs: { Zone: { type: 'string' } },
              },
            },
          ],
        },
      ],
    },
  },
  {
    name: 'an empty text in a list: once more without it',
    openai: declaring({ type: 'object', properties: { zone: { type: 'string', enum: ['', 'Oslo'] } } }),
    form: 'whole',
    says: 'get_time',
    calls: 2,
    sent: {
      tools: [{ functionDeclarations: [{ parametersJsonSchema: { properties: { zone: { enum: ['Oslo'] } } } }] }],
    },
  },
];
