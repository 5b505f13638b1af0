/** How a figure is taken: rounds of the relay and its limit in turn, and the ratio between the two. */
import { type Child, startPassthrough, startRelay } from './children.ts';
import { drive, median, type Load, type Outcome } from './driver.ts';
import { type Question, type Route, toGoogle, toRelay } from './loads.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly gate: number;
  readonly stretch?: number;
  /** Whether more is better: a gate from below. */
  readonly atLeast?: boolean;
  /** `×` for a ratio, or a unit. */
  readonly unit: string;
  /** The figures of the single rounds. */
  readonly rounds: readonly number[];
}

export interface Stage {
  readonly fake: Child;
  readonly relay: Child;
  readonly passthrough: Child;
  readonly rounds: number;
  /** Of what is measured, and of what goes before: 1 for a full run, less for a quick one. */
  readonly scale: number;
  readonly warmUpScale: number;
  readonly totals: { requests: number; errors: number; endless: number };
}

interface Sample {
  readonly outcome: Outcome;
  readonly cpuMsEach: number;
  readonly perSecond: number;
}

export const tally = (stage: Stage, outcome: Outcome): void => {
  stage.totals.requests += outcome.count;
  stage.totals.errors += outcome.errors;
  stage.totals.endless += outcome.endless;
};

export const sample = async (
  stage: Stage,
  child: Child,
  load: Load,
  count: number,
  concurrency: number,
): Promise<Sample> => {
  const before = child.cpuMs();
  const outcome = await drive(child.url, load, count, concurrency);
  const cpuMsEach = (child.cpuMs() - before) / count;
  tally(stage, outcome);
  return { outcome, cpuMsEach, perSecond: (count / outcome.wallMs) * 1000 };
};

export interface Pair {
  readonly relay: Sample;
  readonly limit: Sample;
}

interface Sizes {
  /** Requests of one round, in a full run. */
  readonly count: number;
  readonly concurrency: number;
  readonly rounds?: number;
  /** Each round in so many parts, in turn: what disturbs the machine for seconds then hits relay and limit alike. */
  readonly parts?: number;
  /** Requests before the first round: until the engine has compiled what it is going to. */
  readonly warmUp: number;
}

/** Rounds of relay and limit in turn, each of them first as often as the other, so that both see the same weather. */
export const compare = async (
  stage: Stage,
  question: Question,
  route: Route,
  sizes: Sizes,
  limit: Child = stage.passthrough,
): Promise<readonly Pair[]> => {
  const parts = sizes.parts ?? 1;
  const count = Math.max(sizes.concurrency, Math.round((sizes.count * stage.scale) / parts));
  const rounds = (sizes.rounds ?? stage.rounds) * parts;
  const askLimit = (requests: number) => sample(stage, limit, toGoogle(question), requests, sizes.concurrency);
  const askRelay = (requests: number) =>
    sample(stage, stage.relay, toRelay(question, route), requests, sizes.concurrency);
  const warmUp = Math.round(sizes.warmUp * stage.warmUpScale);
  await askLimit(warmUp);
  await askRelay(warmUp);
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = round % 2 === 0 ? await askLimit(count) : await askRelay(count);
    const second = round % 2 === 0 ? await askRelay(count) : await askLimit(count);
    pairs.push(round % 2 === 0 ? { limit: first, relay: second } : { relay: first, limit: second });
  }
  return pairs;
};

export const figure = (
  name: string,
  pairs: readonly Pair[],
  ratio: (pair: Pair) => number,
  goal: Omit<Figure, 'name' | 'value' | 'rounds' | 'unit'> & { unit?: string },
): Figure => {
  const rounds = pairs.map(ratio);
  return { unit: '×', ...goal, name, rounds, value: median(rounds) };
};

export const cpu = ({ relay, limit }: Pair): number => relay.cpuMsEach / limit.cpuMsEach;
export const rate = ({ relay, limit }: Pair): number => relay.perSecond / limit.perSecond;
export const p50 = (values: readonly number[]): number => median(values);
/** Of single rounds it differs by several times its gate: driver and fake share a core, and wait for each other. */
export const pairsOfFirsts = (stage: Stage): number => Math.min(7, 2 * stage.rounds + 1);
export const firstLater = ({ relay, limit }: Pair): number => p50(relay.outcome.firsts) - p50(limit.outcome.firsts);

export const SENTENCE = 'Tell me in one sentence what a relay is for. ';
export const ask = (play: Question['play'], streamed: boolean, more: Partial<Question> = {}): Question => ({
  play,
  streamed,
  turns: [SENTENCE],
  ...more,
});

/** Processes of their own for as long as the work takes. */
export const inFreshProcesses = async <Result>(
  stage: Stage,
  work: (fresh: Stage) => Promise<Result>,
): Promise<Result> => {
  const [passthrough, relay] = [await startPassthrough(stage.fake.url), await startRelay(stage.fake.url)];
  try {
    return await work({ ...stage, relay, passthrough });
  } finally {
    await Promise.all([relay.stop(), passthrough.stop()]);
  }
};

/** Of the same code one process is up to a fifth quicker than another: where that decides, three of each are asked. */
export const compareAfresh = async (
  stage: Stage,
  question: Question,
  routes: readonly Route[],
  sizes: Sizes,
): Promise<readonly (readonly Pair[])[]> => {
  const processes = stage.scale === 1 ? 3 : 1;
  const rounds = Math.ceil(stage.rounds / processes);
  const pairs = routes.map((): Pair[] => []);
  for (let process = 0; process < processes; process += 1) {
    await inFreshProcesses(stage, async (fresh) => {
      for (const [index, route] of routes.entries()) {
        pairs[index]?.push(...(await compare(fresh, question, route, { ...sizes, rounds })));
      }
    });
  }
  return pairs;
};

const SETTLE_MS = 1000;
export const settle = (ms = SETTLE_MS): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
