/**
 * Bodies that come in chunks of a few bytes: one look at a connection brings ten thousand of them, which the parser tells
 * one by one. Of fifty such connections each round of the event loop took a second and more. They are read one at a time.
 */
import type { IncomingMessage } from 'node:http';

/** Larger chunks are worth their cost. */
const TINY_BYTES = 64;
/** In one round; fewer are a trifle. */
const MANY = 256;

const waiting: (() => void)[] = [];
let isUnderWay = false;

/** Told of each piece of a body. */
export const createTinyChunks = (req: IncomingMessage): ((piece: Buffer) => void) => {
  let count = 0;
  const { socket } = req;
  const anew = (): void => {
    count = 0;
  };
  const goOn = (): void => {
    Reflect.deleteProperty(req, '_read');
    socket.resume();
  };
  return (piece) => {
    if (piece.length > TINY_BYTES) return;
    count += 1;
    if (count === 2) setImmediate(anew);
    if (count !== MANY) return;
    // With each chunk the stream would ask for more.
    req._read = nothing;
    socket.pause();
    waiting.push(goOn);
    if (isUnderWay) return;
    isUnderWay = true;
    setImmediate(next);
  };
};

const nothing = (): void => undefined;

const next = (): void => {
  const goOn = waiting.shift();
  isUnderWay = goOn !== undefined;
  if (!goOn) return;
  goOn();
  setImmediate(next);
};
