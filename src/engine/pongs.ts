/** Answers to pings: one is on its way at a time, however many were asked for, and the next says what was asked last. */
import type { WebSocket } from 'ws';

/**
 * RFC 6455, 5.5.3, lets who is asked often answer to the last one alone. `ws` makes an answer for each, without bound, or
 * breaks off without a word where some are not taken yet: so would end who asked sixty times before we had a look.
 */
export const answerPings = (side: WebSocket): void => {
  let isUnderWay = false;
  let last: Buffer | undefined;

  const answer = (): void => {
    const asked = last;
    last = undefined;
    isUnderWay = asked !== undefined && side.readyState === side.OPEN;
    if (isUnderWay) side.pong(asked, undefined, answer);
  };
  side.on('ping', (asked: Buffer) => {
    last = asked;
    if (!isUnderWay) answer();
  });
};
