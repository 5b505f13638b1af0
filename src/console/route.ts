/** Addresses of the API: which of them a request means. */
import type { Context } from 'koa';
import { failed } from '../errors.ts';
import { CONSOLE_API } from './addresses.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One row of the contract. */
export interface Route {
  readonly method: Method;
  /** Behind `/console/api/`; `{id}` stands for one step. */
  readonly path: string;
  /** Whoever asks is nobody yet. */
  readonly isOpen?: boolean;
  /** Gives what becomes the JSON of the answer; undefined where it has answered by itself. */
  readonly answer: (ctx: Context, id: string) => object | undefined | Promise<object | undefined>;
}

export interface FoundRoute {
  readonly route: Route;
  readonly id: string;
}

export type FindRoute = (ctx: Context) => FoundRoute;

/** Throws 404 or 405. */
export const createRouteFinder = (routes: readonly Route[]): FindRoute => {
  const steps = routes.map((route) => ({ route, steps: route.path.split('/') }));

  return (ctx) => {
    const asked = ctx.state.path.slice(CONSOLE_API.length + 1).split('/');
    const here = steps.filter(
      (one) => one.steps.length === asked.length && one.steps.every((step, at) => step === ID || step === asked[at]),
    );
    // A browser's HEAD means what its GET would.
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
    const found = here.find(({ route }) => route.method === method);
    if (found) {
      ctx.state.notes.route = `${CONSOLE_API}/${found.route.path}`;
      return { route: found.route, id: idIn(asked, found.steps) };
    }
    if (here.length === 0) throw failed('unsupported_endpoint', 'The console has nothing at this address.');
    const methods = here.map(({ route }) => route.method).sort();
    throw failed('method_not_allowed', `${ctx.method} is not possible here; use ${methods.join(' or ')}.`, {
      headers: { allow: methods.join(', ') },
    });
  };
};

const ID = '{id}';

const idIn = (asked: readonly string[], steps: readonly string[]): string => {
  const written = asked[steps.indexOf(ID)] ?? '';
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
};
