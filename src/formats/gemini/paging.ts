/** Pages of lists that the relay makes, asked for as Google's are. */
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

export const pageIn = <Item>(all: readonly Item[], query: PageQuery, sizes: PageSizes): Page<Item> => {
  const start = query.pageToken === '' ? 0 : readPageToken(query.pageToken, all.length);
  const end = start + readPageSize(query.pageSize, sizes);
  return { items: all.slice(start, end), nextPageToken: end < all.length ? writePageToken(end) : undefined };
};

const readPageSize = (text: string, { usual, largest }: PageSizes): number => {
  if (text === '') return usual;
  if (!/^\d{1,9}$/.test(text)) {
    throw failed('invalid_value', `pageSize: a number from 1 to ${largest} is expected.`, { param: 'pageSize' });
  }
  return Math.min(Number(text) || usual, largest);
};

const writePageToken = (start: number): string => Buffer.from(`from:${start}`).toString('base64url');

const readPageToken = (token: string, length: number): number => {
  const start = Number(/^from:(\d{1,6})$/.exec(Buffer.from(token, 'base64url').toString())?.[1] ?? 0);
  if (start > 0 && start < length && writePageToken(start) === token) return start;
  throw failed('invalid_value', 'pageToken: use the nextPageToken of the page before, or none to begin.', {
    param: 'pageToken',
  });
};
