/** The shapes of the Responses API as text: what is the same in every answer is written once. */
import type { TokenUsage } from '../../../gemini/usage.ts';

/** What stays the same in each event that holds the whole response. */
export interface ResponseHead {
  /** `resp_…` */
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The request's own settings, as members of the response. */
  readonly echo: string;
  /** The tier that serves it, which is known once the door has taken the request. */
  tier(): string;
  /** Seconds since 1970. */
  now(): number;
}

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

export interface ResponseState {
  readonly status: ResponseStatus;
  /** JSON of each item. */
  readonly output: readonly string[];
  readonly usage: TokenUsage | undefined;
  readonly incomplete?: string | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

export const writeResponse = (head: ResponseHead, state: ResponseState): string => {
  const { id, createdAt, echo } = head;
  const { status, output, usage, incomplete, error } = state;
  return (
    `{"id":"${id}","object":"response","created_at":${createdAt},` +
    `"completed_at":${status === 'completed' ? head.now() : 'null'},"status":"${status}","background":false,` +
    `"service_tier":"${head.tier()}","error":${error ? JSON.stringify(error) : 'null'},` +
    `"incomplete_details":${incomplete === undefined ? 'null' : `{"reason":"${incomplete}"}`},` +
    `${echo},"output":[${output.join(',')}],"usage":${usage ? usageJson(usage) : 'null'}}`
  );
};

/**
 * Cached tokens are part of the input and thoughts part of the output, as OpenAI counts them. All six are needed: OpenAI's
 * SDK for Java refuses an answer that lacks one. Google counts none for writing to its cache.
 */
const usageJson = ({ input, cached, output, thoughts, total }: TokenUsage): string =>
  `{"input_tokens":${input},"input_tokens_details":{"cached_tokens":${cached},"cache_write_tokens":0},` +
  `"output_tokens":${output},"output_tokens_details":{"reasoning_tokens":${thoughts}},"total_tokens":${total}}`;

/** A text as it stands between quotes. */
export const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
