import type { Context } from 'koa';
import type { RelayError } from '../errors.ts';
import { writeHead } from './head.ts';

/** What the porch needs of a client format: whose path it is, and how an error is said there. */
export interface Dialect {
  readonly name: string;
  claims(path: string): boolean;
  readonly addresses: string;
  renderError(error: RelayError): {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

export type Dialects = readonly [Dialect, ...Dialect[]];

/** The family that a path belongs to; what nobody claims is the first one's. */
export const dialectOf = (dialects: Dialects, path: string): Dialect =>
  dialects.find((dialect) => dialect.claims(path)) ?? dialects[0];

/** Writes an error as the whole answer. */
export const writeError = (ctx: Context, dialect: Dialect, error: RelayError): void => {
  const { status, headers, body } = dialect.renderError(error);
  writeHead(ctx, status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  ctx.res.end(body);
};
