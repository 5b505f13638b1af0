import { failed } from '../../../errors.ts';
import type { RelayError } from '../../../errors.ts';
import { emptyAnswer } from '../../../errors/answers.ts';
import type { Answer, Chunk } from '../../../gemini/call.ts';
import { keptChunk, readBatches } from '../../../gemini/chunks.ts';
import { EventReader } from '../../../gemini/events.ts';
import { readUsage } from '../../../gemini/usage.ts';
import type { TokenUsage } from '../../../gemini/usage.ts';
import { Choice } from '../../../conversation/candidate.ts';
import type { ChatReading } from './decode.ts';
import { ToolCallWriter } from './tool-calls.ts';
import type { ToolCallNeeds } from './tool-calls.ts';
import { toUsage } from './usage.ts';
import type { DeltaSink, Usage } from './wire.ts';

/**
 * The one way from Google's chunks to what a chat client is told. A streamed reply writes these deltas as they come, a
 * whole one puts them together, so the two cannot disagree.
 */
export class DeltaReader {
  readonly #reading: ChatReading;
  readonly #sink: DeltaSink;
  readonly #events = new EventReader();
  readonly #toolCalls: ToolCallWriter;
  /** A request asks for eight at most, and mostly for one. */
  readonly #choices: Choice[] = [];
  /** The last chunk that has totals: they are read at the end, once. */
  #counted: Chunk | undefined;

  constructor(reading: ChatReading, needs: ToolCallNeeds, sink: DeltaSink) {
    this.#reading = reading;
    this.#sink = sink;
    this.#toolCalls = new ToolCallWriter(reading, needs);
  }

  /** To wait for only where some of it is still on its way. */
  readAll(answer: Answer): Promise<void> | undefined {
    return readBatches(answer, (batch) => {
      this.read(batch);
    });
  }

  read(batch: readonly Chunk[]): void {
    for (const chunk of batch) {
      const { more } = chunk;
      if (more) {
        this.#choiceOf(more.candidate).takeMore(more);
        if (more.hasUsage) this.#counted = chunk;
        continue;
      }
      for (const event of this.#events.read(chunk)) {
        if (event.kind === 'usage') this.#counted = chunk;
        else if (event.kind === 'blocked') throw blocked(event.reason, event.message);
        else this.#choiceOf(event.candidate).take(event);
      }
    }
  }

  /** At a true end. Throws RelayError where what came is no whole answer. */
  end(): void {
    if (this.#choices.length === 0) throw emptyAnswer();
    const inOrder = this.#choices.sort((one, other) => one.index - other.index);
    for (const choice of inOrder) choice.check();
    for (const choice of inOrder) choice.end();
    // The list is as old as the request: what it lists would stay in memory until old garbage is collected.
    this.#choices.length = 0;
  }

  /** For a stream, behind each batch: nothing of the text it came in stays, which is many times what it says. */
  settle(): void {
    for (const choice of this.#choices) choice.settle();
    if (this.#counted) this.#counted = keptChunk(this.#counted);
  }

  /** What Google has counted so far. */
  tokens(): TokenUsage {
    return readUsage(this.#counted?.value.usageMetadata);
  }

  usage(): Usage {
    return toUsage(this.tokens());
  }

  #choiceOf(index: number): Choice {
    for (const choice of this.#choices) if (choice.index === index) return choice;
    const choice = new Choice(index, this.#reading, this.#toolCalls, this.#sink);
    this.#choices.push(choice);
    return choice;
  }
}

const blocked = (reason: string, message: string | undefined): RelayError =>
  failed(
    'content_filter',
    `Google refused this prompt (${reason})${message === undefined ? '' : `: ${message}`}. ` +
      'The same prompt will be refused again: change it.',
    { param: 'messages' },
  );
