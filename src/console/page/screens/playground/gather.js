/**
 * Hands on what has come, once a frame at most: a thousand events are drawn a few times, not a thousand times.
 * Where drawing takes long, as much time is left for clicks between two drawings.
 *
 * @template Piece
 * @param {(pieces: readonly Piece[]) => void} draw
 */
export const gather = (draw) => {
  /** @type {Piece[]} */
  let waiting = [];
  let restUntil = 0;
  /** @type {number | undefined} */
  let frame;
  const handOn = () => {
    const some = waiting;
    waiting = [];
    draw(some);
  };
  const look = () => {
    frame = undefined;
    const startedAt = performance.now();
    if (startedAt < restUntil) {
      planNext();
      return;
    }
    handOn();
    // What a frame has to draw is drawn before the next timer runs.
    setTimeout(() => {
      const now = performance.now();
      restUntil = now + (now - startedAt);
    });
  };
  const planNext = () => {
    frame ??= requestAnimationFrame(look);
  };
  return {
    /** @param {readonly Piece[]} pieces None: something else is to be drawn. */
    add: (pieces) => {
      waiting.push(...pieces);
      planNext();
    },
    /** Hands on the rest at once. */
    finish: () => {
      if (frame === undefined) return;
      cancelAnimationFrame(frame);
      frame = undefined;
      handOn();
    },
  };
};
