import { badResponse } from '../errors/answers.ts';
import { JsonError, parseJson, RawJson } from '../json.ts';
import { COLON, compactJson, OPEN_BRACE, skipSpace, skipValue } from '../json/text.ts';
import type { Chunk } from './call.ts';
import { createPartialCalls, isPartial } from './partial-args.ts';
import type { PartialCalls } from './partial-args.ts';
import type { Candidate, FunctionCall, GroundingMetadata, Loose, Part } from './types.ts';

/**
 * Takes what a reply says, piece by piece, in order. A view, one way: whoever needs more than it tells has the chunk
 * itself. `candidate` is the number of the answer where several were asked for.
 */
export interface EventSink {
  /** Text is nearly all that comes: it needs no object around it. `isPlain`: known to need no escape in JSON. */
  text(candidate: number, text: string, partIndex: number, isPlain: boolean): void;
  thought(candidate: number, text: string, isPlain: boolean): void;
  event(event: GeminiEvent): void;
  /** This chunk has totals so far (`readUsage`): the last one counts, none is added to another. */
  counted(chunk: Chunk): void;
}

/** All that is rarer than text. */
export type GeminiEvent =
  | CallEvent
  | BlobEvent
  /** A signature on a text part, also on an empty one behind the text. */
  | { readonly kind: 'signature'; readonly candidate: number; readonly signature: string }
  | { readonly kind: 'code'; readonly candidate: number; readonly language: string; readonly code: string }
  | { readonly kind: 'codeResult'; readonly candidate: number; readonly outcome: string; readonly output: string }
  | { readonly kind: 'grounding'; readonly candidate: number; readonly metadata: GroundingMetadata }
  | { readonly kind: 'citation'; readonly candidate: number; readonly metadata: Loose }
  | { readonly kind: 'logprobs'; readonly candidate: number; readonly result: Loose }
  /** After everything else of its chunk. More may follow all the same: usage, a signature. */
  | {
      readonly kind: 'finish';
      readonly candidate: number;
      readonly reason: string;
      readonly message: string | undefined;
    }
  /** The question was refused: there is no candidate. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly message: string | undefined };

export interface CallEvent {
  readonly kind: 'call';
  readonly candidate: number;
  readonly id: string | undefined;
  readonly name: string;
  /** Compact JSON of an object, its numbers and the order of its keys as Google wrote them. */
  readonly argsText: string;
  readonly signature: string | undefined;
}

export interface BlobEvent {
  readonly kind: 'blob';
  readonly candidate: number;
  readonly mimeType: string;
  readonly data: string;
  readonly signature: string | undefined;
}

const RAW_ARGS: ReadonlySet<string> = new Set(['args']);

/** Reads the chunks of one reply, whole or streamed. Synchronous: an event costs no hop through the event loop. */
export class EventReader {
  // Most answers have none.
  #partialCalls: PartialCalls | undefined;
  /** Of the calls of the chunk in progress, once one has come. */
  #args: ArrayIterator<string> | undefined;

  /** Of calls that come in pieces. */
  get keptBytes(): number {
    return this.#partialCalls?.keptBytes() ?? 0;
  }

  /** Tells `sink` the events of one chunk, in order. */
  read(chunk: Chunk, sink: EventSink): void {
    const { more } = chunk;
    if (!more) {
      this.#readWhole(chunk, sink);
      return;
    }
    // The shortcut: all that the chunk says is known without reading it.
    const { place, text, isPlain } = more;
    const { kind, candidate, partIndex, hasUsage } = place;
    if (kind === 'text') sink.text(candidate, text, partIndex, isPlain);
    else sink.thought(candidate, text, isPlain);
    if (hasUsage) sink.counted(chunk);
  }

  #readWhole(chunk: Chunk, sink: EventSink): void {
    const { promptFeedback, usageMetadata } = chunk.value;
    const candidates = listOf(chunk.value.candidates);
    let position = 0;
    for (const candidate of candidates) {
      this.#readCandidate(chunk, candidate, position, sink);
      position += 1;
    }
    this.#args = undefined;
    const blockReason = candidates.length === 0 ? textOf(promptFeedback?.blockReason) : undefined;
    if (blockReason !== undefined) {
      sink.event({ kind: 'blocked', reason: blockReason, message: textOf(promptFeedback?.blockReasonMessage) });
    }
    if (usageMetadata) sink.counted(chunk);
  }

  #readCandidate(chunk: Chunk, candidate: Candidate, position: number, sink: EventSink): void {
    const index = typeof candidate.index === 'number' ? candidate.index : position;
    let partIndex = 0;
    for (const part of listOf(candidate.content?.parts)) {
      if (part.functionCall) this.#readCall(index, part, part.functionCall, this.#nextArgs(chunk), sink);
      else readPart(index, part, partIndex, sink);
      partIndex += 1;
    }
    const { groundingMetadata, citationMetadata, logprobsResult, finishReason } = candidate;
    if (logprobsResult) sink.event({ kind: 'logprobs', candidate: index, result: logprobsResult });
    if (groundingMetadata) sink.event({ kind: 'grounding', candidate: index, metadata: groundingMetadata });
    if (citationMetadata) sink.event({ kind: 'citation', candidate: index, metadata: citationMetadata });
    if (typeof finishReason !== 'string' || finishReason === '') return;
    const message = textOf(candidate.finishMessage);
    sink.event({ kind: 'finish', candidate: index, reason: finishReason, message });
  }

  #nextArgs(chunk: Chunk): string {
    this.#args ??= argsTexts(chunk).values();
    return this.#args.next().value ?? NO_ARGS;
  }

  #readCall(candidate: number, part: Part, call: FunctionCall, argsText: string, sink: EventSink): void {
    const signature = textOf(part.thoughtSignature);
    if (isPartial(call)) this.#partialCalls ??= createPartialCalls();
    const pending = this.#partialCalls?.take(candidate, call, signature);
    if (pending === 'more follows') return;
    const name = pending?.name ?? textOf(call.name);
    // Nobody can run a call without a name: there is none.
    if (name === undefined || name === '') return;
    sink.event({
      kind: 'call',
      candidate,
      id: pending?.id ?? textOf(call.id),
      name,
      argsText: pending?.argsText ?? argsText,
      signature: pending?.signature ?? signature,
    });
  }
}

const readPart = (candidate: number, part: Part, partIndex: number, sink: EventSink): void => {
  const signature = textOf(part.thoughtSignature);
  if (part.inlineData) {
    const { mimeType, data } = part.inlineData;
    // Images inside a thought are drafts: the answer repeats the one that counts.
    if (part.thought === true || typeof data !== 'string' || data === '') return;
    sink.event({ kind: 'blob', candidate, mimeType: mimeType ?? 'application/octet-stream', data, signature });
  } else if (part.executableCode) {
    const { language, code } = part.executableCode;
    sink.event({ kind: 'code', candidate, language: textOf(language) ?? '', code: textOf(code) ?? '' });
  } else if (part.codeExecutionResult) {
    const { outcome, output } = part.codeExecutionResult;
    sink.event({ kind: 'codeResult', candidate, outcome: textOf(outcome) ?? '', output: textOf(output) ?? '' });
  } else if (typeof part.text === 'string') {
    if (part.thought === true) {
      if (part.text !== '') sink.thought(candidate, part.text, false);
      return;
    }
    if (part.text !== '') sink.text(candidate, part.text, partIndex, false);
    if (signature !== undefined) sink.event({ kind: 'signature', candidate, signature });
  }
};

/**
 * The arguments of a chunk's calls, in order, each as compact JSON of an object. Where they are not the only ones in its
 * text, the chunk is read a second time, with arguments kept as their text.
 */
export const argsTexts = (chunk: Chunk): readonly string[] => {
  if (chunk.argsTexts) return chunk.argsTexts;
  const candidates = listOf(chunk.value.candidates);
  const first = firstArgs(candidates);
  if (first === undefined) return NONE;
  const only = onlyArgs(chunk.json);
  return only === undefined
    ? callsOf(listOf(readExactly(chunk.json).candidates)).map(({ args }) => argsTextOf(args))
    : callsOf(candidates).map(({ args }) => (args === first ? only : NO_ARGS));
};

const NONE: readonly string[] = [];
const NO_ARGS = '{}';

const callsOf = (candidates: readonly Candidate[]): readonly FunctionCall[] => {
  const calls: FunctionCall[] = [];
  for (const { content } of candidates) {
    for (const { functionCall } of listOf(content?.parts)) if (functionCall) calls.push(functionCall);
  }
  return calls;
};

const readExactly = (json: string): Chunk['value'] => {
  try {
    return parseJson(json, { raw: RAW_ARGS }) as Chunk['value'];
  } catch (error) {
    // What the engine has read before can only be too deep.
    if (!(error instanceof JsonError)) throw error;
    throw badResponse(`Google sent an answer that cannot be read: ${error.message}.`);
  }
};

const firstArgs = (candidates: readonly Candidate[]): FunctionCall['args'] => {
  for (const { content } of candidates) {
    for (const part of listOf(content?.parts)) if (part.functionCall?.args) return part.functionCall.args;
  }
  return undefined;
};

const ARGS = '"args"';

/**
 * Undefined where the text says `args` more than once: then which ones are meant only reading tells. Takes a tenth of
 * reading the chunk again. Google escapes no letter in the names of its fields.
 */
const onlyArgs = (json: string): string | undefined => {
  const at = json.indexOf(ARGS);
  if (at === -1 || json.includes(ARGS, at + 1)) return undefined;
  // A name that ends like this one, with an escaped quote before it.
  if (json.charAt(at - 1) === '\\') return undefined;
  const colon = skipSpace(json, at + ARGS.length);
  if (json.charCodeAt(colon) !== COLON) return undefined;
  const start = skipSpace(json, colon + 1);
  return json.charCodeAt(start) === OPEN_BRACE ? compactJson(json.slice(start, skipValue(json, start))) : undefined;
};

const argsTextOf = (args: FunctionCall['args']): string =>
  args instanceof RawJson && args.text.startsWith('{') ? compactJson(args.text) : NO_ARGS;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Types are believed inside the house, but these lists come from outside and are walked: a wrong one is an empty one. */
const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (value instanceof Array ? value : []);
