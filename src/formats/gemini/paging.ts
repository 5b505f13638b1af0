/** Pages of lists that the relay makes, asked for as Google's are. */
import type { RelayError } from '../../errors.ts';
import { failed } from '../../errors.ts';

export interface PageQuery {
  /** Empty where it is not given. */
  readonly pageSize: string;
  readonly pageToken: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string | undefined;
}

export interface PageSizes {
  readonly usual: number;
  readonly largest: number;
}

/**
 * The same of a list that grows at its front and loses items anywhere: its tokens say how many are left, so that nobody
 * misses one because others went while he was reading.
 */
export const restIn = <Item>(
  all: readonly Item[],
  query: PageQuery,
  sizes: PageSizes,
): { readonly rest: readonly Item[]; readonly size: number } => {
  const left = query.pageToken === '' ? all.length : readToken('left', query.pageToken);
  return { rest: all.slice(Math.max(0, all.length - left)), size: readPageSize(query.pageSize, sizes) };
};

export const pageTokenOf = (left: number): string => writeToken('left', left);

export const pageIn = <Item>(all: readonly Item[], query: PageQuery, sizes: PageSizes): Page<Item> => {
  const start = query.pageToken === '' ? 0 : readPageToken(query.pageToken, all.length);
  const end = start + readPageSize(query.pageSize, sizes);
  return { items: all.slice(start, end), nextPageToken: end < all.length ? writeToken('from', end) : undefined };
};

const readPageSize = (text: string, { usual, largest }: PageSizes): number => {
  if (text === '') return usual;
  if (!/^\d{1,9}$/.test(text)) {
    throw failed('invalid_value', `pageSize: a number from 1 to ${largest} is expected.`, { param: 'pageSize' });
  }
  return Math.min(Number(text) || usual, largest);
};

type Mark = 'from' | 'left';

const writeToken = (mark: Mark, count: number): string => Buffer.from(`${mark}:${count}`).toString('base64url');

const readToken = (mark: Mark, token: string): number => {
  const [, found, digits] = /^(from|left):(\d{1,6})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  const count = Number(digits);
  if (found === mark && count > 0 && writeToken(mark, count) === token) return count;
  throw noToken();
};

const readPageToken = (token: string, length: number): number => {
  const start = readToken('from', token);
  if (start < length) return start;
  throw noToken();
};

const noToken = (): RelayError =>
  failed('invalid_value', 'pageToken: use the nextPageToken of the page before, or none to begin.', {
    param: 'pageToken',
  });
