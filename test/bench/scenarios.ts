/** What is measured, each figure as a ratio between the relay and its limit within one run. */
import { MEASURED_CORE, pin, startRelay, statsOf } from './children.ts';
import {
  ask,
  compare,
  compareAfresh,
  cpu,
  figure,
  firstLater,
  inFreshProcesses,
  p50,
  pairsOfFirsts,
  rate,
  sample,
  SENTENCE,
  settle,
  tally,
} from './compare.ts';
import type { Figure, Pair, Stage } from './compare.ts';
import { drive, median, type Load } from './driver.ts';
import { type Question, type Route, toGoogle, toRelay } from './loads.ts';

/** What is measured has served for a while, whichever scenario comes first. */
export const warmUp = (stage: Stage): Promise<void> => warmUpIn(stage, ['chat', 'native']);

/** In each of these languages as much: the engine compiles what it has seen often. */
export const warmUpIn = async (stage: Stage, routes: readonly Route[]): Promise<void> => {
  const { relay, passthrough } = stage;
  const work: readonly (readonly [Question, number, number])[] = [
    [ask('small', false), 20_000, 32],
    [ask('burst', true), 3000, 16],
  ];
  for (const [question, most, concurrency] of work) {
    const count = Math.round(most * stage.warmUpScale);
    await sample(stage, passthrough, toGoogle(question), count, concurrency);
    for (const route of routes) {
      await sample(stage, relay, toRelay(question, route), count, concurrency);
    }
  }
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

const timeRatio = ({ relay, limit }: Pair): number => p50(relay.outcome.totals) / p50(limit.outcome.totals);

export const latency = async (stage: Stage): Promise<Figure[]> => {
  const pairs = await compare(stage, ask('small', false), 'chat', { count: 2000, concurrency: 1, warmUp: 4000 });
  return [figure('one connection, chat: p50 latency', pairs, timeRatio, { gate: 1.35, stretch: 1.15 })];
};

const REST_MS = 30_000;
const AFTER_REST = 100;

/** As most relays of one owner work: a few requests, and nothing for a while. */
export const afterRest = async (stage: Stage): Promise<Figure[]> => {
  const question = ask('small', false);
  const both = async (fresh: Stage, count: number): Promise<Pair> => ({
    limit: await sample(fresh, fresh.passthrough, toGoogle(question), count, 1),
    relay: await sample(fresh, fresh.relay, toRelay(question, 'chat'), count, 1),
  });
  const pairs: Pair[] = [];
  /** All rest at the same time. */
  const rest = (missing: number): Promise<void> =>
    inFreshProcesses(stage, async (fresh) => {
      await both(fresh, Math.round(6000 * fresh.warmUpScale));
      await (missing === 1 ? settle(REST_MS) : rest(missing - 1));
      pairs.push(await both(fresh, AFTER_REST));
    });
  await rest(Math.min(3, stage.rounds));
  return [figure('one connection, chat: p50 latency after a rest of 30 s', pairs, timeRatio, { gate: 1.5 })];
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
    { ...sizes, rounds: pairsOfFirsts(stage) },
    stage.fake,
  );
  return [
    figure('paced stream, chat: time ÷ direct', direct, timeRatio, { gate: 1.01, stretch: 1.005 }),
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

export const callsPerRequest = async (stage: Stage): Promise<Figure[]> => {
  const count = 500;
  const before = await statsOf(stage.fake);
  tally(stage, await drive(stage.relay.url, toRelay(ask('small', false), 'chat'), count, 8));
  const after = await statsOf(stage.fake);
  const value = (after.calls - before.calls + after.discoveries - before.discoveries) / count;
  return [{ name: 'calls to Google per request', value, rounds: [value], gate: 1, unit: '' }];
};

const LENGTHS = [1, 10, 100, 1000] as const;
const WIDTHS = [1, 20, 100, 500] as const;

/** Cost must not grow with the number of streams, nor more than linearly with the length of the conversation. */
export const growth = async (stage: Stage): Promise<Figure[]> => {
  pin(stage.relay.pid, MEASURED_CORE);
  const cpuOf = async (load: Load, warmUp: number, count: number, width: number): Promise<number> => {
    await drive(stage.relay.url, load, warmUp, width);
    return (await sample(stage, stage.relay, load, count, width)).cpuMsEach;
  };
  /** The widths, or the lengths, in turn: what disturbs the machine for seconds then hits more than one of them. */
  const measured = async (steps: readonly (() => Promise<number>)[]) => {
    const rounds: number[][] = [];
    for (let round = 0; round < stage.rounds; round += 1) {
      const figures: number[] = [];
      for (const step of steps) figures.push(await step());
      rounds.push(figures);
    }
    return { medians: steps.map((_, index) => median(rounds.map((figures) => figures[index] ?? 0))), rounds };
  };

  const burst = toRelay(ask('burst', true), 'chat');
  // Several streams on each connection: to open one costs the same whatever the width.
  const perStream = await measured(WIDTHS.map((width) => () => cpuOf(burst, width, Math.max(1000, 6 * width), width)));
  const perMessage = await measured(
    LENGTHS.map((length) => {
      const load = toRelay(ask('small', false, { turns: history(length) }), 'chat');
      const count = Math.max(30, Math.round(3000 / length));
      return () => cpuOf(load, count, count, 4);
    }),
  );
  // To be alone costs more by itself: nothing that one needs is in the processor's caches.
  const growthOf = (costs: readonly number[]): number =>
    Math.max(...costs.map((most, at) => most / Math.min(...costs.slice(0, at + 1))));
  const lengthOf = ([, , hundred = 1, thousand = 0]: readonly number[]): number => thousand / hundred / 10;
  return [
    {
      name: 'CPU per stream, 1 to 500 at a time: more ÷ fewer, at most',
      value: growthOf(perStream.medians),
      rounds: perStream.rounds.map(growthOf),
      gate: 1.5,
      unit: '×',
    },
    {
      name: 'CPU for 1000 messages ÷ ten times 100',
      value: lengthOf(perMessage.medians),
      rounds: perMessage.rounds.map(lengthOf),
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
