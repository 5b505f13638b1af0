/** The chat encoder's deltas in the older shape: text and nothing else. */
import type { Answer, Chunk } from '../../../gemini/call.ts';
import { keepAlive } from '../../../http/respond.ts';
import type { StreamEncoder } from '../../../http/respond.ts';
import type { ChatReading } from '../chat/decode.ts';
import { readDeltas } from '../chat/deltas.ts';
import type { CompletionHead } from '../chat/encode.ts';
import { GatheredAnswer } from '../chat/gather.ts';
import { toUsage } from '../chat/usage.ts';
import type { FinishReason } from '../chat/wire.ts';
import { openAiErrorJson } from '../errors.ts';

export const createCompletionStream = (
  reply: CompletionHead,
  reading: ChatReading,
): StreamEncoder<readonly Chunk[]> => {
  const rest = reading.includeUsage ? { usage: null } : {};
  const frame = (more: object): string => `data: ${JSON.stringify({ ...head(reply, reading), ...more })}\n\n`;

  let written = '';
  const write = (index: number, text: string, finish_reason: FinishReason | null): void => {
    written += frame({ choices: [{ text, index, logprobs: null, finish_reason }], ...rest });
  };
  const taken = (): string => {
    const all = written;
    written = '';
    return all;
  };
  const deltas = readDeltas(reading, reply, {
    open: () => undefined,
    text: (index, member, text) => {
      if (member === 'content') write(index, text, null);
    },
    call: () => undefined,
    other: ({ index, finish }) => {
      if (finish) write(index, '', finish.reason);
    },
  });

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: keepAlive,
    encode: (batch) => {
      deltas.read(batch);
      deltas.settle();
      return taken();
    },
    end: () => {
      deltas.end();
      const last = reading.includeUsage ? frame({ choices: [], usage: toUsage(deltas.tokens()) }) : '';
      return `${taken()}${last}data: [DONE]\n\n`;
    },
    fail: (error) => `data: ${openAiErrorJson(error)}\n\n`,
    cutAfterFailure: false,
  };
};

export const gatherCompletion = async (
  answer: Answer,
  reply: CompletionHead,
  reading: ChatReading,
): Promise<string> => {
  const gathered = new GatheredAnswer();
  const deltas = readDeltas(reading, reply, gathered);
  await deltas.readAll(answer);
  deltas.end();
  const usage = toUsage(deltas.tokens());
  const choices = gathered
    .choices()
    .map(({ content, index, finish }) => ({ text: content, index, logprobs: null, finish_reason: finish.reason }));
  return JSON.stringify({ ...head(reply, reading), choices, usage });
};

const head = ({ id, createdAt }: CompletionHead, { resolved }: ChatReading) => ({
  id,
  object: 'text_completion',
  created: createdAt,
  model: resolved.requested,
});
