import Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/http/chain.ts';
import type { Dialect } from '../../src/http/dialect.ts';
import { createDialectRoutes, methodsAt } from '../../src/http/known-routes.ts';

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
  const state = { path, asked, notes };
  const ctx = { method, path, req: { method, headers: {} }, state, request: {} } as unknown as RouterContext;
  await dispatch(ctx, () => {
    asked.push('behind');
    return Promise.resolve();
  });
  return { asked, route: ctx._matchedRoute };
};

const dialect = (name: string, prefix = `/${name}/`): Dialect => ({
  ...{ name, title: name, base: '', endpoints: [] },
  owns: (path) => path.startsWith(prefix),
  speaks: () => false,
  renderError: () => ({ status: 500, headers: {}, body: '' }),
});

/** Those of the only dialect there is. */
const quickly = (router: Router): Step<RouterContext> =>
  createDialectRoutes([dialect('only', '/')], () => Promise.resolve(router)).step;

describe('known routes', () => {
  it('asks whom the router asks, the first time and every other', async () => {
    const plain = mounted().routes();
    const quick = quickly(mounted());
    for (let round = 0; round < 3; round += 1) {
      for (const path of PATHS) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          expect(await ask(quick, method, path), `${method} ${path}`).toEqual(await ask(plain, method, path));
        }
      }
    }
  });

  it('stays right when there are more addresses than it remembers', async () => {
    const quick = quickly(mounted());
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

describe('createDialectRoutes', () => {
  const dialects = [dialect('first'), dialect('second')] as const;

  /** Routes at an address for each dialect, and the names of those that were mounted. */
  const open = (mount: (name: string) => Promise<void> = () => Promise.resolve()) => {
    const mounted: string[] = [];
    const routes = createDialectRoutes(dialects, async ({ name }) => {
      mounted.push(name);
      await mount(name);
      return new Router().get(`/${name}/here`, (ctx) => {
        (ctx.state as { asked?: string[] }).asked?.push(name);
      });
    });
    return { mounted, routes };
  };

  it('mounts a dialect once, for its first requests, and no other', async () => {
    const { mounted, routes } = open();
    const asked = await Promise.all([1, 2, 3].map(() => ask(routes.step, 'GET', '/first/here')));
    expect(asked).toEqual(Array(3).fill({ asked: ['first'], route: '/first/here' }));
    expect(await ask(routes.step, 'GET', '/first/here')).toEqual({ asked: ['first'], route: '/first/here' });
    expect(await ask(routes.step, 'GET', '/first/elsewhere')).toEqual({ asked: ['behind'], route: undefined });
    expect(mounted).toEqual(['first']);
    expect([...routes.methodsAt(dialects[0], '/first/here')].sort()).toEqual(['GET', 'HEAD']);
  });

  it('mounts the rest when told to', async () => {
    const { mounted, routes } = open();
    await ask(routes.step, 'GET', '/second/here');
    await routes.openAll();
    await routes.openAll();
    expect(mounted).toEqual(['second', 'first']);
  });

  it('fails the request whose routes cannot be mounted, and tries again with the next', async () => {
    let isBroken = true;
    const { routes } = open(() => (isBroken ? Promise.reject(new Error('no such file')) : Promise.resolve()));
    await expect(ask(routes.step, 'GET', '/first/here')).rejects.toThrow('no such file');
    isBroken = false;
    expect(await ask(routes.step, 'GET', '/first/here')).toEqual({ asked: ['first'], route: '/first/here' });
  });
});
