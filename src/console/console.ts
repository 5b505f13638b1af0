/** The console before the porch: what belongs to it, who may ask, and what answers. */
import type { Context, Middleware } from 'koa';
import type { Callers, OwnerKey } from '../callers/caller.ts';
import { failed } from '../errors.ts';
import type { Status } from '../health.ts';
import type { Dialect } from '../http/dialect.ts';
import type { Guesses } from '../http/guesses.ts';
import type { Step } from '../http/chain.ts';
import type { State } from '../state/state.ts';
import type { System } from '../system.ts';
import { sendAnswer } from './answer.ts';
import { isOfApi, isOfConsole } from './addresses.ts';
import { createConsoleDoorkeeper } from './doorkeeper.ts';
import { consoleDialect } from './errors.ts';
import { createRouteFinder } from './route.ts';
import type { Route } from './route.ts';
import { createSessions } from './sessions.ts';
import { sessionRoutes } from './session.ts';

/** What the app knows and the console shows or uses. */
export interface Porch {
  readonly guesses: Guesses;
  readonly status: () => Status;
  readonly uptimeSeconds: () => number;
  readonly requests: () => { readonly active: number; readonly queued: number; readonly total: number };
}

export interface Console {
  readonly isOn: boolean;
  readonly dialect: Dialect;
  /** Who has opened it asks at the routes of clients as the owner. */
  readonly callers: Callers;
  /** `/console` and all below it; passes on what is not the console's. Stands before CORS, which does not cover it. */
  readonly open: (porch: Porch) => Middleware;
  /** Ends streams that would not end by themselves. */
  readonly close: () => void;
}

export interface ConsoleNeeds {
  readonly isOn: boolean;
  /** ADMIN_KEY where it is set, else the owner's key. */
  readonly keys: readonly OwnerKey[];
  /** The files of the page. */
  readonly page?: Step | undefined;
  readonly routes: (porch: Porch) => readonly Route[];
  readonly close?: () => void;
  readonly system: System;
  /** Where other relays have the same sessions. */
  readonly state?: State | undefined;
}

export const createConsole = ({ isOn, keys, page, routes, close, system, state }: ConsoleNeeds): Console => {
  const sessions = createSessions(system, state);

  return {
    isOn,
    dialect: consoleDialect,
    callers: { find: (digest) => sessions.find(digest) },
    open: (porch) => {
      const doorkeeper = createConsoleDoorkeeper({ ...porch, keys, sessions });
      const find = createRouteFinder([...sessionRoutes(sessions, doorkeeper), ...routes(porch)]);
      const answerApi = async (ctx: Context): Promise<void> => {
        const { route, id } = find(ctx);
        if (route.isOpen !== true) await doorkeeper.check(ctx);
        const answer = await route.answer(ctx, id);
        if (answer) await sendAnswer(ctx, answer);
      };
      return (ctx, next) => {
        if (!isOfConsole(ctx.path)) return next();
        if (!isOn) throw failed('unsupported_endpoint', 'The console of this relay is off (CONSOLE=off).');
        if (isOfApi(ctx.path)) return answerApi(ctx);
        const nothing = (): Promise<never> =>
          Promise.reject(
            failed('unsupported_endpoint', 'The console has nothing at this address. It begins at /console.'),
          );
        return page ? page(ctx, nothing) : nothing();
      };
    },
    close: () => close?.(),
  };
};
