/** Bodies near the limit, made of the smallest legal pieces of every kind. */

export interface Load {
  readonly name: string;
  readonly path: string;
  /** Of the body, where it is no JSON. */
  readonly type?: string;
  readonly make: (bytes: number) => string;
  /** Bytes of each chunk on the wire; absent: one piece with its length declared. */
  readonly chunkBytes?: number;
}

const MODEL = 'gemini-2.5-flash';
const CHAT = '/v1/chat/completions';
const NATIVE = `/v1beta/models/${MODEL}:generateContent`;
const RESPONSES = '/v1/responses';
const MESSAGES = '/v1/messages';
const HELLO = '"messages":[{"role":"user","content":"Hi"}]';

const filled = (before: string, item: string, after: string) => (bytes: number) =>
  `${before}${`${item},`.repeat(Math.floor((bytes - before.length - after.length) / (item.length + 1)) - 1)}${item}${after}`;
const solid = (before: string, item: string, after: string) => (bytes: number) =>
  `${before}${item.repeat(Math.floor((bytes - before.length - after.length) / item.length))}${after}`;

/** The frames in which a client may put as many values as it likes. */
const FRAMES: readonly (readonly [name: string, path: string, before: string, after: string])[] = [
  ['chat messages', CHAT, `{"model":"${MODEL}","messages":[`, ']}'],
  ['chat content', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":[`, ']}]}'],
  ['chat tools', CHAT, `{"model":"${MODEL}",${HELLO},"tools":[`, ']}'],
  [
    'a chat schema',
    CHAT,
    `{"model":"${MODEL}",${HELLO},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","required":[`,
    ']}}}]}',
  ],
  ['the model’s chat content', CHAT, `{"model":"${MODEL}","messages":[{"role":"assistant","content":[`, ']}]}'],
  ['chat stops', CHAT, `{"model":"${MODEL}",${HELLO},"stop":[`, ']}'],
  ['responses input', RESPONSES, `{"model":"${MODEL}","input":[`, ']}'],
  ['responses content', RESPONSES, `{"model":"${MODEL}","input":[{"role":"user","content":[`, ']}]}'],
  ['responses tools', RESPONSES, `{"model":"${MODEL}","input":"Hi","tools":[`, ']}'],
  ['an unknown chat field', CHAT, `{"model":"${MODEL}",${HELLO},"unknown":[`, ']}'],
  ['messages', MESSAGES, `{"model":"${MODEL}","max_tokens":9,"messages":[`, ']}'],
  ['blocks', MESSAGES, `{"model":"${MODEL}","max_tokens":9,"messages":[{"role":"user","content":[`, ']}]}'],
  ['a system of blocks', MESSAGES, `{"model":"${MODEL}","max_tokens":9,${HELLO},"system":[`, ']}'],
  ['tools of messages', MESSAGES, `{"model":"${MODEL}","max_tokens":9,${HELLO},"tools":[`, ']}'],
  ['native contents', NATIVE, '{"contents":[', ']}'],
  ['native parts', NATIVE, '{"contents":[{"parts":[', ']}]}'],
  ['native tools', NATIVE, '{"contents":[{"parts":[{"text":"Hi"}]}],"tools":[', ']}'],
  [
    'native arguments',
    NATIVE,
    '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":[',
    ']}}}]}]}',
  ],
  ['an unknown native field', NATIVE, '{"contents":[{"parts":[{"text":"Hi"}]}],"unknown":[', ']}'],
];
/** Pieces that only blocks are made of. */
const BLOCKS = [
  '{"type":"text","text":""}',
  '{"type":"tool_use"}',
  '{"type":"tool_result"}',
  '{"type":"thinking"}',
  '{"type":"x"}',
  '{"type":"image","source":{}}',
];
const ITEMS = ['1e1', '1', '{}', '[]', '""', 'null', '{"":0}', '{"text":"a"}', '{"role":"user","content":"a"}'];

const CALL = `{"model":"${MODEL}","messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"[`;
const IN_CALL = ']"}}]}]}';

const keys = (before: string, after: string) => (bytes: number) => {
  const count = Math.floor((bytes - before.length - after.length) / 14);
  return `${before}${Array.from({ length: count }, (_, index) => `"${String(index).padStart(8, 'k')}":1`).join(',')}${after}`;
};

/** What all others are compared with. */
export const PLAIN: Load = {
  name: 'one plain text',
  path: CHAT,
  make: solid(`{"model":"${MODEL}","messages":[{"role":"user","content":"`, 'a', '"}]}'),
};

export const LOADS: readonly Load[] = [
  ...FRAMES.flatMap(([frame, path, before, after]) =>
    ITEMS.map((item) => ({ name: `${item} in ${frame}`, path, make: filled(before, item, after) })),
  ),
  ...BLOCKS.map((block) => ({
    name: `a block ${block}`,
    path: MESSAGES,
    make: filled(`{"model":"${MODEL}","max_tokens":9,"messages":[{"role":"assistant","content":[`, block, ']}]}'),
  })),
  {
    name: 'calls and their answers',
    path: MESSAGES,
    make: filled(
      `{"model":"gemini-3-pro-preview","max_tokens":9,"messages":[`,
      '{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}',
      ']}',
    ),
  },
  { name: 'keys in an unknown chat field', path: CHAT, make: keys(`{"model":"${MODEL}",${HELLO},"x":{`, '}}') },
  { name: 'keys of a chat body', path: CHAT, make: keys(`{"model":"${MODEL}",${HELLO},`, '}') },
  { name: 'keys of a native body', path: NATIVE, make: keys('{"contents":[{"parts":[{"text":"Hi"}]}],', '}') },
  { name: 'numbers in the text of arguments', path: CHAT, make: filled(CALL, '1e1', IN_CALL) },
  { name: 'lists in the text of arguments', path: CHAT, make: filled(CALL, '[]', IN_CALL) },
  { name: 'white space', path: CHAT, make: solid(`{"model":"${MODEL}",${HELLO}`, ' \n', '}') },
  { name: 'one number', path: CHAT, make: solid(`{"model":"${MODEL}",${HELLO},"x":1`, '1', '}') },
  {
    ...PLAIN,
    name: 'line breaks in a text',
    make: solid(`{"model":"${MODEL}","messages":[{"role":"user","content":"`, '\\n', '"}]}'),
  },
  { ...PLAIN, name: 'letters of three bytes', make: (bytes) => PLAIN.make(bytes / 3).replaceAll('aa', '中中') },
  {
    ...PLAIN,
    name: 'half-written pictures',
    make: solid(
      `{"model":"${MODEL}","messages":[{"role":"assistant","content":"](data:image/`,
      '![](data:image/x',
      '"}]}',
    ),
  },
  ...(
    [
      ['chat', CHAT, ''],
      ['messages', MESSAGES, '"max_tokens":9,'],
    ] as const
  ).map(([name, path, rest]) => ({
    name: `whole pictures: ${name}`,
    path,
    make: solid(
      `{"model":"${MODEL}",${rest}"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"`,
      '![](data:image/png;base64,AAAA)',
      '"}]}',
    ),
  })),
  { ...PLAIN, name: 'chunks of one byte', chunkBytes: 1 },
];

const WITH_NUMBER = `{"x":1.0,"model":"${MODEL}","messages":[{"role":"user","content":"中`;

/** One of each kind that takes most memory for its length. */
export const LARGEST: readonly Load[] = [
  // One letter beyond Latin, and each letter takes two bytes.
  { ...PLAIN, name: 'a text with one Chinese letter', make: (bytes) => PLAIN.make(bytes).replace('aaa', '中') },
  { ...PLAIN, name: 'a number that keeps its spelling beside it', make: solid(WITH_NUMBER, 'a', '"}]}') },
  {
    ...PLAIN,
    name: 'a picture',
    make: solid(
      `{"model":"${MODEL}","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo`,
      'AAAA',
      '="}}]}]}',
    ),
  },
];

const INPUT = `{"model":"${MODEL}","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":"`;
const ARGS = '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":"';

/** Texts as long as a body may be, of what costs its readers and writers most. */
export const LONG_TEXTS: readonly Load[] = (
  [
    ['a chat message', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":"`, '"}]}'],
    ['a broken chat message', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":"`, '\\x"}]}'],
    ['an unclosed chat body', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":"`, '"}]'],
    ['a native part', NATIVE, '{"contents":[{"parts":[{"text":"', '"}]}]}'],
    ['a block', MESSAGES, `{"model":"${MODEL}","max_tokens":9,"messages":[{"role":"user","content":"`, '"}]}'],
    ['a tool’s input', MESSAGES, INPUT, '"}}]}]}'],
    ['native args', NATIVE, ARGS, '"}}}]}]}'],
    ['an input', RESPONSES, `{"model":"${MODEL}","store":false,"input":"`, '"}'],
  ] as const
).flatMap(([place, path, before, after]) =>
  (
    [
      ['escaped quotes', '\\"'],
      ['letters with Chinese ones among them', `中${'a'.repeat(90)}`],
    ] as const
  ).map(([what, item]) => ({
    name: `${what} in ${place}`,
    path,
    make: (bytes: number) =>
      before + item.repeat((bytes - before.length - after.length) / Buffer.byteLength(item)) + after,
  })),
);

const TEXT_OF_CALL = CALL.slice(0, -1);

/** JSON in a string, and what costs time by its number: short strings, and long names that begin alike. */
export const MANY_TEXTS: readonly Load[] = [
  {
    name: 'arguments of escaped quotes',
    path: CHAT,
    make: solid(`${TEXT_OF_CALL}{\\"x\\":\\"`, '\\\\\\"', '\\"}"}}]}]}'),
  },
  { name: 'arguments that break off', path: CHAT, make: solid(`${TEXT_OF_CALL}{\\"x\\":\\"`, 'a', '"}}]}]}') },
  { name: 'arguments that are no JSON', path: CHAT, make: solid(TEXT_OF_CALL, 'a', '"}}]}]}') },
  {
    name: 'short texts of escapes',
    path: NATIVE,
    make: filled('{"contents":[{"parts":[{"text":"Hi"}]}],"unknown":[', `"${'\\n'.repeat(2000)}"`, ']}'),
  },
  ...(
    [
      [
        'call ids',
        `"messages":[{"role":"assistant","tool_calls":[`,
        '{"type":"function","function":{"name":"f"},"id":"',
        '"}',
        ']}]',
      ],
      ['names of tools', `${HELLO},"tools":[`, '{"type":"function","function":{"name":"', '"}}', ']'],
      ['members', `${HELLO},"x":{`, '"', '":1', '}'],
    ] as const
  ).map(([what, before, open, close, after]) => ({
    name: `long ${what} that begin alike`,
    path: CHAT,
    make: (bytes: number) =>
      `{"model":"${MODEL}",${before}${Array.from(
        { length: Math.floor(bytes / 17_000) },
        (_, index) => `${open}${'a'.repeat(16_900)}${String(index).padStart(6, '0')}${close}`,
      ).join(',')}${after}}`,
  })),
];

/** As many values as a body may hold, of those that cost their readers most. */
const MOST_VALUES = 99_000;
const marksIn = (item: string): number => 1 + item.replace(/[^,{[]/g, '').length;
const most = (before: string, item: string, after: string) => (): string =>
  `${before}${Array.from({ length: MOST_VALUES / marksIn(item) }, (_, index) => item.replaceAll('#', String(index))).join(',')}${after}`;

const SAID = `{"model":"${MODEL}","messages":[{"role":"user","content":"a"},{"role":"assistant",`;
const PARAMETERS = `{"model":"${MODEL}",${HELLO},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{`;
const USED = `{"type":"tool_use","id":"a","name":"f","input":{`;

export const MANY_VALUES: readonly Load[] = (
  [
    ['parts of chat', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":[`, '"a"', ']}]}'],
    ['calls in what the model said', CHAT, `${SAID}"content":[`, '{"type":"tool_use"}', ']}]}'],
    ['calls', CHAT, `${SAID}"tool_calls":[`, '{"type":"web_search"}', ']}]}'],
    ['members of a schema', CHAT, PARAMETERS, '"k#":1', '}}}}]}'],
    ['items', RESPONSES, `{"model":"${MODEL}","input":[`, '{"type":"function_call","call_id":"a#","name":"f"}', ']}'],
    ['items of texts', RESPONSES, `{"model":"${MODEL}","input":[`, '"a"', ']}'],
    ['used tools', MESSAGES, `${SAID.replace('{', '{"max_tokens":9,')}"content":[`, '{"type":"tool_use"}', ']}]}'],
    ['members of an input', MESSAGES, `${SAID.replace('{', '{"max_tokens":9,')}"content":[${USED}`, '"k#":1', '}}]}]}'],
    [
      'results',
      MESSAGES,
      `{"model":"${MODEL}","max_tokens":9,"messages":[{"role":"user","content":[`,
      '{"type":"tool_result"}',
      ']}]}',
    ],
    ['native contents', NATIVE, '{"contents":[', '""', ']}'],
    ['native parts', NATIVE, '{"contents":[{"role":"model","parts":[', '{"functionCall":{"name":"f"}}', ']}]}'],
  ] as const
).map(([what, path, before, item, after]) => ({ name: `${what}: ${item}`, path, make: most(before, item, after) }));
