/** `POST login`, `POST login/finish`, `GET login`: the browser login, without a terminal. */
import { z } from '../engine/zod.ts';
import { bodyOf } from './body.ts';
import type { Route } from './route.ts';

export interface ConsoleLogin {
  state(): object;
  start(): Promise<object>;
  finish(pasted: string): Promise<object>;
}

const finishRequest = z.strictObject({ pasted: z.string().trim().min(1, 'it is empty').max(8192) });

export const loginRoutes = (login: ConsoleLogin): readonly Route[] => [
  { method: 'GET', path: 'login', answer: () => login.state() },
  { method: 'POST', path: 'login', answer: () => login.start() },
  {
    method: 'POST',
    path: 'login/finish',
    answer: async (ctx) => login.finish((await bodyOf(ctx, finishRequest)).pasted),
  },
];
