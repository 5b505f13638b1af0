/** Chunks in, an answer out, in both ways: what the tests of the encoder and of its pieces look through. */
import type { ChatReading } from '../../../../src/formats/openai/chat/decode.ts';
import { createChatStream, gatherChat, type CompletionHead } from '../../../../src/formats/openai/chat/encode.ts';
import type { Chunk } from '../../../../src/gemini/call.ts';
import { createFunctionNames } from '../../../../src/gemini/function-names.ts';
import { createCatalogue } from '../../../../src/gemini/catalogue.ts';
import { checkChatStream, type StreamExpectations } from '../../../support/chat-stream-checker.ts';
import { toChunk } from '../../../support/gemini-chunk.ts';

const catalogue = createCatalogue([]);

export const READING: ChatReading = {
  resolved: catalogue.resolve('models/gemini-2.5-flash'),
  names: createFunctionNames([]),
  customTools: new Set(),
  wrappedTools: new Set(),
  legacyFunctions: false,
  singleCall: false,
  includeUsage: false,
  stripFence: false,
  imagesAs: 'images',
  showThoughts: true,
  logprobs: false,
  ignored: [],
};

export const createReply = () => {
  const remembered: unknown[] = [];
  let minted = 0;
  const reply: CompletionHead = {
    id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAA',
    createdAt: 1_790_000_000,
    newCallId: () => `call_${(minted += 1)}`,
    hold: () => undefined,
    remember: (call, signature) => remembered.push({ ...call, signature }),
  };
  return { reply, remembered };
};

export const STOP = { candidates: [{ finishReason: 'STOP', content: { parts: [] } }] };

/** Each chunk in a batch of its own: how they are split must not matter. */
export const streamText = (
  chunks: readonly unknown[],
  reading: Partial<ChatReading> = {},
  reply = createReply().reply,
) => {
  const stream = createChatStream(reply, { ...READING, ...reading });
  return chunks.map((chunk) => stream.encode([toChunk(chunk)])).join('') + stream.end();
};

export const stream = (
  chunks: readonly unknown[],
  reading: Partial<ChatReading> = {},
  expected: StreamExpectations = {},
) => checkChatStream(streamText(chunks, reading), { includeUsage: reading.includeUsage ?? false, ...expected });

const source = async function* (chunks: readonly unknown[]): AsyncGenerator<readonly Chunk[]> {
  for (const chunk of chunks) yield await Promise.resolve([toChunk(chunk)]);
};

interface Whole {
  readonly id: string;
  readonly model: string;
  readonly created: number;
  readonly object: string;
  readonly usage: unknown;
  readonly choices: readonly {
    readonly index: number;
    readonly finish_reason: string;
    readonly native_finish_reason: string;
    readonly logprobs: unknown;
    readonly message: Readonly<Record<string, unknown>>;
  }[];
}

export const whole = async (
  chunks: readonly unknown[],
  reading: Partial<ChatReading> = {},
  reply = createReply().reply,
) => JSON.parse(await gatherChat(source(chunks), reply, { ...READING, ...reading })) as Whole;

export const wholeChoice = async (chunks: readonly unknown[], reading: Partial<ChatReading> = {}) => {
  const [choice] = (await whole(chunks, reading)).choices;
  if (!choice) throw new Error('no choice');
  return choice;
};

export const streamChoice = (chunks: readonly unknown[], reading: Partial<ChatReading> = {}) => {
  const [choice] = stream(chunks, reading).choices;
  if (!choice) throw new Error('no choice');
  return choice;
};

export const call = (name: string, args: unknown, more: object = {}) => ({ functionCall: { name, args }, ...more });
