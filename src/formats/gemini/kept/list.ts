/** A list of the caller's own: put together from what Google says of each, wherever it is. */
import type { Context } from 'koa';
import { keptPage } from '../../../gemini/kept-page.ts';
import type { KeptPage } from '../../../gemini/kept-page.ts';
import { sendPassed } from '../../../http/pass.ts';
import { oneOf } from '../../../http/query.ts';
import { askerOf } from '../../asker.ts';
import type { FormatParts } from '../../format.ts';
import { pageTokenOf, restIn } from '../paging.ts';
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
  const passageOf = (name: string) => ({ method: 'GET', path: `/${address.version}/${name}`, headers: {} }) as const;
  const page = keptPage(keeper, { ...restIn(inside, query, SIZES), passageOf }, asker);
  const body = listed(page, MEMBERS[address.collection] ?? address.collection);
  // What goes wrong before anything is there is still an answer of its own.
  const first = await body.next();
  await sendPassed(ctx, {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: behind(first, body),
  });
};

async function* listed({ items, left }: KeptPage, member: string): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const { passed } of items) {
    yield Buffer.from(count === 0 ? `{"${member}":[` : ',');
    count += 1;
    yield* passed.body;
  }
  const token = left() === 0 ? '' : `"nextPageToken":${JSON.stringify(pageTokenOf(left()))}`;
  yield Buffer.from(count === 0 ? `{${token}}` : `]${token === '' ? '' : `,${token}`}}`);
}

async function* behind(first: IteratorResult<Buffer>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.done !== true) yield first.value;
  yield* rest;
}
