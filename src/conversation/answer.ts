/** An answer in neutral form, step by step: what every encoder writes from. */
import type { BlobEvent } from '../gemini/events.ts';
import type { GroundingMetadata, Loose } from '../gemini/types.ts';
import type { ModelCall } from './calls.ts';
import type { Citation } from './citations.ts';

/**
 * Takes what the candidates of an answer say, in order. A writer of frames and a gatherer of whole answers are both
 * sinks, so the two cannot disagree. What nearly all answers consist of needs no object around it.
 */
export interface AnswerSink {
  /** What of the answer stays here until its end, or until what follows. Of one that is gathered nobody asks. */
  readonly keptBytes: number;
  /** Before anything else of a candidate. */
  open(index: number): void;
  /** `isPlain`: known to need no escape in JSON. */
  text(index: number, text: string, isPlain: boolean): void;
  /** Only where thoughts are shown. */
  thought(index: number, text: string, isPlain: boolean): void;
  /** `place`: which call of the candidate this is, from 0. A signature is the call's own. */
  call(index: number, place: number, call: ModelCall): void;
  /** Only where the reading wants images by themselves. `place`: which image, from 0. */
  image(index: number, place: number, image: BlobEvent): void;
  /** Of the text so far, when it comes: mostly behind the last of it. The last one counts. */
  signature(index: number, signature: string): void;
  /** Google's own form of them. Only where they were asked for. */
  logprobs(index: number, result: Loose): void;
  /** Once, behind all text. `grounding`: what else Google says of its sources, its searches among it. */
  citations(index: number, citations: readonly Citation[], grounding: GroundingMetadata | undefined): void;
  /** Last. */
  finish(index: number, finish: Finish): void;
}

export interface Finish {
  /** What clients tell apart. A cut or filtered answer says so even when it holds calls: nobody runs half a plan. */
  readonly kind: 'stop' | 'calls' | 'length' | 'filtered';
  /** Google's own word. */
  readonly reason: string;
  /** What to say where a filter has left nothing of the answer. */
  readonly refusal: string | undefined;
}
