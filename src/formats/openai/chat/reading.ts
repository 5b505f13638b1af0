/** What the way back has to know of a request: the answer is written as this client reads it. Decoding a request makes it. */
export interface Reading {
  /** As the client wrote it, suffixes and prefix included: clients key their caches on the echo. */
  readonly model: string;
  /** The model's id at Google, for a header. */
  readonly upstreamModel: string;
  readonly stream: boolean;
  /** `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  /** The client's name of a function, from the one that went to Google. */
  readonly toClientName: (name: string) => string;
  /** Client's names of `type: "custom"` tools: their answers go back as custom tool calls. */
  readonly customTools: ReadonlySet<string>;
  /** Client's names of tools whose schema was no object and was wrapped: their arguments arrive as `{"value": …}`. */
  readonly wrappedTools: ReadonlySet<string>;
  /** The client speaks of `functions`, not of `tools`. */
  readonly legacyFunctions: boolean;
  /** False: of all calls in a step only the first is kept. */
  readonly parallelToolCalls: boolean;
  /** JSON was asked for by instruction alone: a fence around the answer is taken off. */
  readonly stripFence: boolean;
  /** Images as `message.images`, or as markdown in the text for clients that would show nothing otherwise. */
  readonly images: 'field' | 'markdown';
  /** Family of the model that answers: signatures are bound to it. */
  readonly family: string;
  /** Names of parameters that had no effect. */
  readonly ignored: readonly string[];
}
