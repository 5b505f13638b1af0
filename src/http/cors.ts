import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import type { Gate } from './gates.ts';
import { setHeader, writeHead } from './head.ts';

/** What the log calls a browser's question before the request. */
export const PREFLIGHT = 'preflight';

export type CorsSettings = '*' | 'none' | readonly string[];

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** What the SDKs send from browsers. A list and no `*`: that would not cover `authorization`. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'accept',
  'user-agent',
  'x-api-key',
  'x-goog-api-key',
  'x-goog-api-client',
  'x-goog-user-project',
  'x-goog-request-params',
  'x-goog-upload-protocol',
  'x-goog-upload-command',
  'x-goog-upload-offset',
  'x-goog-upload-file-name',
  'x-goog-upload-header-content-length',
  'x-goog-upload-header-content-type',
  'api-revision',
  'range',
  'x-server-timeout',
  'x-request-id',
  'x-client-request-id',
  'x-requested-with',
  'x-title',
  'http-referer',
  'idempotency-key',
  'openai-organization',
  'openai-project',
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
  'x-stainless-arch',
  'x-stainless-async',
  'x-stainless-custom-poll-interval',
  'x-stainless-helper-method',
  'x-stainless-lang',
  'x-stainless-os',
  'x-stainless-package-version',
  'x-stainless-poll-helper',
  'x-stainless-raw-response',
  'x-stainless-retry-count',
  'x-stainless-runtime',
  'x-stainless-runtime-version',
  'x-stainless-timeout',
].join(', ');

const ANSWER_HEADERS = [
  'x-request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'x-relay-door',
  'x-goog-upload-url',
  'x-goog-upload-control-url',
  'x-goog-upload-chunk-granularity',
  'x-goog-upload-status',
  'x-goog-upload-size-received',
  'content-range',
  'location',
  'range',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-tokens',
  'x-relay-estimate',
  'x-relay-ignored',
  'x-relay-model',
  'x-relay-thinking',
  'x-relay-upstream-model',
  'www-authenticate',
].join(', ');

/** Names of headers, so many that no client has more of them. */
const LIST_OF_NAMES = /^[\w!#$%&'*+.^`|~-]{1,64}(?: ?, ?[\w!#$%&'*+.^`|~-]{1,64}){0,63}$/;

/** Those that the page asks for: each SDK has some of its own. */
const allowedHeaders = ({ 'access-control-request-headers': asked }: IncomingHttpHeaders): string =>
  asked !== undefined && LIST_OF_NAMES.test(asked) ? asked : REQUEST_HEADERS;

const DAY_SECONDS = '86400';

export const allows = (allowed: CorsSettings, origin: string): boolean =>
  allowed === '*' || (allowed !== 'none' && allowed.includes(origin));

/**
 * Web pages may call the relay: each call needs a key in a header or the URL, and there is no cookie to abuse. The setting
 * is asked for with each request: it may change.
 */
export const cors =
  (settings: { readonly cors: CorsSettings }): Gate =>
  (ctx) => {
    const { origin } = ctx.state.requestHeaders;
    const { cors: allowed } = settings;
    if (Array.isArray(allowed)) setHeader(ctx, 'vary', 'Origin');
    const allowedOrigin = origin === undefined || !allows(allowed, origin) ? undefined : allowed === '*' ? '*' : origin;
    if (allowedOrigin !== undefined) {
      setHeader(ctx, 'access-control-allow-origin', allowedOrigin);
      setHeader(ctx, 'access-control-expose-headers', ANSWER_HEADERS);
    }
    if (ctx.req.method !== 'OPTIONS') return undefined;
    if (allowedOrigin !== undefined) {
      setHeader(ctx, 'access-control-allow-methods', METHODS);
      setHeader(ctx, 'access-control-allow-headers', allowedHeaders(ctx.state.requestHeaders));
      setHeader(ctx, 'access-control-max-age', DAY_SECONDS);
    }
    return answerPreflight;
  };

const answerPreflight = (ctx: Context): void => {
  ctx.state.notes.route = PREFLIGHT;
  writeHead(ctx, 204, {});
  ctx.res.end();
};
