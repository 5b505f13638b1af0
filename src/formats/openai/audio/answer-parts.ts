import { failed } from '../../../errors.ts';
import { incompleteAnswer, promptBlocked } from '../../../errors/answers.ts';
import { finishKind } from '../../../conversation/finish.ts';
import type { Chunk } from '../../../gemini/call.ts';
import { EventReader } from '../../../gemini/events.ts';
import type { BlobEvent, EventSink, GeminiEvent } from '../../../gemini/events.ts';
import { readUsage } from '../../../gemini/usage.ts';
import type { TokenUsage } from '../../../gemini/usage.ts';

/** Takes what an answer is made of: its text or its sound. */
export interface PartTaker {
  text?(text: string): void;
  blob?(blob: BlobEvent): void;
}

/** Reads an answer that is no conversation: one candidate, without calls, sources and thoughts. */
export class AnswerParts implements EventSink {
  readonly #taker: PartTaker;
  readonly #events = new EventReader();
  #ending: { readonly reason: string; readonly message: string | undefined } | undefined;
  #counted: TokenUsage | undefined;

  constructor(taker: PartTaker) {
    this.#taker = taker;
  }

  read(batch: readonly Chunk[]): void {
    for (const chunk of batch) this.#events.read(chunk, this);
  }

  text(_candidate: number, text: string): void {
    this.#taker.text?.(text);
  }

  thought(): void {
    // Not part of what was asked for.
  }

  event(event: GeminiEvent): void {
    if (event.kind === 'blocked') throw promptBlocked(event.reason, event.message);
    if (event.kind === 'blob') this.#taker.blob?.(event);
    if (event.kind === 'finish') this.#ending = { reason: event.reason, message: event.message };
  }

  counted(chunk: Chunk): void {
    this.#counted = readUsage(chunk.value.usageMetadata);
  }

  /** At a true end. Throws RelayError where what came is no whole answer. */
  end(): void {
    if (!this.#ending) throw incompleteAnswer();
    const { reason, message } = this.#ending;
    const words = message === undefined ? '' : `: ${message}`;
    switch (finishKind(reason, 0)) {
      case 'filtered':
        throw failed('content_filter', `Google stopped this answer (${reason})${words}. Change the request.`);
      case 'length':
        throw failed(
          'upstream_incomplete',
          `The answer is longer than the model may write at once (${reason})${words}. Send it in shorter pieces.`,
          { retryable: false },
        );
      case 'stop':
      case 'calls':
    }
  }

  tokens(): TokenUsage {
    return this.#counted ?? readUsage(undefined);
  }
}
