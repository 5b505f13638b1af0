/**
 * Bodies near the limit, made of the smallest legal pieces of every kind, against a relay in a process of its own: how
 * long its event loop stood still, and how much memory it took at most. Both are compared with a plain body of that size.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSimulator } from '../../src/simulator/simulator.ts';
import * as faults from '../../src/simulator/faults.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';

export interface Load {
  readonly name: string;
  readonly path: string;
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

/** Texts as long as a body may be, of what costs its readers and writers most. */
export const LONG_TEXTS: readonly Load[] = (
  [
    ['a chat message', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":"`, '"}]}'],
    ['a broken chat message', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":"`, '\\x"}]}'],
    ['an unclosed chat body', CHAT, `{"model":"${MODEL}","messages":[{"role":"user","content":"`, '"}]'],
    ['a native part', NATIVE, '{"contents":[{"parts":[{"text":"', '"}]}]}'],
    ['a block', MESSAGES, `{"model":"${MODEL}","max_tokens":9,"messages":[{"role":"user","content":"`, '"}]}'],
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

export interface Measured {
  readonly status: number;
  readonly pauseMs: number;
  /** Above what it took before. */
  readonly peakBytes: number;
}

export interface Crowd extends Omit<Measured, 'status'> {
  readonly statuses: readonly number[];
  /** All that the process held at its peak. */
  readonly mostBytes: number;
  /** How often /livez was answered meanwhile. */
  readonly livezAnswers: number;
}

export interface HeavyRelay {
  readonly url: string;
  /** Google's side refuses large requests unread from now on, and answers all others. */
  refuseLarge(): void;
  /** The status. */
  post(load: Load, bytes: number): Promise<number>;
  residentBytes(): number;
  /** What Google's side remembers of requests. */
  forget(): void;
  measure(load: Load, bytes: number): Promise<Measured>;
  /** The same, so many times at once; statuses in no order, pause and memory of all together. */
  crowd(load: Load, bytes: number, count: number): Promise<Crowd>;
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}

const LARGE_LENGTH = 50_000;
const PLANT = `--import=${pathToFileURL(join(import.meta.dirname, '../promises/plant.ts')).href}`;

/** What a container of this size says of itself. */
const toldOf = (containerMb: number): string =>
  `--import=data:text/javascript,process.constrainedMemory=()=>${containerMb * 1024 * 1024}`;

/** A relay with this much room for what JavaScript makes, as in a small container. */
export const openHeavyRelay = async (heapMb: number, containerMb?: number): Promise<HeavyRelay> => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'heavy-'));
  const child = spawnRelay(
    {
      ...environmentOf(simulator, folder),
      NODE_OPTIONS: `${PLANT} --max-old-space-size=${heapMb}${containerMb === undefined ? '' : ` ${toldOf(containerMb)}`}`,
    },
    folder,
  );
  const url = await child.listening;
  const proc = `/proc/${child.process.pid}`;
  const memory = (name: string): number =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`${proc}/status`, 'utf8'))?.[1]);
  const longestPause = async (): Promise<number> => {
    const before = child.output().stderr.length;
    child.kill('SIGUSR2');
    for (;;) {
      const told = /longest delay ([\d.]+) ms\n/.exec(child.output().stderr.slice(before))?.[1];
      if (told !== undefined) return Number(told);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (child.process.exitCode !== null || child.process.signalCode !== null)
        throw new Error(`the relay has ended: ${child.output().stderr.slice(-300)}`);
    }
  };

  const isAlive = async (): Promise<boolean> => (await fetch(`${url}/livez`)).status === 200;

  const crowd: HeavyRelay['crowd'] = async ({ path, make, chunkBytes }, bytes, count) => {
    const body = Buffer.from(make(bytes));
    simulator.clear();
    simulator.always('generate', faults.empty(400));
    await longestPause();
    const before = memory('VmRSS');
    // The kernel's own mark of the most, begun anew.
    writeFileSync(`${proc}/clear_refs`, '5');
    const answers = Promise.all(Array.from({ length: count }, () => post(`${url}${path}`, body, chunkBytes)));
    let livezAnswers = 0;
    while (count > 1 && (await Promise.race([answers, isAlive()])) === true) livezAnswers += 1;
    const statuses = await answers;
    const mostBytes = memory('VmHWM');
    const pauseMs = await longestPause();
    return { statuses, pauseMs, peakBytes: Math.max(0, mostBytes - before), mostBytes, livezAnswers };
  };

  return {
    measure: async (load, bytes) => {
      const { statuses, pauseMs, peakBytes } = await crowd(load, bytes, 1);
      return { status: statuses[0] ?? 0, pauseMs, peakBytes };
    },
    crowd,
    url,
    refuseLarge: () => {
      simulator.always(({ text }) => text.length > LARGE_LENGTH, faults.empty(400));
    },
    post: ({ path, make, chunkBytes }, bytes) => post(`${url}${path}`, Buffer.from(make(bytes)), chunkBytes),
    residentBytes: () => memory('VmRSS'),
    forget: () => {
      simulator.clear();
    },
    isAlive,
    close: async () => {
      child.kill('SIGKILL');
      await child.ended;
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** A refusal may come, and the connection close, before all is sent. */
const post = (url: string, body: Buffer, chunkBytes?: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${RELAY_KEY}`,
      ...(chunkBytes === undefined ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }),
    };
    const outgoing = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('close', () => {
        resolve(answer.statusCode ?? 0);
      });
    });
    outgoing.on('error', reject);
    if (chunkBytes === undefined) outgoing.end(body);
    else {
      // Framed here: Node's own writer would take a second for each hundred thousand chunks.
      outgoing.flushHeaders();
      outgoing.on('socket', (socket) => {
        socket.once('connect', () => socket.write(inChunks(body, chunkBytes)));
      });
    }
  });

const inChunks = (body: Buffer, chunkBytes: number): Buffer => {
  const frames: string[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const piece = body.toString('latin1', at, at + chunkBytes);
    frames.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  return Buffer.from(`${frames.join('')}0\r\n\r\n`, 'latin1');
};
