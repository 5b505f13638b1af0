import Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/http/chain.ts';
import { methodsAt, routesOf } from '../../src/http/known-routes.ts';

const PATTERNS = [
  '/v1/chat/completions',
  '/v1/models',
  '/v1/models/:model',
  /^\/v1beta\/models\/.+$/,
  '/v1/files{/*rest}',
];

/** Routes that write down who was asked, some of which pass on to those behind them. */
const mounted = (): Router => {
  const router = new Router();
  const noted =
    (name: string, goesOn: boolean): Middleware =>
    async (ctx, next) => {
      (ctx.state as { asked?: string[] }).asked?.push(name);
      if (goesOn) await next();
    };
  PATTERNS.forEach((pattern, index) => {
    router.post(pattern, noted(`first ${index}`, index % 2 === 0), noted(`second ${index}`, true));
    router.get(pattern, noted(`get ${index}`, true));
  });
  router.all(/^\/v1\//, noted('all', true));
  return router;
};

const PATHS = [
  '/v1/chat/completions',
  '/v1/models',
  '/v1/models/gemini-2.5-flash',
  '/v1beta/models/gemini-2.5-flash:generateContent',
  '/v1/files/one',
  '/nowhere',
  '/__proto__',
  '/v1/chat/completions/',
];

const ask = async (dispatch: Step<RouterContext>, method: string, path: string): Promise<unknown> => {
  const asked: string[] = [];
  const notes: { route?: string } = {};
  const ctx = { method, path, state: { asked, notes }, request: {} } as unknown as RouterContext;
  await dispatch(ctx, () => {
    asked.push('behind');
    return Promise.resolve();
  });
  return { asked, route: ctx._matchedRoute };
};

describe('routesOf', () => {
  it('asks whom the router asks, the first time and every other', async () => {
    const plain = mounted().routes();
    const quick = routesOf(mounted());
    for (let round = 0; round < 3; round += 1) {
      for (const path of PATHS) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          expect(await ask(quick, method, path), `${method} ${path}`).toEqual(await ask(plain, method, path));
        }
      }
    }
  });

  it('stays right when there are more addresses than it remembers', async () => {
    const quick = routesOf(mounted());
    for (let index = 0; index < 2000; index += 1) {
      const found = await ask(quick, 'POST', `/v1beta/models/m${index % 700}:generateContent`);
      expect(found).toMatchObject({ asked: ['first 3'] });
      expect(await ask(quick, 'POST', `/nowhere/${index}`)).toMatchObject({ asked: ['behind'] });
    }
  });
});

describe('methodsAt', () => {
  it('names the methods of all routes at an address', () => {
    expect([...methodsAt(mounted(), '/v1beta/models/x')].sort()).toEqual(['GET', 'HEAD', 'POST']);
    expect(methodsAt(mounted(), '/nowhere')).toEqual([]);
  });
});
