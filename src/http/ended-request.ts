import type { Context } from 'koa';
import { createMemo } from '../engine/memo.ts';
import type { RequestNotes, TokensUsed } from './state.ts';

/** A request that is over: numbers and names, and nothing of what was said. */
export interface EndedRequest {
  readonly id: string;
  /** When it came in, on the wall clock. */
  readonly time: number;
  /** Name of the key. */
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
}

export interface EndListener {
  add(ended: EndedRequest): void;
  isWanted(): boolean;
}

export type EndTeller = (ctx: Context, line: RequestNotes, ending: Ending) => void;

/** Tells of each request at its end, from its log line and what the layers have noted. */
export const createEndTeller = (
  ledger: EndListener,
  /** The family of clients that a request belongs to. */
  formatOf: (ctx: Context) => string,
): EndTeller => {
  const products = createMemo<string>(MOST_KNOWN, LONGEST_KNOWN);

  return (ctx, line, { status, ms, clientLeft, used }) => {
    if (!ledger.isWanted()) return;
    const { caller, record, server } = ctx.state;
    const userAgent = ctx.req.headers['user-agent'] ?? '';
    ledger.add({
      id: line.requestId,
      time: Math.round(server.system.now() - ms),
      key: caller.name,
      door: record.door,
      format: formatOf(ctx),
      route: line.route,
      model: line.model,
      servedModel: record.servedModel,
      stream: line.stream === true,
      status,
      reason: line.error ?? (clientLeft ? 'client_closed' : undefined),
      ms,
      firstMs: line.firstByteMs,
      used,
      retries: record.retries ?? 0,
      client: (products.find(userAgent) ?? products.keep(userAgent, productOf(userAgent))) || undefined,
    });
  };
};

const MOST_KNOWN = 512;
const LONGEST_KNOWN = 256;

/** Name and version that stand first: `OpenAI/JS 7.55.0`. What follows is of the machine that it runs on. */
const productOf = (userAgent: string): string => PRODUCT.exec(userAgent)?.[0] ?? '';

const PRODUCT = /^[A-Za-z][\w.-]{0,31}(?:\/[\w.+-]{1,24})?(?: \d[\w.]{0,15})?(?=[\s;,(]|$)/;
