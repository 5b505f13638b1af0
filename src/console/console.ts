/** The console before the porch: what belongs to it, who may ask, and what answers. */
import type { Context } from 'koa';
import type { Callers, OwnerKey } from '../callers/caller.ts';
import { late } from '../late.ts';
import { failed } from '../errors.ts';
import type { Status } from '../health.ts';
import type { Dialect } from '../http/dialect.ts';
import type { Gate } from '../http/gates.ts';
import type { Guesses } from '../http/guesses.ts';
import type { Step } from '../http/chain.ts';
import type { System } from '../system.ts';
import { sendAnswer } from './answer.ts';
import { CONSOLE, isOfApi, isOfConsole } from './addresses.ts';
import { createConsoleDoorkeeper } from './doorkeeper.ts';
import { consoleDialect } from './errors.ts';
import { createRouteFinder } from './route.ts';
import type { FindRoute, Route } from './route.ts';
import { createSessions } from './sessions.ts';
import type { SessionState } from './sessions.ts';
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
  readonly open: (porch: Porch) => Gate;
  /** Ends streams that would not end by themselves. */
  readonly close: () => void;
}

/** The same behind the console's own door. */
export interface OpenPorch extends Porch {
  /** Whether who was let in would be let in still: for what goes on for long. */
  readonly isIn: (ctx: Context) => boolean;
}

/** What answers behind the porch. */
export interface ConsoleInside {
  /** The files of the page. */
  readonly page: Step;
  readonly routes: (porch: OpenPorch) => readonly Route[];
  readonly close: () => void;
}

export interface ConsoleNeeds {
  readonly isOn: boolean;
  /** ADMIN_KEY where it is set, else the owner's key. */
  readonly keys: readonly OwnerKey[];
  /** Called by the first request: few relays are looked at, and no start waits for it. */
  readonly open: () => Promise<ConsoleInside>;
  readonly system: System;
  /** Where other relays have the same sessions. */
  readonly state?: SessionState | undefined;
}

export const createConsole = ({ isOn, keys, open, system, state }: ConsoleNeeds): Console => {
  const sessions = createSessions(system, state);
  let close: (() => void) | undefined;
  const inside = late(async () => {
    const opened = await open();
    close = opened.close;
    return opened;
  });

  return {
    isOn,
    dialect: consoleDialect,
    callers: { find: (digest) => sessions.find(digest) },
    open: (porch) => {
      const doorkeeper = createConsoleDoorkeeper({ ...porch, keys, sessions });
      let find: FindRoute | undefined;
      const answerApi = async (ctx: Context): Promise<void> => {
        const { routes } = await inside();
        find ??= createRouteFinder([
          ...sessionRoutes(sessions, doorkeeper),
          ...routes({ ...porch, isIn: (asking) => doorkeeper.isIn(asking) }),
        ]);
        const { route, id } = find(ctx);
        if (route.isOpen !== true) await doorkeeper.check(ctx);
        const answer = await route.answer(ctx, id);
        if (answer) await sendAnswer(ctx, answer);
      };
      const answerPage = async (ctx: Context): Promise<void> => {
        const { page } = await inside();
        await page(ctx, nothing);
      };
      return (ctx) => {
        const { path } = ctx.state;
        if (!path.startsWith(CONSOLE) || !isOfConsole(path)) return undefined;
        if (!isOn) throw failed('unsupported_endpoint', 'The console of this relay is off (CONSOLE=off).');
        return isOfApi(path) ? answerApi : answerPage;
      };
    },
    close: () => close?.(),
  };
};

const nothing = (): Promise<never> =>
  Promise.reject(failed('unsupported_endpoint', 'The console has nothing at this address. It begins at /console.'));
