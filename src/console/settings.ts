/** `GET settings`, `PATCH settings`: what holds and why, and what the page may change. */
import type { Context } from 'koa';
import { setHeader } from '../http/head.ts';
import type { IsExpected, Settings } from '../settings/settings.ts';
import { z } from '../engine/zod.ts';
import { bodyOf } from './body.ts';
import type { Route } from './route.ts';
import { withStore } from './store.ts';
import type { ConsoleStore } from './store.ts';

const value = z.union([
  z.string().max(100_000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(1000)).max(1000),
  z.null(),
]);
const changes = z.record(z.string().max(100), value);

export const settingsRoutes = (
  settings: Pick<Settings, 'list' | 'change' | 'version'>,
  store: ConsoleStore,
): readonly Route[] => {
  const answer = (ctx: Context): object => {
    setHeader(ctx, 'etag', tagOf(settings.version()));
    return { settings: settings.list() };
  };
  return [
    { method: 'GET', path: 'settings', answer },
    {
      method: 'PATCH',
      path: 'settings',
      answer: async (ctx) => {
        const wanted = Object.entries(await bodyOf(ctx, changes)).map(
          ([name, given]) => [name, written(given)] as const,
        );
        await withStore(store, () => settings.change(Object.fromEntries(wanted), expectedBy(ctx.get('if-match'))));
        return answer(ctx);
      },
    },
  ];
};

const tagOf = (version: string): string => `"${version}"`;

/** Who sends no `If-Match` replaces whatever is there. A proxy that packs the answer may have made a weak tag of ours. */
const expectedBy = (header: string): IsExpected | undefined => {
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return header.trim() === '' || tags.includes('*') ? undefined : (version) => tags.includes(tagOf(version));
};

/** As a variable would be written. Nothing at all is no value. */
const written = (given: ReturnType<(typeof value)['parse']>): string | null => {
  if (given === null) return null;
  const text = (typeof given === 'object' ? given.join(',') : String(given)).trim();
  return text === '' ? null : text;
};
