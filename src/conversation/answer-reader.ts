import { emptyAnswer, promptBlocked } from '../errors/answers.ts';
import type { Answer, Chunk } from '../gemini/call.ts';
import { countsOf, FEW, readBatches } from '../gemini/chunks.ts';
import type { Counts } from '../gemini/chunks.ts';
import { EventReader } from '../gemini/events.ts';
import type { CallEvent, EventSink, GeminiEvent } from '../gemini/events.ts';
import { readUsage } from '../gemini/usage.ts';
import type { TokenUsage } from '../gemini/usage.ts';
import type { AnswerSink } from './answer.ts';
import { CallWriter, type CallNeeds, type ModelCall } from './calls.ts';
import { Candidate } from './candidate.ts';
import type { AnswerReading } from './reading.ts';

/** The one way from Google's chunks to what a client is told, whatever its language, streamed or whole. */
export class AnswerReader implements EventSink {
  readonly #reading: AnswerReading;
  readonly #sink: AnswerSink;
  readonly #needs: CallNeeds;
  readonly #events = new EventReader();
  /** Of an answer that calls. */
  #calls: CallWriter | undefined;
  /** By number. A request asks for eight at most, and mostly for one. */
  readonly #candidates = new Map<number, Candidate>();
  /** The last chunk that has totals, and what is kept of it: they are read at the end, once. */
  #counted: Chunk | undefined;
  #counts: Counts | undefined;
  /** Many chunks came in one network read. */
  #isOneOfMany = false;

  constructor(reading: AnswerReading, needs: CallNeeds, sink: AnswerSink) {
    this.#reading = reading;
    this.#sink = sink;
    this.#needs = needs;
  }

  /** To wait for only where some of it is still on its way. */
  readAll(answer: Answer): Promise<void> | undefined {
    return readBatches(answer, this.read, this.#needs.hold);
  }

  /** Its own, wherever it is handed. */
  readonly read = (batch: readonly Chunk[]): void => {
    this.#isOneOfMany = batch.length > FEW;
    for (const chunk of batch) this.#events.read(chunk, this);
  };

  /** At a true end. Throws RelayError where what came is no whole answer. */
  end(): void {
    if (this.#candidates.size === 0) throw emptyAnswer();
    const inOrder = [...this.#candidates.values()].sort((one, other) => one.index - other.index);
    for (const candidate of inOrder) candidate.check();
    for (const candidate of inOrder) {
      candidate.end();
      // The map is as old as the request, and what `clear` puts aside is as well: what it holds would stay in memory until
      // old garbage is collected.
      this.#candidates.delete(candidate.index);
    }
  }

  /** For a stream, behind each batch: nothing of the text it came in stays, which is many times what it says. */
  settle(): void {
    let keptBytes = this.#sink.keptBytes + this.#events.keptBytes + (this.#calls?.keptBytes ?? 0);
    for (const candidate of this.#candidates.values()) keptBytes += candidate.settle();
    this.#needs.hold(keptBytes);
    if (!this.#counted) return;
    this.#counts = countsOf(this.#counted, this.#isOneOfMany);
    this.#counted = undefined;
  }

  /** What Google has counted so far. */
  tokens(): TokenUsage {
    return readUsage((this.#counted ?? this.#counts)?.value.usageMetadata);
  }

  text(index: number, text: string, partIndex: number, isPlain: boolean): void {
    this.#candidate(index).text(text, partIndex, isPlain);
  }

  thought(index: number, text: string, isPlain: boolean): void {
    this.#candidate(index).thought(text, isPlain);
  }

  event(event: GeminiEvent): void {
    if (event.kind === 'blocked') throw promptBlocked(event.reason, event.message);
    this.#candidate(event.candidate).take(event);
  }

  counted(chunk: Chunk): void {
    this.#counted = chunk;
  }

  write(call: CallEvent): ModelCall {
    this.#calls ??= new CallWriter(this.#reading, this.#needs);
    return this.#calls.write(call);
  }

  #candidate(index: number): Candidate {
    const known = this.#candidates.get(index);
    if (known) return known;
    const candidate = new Candidate(index, this.#reading, this, this.#sink);
    this.#candidates.set(index, candidate);
    return candidate;
  }
}
