import { badResponse } from '../errors/answers.ts';
import { isObject, JsonError, parseJson, RawJson } from '../json.ts';
import { compactJson } from '../json/text.ts';
import type { Chunk } from './call.ts';
import { createPartialCalls, isPartial } from './partial-args.ts';
import type { PartialCalls } from './partial-args.ts';
import type { Candidate, FunctionCall, GroundingMetadata, Loose, Part, UsageMetadata } from './types.ts';

/**
 * What a reply says, piece by piece, for writers of other formats. A view, one way: whoever needs more than an event
 * tells has the chunk itself. `candidate` is the number of the answer where several were asked for.
 */
export type GeminiEvent =
  | { readonly kind: 'text'; readonly candidate: number; readonly text: string; readonly partIndex: number }
  | { readonly kind: 'thought'; readonly candidate: number; readonly text: string }
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
  /** Totals so far: the last one counts, none is added to another. */
  | { readonly kind: 'usage'; readonly usage: UsageMetadata }
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

  /** The events of one chunk, in order. */
  read(chunk: Chunk): readonly GeminiEvent[] {
    const events: GeminiEvent[] = [];
    const { candidates, promptFeedback, usageMetadata } = chunk.value;
    let position = 0;
    for (const candidate of candidatesOf(chunk)) {
      this.#readCandidate(candidate, position, events);
      position += 1;
    }
    const blockReason = textOf(promptFeedback?.blockReason);
    if (blockReason !== undefined && listOf(candidates).length === 0) {
      events.push({ kind: 'blocked', reason: blockReason, message: textOf(promptFeedback?.blockReasonMessage) });
    }
    if (usageMetadata) events.push({ kind: 'usage', usage: usageMetadata });
    return events;
  }

  #readCandidate(candidate: Candidate, position: number, events: GeminiEvent[]): void {
    const index = typeof candidate.index === 'number' ? candidate.index : position;
    let partIndex = 0;
    for (const part of listOf(candidate.content?.parts)) {
      if (part.functionCall) this.#readCall(index, part, part.functionCall, events);
      else readPart(index, part, partIndex, events);
      partIndex += 1;
    }
    const { groundingMetadata, citationMetadata, logprobsResult, finishReason } = candidate;
    if (logprobsResult) events.push({ kind: 'logprobs', candidate: index, result: logprobsResult });
    if (groundingMetadata) events.push({ kind: 'grounding', candidate: index, metadata: groundingMetadata });
    if (citationMetadata) events.push({ kind: 'citation', candidate: index, metadata: citationMetadata });
    if (typeof finishReason !== 'string' || finishReason === '') return;
    const message = textOf(candidate.finishMessage);
    events.push({ kind: 'finish', candidate: index, reason: finishReason, message });
  }

  #readCall(candidate: number, part: Part, call: FunctionCall, events: GeminiEvent[]): void {
    const signature = textOf(part.thoughtSignature);
    if (isPartial(call)) this.#partialCalls ??= createPartialCalls();
    const pending = this.#partialCalls?.take(candidate, call, signature);
    if (pending === 'more follows') return;
    const name = pending?.name ?? textOf(call.name);
    // Nobody can run a call without a name: there is none.
    if (name === undefined || name === '') return;
    events.push({
      kind: 'call',
      candidate,
      id: pending?.id ?? textOf(call.id),
      name,
      argsText: pending?.argsText ?? argsTextOf(call.args),
      signature: pending?.signature ?? signature,
    });
  }
}

const readPart = (candidate: number, part: Part, partIndex: number, events: GeminiEvent[]): void => {
  const signature = textOf(part.thoughtSignature);
  if (part.inlineData) {
    const { mimeType, data } = part.inlineData;
    // Images inside a thought are drafts: the answer repeats the one that counts.
    if (part.thought === true || typeof data !== 'string' || data === '') return;
    events.push({ kind: 'blob', candidate, mimeType: mimeType ?? 'application/octet-stream', data, signature });
  } else if (part.executableCode) {
    const { language, code } = part.executableCode;
    events.push({ kind: 'code', candidate, language: textOf(language) ?? '', code: textOf(code) ?? '' });
  } else if (part.codeExecutionResult) {
    const { outcome, output } = part.codeExecutionResult;
    events.push({ kind: 'codeResult', candidate, outcome: textOf(outcome) ?? '', output: textOf(output) ?? '' });
  } else if (typeof part.text === 'string') {
    if (part.thought === true) {
      if (part.text !== '') events.push({ kind: 'thought', candidate, text: part.text });
      return;
    }
    if (part.text !== '') events.push({ kind: 'text', candidate, text: part.text, partIndex });
    if (signature !== undefined) events.push({ kind: 'signature', candidate, signature });
  }
};

/** A chunk with a call is read a second time where it must be, with the arguments kept as their text. */
const candidatesOf = (chunk: Chunk): readonly Candidate[] => {
  const candidates = listOf(chunk.value.candidates);
  const args = firstArgs(candidates);
  if (args === undefined || isSpelledPlainly(chunk.json, args)) return candidates;
  return listOf(readExactly(chunk.json).candidates);
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
 * Whether these are the only arguments in the text, and stand there as the engine would write them: then nothing of
 * their spelling was lost when they were read. Takes a tenth of reading the chunk again. Google escapes no letter in the
 * names of its fields.
 */
const isSpelledPlainly = (json: string, args: FunctionCall['args']): boolean => {
  const at = json.indexOf(ARGS);
  if (at === -1 || json.includes(ARGS, at + 1)) return false;
  // A name that ends like this one, with an escaped quote before it.
  if (json.charAt(at - 1) === '\\') return false;
  return json.startsWith(`:${JSON.stringify(args)}`, at + ARGS.length);
};

const argsTextOf = (args: FunctionCall['args']): string => {
  if (args instanceof RawJson) return args.text.startsWith('{') ? compactJson(args.text) : '{}';
  return isObject(args) ? JSON.stringify(args) : '{}';
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Types are believed inside the house, but these lists come from outside and are walked: a wrong one is an empty one. */
const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (value instanceof Array ? value : []);
