/** The languages of agents, measured as chat is: Responses and Messages. */
import { ask, compare, compareAfresh, cpu, figure, firstLater, pairsOfFirsts } from './compare.ts';
import { holdOpen } from './open-streams.ts';
import { warmUpIn } from './scenarios.ts';
import type { Figure, Stage } from './compare.ts';

const ROUTES = ['responses', 'messages'] as const;
const NAMES = { responses: 'Responses', messages: 'Messages' } as const;

export const agentsSmall = async (stage: Stage): Promise<Figure[]> => {
  const sizes = { count: 8000, concurrency: 32, parts: 4, warmUp: 30_000 };
  const pairs = await compareAfresh(stage, ask('small', false), ROUTES, sizes);
  return ROUTES.map((route, index) =>
    figure(`small answer, ${NAMES[route]}: CPU`, pairs[index] ?? [], cpu, { gate: 1.9 }),
  );
};

export const agentsBurst = async (stage: Stage): Promise<Figure[]> => {
  const sizes = { count: 2000, concurrency: 16, parts: 4, warmUp: 4000 };
  const pairs = await compareAfresh(stage, ask('burst', true), ROUTES, sizes);
  return ROUTES.map((route, index) =>
    figure(`burst of 200 events, ${NAMES[route]}: CPU`, pairs[index] ?? [], cpu, { gate: 3 }),
  );
};

export const agentsPaced = async (stage: Stage): Promise<Figure[]> => {
  const sizes = { count: 300, concurrency: 60, rounds: pairsOfFirsts(stage), warmUp: 300 };
  const figures: Figure[] = [];
  // As chat is before its own.
  await warmUpIn(stage, ROUTES);
  for (const route of ROUTES) {
    const direct = await compare(stage, ask('paced', true), route, sizes, stage.fake);
    const name = `paced stream, ${NAMES[route]}: first token later than direct`;
    figures.push(figure(name, direct, firstLater, { gate: 3, unit: 'ms' }));
  }
  return figures;
};

export const agentsIdle = async (stage: Stage): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const route of ROUTES) figures.push(...(await holdOpen(stage, route, `, ${NAMES[route]}`)));
  return figures;
};
