import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from 'koa';
import type { RelayError } from '../errors.ts';
import { writeHead } from './head.ts';

/** What the porch needs of a client format: who speaks it, which addresses it has, and how an error is said in it. */
export interface Dialect {
  readonly name: string;
  readonly title: string;
  readonly base: string;
  readonly endpoints: readonly DialectEndpoint[];
  owns(path: string): boolean;
  speaks(headers: IncomingHttpHeaders, keyInUrl: boolean): boolean;
  renderError(error: RelayError, requestId: string): RenderedError;
}

export interface DialectEndpoint {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
}

interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Dialects<One extends Dialect = Dialect> = readonly [One, ...One[]];

/** The one who owns a path alone. */
export const ownerOf = <One extends Dialect>(dialects: Dialects<One>, path: string): One | undefined =>
  dialects.find((dialect) => dialect.owns(path));

/** At an address that nobody owns the caller's own words decide; who says nothing speaks the first one. */
const speakerOf = <One extends Dialect>(
  dialects: Dialects<One>,
  headers: IncomingHttpHeaders,
  keyInUrl: boolean,
): One => dialects.find((dialect) => dialect.speaks(headers, keyInUrl)) ?? dialects[0];

/** The dialect in which a request is answered. */
export const dialectOf = (dialects: Dialects, { state }: Context): Dialect =>
  (state.dialect ??= ownerOf(dialects, state.path) ?? speakerOf(dialects, state.requestHeaders, state.keyInUrl));

/** One sentence for who has gone wrong: which addresses there are. */
export const addressesOf = ({ title, endpoints }: Pick<Dialect, 'title' | 'endpoints'>): string => {
  const listed = endpoints.map(({ method, path }) => `${method} ${path}`);
  const last = listed.pop() ?? '';
  return `${title} is served at ${listed.length === 0 ? last : `${listed.join(', ')} and ${last}`}.`;
};

/** Writes an error as the whole answer. */
export const writeError = (ctx: Context, dialect: Dialect, error: RelayError): void => {
  const { status, headers, body } = dialect.renderError(error, ctx.state.requestId);
  writeHead(ctx, status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  ctx.res.end(body);
};
