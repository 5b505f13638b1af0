import type { FunctionNames } from '../gemini/function-names.ts';
import type { ResolvedModel } from '../gemini/catalogue.ts';

/** What an encoder needs to know of the request, to answer in the client's own terms. */
export interface AnswerReading {
  readonly resolved: ResolvedModel;
  readonly names: FunctionNames;
  /** Client names of tools declared as `custom`: their calls go out as custom calls, `input` taken out of the args. */
  readonly customTools: ReadonlySet<string>;
  /** Client names of tools whose schema is no object: their calls carry `{value}`, and the client gets the value. */
  readonly wrappedTools: ReadonlySet<string>;
  /** Of all calls in a step only the first is kept. */
  readonly singleCall: boolean;
  /** JSON was asked for in words: a fence around the answer is taken off. */
  readonly stripFence: boolean;
  /** Images by themselves, or as markdown for clients that would show nothing otherwise. */
  readonly imagesAs: 'images' | 'markdown';
  readonly showThoughts: boolean;
  readonly logprobs: boolean;
  /** Names of parameters and parts that had no effect. */
  readonly ignored: readonly string[];
}
