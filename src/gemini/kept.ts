/**
 * What is asked of Google beside questions to a model: files, caches, batches, interactions, operations. A request goes as
 * the client wrote it, and Google's answer comes back as it is; the relay reads in both what they name.
 */
import type { Caller } from '../callers/caller.ts';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { CallRecord } from './call.ts';
import type { Made } from './kept-kinds.ts';
import type { Resource } from './resources.ts';

/** Kinds of doors that keep things, the preferred one first. Files, batches and interactions only the Gemini API has. */
export type KeepingKinds = readonly ('gemini-api' | 'vertex')[];

export const GEMINI_API_ONLY: KeepingKinds = ['gemini-api'];
export const VERTEX_TOO: KeepingKinds = ['gemini-api', 'vertex'];
/** For clients that speak Vertex's form. */
export const VERTEX_FIRST: KeepingKinds = VERTEX_TOO.toReversed();

export type PassageBody = string | readonly Buffer[] | AsyncIterable<Buffer>;

export interface Passage {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the host, with its version and query: `/v1beta/files?pageSize=10`. */
  readonly path: string;
  /** Those of the client's that mean something to Google. */
  readonly headers: Readonly<Record<string, string>>;
  /** One that comes in pieces can be sent once only. */
  readonly body?: PassageBody | undefined;
  /** The model that the body names: doors spell it differently. */
  readonly model?: { readonly name: string; readonly named: (name: string) => PassageBody } | undefined;
}

/** Google's answer; one of failure is thrown. */
export interface Passed {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** For one reader, at its pace. What the client must not see before it is kept is kept before it comes. */
  readonly body: AsyncIterable<Buffer>;
  /** The whole body; longer than the limit is an error. */
  text(limitBytes: number): Promise<string>;
}

/** Of an answer that nobody reads. */
export const discard = async ({ body }: Pick<Passed, 'body'>): Promise<void> => {
  await body[Symbol.asyncIterator]().return?.();
};

/** Who asks. */
export interface Asker {
  readonly caller: Caller;
  readonly record: CallRecord;
  /** What the client itself calls the session that the request belongs to. */
  readonly session?: string | undefined;
  readonly signal: AbortSignal;
}

/** Something new. */
export interface Creation {
  readonly made: Made;
  /** What Google keeps that the request names: it leads to the door that has it. */
  readonly names: readonly string[];
  /** What the client wants it to be called. */
  readonly claims?: string | undefined;
  readonly model?: string | undefined;
  /** Of Google's, in place of a model. */
  readonly agent?: string | undefined;
  /** Where it can be made. */
  readonly kinds?: KeepingKinds;
  /** Tokens that go in, about. */
  readonly tokens?: number;
}

/** Rejections are RelayErrors fit for the client. */
export interface Keeper {
  /** Whether this relay has a door of such a kind; by default one of the Gemini API. */
  isOpen(kinds?: KeepingKinds): boolean;
  create(passage: Passage, creation: Creation, asker: Asker): Promise<Passed>;
  /** Of what the caller made; `made`: what else the answer may name. */
  ask(name: string, passage: Passage, asker: Asker, made?: Made): Promise<Passed>;
  /** As `ask`, and then it is there no more. */
  remove(name: string, passage: Passage, asker: Asker): Promise<Passed>;
  /** Those of the caller's own, newest first. */
  own(collection: string, asker: Asker): Promise<readonly Resource[]>;
  /**
   * One after the other as Google tells of them, so many at most, those left out that it has no more. Some are asked for
   * ahead.
   */
  each(
    resources: readonly Resource[],
    passageOf: (name: string) => Passage,
    asker: Asker,
    most: number,
  ): AsyncIterable<Listed>;
  /** What an answer does not name in its body. */
  keep(resource: Resource): Promise<void>;
  /** `Caller.id` of who made it. Rejects (503) where it cannot be known now. */
  ownerOf(name: string): Promise<string | undefined>;
}

export interface Listed {
  readonly resource: Resource;
  readonly passed: Passed;
}

/** Over other doors. */
export const needsKeyDoor = (what: string, kinds: KeepingKinds = GEMINI_API_ONLY): RelayError => {
  const isOnVertex = kinds.includes('vertex');
  return failed(
    'unsupported_value',
    `${what} need a door of the Gemini API${isOnVertex ? ' or of Vertex AI' : ''}, and this relay has none: its owner can ` +
      `set GEMINI_API_KEY, and UPSTREAM=gemini-api (or a list with it)${
        isOnVertex ? ', or GOOGLE_CLOUD_PROJECT and UPSTREAM=vertex' : ''
      }.`,
  );
};
