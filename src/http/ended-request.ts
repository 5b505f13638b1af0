import type { Context } from 'koa';
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
  readonly format: string;
  readonly status: number;
  readonly ms: number;
  readonly clientLeft: boolean;
  readonly used: readonly (TokensUsed | undefined)[];
}

/** From the log line and what the layers have noted. */
export const endedRequest = (ctx: Context, line: RequestNotes, ending: Ending): EndedRequest => {
  const { caller, record, server } = ctx.state;
  const { format, status, ms, clientLeft, used } = ending;
  return {
    id: line.requestId,
    time: Math.round(server.system.now() - ms),
    key: caller.name,
    door: record.upstream,
    format,
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
    client: productOf(ctx.req.headers['user-agent']),
  };
};

/** Name and version that stand first: `OpenAI/JS 7.55.0`. What follows is of the machine that it runs on. */
const productOf = (userAgent: string | undefined): string | undefined =>
  userAgent === undefined ? undefined : PRODUCT.exec(userAgent)?.[0];

const PRODUCT = /^[A-Za-z][\w.-]{0,31}(?:\/[\w.+-]{1,24})?(?: \d[\w.]{0,15})?(?=[\s;,(]|$)/;
