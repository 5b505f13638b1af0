/** A list of the caller's own: put together from what Google says of each, wherever it is. */
import type { Context } from 'koa';
import type { Asker, Keeper } from '../../../gemini/kept.ts';
import type { Resource } from '../../../gemini/resources.ts';
import { sendPassed } from '../../../http/pass.ts';
import { oneOf } from '../../../http/query.ts';
import { askerOf } from '../../asker.ts';
import type { FormatParts } from '../../format.ts';
import { pageIn } from '../paging.ts';
import type { KeptAddress } from './address.ts';

/** What lists of Google's call their items where that is not the collection. */
const MEMBERS: Readonly<Record<string, string>> = { batches: 'operations' };

const SIZES = { usual: 50, largest: 100 };

export const sendList = async (ctx: Context, { keeper }: FormatParts, address: KeptAddress): Promise<void> => {
  const asker = askerOf(ctx);
  const own = await keeper.own(address.collection, asker);
  // Of the operations those of one model, where one is named.
  const inside = own.filter(({ name }) => name.startsWith(`${address.path}/`));
  const query = { pageSize: oneOf(ctx, 'pageSize'), pageToken: oneOf(ctx, 'pageToken') };
  const { items, nextPageToken } = pageIn(inside, query, SIZES);
  const member = MEMBERS[address.collection] ?? address.collection;
  const body = listed(keeper, items, { member, nextPageToken, version: address.version }, asker);
  // What goes wrong before anything is there is still an answer of its own.
  const first = await body.next();
  await sendPassed(ctx, {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: behind(first, body),
  });
};

async function* listed(
  keeper: Keeper,
  items: readonly Resource[],
  {
    member,
    nextPageToken,
    version,
  }: { readonly member: string; readonly nextPageToken: string | undefined; readonly version: string },
  asker: Asker,
): AsyncGenerator<Buffer> {
  let count = 0;
  const passageOf = (name: string) => ({ method: 'GET', path: `/${version}/${name}`, headers: {} }) as const;
  for await (const { passed } of keeper.each(items, passageOf, asker)) {
    yield Buffer.from(count === 0 ? `{"${member}":[` : ',');
    count += 1;
    yield* passed.body;
  }
  const token = nextPageToken === undefined ? '' : `"nextPageToken":${JSON.stringify(nextPageToken)}`;
  yield Buffer.from(count === 0 ? `{${token}}` : `]${token === '' ? '' : `,${token}`}}`);
}

async function* behind(first: IteratorResult<Buffer>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.done !== true) yield first.value;
  yield* rest;
}
