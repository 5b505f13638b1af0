/** Chunks in, a message out, in both ways: what the tests of the encoder look through. */
import type { RelayError } from '../../../../src/errors.ts';
import type { MessagesReading } from '../../../../src/formats/anthropic/messages/decode.ts';
import {
  createMessageStream,
  gatherMessage,
  type MessageHead,
} from '../../../../src/formats/anthropic/messages/encode.ts';
import { createFunctionNames } from '../../../../src/gemini/function-names.ts';
import { createCatalogue } from '../../../../src/gemini/catalogue.ts';
import { toChunk } from '../../../support/gemini-chunk.ts';
import { checkMessage, checkMessagesStream } from '../../../support/messages-stream-checker.ts';
import type { CheckedMessage, CheckedMessageStream } from '../../../support/messages-stream-checker.ts';

const catalogue = createCatalogue([]);

export const READING: MessagesReading = {
  resolved: catalogue.resolve('gemini-3-pro-preview'),
  names: createFunctionNames([]),
  customTools: new Set(),
  wrappedTools: new Set(),
  singleCall: false,
  stripFence: false,
  imagesAs: 'markdown',
  showThoughts: true,
  logprobs: false,
  ignored: [],
  thinkingBlocks: true,
  search: undefined,
  mayCite: false,
  findingsFirst: false,
  own: undefined,
  stops: [],
};

/** Ids are counted, so that the two ways of one answer can be compared. */
export const createReply = (more: Partial<MessageHead> = {}) => {
  const calls: unknown[] = [];
  const texts: unknown[] = [];
  let minted = 0;
  const next = (prefix: string) => `${prefix}${(minted += 1)}`;
  const reply: MessageHead = {
    id: 'msg_AAAAAAAAAAAAAAAAAAAAAAAA',
    requestId: 'req_1',
    family: () => READING.resolved.model.family,
    newCallId: () => next('toolu_'),
    newSearchId: () => next('srvtoolu_'),
    newReference: () => next('text_'),
    hold: () => undefined,
    remember: (call, signature) => calls.push({ ...call, signature }),
    rememberText: (reference, signature) => texts.push({ reference, signature }),
    ...more,
  };
  return { reply, calls, texts };
};

export const streamText = (
  chunks: readonly unknown[],
  reading: Partial<MessagesReading> = {},
  reply = createReply().reply,
  failure?: RelayError,
): string => {
  const stream = createMessageStream(reply, { ...READING, ...reading });
  const said = chunks.map((chunk) => stream.encode([toChunk(chunk)])).join('');
  return said + (failure ? stream.fail(failure) : stream.end());
};

export const stream = (...given: Parameters<typeof streamText>): CheckedMessageStream =>
  checkMessagesStream(streamText(...given));

export const whole = async (
  chunks: readonly unknown[],
  reading: Partial<MessagesReading> = {},
  reply = createReply().reply,
): Promise<CheckedMessage> =>
  checkMessage(JSON.parse(await gatherMessage([chunks.map(toChunk)], reply, { ...READING, ...reading })));

/** The message, by a stream and whole alike. */
export const message = async (
  chunks: readonly unknown[],
  reading: Partial<MessagesReading> = {},
): Promise<CheckedMessage> => {
  const streamed = stream(chunks, reading).message;
  const gathered = await whole(chunks, reading);
  const inOrder = (one: CheckedMessage) => JSON.stringify(Object.entries(one).sort());
  if (inOrder(streamed) !== inOrder(gathered)) {
    throw new Error(`two answers:\n${JSON.stringify(streamed)}\n${JSON.stringify(gathered)}`);
  }
  return gathered;
};
