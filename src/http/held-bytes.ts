/** What of a request's body, and of its answer, is in memory, within MAX_BODY_BYTES and the memory for all bodies. */
import type { Context } from 'koa';
import { badResponse } from '../errors/answers.ts';
import { clientLeft } from './body-pieces.ts';
import { giveWorkMemory } from './body-work.ts';
import { tooLarge, tooLargeHere } from './too-large.ts';

/** Given back at the request's end at the latest, with all of its body. `total` is how much there is with these. */
export const holdBytes = (ctx: Context, bytes: number, total: number, maxBytes?: number): void => {
  checkSize(ctx, total, maxBytes);
  // Its end has been: nobody would give the bytes back.
  if (ctx.res.closed) throw clientLeft();
  ctx.state.server.bodies.take(bytes, total);
  ctx.state.bodyBytes += bytes;
};

/** Throws where a body has more bytes than are taken: MAX_BODY_BYTES, or as many as its route takes in place of that. */
export const checkSize = (ctx: Context, bytes: number, maxBytes?: number): void => {
  const most = maxBytes ?? ctx.state.server.limits.maxBodyBytes;
  if (bytes > most) throw maxBytes === undefined ? tooLarge(most) : tooLargeHere(most);
};

/** The longest event, and much besides: what is told anew at the end is written at one stretch. */
const MOST_ANSWER_BYTES = 40 * 1024 * 1024;
/** Less more of it is not worth counting. */
const STEP_BYTES = 64 * 1024;

/** Of an answer that is kept until its end, all of it so far: then it is given back with what is held of the body. */
export const answerHolder =
  (ctx: Context): ((bytes: number) => void) =>
  (bytes) => {
    const { state } = ctx;
    const more = bytes - state.answerBytes;
    if (more < STEP_BYTES) return;
    if (bytes > MOST_ANSWER_BYTES) throw badResponse('Google sent a longer answer than the relay accepts.');
    // Its end has been: nobody would give the bytes back.
    if (ctx.res.closed) throw clientLeft();
    try {
      state.server.bodies.take(more, bytes);
    } catch (error) {
      // At once: of many answers that grow together not all are to end.
      giveAnswerBack(ctx);
      throw error;
    }
    state.answerBytes = bytes;
  };

/** The same for one that is put together piece by piece: so many bytes more, `total` with these. */
export const holdMore = (ctx: Context, bytes: number, total: number): void => {
  // Its end has been: nobody would give the bytes back.
  if (ctx.res.closed) throw clientLeft();
  ctx.state.server.bodies.take(bytes, total);
  ctx.state.answerBytes += bytes;
};

const giveAnswerBack = ({ state }: Context): void => {
  state.server.bodies.give(state.answerBytes);
  state.answerBytes = 0;
};

/** All that is held of the body: to those who wait for memory for the bytes of theirs. */
export const giveBack = ({ state }: Context): void => {
  state.server.bodies.give(state.bodyBytes);
  state.bodyBytes = 0;
};

/** At the request's end, with the room for what was made of it. */
export const giveAllBack = (ctx: Context): void => {
  const { state } = ctx;
  if (state.workBytes > 0) giveWorkMemory(ctx);
  state.server.bodies.give(state.bodyBytes + state.answerBytes);
  state.bodyBytes = 0;
  state.answerBytes = 0;
};
