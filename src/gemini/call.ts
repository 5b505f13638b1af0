import type { CallFacts } from '../call-facts.ts';
import type { Caller } from '../callers/caller.ts';
import type { Payloads } from '../engine/payloads.ts';
import type { Model } from './model-rows.ts';
import type { PricedUsage, TokenUsage } from './usage.ts';
import type { CountTokensResponse, GenerateContentRequest, GenerateContentResponse, JsonObject } from './types.ts';

/** Where a call comes from: for the log and for layers, never sent to Google. Plain data. */
export interface Origin {
  readonly requestId: string;
  readonly caller: Caller;
  /** `openai`, `gemini`, … */
  readonly format: string;
  /** What the client itself calls the session that the request belongs to. */
  readonly session?: string | undefined;
}

/** As layers write it. */
export interface CallRecord extends CallFacts {
  /** Each says what it has used when asked; undefined as long as Google has counted nothing. */
  readonly tokens: { push(call: { usage(): TokenUsage | undefined }): unknown };
  /** Of a caller whose use is counted: told once, at the request's end, what its calls have used. */
  bill?: { settle(used: readonly (PricedUsage | undefined)[]): void };
}

/** A call that was brought to one of several doors. */
export interface Visit {
  readonly door: VisitedDoor;
  /** Tries beyond the first at the same door: one budget for all that a call is brought to. */
  retries: number;
  /** How long has been waited before those. */
  waitedMs: number;
  /** Whether the door should be asked once more after this failure, or another one at once. */
  isWorthAnotherTry(error: unknown): boolean;
  /** Whether it may be asked, now that the wait is over. */
  isStillOpen(): boolean;
}

export interface VisitedDoor {
  readonly id: string;
  readonly account: string;
  /** Of a door that many keys share. */
  readonly key?: DoorKey | undefined;
}

export interface DoorKey {
  readonly apiKey: string;
  /** What messages call it. */
  readonly keyName: string;
}

/** One question to a model, in Gemini's form. Plain data but for its record. */
export interface Call {
  /** As resolved by the format: no `models/`, perhaps with variant suffixes (`gemini-2.5-flash-search`). */
  readonly model: string;
  /** What the catalogue knows of that model, where it was asked already (`rowOf`). */
  readonly row?: Model | undefined;
  readonly request: GenerateContentRequest;
  readonly stream: boolean;
  readonly origin: Origin;
  readonly record: CallRecord;
  /**
   * True: the client wrote this request in Gemini's own form, so it travels as written but for the few repairs that
   * the mapping allows. False: the relay translated it, and may write it another way when Google refuses it.
   */
  readonly native: boolean;
  /** Long texts for which only names stand in the request; upstreams put them back where they write it. */
  readonly payloads?: Payloads | undefined;
  /** What the client calls fields of the request that not every door takes, where that is not Google's name. */
  readonly clientNames?: Readonly<Record<string, string>> | undefined;
  /** Fields of the client's that name what Google keeps, by Google's name of it; where there are any. */
  readonly keptFields?: ReadonlyMap<string, KeptField> | undefined;
  /** Of a token count: what Google cannot count is not to be estimated. */
  readonly exact?: boolean;
  /** Id of the only door that can answer: it has what the request names. */
  readonly boundTo?: string | undefined;
  /** Where there are several doors. */
  readonly visit?: Visit | undefined;
}

/** Where a client names what Google keeps, and what it can do where that is not there. */
export interface KeptField {
  /** Path in the client's own request. */
  readonly param: string;
  readonly fix: string;
}

export interface EmbedCall {
  readonly model: string;
  /** EmbedContentRequest bodies in Gemini's form, without the model. */
  readonly requests: readonly JsonObject[];
  readonly payloads?: Payloads | undefined;
  readonly origin: Origin;
  readonly record: CallRecord;
  readonly boundTo?: undefined;
  readonly visit?: Visit | undefined;
}

export interface EmbedResponse {
  readonly embeddings: readonly (JsonObject & { readonly values: readonly number[] })[];
  readonly [field: string]: unknown;
}

/** A piece of an answer: its JSON text as Google wrote it, and its reading, parsed when first asked for. */
export interface Chunk {
  readonly json: string;
  readonly value: GenerateContentResponse;
  /** Known to have no line break in its text. */
  readonly isOneLine?: boolean;
  /** What `argsTexts` (events.ts) tells of it, where that was read ahead: of a long one it takes a while. */
  readonly argsTexts?: readonly string[] | undefined;
  /** All that the chunk says, where that is known without reading it. */
  readonly more?: MoreText | undefined;
}

/** More of one text: what nearly all chunks of a stream say. */
export interface MoreText {
  readonly place: TextPlace;
  /** Never empty. */
  readonly text: string;
  /** Known to need no escape in JSON. */
  readonly isPlain: boolean;
}

/** Where a text belongs: the same for all chunks that are alike. */
export interface TextPlace {
  readonly kind: 'text' | 'thought';
  readonly candidate: number;
  /** 0 for a thought: nothing points there. */
  readonly partIndex: number;
  /** The chunk has counts of tokens as well. */
  readonly hasUsage: boolean;
}

/** What Google's own model list says, for upstreams that have one. */
export interface ModelInfo {
  readonly name: string;
  readonly [field: string]: unknown;
}

/**
 * An answer in batches: the chunks of one network read together, so that a burst of events costs one hop through the
 * layers and not many. An array is all there; what is still on its way ends by itself only at a true end, and throws
 * anything else. `for await` walks both.
 */
export type Answer = AsyncIterable<readonly Chunk[]> | readonly (readonly Chunk[])[];

/** So much of an answer is kept until its end, all in all. Throws RelayError where that is too much. */
export type HoldAnswer = (bytes: number) => void;

/** A place where Gemini models answer. The promise settles once the answer is accepted. */
export interface Upstream {
  generate(call: Call, signal: AbortSignal): Promise<Answer>;
  countTokens(call: Call, signal: AbortSignal): Promise<CountTokensResponse>;
  embed(call: EmbedCall, signal: AbortSignal): Promise<EmbedResponse>;
  /** The models that this place says it has, of its doors those that are named, by id or kind; empty where it has no list. */
  models(signal: AbortSignal, doors?: readonly string[]): Promise<readonly ModelInfo[]>;
}

/** Anything that belongs between clients and models. A layer never asks what it wraps. */
export type Layer = (inner: Upstream) => Upstream;
