/**
 * Any other relay beside ours: the same work in the same run. CPU of all its processes for each request, and what else a
 * person would ask about; nothing of it is a gate.
 */
import { startOther, startRelay, statsOf } from './children.ts';
import type { Child } from './children.ts';
import { drive, holdStreams, median } from './driver.ts';
import { toRelay } from './loads.ts';
import type { Question } from './loads.ts';
import { aligned } from './report.ts';
import { ask, sample, settle } from './compare.ts';
import { IDLE_STREAMS } from './open-streams.ts';
import { history, HISTORY_TURNS, image } from './scenarios.ts';
import { REST_MS } from './start-up.ts';
import type { Stage } from './compare.ts';

export interface Other {
  readonly name: string;
  readonly command: string;
  readonly port: number;
}

/** `NAME=COMMAND,PORT`; undefined where it is none. */
export const readOther = (text: string): Other | undefined => {
  const {
    name = '',
    command = '',
    port = '',
  } = /^(?<name>[^=]+)=(?<command>.+),(?<port>\d+)$/.exec(text)?.groups ?? {};
  return name === '' ? undefined : { name, command, port: Number(port) };
};

interface Work {
  readonly name: string;
  readonly question: Question;
  readonly count: number;
  readonly concurrency: number;
}

const WORK = (): readonly Work[] => [
  { name: 'small chat, CPU in ms', question: ask('small', false), count: 4000, concurrency: 32 },
  { name: 'tool call, CPU in ms', question: ask('tool', false, { tools: true }), count: 3000, concurrency: 32 },
  { name: 'burst of 200 events, CPU in ms', question: ask('burst', true), count: 400, concurrency: 16 },
  { name: 'paced stream, CPU in ms', question: ask('paced', true), count: 240, concurrency: 60 },
  {
    name: '1 MB of history, CPU in ms',
    question: ask('small', false, { turns: history(HISTORY_TURNS) }),
    count: 60,
    concurrency: 4,
  },
  { name: '8 MB image, CPU in ms', question: image(), count: 20, concurrency: 2 },
];

/** A figure of each relay; undefined where it did not do the work. */
type Row = readonly [name: string, figures: readonly (number | undefined)[]];

interface Contender {
  readonly name: string;
  readonly child: Child;
  readonly restKb: number;
}

const start = async (stage: Stage, others: readonly Other[]): Promise<Contender[]> => {
  const contenders: Contender[] = [];
  const begin = async (name: string, open: () => Promise<Child>): Promise<void> => {
    const child = await open();
    await settle(REST_MS);
    contenders.push({ name, child, restKb: child.rssKb() });
  };
  await begin('this relay', () => startRelay(stage.fake.url));
  for (const { name, command, port } of others) await begin(name, () => startOther(command, port, stage.fake.url));
  return contenders;
};

/** Rounds in turn, so that all see the same weather. Whoever fails a request has no figure. */
const cpuOf = async (stage: Stage, contenders: readonly Contender[], work: Work): Promise<(number | undefined)[]> => {
  const load = toRelay(work.question, 'chat');
  const count = Math.max(work.concurrency, Math.round(work.count * stage.scale));
  const figures = contenders.map((): number[] => []);
  const isFaulty = contenders.map(() => false);
  for (let round = -1; round < stage.rounds; round += 1) {
    for (const [at, { child }] of contenders.entries()) {
      if (isFaulty[at]) continue;
      const { outcome, cpuMsEach } = await sample(stage, child, load, count, work.concurrency);
      if (outcome.errors + outcome.endless > 0) isFaulty[at] = true;
      else if (round >= 0) figures[at]?.push(cpuMsEach);
    }
  }
  return figures.map((values, at) => (isFaulty[at] ? undefined : median(values)));
};

const latencyOf = async (stage: Stage, { child }: Contender): Promise<number> => {
  const load = toRelay(ask('small', false), 'chat');
  const count = Math.max(100, Math.round(1000 * stage.scale));
  await drive(child.url, load, count, 1);
  return median((await drive(child.url, load, count, 1)).totals);
};

const idleOf = async (
  stage: Stage,
  { child }: Contender,
): Promise<{ perStreamKb: number | undefined; left: number | undefined }> => {
  const load = toRelay(ask('open', true), 'chat');
  const before = child.rssKb();
  try {
    const leave = await holdStreams(child.url, load, IDLE_STREAMS);
    await settle();
    const perStreamKb = (child.rssKb() - before) / IDLE_STREAMS;
    await leave();
    await settle();
    return { perStreamKb, left: (await statsOf(stage.fake)).openStreams };
  } catch {
    // It refused some of them, or held them back.
    return { perStreamKb: undefined, left: undefined };
  }
};

/** A table with a column for each relay. */
export const compareWith = async (stage: Stage, others: readonly Other[]): Promise<string> => {
  const contenders = await start(stage, others);
  try {
    const rows: Row[] = [];
    for (const work of WORK()) {
      process.stderr.write(`${work.name} …\n`);
      rows.push([work.name, await cpuOf(stage, contenders, work)]);
    }
    const latencies: number[] = [];
    for (const contender of contenders) latencies.push(await latencyOf(stage, contender));
    rows.push(['one connection, p50 in ms', latencies]);
    const idle = [];
    for (const contender of contenders) idle.push(await idleOf(stage, contender));
    rows.push(
      ['start in ms', contenders.map(({ child }) => child.startMs)],
      ['memory at rest in MB', contenders.map(({ restKb }) => restKb / 1024)],
      ['idle stream in KB', idle.map(({ perStreamKb }) => perStreamKb)],
      [`streams left of ${IDLE_STREAMS}, 1 s after their clients`, idle.map(({ left }) => left)],
    );
    return aligned([['figure', ...contenders.map(({ name }) => name)], ...rows.map(toCells)]);
  } finally {
    await Promise.all(contenders.map(({ child }) => child.stop()));
  }
};

/** What a relay takes, and as a multiple of what ours takes. */
const toCells = ([name, figures]: Row): string[] => {
  const [ours] = figures;
  return [
    name,
    ...figures.map((figure, at) => {
      if (figure === undefined) return 'failed';
      const value = figure >= 10 ? figure.toFixed(0) : figure.toFixed(3);
      return at === 0 || !ours ? value : `${value} (${(figure / ours).toFixed(2)} ×)`;
    }),
  ];
};
