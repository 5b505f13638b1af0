import type { ParsedUrlQuery } from 'node:querystring';
import { refusal } from '../../../errors/refusal.ts';
import { isAscending } from '../order.ts';

interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

const USUAL = 20;
const MOST = 100;

/** A piece of a list as OpenAI cuts it: newest first unless asked otherwise, behind the item that `after` names. */
export const readPage = <T extends Readonly<Record<string, unknown>>>(
  query: ParsedUrlQuery,
  oldestFirst: readonly T[],
): Page<T> => {
  const { after } = query;
  const oldestComeFirst = isAscending(query);
  const limit = query['limit'] === undefined ? USUAL : Number(query['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    throw refusal('invalid_value', 'limit', `'limit' must be an integer from 1 to ${MOST}.`);
  }
  const all = oldestComeFirst ? oldestFirst : oldestFirst.toReversed();
  const start = after === undefined ? 0 : all.findIndex((item) => item['id'] === after) + 1;
  if (after !== undefined && start === 0) {
    throw refusal('invalid_value', 'after', `No item '${String(after)}' is in this list.`);
  }
  return { data: all.slice(start, start + limit), hasMore: start + limit < all.length };
};
