import type { Account } from '../account.ts';
import type { Project } from '../api-keys.ts';
import type { Ask } from '../exchange.ts';
import { invalidArgument } from '../google-error.ts';
import { jsonReply } from '../reply.ts';
import type { Reply } from '../reply.ts';
import type { Fields } from '../values.ts';
import type { Kept } from './shelf.ts';

export interface KeptNeeds {
  readonly account: Account;
  readonly kept: Kept;
  readonly now: () => number;
  /** Of the simulator. */
  readonly url: () => string;
  /** Counts one request for the model. */
  readonly charge: (project: Project, model: string) => void;
}

/** One question by a project. */
export interface KeptAsk {
  readonly ask: Ask;
  readonly project: Project;
  /** What the address names: a thing's whole name, or a model's id. */
  readonly name: string;
}

/** A page of a list, in Google's words. */
export const pageReply = (
  member: string,
  all: readonly Fields[],
  { query }: Ask,
  usual = 50,
  largest = 1000,
): Reply => {
  const size = Number(query.get('pageSize') ?? 0);
  const start = query.has('pageToken') ? Number(query.get('pageToken')?.replace(/^page-/, '') ?? NaN) : 0;
  if (!Number.isInteger(size) || size < 0 || size > largest) {
    throw invalidArgument(`page_size must be in the range [0, ${largest}].`);
  }
  if (!Number.isInteger(start) || start < 0 || start > all.length) throw invalidArgument('Invalid page token.');
  const end = start + (size || usual);
  return jsonReply({
    ...(all.length > 0 && { [member]: all.slice(start, end) }),
    ...(end < all.length && { nextPageToken: `page-${end}` }),
  });
};
