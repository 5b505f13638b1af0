/** Until it answers, and what it takes before anybody has asked. */
import { startPassthrough, startRelay } from './children.ts';
import { settle } from './compare.ts';
import type { Figure, Stage } from './compare.ts';
import { median } from './driver.ts';

export const REST_MS = 3000;

/** What is compiled is kept beside the program after some seconds: the first start is as slow as on a new machine. */
export const startUp = async (stage: Stage): Promise<Figure[]> => {
  const [bundle, sources, rest]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < Math.max(3, stage.rounds); round += 1) {
    const passthrough = await startPassthrough(stage.fake.url);
    const relay = await startRelay(stage.fake.url);
    bundle.push(relay.startMs / passthrough.startMs);
    await settle(REST_MS);
    rest.push(relay.rssKb() / passthrough.rssKb());
    // Not before: for a moment the first one goes on loading, on the same core.
    const checkout = await startRelay(stage.fake.url, 'sources');
    sources.push(checkout.startMs / passthrough.startMs);
    // As an owner's does, it lives until what it has compiled is kept for the next start.
    await settle(REST_MS);
    await checkout.stop();
    await Promise.all([relay.stop(), passthrough.stop()]);
  }
  const of = (name: string, rounds: number[], goal: { gate: number; stretch?: number }): Figure => ({
    ...goal,
    name,
    rounds,
    value: median(rounds),
    unit: '×',
  });
  return [
    of('start until /livez', bundle, { gate: 2, stretch: 1 }),
    of('start until /livez, from a checkout', sources, { gate: 3, stretch: 1.9 }),
    of('memory at rest', rest, { gate: 1.25 }),
  ];
};
