/** The steps of an answer as blocks: one open at a time, each closed before the next begins. */
import type { AnswerSink, Finish } from '../../../conversation/answer.ts';
import type { ModelCall } from '../../../conversation/calls.ts';
import type { Citation } from '../../../conversation/citations.ts';
import { writeCarrier, writeReference } from '../../../conversation/signature-carrier.ts';
import type { GroundingMetadata } from '../../../gemini/types.ts';
import type { MessagesReading } from './decode.ts';
import { citationJson, findingBlocks, findingsOf } from './findings.ts';
import { StopScanner } from './stop-scanner.ts';

/** Takes blocks as they grow: a writer of frames, or a gatherer. */
export interface BlockSink {
  begin(kind: 'text' | 'thinking'): void;
  /** More of the open block. `isPlain`: known to need no escape in JSON. */
  grow(text: string, isPlain: boolean): void;
  /** Of the open thinking block, once. */
  sign(signature: string): void;
  /** Of the open text block, as JSON. */
  cite(citation: string): void;
  end(): void;
  call(id: string, name: string, input: string): void;
  /** A block that is there at once, as JSON. */
  whole(block: string): void;
}

export interface BlockNeeds {
  /** Of the model that signs: the one that was asked, or who stood in for it. */
  readonly family: () => string;
  readonly newReference: () => string;
  readonly newSearchId: () => string;
  /** Keeps the signature of a text, which comes when its thinking block is closed. */
  readonly rememberText: (reference: string, signature: string) => void;
}

export interface Ending {
  readonly reason: 'end_turn' | 'tool_use' | 'max_tokens' | 'stop_sequence' | 'refusal';
  readonly sequence: string | undefined;
  /** Why it was refused, in words. */
  readonly explanation: string | undefined;
}

/** No answer of a model with citations is longer. */
const LONGEST_SAID = 400_000;

export class BlockWriter implements AnswerSink {
  readonly #reading: MessagesReading;
  readonly #sink: BlockSink;
  readonly #needs: BlockNeeds;
  readonly #scanner: StopScanner | undefined;
  #open: 'text' | 'thinking' | undefined;
  #isEmpty = true;
  /** Text that waits for what was found. */
  #held = '';
  /** All text, where something may point into it. */
  #said = '';
  readonly #keepsSaid: boolean;
  #reference: string | undefined;
  /** So many were told. */
  searches = 0;
  /** Once it is there. */
  ending: Ending = { reason: 'end_turn', sequence: undefined, explanation: undefined };

  constructor(reading: MessagesReading, sink: BlockSink, needs: BlockNeeds) {
    this.#reading = reading;
    this.#sink = sink;
    this.#needs = needs;
    this.#scanner = reading.stops.length > 0 ? new StopScanner(reading.stops) : undefined;
    this.#keepsSaid = reading.mayCite;
  }

  get keptBytes(): number {
    return this.#held.length + this.#said.length;
  }

  open(): void {
    // The message itself begins with the stream.
  }

  text(_index: number, text: string, isPlain: boolean): void {
    if (this.#keepsSaid && this.#said.length < LONGEST_SAID) this.#said += text;
    this.#say(this.#scanner ? this.#scanner.push(text) : text, isPlain);
  }

  thought(_index: number, text: string, isPlain: boolean): void {
    if (!this.#reading.thinkingBlocks || this.#isCut) return;
    if (this.#open !== 'thinking') {
      this.#release();
      this.#turnTo('thinking');
    }
    this.#sink.grow(text, isPlain);
  }

  call(_index: number, _place: number, { id, name, args, signature }: ModelCall): void {
    if (this.#isCut) return;
    this.#sayAll();
    if (signature !== undefined && this.#reading.thinkingBlocks) {
      this.#turnTo('thinking');
      this.#sink.sign(writeCarrier({ signature, family: this.#needs.family(), callId: id }));
      this.#end();
    }
    this.#close();
    this.#isEmpty = false;
    this.#sink.call(id, name, args);
  }

  image(): void {
    // Images come as markdown.
  }

  signature(_index: number, signature: string): void {
    if (this.#reference !== undefined) this.#needs.rememberText(this.#reference, signature);
  }

  logprobs(): void {
    // Nobody can ask for them here.
  }

  citations(_index: number, citations: readonly Citation[], grounding: GroundingMetadata | undefined): void {
    this.#sayRest();
    const isFirst = this.#held !== '';
    if (isFirst) this.#writeFindings(citations, grounding);
    this.#release();
    if (this.#open === 'text') for (const one of citations) this.#sink.cite(citationJson(one, this.#said));
    if (!isFirst && this.searches === 0) this.#writeFindings(citations, grounding);
  }

  finish(_index: number, { kind, refusal }: Finish): void {
    this.#sayAll();
    this.#finishWith({
      reason: this.#isCut ? 'stop_sequence' : REASONS[kind],
      sequence: this.#scanner?.found,
      explanation: kind === 'filtered' ? refusal : undefined,
    });
  }

  /** The prompt itself was refused. */
  refuse(explanation: string): void {
    this.#finishWith({ reason: 'refusal', sequence: undefined, explanation });
  }

  get #isCut(): boolean {
    return this.#scanner?.found !== undefined;
  }

  #finishWith(ending: Ending): void {
    if (this.#isEmpty) this.#begin('text');
    this.#close();
    this.ending = ending;
  }

  /** What was held back so far. */
  #sayAll(): void {
    this.#sayRest();
    this.#release();
  }

  /** What might have been the beginning of a stop, and is none. */
  #sayRest(): void {
    if (this.#scanner) this.#say(this.#scanner.rest(), false);
  }

  #say(text: string, isPlain: boolean): void {
    if (text === '') return;
    if (this.#reading.findingsFirst) this.#held += text;
    else this.#write(text, isPlain);
  }

  #release(): void {
    if (this.#held === '') return;
    const text = this.#held;
    this.#held = '';
    this.#write(text, false);
  }

  #write(text: string, isPlain: boolean): void {
    if (this.#open !== 'text') {
      if (this.#isEmpty) this.#standIn();
      this.#turnTo('text');
    }
    this.#sink.grow(text, isPlain);
  }

  /** Thoughts that are not shown still have a block: in it travels what Google signed. */
  #standIn(): void {
    const { thinkingBlocks, showThoughts, resolved } = this.#reading;
    if (thinkingBlocks && !showThoughts && resolved.model.thinking !== undefined) this.#begin('thinking');
  }

  #writeFindings(citations: readonly Citation[], grounding: GroundingMetadata | undefined): void {
    const { search } = this.#reading;
    const found = search && findingsOf(citations, grounding);
    if (!found) return;
    this.#close();
    this.searches += 1;
    this.#isEmpty = false;
    for (const block of findingBlocks(found, search, this.#needs.newSearchId())) this.#sink.whole(block);
  }

  /** The block that is open is of this kind from now on. */
  #turnTo(kind: 'text' | 'thinking'): void {
    if (this.#open === kind) return;
    this.#close();
    this.#begin(kind);
  }

  #begin(kind: 'text' | 'thinking'): void {
    this.#isEmpty = false;
    this.#open = kind;
    this.#sink.begin(kind);
  }

  #close(): void {
    if (!this.#open) return;
    if (this.#open === 'thinking') {
      this.#reference = this.#needs.newReference();
      this.#sink.sign(writeReference(this.#reference));
    }
    this.#end();
  }

  #end(): void {
    this.#open = undefined;
    this.#sink.end();
  }
}

const REASONS = {
  stop: 'end_turn',
  calls: 'tool_use',
  length: 'max_tokens',
  filtered: 'refusal',
} as const satisfies Record<Finish['kind'], Ending['reason']>;
