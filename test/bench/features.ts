/** What a feature costs a request: of the main thread's time, beside the same request at a relay without it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { KEY, startSiblings } from './children.ts';
import type { Siblings } from './children.ts';
import { openLines } from './driver.ts';
import type { Lines } from './driver.ts';
import { toRelay } from './loads.ts';
import { ask, settle, tally } from './compare.ts';
import type { Figure, Stage } from './compare.ts';

interface Side {
  readonly url: string;
  readonly key: string;
}

const CONCURRENCY = 16;
/**
 * Of one window: a hundredth of a second, for a machine is now some percent quicker and now slower, and two windows side
 * by side see the same weather. What is done behind the answers (the log) is waited for.
 */
const WINDOW = 100;
const BEHIND_MS = 2;
const PAIRS = 720;
/**
 * Pairs of windows until what they leave for the database is written, a thousand rows at once. Left to itself that would
 * happen once a second, in a window of either side, and no difference of the two would ever show it.
 */
const UNTIL_WRITTEN = 10;
/** Pairs of windows that make one round. */
const OF_ROUND = 90;
const WARM_UP = 30_000;
const MICROSECONDS = 1000;

const loadFor = (key: string) => {
  const load = toRelay(ask('small', false), 'chat');
  return { ...load, headers: { ...load.headers, authorization: `Bearer ${key}` } };
};

type CostPair = readonly [plain: number, rich: number];

/** Of pairs of windows, each side first as often as the other, what a request costs on either side. */
const measure = async (
  stage: Stage,
  siblings: Siblings,
  sides: readonly [plain: Side, rich: Side],
  share = 1,
): Promise<readonly CostPair[]> => {
  /** One for both where they ask the same relay: of two one is quicker, for no reason of theirs. */
  const connections = new Map<string, Lines>();
  const [plain, rich] = sides.map(({ url, key }) => {
    const lines = connections.get(url) ?? openLines(url, CONCURRENCY);
    connections.set(url, lines);
    const load = loadFor(key);
    return async (count: number): Promise<number> => {
      const before = siblings.mainCpuMs();
      tally(stage, await lines.drive(load, count));
      await settle(BEHIND_MS);
      return ((siblings.mainCpuMs() - before) / count) * MICROSECONDS;
    };
  });
  if (!plain || !rich) throw new Error('two sides are compared');
  const warmUp = Math.round((WARM_UP * stage.warmUpScale * share) / 4);
  for (const run of [plain, rich, plain, rich]) await run(warmUp);
  const pairs: CostPair[] = [];
  /** What one of these took of the time of a request. At one relay both sides leave as much to write. */
  const write = async (): Promise<number> => {
    const before = siblings.mainCpuMs();
    await siblings.write();
    if (connections.size === 1) return 0;
    return ((siblings.mainCpuMs() - before) / (UNTIL_WRITTEN * WINDOW)) * MICROSECONDS;
  };
  await write();
  const count = Math.round((PAIRS * Math.max(stage.scale, 0.25) * share) / UNTIL_WRITTEN);
  for (let block = 0; block < count; block += 1) {
    const some: CostPair[] = [];
    for (let pair = 0; pair < UNTIL_WRITTEN; pair += 1) {
      const first = await (pair % 2 === 0 ? plain : rich)(WINDOW);
      const second = await (pair % 2 === 0 ? rich : plain)(WINDOW);
      some.push(pair % 2 === 0 ? [first, second] : [second, first]);
    }
    const written = await write();
    for (const [one, other] of some) pairs.push([one, other + written]);
  }
  for (const lines of connections.values()) await lines.close();
  return pairs;
};

/** The mean of the middle half: in the others something else was going on, a collection of all garbage mostly. */
const middleOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const quarter = Math.floor(sorted.length / 4);
  const middle = sorted.slice(quarter, sorted.length - quarter);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
};

const compared = (
  pairs: readonly CostPair[],
  compare: (pair: CostPair) => number,
  goal: Pick<Figure, 'name' | 'gate' | 'unit'>,
): Figure => {
  const values = pairs.map(compare);
  const rounds = Array.from({ length: Math.floor(values.length / OF_ROUND) }, (_none, round) =>
    middleOf(values.slice(round * OF_ROUND, (round + 1) * OF_ROUND)),
  );
  return { ...goal, value: middleOf(values), rounds };
};

const moreOf = (name: string, pairs: readonly CostPair[], gate: number): Figure =>
  compared(pairs, ([plain, rich]) => rich - plain, { name, gate, unit: 'µs' });

type Settings = Readonly<Record<string, string>>;

const withSiblings = async <Result>(
  stage: Stage,
  settings: readonly Settings[],
  use: (siblings: Siblings, urls: readonly string[]) => Promise<Result>,
): Promise<Result> => {
  const siblings = await startSiblings(stage.fake.url, settings);
  try {
    return await use(
      siblings,
      siblings.relays.map(({ url }) => url),
    );
  } finally {
    await siblings.stop();
  }
};

/** Half of it in a process in which the one was started first, half in one with the other first. */
const measureBoth = async (
  stage: Stage,
  [plain, rich]: readonly [Settings, Settings],
): Promise<readonly CostPair[]> => [
  ...(await withSiblings(stage, [plain, rich], (siblings, [one = '', other = '']) =>
    measure(stage, siblings, [ofOwner(one), ofOwner(other)], 0.5),
  )),
  ...(await withSiblings(stage, [rich, plain], (siblings, [one = '', other = '']) =>
    measure(stage, siblings, [ofOwner(other), ofOwner(one)], 0.5),
  )),
];

const ofOwner = (url: string): Side => ({ url, key: KEY });

/** What is kept of requests, and keys with limits. */
export const storeAndKeys = async (stage: Stage): Promise<Figure[]> => {
  const kept = await measureBoth(stage, [{ DATABASE_URL: 'none' }, {}]);
  const limited = await withSiblings(stage, [{}], (siblings, [url = '']) =>
    measure(stage, siblings, [ofOwner(url), { url, key: siblings.relays[0]?.limitedKey ?? '' }]),
  );
  return [
    moreOf('store on: CPU of the main thread more than without', kept, 3),
    moreOf('key with every limit: CPU of the main thread more than the owner’s', limited, 8),
  ];
};

const KEPT = 30_000;

/** As fast as it serves, until all is written: what is not written by and by finds no room. */
export const keptAtFullSpeed = (stage: Stage): Promise<Figure[]> =>
  withSiblings(stage, [{}], async (_siblings, [url = '']) => {
    const lines = openLines(url, 2 * CONCURRENCY);
    const askStore = async (): Promise<{ waiting: number; dropped: number }> => {
      const health = await request(`${url}/health`, { headers: { authorization: `Bearer ${KEY}` } });
      return ((await health.body.json()) as { store: { waiting: number; dropped: number } }).store;
    };
    const keep = async (count: number): Promise<{ dropped: number; perSecond: number }> => {
      const began = performance.now();
      tally(stage, await lines.drive(loadFor(KEY), count));
      for (;;) {
        const store = await askStore();
        if (store.waiting === 0)
          return { dropped: store.dropped, perSecond: (count / (performance.now() - began)) * 1000 };
        await settle(BEHIND_MS);
      }
    };
    // Who has just started compiles more than it serves.
    await keep(Math.round(WARM_UP * stage.warmUpScale));
    const { dropped, perSecond } = await keep(Math.round(KEPT * Math.max(stage.scale, 0.3)));
    await lines.close();
    return [
      { name: 'requests dropped by the store at full speed', value: dropped, rounds: [dropped], gate: 0, unit: '' },
      { name: 'requests kept per second', value: perSecond, rounds: [perSecond], gate: 3000, atLeast: true, unit: '' },
    ];
  });

const keysIn = (folder: string, count: number): Readonly<Record<string, string>> => {
  const file = join(folder, `${count}`);
  writeFileSync(file, Array.from({ length: count }, (_none, at) => `k${at}=AQ.a-key-of-usual-length-${at}`).join('\n'));
  return { DATABASE_URL: 'none', UPSTREAM: 'gemini-api', GEMINI_API_KEYS_FILE: file };
};

export const doors = async (stage: Stage): Promise<Figure[]> => {
  const one = { DATABASE_URL: 'none' };
  const two = { ...one, UPSTREAM: 'code-assist,gemini-api', GEMINI_API_KEY: 'AQ.a-key-of-usual-length' };
  const second = await measureBoth(stage, [one, two]);
  const folder = mkdtempSync(join(tmpdir(), 'bench-keys-'));
  try {
    const many = await measureBoth(stage, [keysIn(folder, 2), keysIn(folder, 1000)]);
    return [
      moreOf('two doors: CPU of the main thread more than with one', second, 2),
      compared(many, ([few, all]) => all / few, {
        name: '1,000 keys: CPU of the main thread ÷ with two',
        gate: 1.03,
        unit: '×',
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
