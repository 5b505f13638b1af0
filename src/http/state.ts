import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import type { CallFacts } from '../call-facts.ts';
import type { Caller, CountedCaller } from '../callers/caller.ts';
import type { Logger } from '../log.ts';
import type { Payloads } from '../engine/payloads.ts';
import type { System } from '../system.ts';
import type { Deadlines } from '../engine/deadlines.ts';
import type { JointWrites } from '../engine/joint-writes.ts';
import type { PassingBytes } from '../engine/passing-bytes.ts';
import type { Connections } from './connections.ts';
import type { Dialect } from './dialect.ts';
import type { Headers } from './head.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { Admission } from './admission.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { WorkMemory } from './work-memory.ts';

/** The one log line of a request. It begins in this order; a route adds to it what it knows. */
export interface RequestNotes {
  readonly requestId: string;
  readonly method: string | undefined;
  /** The address as we name it, where the router does not know: `/v1beta/models/{model}:generateContent`. */
  route: string | undefined;
  status: number | undefined;
  ms: number | undefined;
  caller: string | undefined;
  format?: string;
  model?: string;
  door?: string;
  stream?: boolean;
  promptTokens?: number;
  /** Of the prompt's. */
  cachedTokens?: number;
  outputTokens?: number;
  /** Of the output's. */
  thoughtTokens?: number;
  bytesIn?: number;
  bytesOut?: number;
  /** Until the first byte of the answer. */
  firstByteMs?: number;
  /** Tries beyond the first. */
  retries?: number;
  /** Doors that were left for another. */
  failovers?: number;
  leftOut?: Set<string> | undefined;
  traceId?: string;
  /** `reason` or code of the error that the client got. */
  error?: string;
}

/** Tokens that one call has used. */
export interface TokensUsed {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly thoughts: number;
  readonly inputBy: Readonly<Record<string, number | undefined>>;
  readonly outputBy: Readonly<Record<string, number | undefined>>;
}

/** What layers towards the models write of this request's calls; read when the line is written. */
export interface CallRecord extends CallFacts {
  readonly tokens: { usage(): TokensUsed | undefined }[];
  bill?: { settle(used: readonly (TokensUsed | undefined)[]): void };
}

/** The same for all requests of one server. */
export interface ServerScope {
  readonly system: System;
  readonly log: Logger;
  /** Told whose word is the next. */
  readonly connections: Pick<Connections, 'wait' | 'goOn'>;
  /** Who is answered at a time. */
  readonly admission: Pick<Admission, 'leave' | 'comeBack'>;
  readonly bodies: MemoryBudget;
  /** Told of an answer of which much waits to be taken. */
  readonly waits: Lifetimes['waits'];
  readonly workMemory: WorkMemory;
  /** The clock of one limit, shared by all who keep to it. */
  readonly deadlines: (limitMs: number) => Deadlines;
  /** Advice of ours in the commands that work where this relay stands. */
  readonly asTypedHere: (text: string) => string;
  /** Read with each request: they may change. */
  readonly limits: { readonly maxBodyBytes: number };
  readonly trustProxyHops: number;
  /** How long a body may take that is read whole. */
  readonly receiveTimeoutMs: number;
  readonly writes: JointWrites;
  /** Answers that are being streamed. */
  readonly streams: { open: number };
  /** Told of bytes that are not held. */
  readonly passing: PassingBytes;
  /** For what goes on for long: throws where the key of who began it lets nobody in any more. */
  readonly checkCaller: (ctx: Pick<Context, 'state'>) => void;
  /** How a caller stands whose use is counted, for the head of each answer. */
  readonly tellLimits?: ((caller: CountedCaller, headers: Headers) => void) | undefined;
}

declare module 'koa' {
  interface DefaultState {
    requestId: string;
    /** As its client spelled it, without the query. */
    path: string;
    /** Its own: Node works out anew with each look whether it has them. */
    requestHeaders: IncomingHttpHeaders;
    /** In which it is answered; undefined until somebody has asked. */
    dialect?: Dialect | undefined;
    /** NOBODY until a key has let somebody in. */
    caller: Caller;
    /** The key came as `?key=`. The URL does not hold it any more. */
    keyInUrl: boolean;
    /** What stood there, for the comparison alone. */
    urlKeys: readonly string[];
    /** On the monotonic clock. */
    startedAt: number;
    /** Aborted when the client leaves, the request's time is over or the relay stops; the reason is a RelayError. */
    signal: AbortSignal;
    /** Whose signal that is: for who calls the request off. */
    lifetime: AbortController;
    /** Of the answer, until its head is written. */
    headers: Headers;
    /** Among those that are answered at a time; undefined for who needs none. */
    place?: 'held' | 'left';
    /** Of the body, as far as the budget of all bodies knows. */
    bodyBytes: number;
    /** The same of its answer, where that is kept until its end. */
    answerBytes: number;
    /** Of what is made of the body, as far as those who wait their turn know. */
    workBytes: number;
    notes: RequestNotes;
    /** Of its log line, where it is one of many that nobody asks for by hand. */
    lineLevel?: 'debug';
    /** Writes something that means nothing into the stream that is under way. */
    pulse?: () => void;
    record: CallRecord;
    /** Left out of the body when it was read. */
    payloads?: Payloads;
    server: ServerScope;
  }
}
