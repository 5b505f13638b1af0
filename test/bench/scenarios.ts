/** What is measured, each figure as a ratio between the relay and its limit within one run. */
import { type Child, MEASURED_CORE, pin, startPassthrough, startRelay, statsOf } from './children.ts';
import { drive, holdStreams, median, type Load, type Outcome } from './driver.ts';
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

interface Pair {
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
const rate = ({ relay, limit }: Pair): number => relay.perSecond / limit.perSecond;
const p50 = (values: readonly number[]): number => median(values);
export const firstLater = ({ relay, limit }: Pair): number => p50(relay.outcome.firsts) - p50(limit.outcome.firsts);

const SENTENCE = 'Tell me in one sentence what a relay is for. ';
export const ask = (play: Question['play'], streamed: boolean, more: Partial<Question> = {}): Question => ({
  play,
  streamed,
  turns: [SENTENCE],
  ...more,
});

/** What is measured has served for a while, whichever scenario comes first. */
export const warmUp = async (stage: Stage): Promise<void> => {
  const { relay, passthrough } = stage;
  const work: readonly (readonly [Question, number, number])[] = [
    [ask('small', false), 20_000, 32],
    [ask('burst', true), 3000, 16],
  ];
  for (const [question, most, concurrency] of work) {
    const count = Math.round(most * stage.warmUpScale);
    await sample(stage, passthrough, toGoogle(question), count, concurrency);
    for (const route of ['chat', 'native'] as const) {
      await sample(stage, relay, toRelay(question, route), count, concurrency);
    }
  }
};

/** Processes of their own for as long as the work takes. */
const inFreshProcesses = async <Result>(stage: Stage, work: (fresh: Stage) => Promise<Result>): Promise<Result> => {
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

export const small = async (stage: Stage): Promise<Figure[]> => {
  const sizes = { count: 16_000, concurrency: 32, parts: 8, warmUp: 30_000 };
  const [chat = [], native = []] = await compareAfresh(stage, ask('small', false), ['chat', 'native'], sizes);
  return [
    figure('small answer, chat: CPU', chat, cpu, { gate: 1.8, stretch: 1.5 }),
    figure('small answer, chat: requests per second', chat, rate, { gate: 0.55, stretch: 0.68, atLeast: true }),
    figure('small answer, Gemini: CPU', native, cpu, { gate: 1.5 }),
  ];
};

export const latency = async (stage: Stage): Promise<Figure[]> => {
  const pairs = await compare(stage, ask('small', false), 'chat', { count: 2000, concurrency: 1, warmUp: 4000 });
  const ratio = ({ relay, limit }: Pair): number => p50(relay.outcome.totals) / p50(limit.outcome.totals);
  return [figure('one connection, chat: p50 latency', pairs, ratio, { gate: 1.35, stretch: 1.15 })];
};

export const burst = async (stage: Stage): Promise<Figure[]> => {
  const sizes = { count: 2000, concurrency: 16, parts: 4, warmUp: 4000 };
  const [chat = [], native = []] = await compareAfresh(stage, ask('burst', true), ['chat', 'native'], sizes);
  return [
    figure('burst of 200 events, chat: CPU', chat, cpu, { gate: 2.8, stretch: 2.2 }),
    figure('burst of 200 events, chat: streams per second', chat, rate, { gate: 0.35, stretch: 0.45, atLeast: true }),
    figure('burst of 200 events, Gemini: CPU', native, cpu, { gate: 1.8 }),
  ];
};

export const paced = async (stage: Stage): Promise<Figure[]> => {
  const sizes = { count: 300, concurrency: 60, warmUp: 300 };
  const chat = await compare(stage, ask('paced', true), 'chat', sizes);
  const native = await compare(stage, ask('paced', true), 'native', sizes);
  const direct = await compare(
    stage,
    ask('paced', true),
    'chat',
    { ...sizes, rounds: Math.min(3, stage.rounds) },
    stage.fake,
  );
  const streamTime = ({ relay, limit }: Pair): number => p50(relay.outcome.totals) / p50(limit.outcome.totals);
  return [
    figure('paced stream, chat: time ÷ direct', direct, streamTime, { gate: 1.01, stretch: 1.005 }),
    figure('paced stream, chat: first token later than direct', direct, firstLater, {
      gate: 5,
      stretch: 3,
      unit: 'ms',
    }),
    figure('paced stream, chat: CPU', chat, cpu, { gate: 1.8, stretch: 1.5 }),
    figure('paced stream, Gemini: CPU', native, cpu, { gate: 1.4 }),
  ];
};

export const slowFirstByte = async (stage: Stage): Promise<Figure[]> => {
  const pairs = await compare(
    stage,
    ask('slow', false),
    'chat',
    { count: 640, concurrency: 64, warmUp: 128 },
    stage.fake,
  );
  return [figure('slow first byte, 64 in flight: rate ÷ direct', pairs, rate, { gate: 0.97, atLeast: true })];
};

export const toolCall = async (stage: Stage): Promise<Figure[]> => {
  const [pairs = []] = await compareAfresh(stage, ask('tool', false, { tools: true }), ['chat'], {
    count: 12_000,
    concurrency: 32,
    parts: 8,
    warmUp: 20_000,
  });
  return [figure('tool call, chat: requests per second', pairs, rate, { gate: 0.5, stretch: 0.65, atLeast: true })];
};

export const HISTORY_TURNS = 501;

/** About a megabyte of talk in two scripts, as a long agent session has it. */
export const history = (turns: number): string[] =>
  Array.from({ length: turns }, (_, index) => `${index}: ${`${SENTENCE}“quoted”, and 一些中文。 `.repeat(28)}`);

export const longHistory = async (stage: Stage): Promise<Figure[]> => {
  const question = ask('small', false, { turns: history(HISTORY_TURNS) });
  const pairs = await compare(stage, question, 'chat', { count: 100, concurrency: 4, warmUp: 100 });
  return [figure('1 MB of history, chat: CPU', pairs, cpu, { gate: 5.5, stretch: 3 })];
};

const IMAGE_BYTES = 6 * 1024 * 1024;

export const image = (): Question =>
  ask('small', false, {
    imageBase64: Buffer.alloc(IMAGE_BYTES, 'no picture, but as long as one. ').toString('base64'),
  });

/** A peak of memory can only be read once. */
export const bigImage = async (stage: Stage): Promise<Figure[]> => {
  const question = image();
  const figures: Figure[] = [];
  for (const route of ['chat', 'native'] as const) {
    const { pairs, peak } = await inFreshProcesses(stage, async (fresh) => ({
      pairs: await compare(fresh, question, route, { count: 40, concurrency: 2, warmUp: 40 }),
      peak: fresh.relay.peakRssKb() / fresh.passthrough.peakRssKb(),
    }));
    if (route === 'chat') {
      figures.push(figure('8 MB image, chat: CPU', pairs, cpu, { gate: 1.8, stretch: 1.5 }));
      figures.push({
        name: '8 MB image, chat: peak memory',
        value: peak,
        rounds: [peak],
        gate: 1.2,
        stretch: 1.1,
        unit: '×',
      });
    } else {
      figures.push(figure('8 MB image, Gemini: CPU', pairs, cpu, { gate: 1.4 }));
    }
  }
  return figures;
};

export const IDLE_STREAMS = 500;
const SETTLE_MS = 1000;
export const settle = (ms = SETTLE_MS): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const idleStreams = (stage: Stage): Promise<Figure[]> => holdOpen(stage, 'chat', '');

/** `told`: which route, in the names of the figures. */
export const holdOpen = async (stage: Stage, route: Route, told: string): Promise<Figure[]> => {
  const question = ask('open', true);
  const readings: { perStreamKb: number; rssKb: number }[] = [];
  let left = 0;
  for (const which of ['passthrough', 'relay'] as const) {
    const child = which === 'relay' ? await startRelay(stage.fake.url) : await startPassthrough(stage.fake.url);
    try {
      const load = which === 'relay' ? toRelay(question, route) : toGoogle(question);
      // Requests first, so that neither what is loaded late nor the growth of the young heap, which the engine allows
      // itself under any load, is counted as memory of streams.
      const small = ask('small', false);
      await drive(child.url, which === 'relay' ? toRelay(small, route) : toGoogle(small), 4000, 32);
      await (
        await holdStreams(child.url, load, 10)
      )();
      await settle();
      const before = child.rssKb();
      const leave = await holdStreams(child.url, load, IDLE_STREAMS);
      await settle();
      const rssKb = child.rssKb();
      readings.push({ perStreamKb: (rssKb - before) / IDLE_STREAMS, rssKb });
      await leave();
      await settle();
      if (which === 'relay') left = (await statsOf(stage.fake)).openStreams;
    } finally {
      await child.stop();
    }
  }
  const [limit, relay] = readings;
  if (!limit || !relay) throw new Error('no readings');
  const perStream = relay.perStreamKb / limit.perStreamKb;
  const whole = relay.rssKb / limit.rssKb;
  return [
    {
      name: `${IDLE_STREAMS} open streams${told}: memory each`,
      value: perStream,
      rounds: [perStream],
      gate: 1.5,
      stretch: 1.2,
      unit: '×',
    },
    {
      name: `${IDLE_STREAMS} open streams${told}: memory in all`,
      value: whole,
      rounds: [whole],
      gate: 1.3,
      unit: '×',
    },
    { name: `upstream streams left 1 s after 500 clients left${told}`, value: left, rounds: [left], gate: 0, unit: '' },
  ];
};

export const REST_MS = 3000;

/** What is compiled is kept beside the program after some seconds: the first start is as slow as on a new machine. */
export const startUp = async (stage: Stage): Promise<Figure[]> => {
  const [bundle, sources, rest]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < Math.max(3, stage.rounds); round += 1) {
    const passthrough = await startPassthrough(stage.fake.url);
    const relay = await startRelay(stage.fake.url);
    const checkout = await startRelay(stage.fake.url, 'sources');
    bundle.push(relay.startMs / passthrough.startMs);
    sources.push(checkout.startMs / passthrough.startMs);
    await checkout.stop();
    await settle(REST_MS);
    rest.push(relay.rssKb() / passthrough.rssKb());
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

export const callsPerRequest = async (stage: Stage): Promise<Figure[]> => {
  const count = 500;
  const before = await statsOf(stage.fake);
  tally(stage, await drive(stage.relay.url, toRelay(ask('small', false), 'chat'), count, 8));
  const after = await statsOf(stage.fake);
  const value = (after.calls - before.calls + after.discoveries - before.discoveries) / count;
  return [{ name: 'upstream calls per request', value, rounds: [value], gate: 1, unit: '' }];
};

const LENGTHS = [1, 10, 100, 1000] as const;
const WIDTHS = [1, 20, 100, 500] as const;

/** Cost must stay flat in the number of streams, and linear in the length of the conversation. */
export const growth = async (stage: Stage): Promise<Figure[]> => {
  pin(stage.relay.pid, MEASURED_CORE);
  const cpuOf = async (load: Load, warmUp: number, count: number, width: number): Promise<number> => {
    await drive(stage.relay.url, load, warmUp, width);
    return (await sample(stage, stage.relay, load, count, width)).cpuMsEach;
  };
  /** The widths, or the lengths, in turn: what disturbs the machine for seconds then hits more than one of them. */
  const medians = async (steps: readonly (() => Promise<number>)[]): Promise<number[]> => {
    const rounds: number[][] = [];
    for (let round = 0; round < stage.rounds; round += 1) {
      const figures: number[] = [];
      for (const step of steps) figures.push(await step());
      rounds.push(figures);
    }
    return steps.map((_, index) => median(rounds.map((figures) => figures[index] ?? 0)));
  };

  const burst = toRelay(ask('burst', true), 'chat');
  // Several streams on each connection: to open one costs the same whatever the width.
  const perStream = await medians(WIDTHS.map((width) => () => cpuOf(burst, width, Math.max(1000, 6 * width), width)));
  const perMessage = await medians(
    LENGTHS.map((length) => {
      const load = toRelay(ask('small', false, { turns: history(length) }), 'chat');
      const count = Math.max(30, Math.round(3000 / length));
      return () => cpuOf(load, count, count, 4);
    }),
  );
  const flat = Math.max(...perStream) / Math.min(...perStream);
  const [, , hundred = 1, thousand = 0] = perMessage;
  return [
    { name: 'CPU per stream, 1 to 500 at a time: most ÷ least', value: flat, rounds: perStream, gate: 1.5, unit: '×' },
    {
      name: 'CPU for 1000 messages ÷ ten times 100',
      value: thousand / hundred / 10,
      rounds: perMessage,
      gate: 1.3,
      unit: '×',
    },
  ];
};

/**
 * Against the first 1,000 requests the growth of the heap counts as well, which the engine allows itself under any load;
 * against the half of the way only what never stops growing.
 */
export const soak = async (stage: Stage): Promise<Figure[]> => {
  const load = toRelay(ask('small', false), 'chat');
  const relay = await startRelay(stage.fake.url);
  try {
    const after = async (requests: number): Promise<number> => {
      tally(stage, await drive(relay.url, load, requests, 32));
      await settle();
      return relay.rssKb();
    };
    const [first, half, whole] = [await after(1000), await after(50_000), await after(50_000)];
    return [
      soaked('memory after 101,000 requests ÷ after 1,000', whole / first),
      soaked('memory after 101,000 requests ÷ after 51,000', whole / half),
    ];
  } finally {
    await relay.stop();
  }
};

const soaked = (name: string, value: number): Figure => ({ name, value, rounds: [value], gate: 1.1, unit: '×' });
