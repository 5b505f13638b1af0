/** Streams that are open and silent: what each takes, and what is left of them when their clients have gone. */
import { type Child, startPassthrough, startRelay, statsOf } from './children.ts';
import { ask, settle } from './compare.ts';
import type { Figure, Stage } from './compare.ts';
import { drive, holdStreams, median, type Load } from './driver.ts';
import { type Question, type Route, toGoogle, toRelay } from './loads.ts';

export const IDLE_STREAMS = 500;

export const idleStreams = (stage: Stage): Promise<Figure[]> => holdOpen(stage, 'chat', '');

interface HeldOpen {
  readonly perStreamKb: number;
  readonly rssKb: number;
  /** Streams to Google that are open a second after all clients have left. */
  readonly left: number;
}

/**
 * `told`: which route, in the names of the figures. One process grows its heap in other steps than the next one: in a
 * full run three of each are asked.
 */
export const holdOpen = async (stage: Stage, route: Route, told: string): Promise<Figure[]> => {
  const pairs: { readonly limit: HeldOpen; readonly relay: HeldOpen }[] = [];
  for (let process = 0; process < (stage.scale === 1 ? 3 : 1); process += 1) {
    const question = (play: 'open' | 'small'): Question => ask(play, play === 'open');
    const limit = await heldBy(stage, await startPassthrough(stage.fake.url), (play) => toGoogle(question(play)));
    const relay = await heldBy(stage, await startRelay(stage.fake.url), (play) => toRelay(question(play), route));
    pairs.push({ limit, relay });
  }
  const name = `${IDLE_STREAMS} open streams${told}`;
  const of = (
    what: string,
    read: (pair: (typeof pairs)[number]) => number,
    goal: Pick<Figure, 'gate' | 'stretch' | 'unit'>,
  ): Figure => {
    const rounds = pairs.map(read);
    return { ...goal, name: what, value: median(rounds), rounds };
  };
  return [
    of(`${name}: memory each`, ({ limit, relay }) => relay.perStreamKb / limit.perStreamKb, {
      ...{ gate: 1.5, stretch: 1.2, unit: '×' },
    }),
    of(`${name}: memory in all`, ({ limit, relay }) => relay.rssKb / limit.rssKb, { gate: 1.3, unit: '×' }),
    of(`streams to Google left 1 s after 500 clients left${told}`, ({ relay }) => relay.left, { gate: 0, unit: '' }),
  ];
};

const heldBy = async (stage: Stage, child: Child, loadOf: (play: 'open' | 'small') => Load): Promise<HeldOpen> => {
  try {
    // Requests first, so that neither what is loaded late nor the growth of the young heap, which the engine allows
    // itself under any load, is counted as memory of streams.
    await drive(child.url, loadOf('small'), 4000, 32);
    await (
      await holdStreams(child.url, loadOf('open'), 10)
    )();
    await settle();
    const before = child.rssKb();
    const leave = await holdStreams(child.url, loadOf('open'), IDLE_STREAMS);
    await settle();
    const rssKb = child.rssKb();
    await leave();
    await settle();
    const { openStreams: left } = await statsOf(stage.fake);
    return { perStreamKb: (rssKb - before) / IDLE_STREAMS, rssKb, left };
  } finally {
    await child.stop();
  }
};
