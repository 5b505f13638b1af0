import type { Context } from 'koa';
import { expect, test } from 'vitest';
import { asRewritten } from '../../src/http/request-target.ts';

const pathBehind = (originalUrl: string, url: string): string => {
  const ctx = { req: { url }, originalUrl, state: { path: '/read/at/the/beginning' } } as unknown as Context;
  expect(asRewritten(ctx)).toBeUndefined();
  return ctx.state.path;
};

test('a path that middleware has changed is the one that is meant', () => {
  expect(pathBehind('/relay/v1/models?a=1', '/v1/models?a=1')).toBe('/v1/models');
  expect(pathBehind('/v1/models', '/v1/models')).toBe('/read/at/the/beginning');
});
