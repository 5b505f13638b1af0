/** The chat encoder's deltas in the older shape: text and nothing else. */
import { AnswerReader } from '../../../conversation/answer-reader.ts';
import type { Answer, Chunk } from '../../../gemini/call.ts';
import type { StreamEncoder } from '../../../http/stream.ts';
import type { ChatReading } from '../chat/decode.ts';
import { Deltas } from '../chat/deltas.ts';
import type { CompletionHead } from '../chat/encode.ts';
import { GatheredAnswer } from '../chat/gather.ts';
import { toUsage } from '../chat/usage.ts';
import type { ChoiceFinish, FinishReason } from '../chat/wire.ts';
import { openAiErrorJson } from '../errors.ts';
import { heartbeat } from '../heartbeat.ts';

export const createCompletionStream = (
  reply: CompletionHead,
  reading: ChatReading,
): StreamEncoder<readonly Chunk[]> => {
  const rest = reading.includeUsage ? { usage: null } : {};
  const frame = (more: object): string => `data: ${JSON.stringify({ ...head(reply, reading), ...more })}\n\n`;

  const write = (index: number, text: string, finish_reason: FinishReason | null): string =>
    frame({ choices: [{ text, index, logprobs: null, finish_reason }], ...rest });
  const frames = new TextFrames(reading, write);
  const reader = new AnswerReader(reading, reply, frames);

  return {
    contentType: 'text/event-stream; charset=utf-8',
    heartbeat,
    encode: (batch) => {
      reader.read(batch);
      reader.settle();
      return frames.taken();
    },
    end: () => {
      reader.end();
      const last = reading.includeUsage ? frame({ choices: [], usage: toUsage(reader.tokens()) }) : '';
      return `${frames.taken()}${last}data: [DONE]\n\n`;
    },
    fail: (error) => `data: ${openAiErrorJson(error)}\n\n`,
    cutAfterFailure: false,
  };
};

/** Text and ends; nothing else is told in this form. */
class TextFrames extends Deltas {
  readonly #write: (index: number, text: string, finish: FinishReason | null) => string;
  #all = '';

  constructor(reading: ChatReading, write: (index: number, text: string, finish: FinishReason | null) => string) {
    super(reading);
    this.#write = write;
  }

  /** The frames since it was asked last. */
  taken(): string {
    const all = this.#all;
    this.#all = '';
    return all;
  }

  text(index: number, text: string): void {
    this.#all += this.#write(index, text, null);
  }

  protected end(index: number, { reason }: ChoiceFinish): void {
    this.#all += this.#write(index, '', reason);
  }

  open(): void {
    // A text needs no beginning.
  }

  thought(): void {
    // Not told here, as all that follows.
  }

  protected toolCall(): void {
    // Nobody can declare a tool here.
  }

  protected delta(): void {
    // No place for it.
  }

  protected tokens(): void {
    // No place for it.
  }
}

export const gatherCompletion = async (
  answer: Answer,
  reply: CompletionHead,
  reading: ChatReading,
): Promise<string> => {
  const gathered = new GatheredAnswer(reading);
  const reader = new AnswerReader(reading, reply, gathered);
  await reader.readAll(answer);
  reader.end();
  const usage = toUsage(reader.tokens());
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
