import type { Context } from 'koa';
import type { RequestNotes } from './state.ts';

/** What a route knows that the log line of its request should say. */
export const notes = (ctx: Context): RequestNotes => ctx.state.notes;
