/** The chat encoder's deltas in the older shape: text and nothing else. */
import type { Chunk } from '../../../gemini/call.ts';
import type { StreamEncoder } from '../../../http/respond.ts';
import type { ChatReading } from '../chat/decode.ts';
import { createDeltaReader } from '../chat/deltas.ts';
import type { Reply } from '../chat/encode.ts';
import { gatherChoices } from '../chat/gather.ts';
import type { ChoiceDelta } from '../chat/wire.ts';
import { openAiErrorJson } from '../errors.ts';

export const createCompletionStream = (reply: Reply, reading: ChatReading): StreamEncoder<readonly Chunk[]> => {
  const deltas = createDeltaReader(reading, reply);
  const rest = reading.includeUsage ? { usage: null } : {};
  const frame = (more: object): string => `data: ${JSON.stringify({ ...head(reply, reading), ...more })}\n\n`;

  const frames = (all: readonly ChoiceDelta[]): string =>
    all
      .filter(({ delta, finish }) => finish !== undefined || (delta.content ?? '') !== '')
      .map(({ index, delta, finish }) => {
        const choice = { text: delta.content ?? '', index, logprobs: null, finish_reason: finish?.reason ?? null };
        return frame({ choices: [choice], ...rest });
      })
      .join('');

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat: ': keep-alive\n\n',
    encode: (batch) => frames(deltas.read(batch)),
    end: () => {
      const text = frames(deltas.end());
      const usage = deltas.usage();
      reply.finished(usage);
      return `${text}${reading.includeUsage ? frame({ choices: [], usage }) : ''}data: [DONE]\n\n`;
    },
    fail: (error) => `data: ${openAiErrorJson(error)}\n\n`,
    cutAfterFailure: false,
  };
};

export const gatherCompletion = async (
  source: AsyncIterable<readonly Chunk[]>,
  reply: Reply,
  reading: ChatReading,
): Promise<string> => {
  const deltas = createDeltaReader(reading, reply);
  const all: ChoiceDelta[] = [];
  for await (const batch of source) all.push(...deltas.read(batch));
  all.push(...deltas.end());
  const usage = deltas.usage();
  reply.finished(usage);
  const choices = gatherChoices(all).map(({ index, message, finish_reason }) => ({
    text: message.content ?? '',
    index,
    logprobs: null,
    finish_reason,
  }));
  return JSON.stringify({ ...head(reply, reading), choices, usage });
};

const head = ({ id, createdAt }: Reply, { resolved }: ChatReading) => ({
  id,
  object: 'text_completion',
  created: createdAt,
  model: resolved.requested,
});
