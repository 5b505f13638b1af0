import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import { createMemo } from '../engine/memo.ts';
import { NOBODY } from '../callers/caller.ts';
import type { RequestNotes, TokensUsed } from './state.ts';

/** A request that is over: numbers and names, and nothing of what was said. */
export interface EndedRequest {
  readonly id: string;
  /** When it came in, on the wall clock. */
  readonly time: number;
  /** Name of the key; empty for who had none. */
  readonly key: string;
  readonly door: string | undefined;
  readonly format: string;
  readonly route: string | undefined;
  readonly model: string | undefined;
  readonly servedModel: string | undefined;
  readonly stream: boolean;
  readonly status: number;
  /** Why it went wrong: the word of the log line, or that the client left. */
  readonly reason: string | undefined;
  readonly ms: number;
  readonly firstMs: number | undefined;
  /** By each of its calls; undefined for one of which Google has counted nothing. */
  readonly used: readonly (TokensUsed | undefined)[];
  readonly retries: number;
  readonly client: string | undefined;
}

export interface Ending {
  readonly status: number;
  readonly ms: number;
  readonly clientLeft: boolean;
  readonly used: readonly (TokensUsed | undefined)[];
  readonly trace?: RequestTrace | undefined;
}

/** Of one request; ended without it where it was no client's. */
export interface RequestTrace {
  readonly traceId: string;
  end(ended: EndedRequest | undefined): void;
}

export type BeginTrace = (method: string, headers: IncomingHttpHeaders, record: object) => RequestTrace;

export interface EndListener {
  add(ended: EndedRequest): void;
  isWanted(): boolean;
}

export type EndTeller = (ctx: Context, line: RequestNotes, ending: Ending) => void;

export interface EndTellerNeeds {
  /** Told of those that named a valid key. */
  readonly ledger?: EndListener | undefined;
  /** Told of all that are of a client's. */
  readonly count?: ((ended: EndedRequest) => void) | undefined;
  /** The family of clients that a request belongs to; undefined for what is no client's. */
  readonly formatOf: (ctx: Context, line: RequestNotes) => string | undefined;
}

/** Tells of each request at its end, from its log line and what the layers have noted. */
export const createEndTeller = ({ ledger, count, formatOf }: EndTellerNeeds): EndTeller => {
  const products = createMemo<string>(MOST_KNOWN, LONGEST_KNOWN);

  return (ctx, line, { status, ms, clientLeft, used, trace }) => {
    const { caller, record, server } = ctx.state;
    const keeper = caller === NOBODY ? undefined : ledger;
    if (!count && !trace && keeper?.isWanted() !== true) return;
    const format = formatOf(ctx, line);
    if (format === undefined) {
      trace?.end(undefined);
      return;
    }
    const userAgent = ctx.state.requestHeaders['user-agent'] ?? '';
    const ended: EndedRequest = {
      id: line.requestId,
      time: Math.round(server.system.now() - ms),
      key: caller.name,
      door: record.door,
      format,
      route: line.route,
      // What fetches what was made before names none.
      model: line.model ?? record.servedModel,
      servedModel: record.servedModel,
      stream: line.stream === true,
      status,
      reason: line.error ?? (clientLeft ? 'client_closed' : undefined),
      ms,
      firstMs: line.firstByteMs,
      used,
      retries: record.retries ?? 0,
      client: (products.get(userAgent) ?? products.keep(userAgent, productOf(userAgent))) || undefined,
    };
    keeper?.add(ended);
    count?.(ended);
    trace?.end(ended);
  };
};

const MOST_KNOWN = 512;
const LONGEST_KNOWN = 256;

/** Name and version that stand first: `OpenAI/JS 7.55.0`. What follows is of the machine that it runs on. */
const productOf = (userAgent: string): string => PRODUCT.exec(userAgent)?.[0] ?? '';

const PRODUCT = /^[A-Za-z][\w.-]{0,31}(?:\/[\w.+-]{1,24})?(?: \d[\w.]{0,15})?(?=[\s;,(]|$)/;
