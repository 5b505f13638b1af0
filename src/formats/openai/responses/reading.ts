import type { AnswerReading } from '../../../conversation/reading.ts';
import type { Namespaces } from './namespaces.ts';

/** What the encoder needs to answer in the client's own terms. */
export interface ResponsesReading extends AnswerReading {
  readonly namespaces: Namespaces;
  /** Signatures travel in `encrypted_content`. Else they are remembered here. */
  readonly carriers: boolean;
  /** The pages that a search has found are asked for. */
  readonly searchSources: boolean;
  /** The conversation is to be put in few words, for a client that goes on from them. */
  readonly compacts: boolean;
}
