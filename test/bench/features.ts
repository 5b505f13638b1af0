/** What a feature costs a request: of the main thread's time, beside the same request at a relay without it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { KEY, startSiblings } from './children.ts';
import type { Siblings } from './children.ts';
import { drive, median } from './driver.ts';
import { toRelay } from './loads.ts';
import { ask, tally } from './scenarios.ts';
import type { Figure, Stage } from './scenarios.ts';

interface Side {
  readonly url: string;
  readonly key: string;
}

const CONCURRENCY = 16;
/** Of a window: so short that what disturbs the machine hits both sides. */
const WINDOW = 1000;
const WINDOWS = 60;
const WARM_UP = 30_000;
const MICROSECONDS = 1000;

const loadFor = (key: string) => {
  const load = toRelay(ask('small', false), 'chat');
  return { ...load, headers: { ...load.headers, authorization: `Bearer ${key}` } };
};

/** Of pairs of windows, each side first as often as the other, what a request costs on either side. */
const measure = async (
  stage: Stage,
  siblings: Siblings,
  sides: readonly [plain: Side, rich: Side],
): Promise<readonly (readonly [plain: number, rich: number])[]> => {
  const run = async ({ url, key }: Side, count: number): Promise<number> => {
    const before = siblings.mainCpuMs();
    tally(stage, await drive(url, loadFor(key), count, CONCURRENCY));
    return ((siblings.mainCpuMs() - before) / count) * MICROSECONDS;
  };
  const [plain, rich] = sides;
  for (const side of [plain, rich, plain, rich]) await run(side, Math.round((WARM_UP * stage.warmUpScale) / 4));
  const pairs: [number, number][] = [];
  for (let window = 0; window < Math.round(WINDOWS * Math.max(stage.scale, 0.25)); window += 1) {
    if (window % 2 === 0) pairs.push([await run(plain, WINDOW), await run(rich, WINDOW)]);
    else {
      const second = await run(rich, WINDOW);
      pairs.push([await run(plain, WINDOW), second]);
    }
  }
  return pairs;
};

/** The middle half of the windows: in the others something else was going on. */
const moreOf = (name: string, pairs: readonly (readonly [number, number])[], gate: number): Figure => {
  const differences = pairs.map(([plain, rich]) => rich - plain).toSorted((one, other) => one - other);
  const quarter = Math.floor(differences.length / 4);
  const rounds = differences.slice(quarter, differences.length - quarter);
  return { name, value: median(rounds), rounds, gate, unit: 'µs' };
};

const between = async (
  stage: Stage,
  [plain, rich]: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>],
  use: (siblings: Siblings, sides: readonly [Side, Side]) => Promise<Figure[]>,
): Promise<Figure[]> => {
  const siblings = await startSiblings(stage.fake.url, [plain, rich]);
  const [one, other] = siblings.relays.map(({ url }): Side => ({ url, key: KEY }));
  try {
    if (!one || !other) throw new Error('two relays were to start');
    return await use(siblings, [one, other]);
  } finally {
    await siblings.stop();
  }
};

/** What is kept of requests, and keys with limits. */
export const storeAndKeys = (stage: Stage): Promise<Figure[]> =>
  between(stage, [{ DATABASE_URL: 'none' }, {}], async (siblings, [without, withStore]) => {
    const kept = await measure(stage, siblings, [without, withStore]);
    const key = siblings.relays[1]?.limitedKey ?? '';
    const limited = await measure(stage, siblings, [withStore, { url: withStore.url, key }]);
    return [
      moreOf('store on: CPU of the main thread more than without', kept, 3),
      moreOf('key with every limit: CPU of the main thread more than the owner’s', limited, 8),
    ];
  });

const KEPT = 30_000;

/** As fast as it serves: what is not written by and by finds no room. */
export const keptAtFullSpeed = (stage: Stage): Promise<Figure[]> =>
  between(stage, [{}, {}], async (_siblings, [{ url }]) => {
    const count = Math.round(KEPT * Math.max(stage.scale, 0.3));
    const outcome = await drive(url, loadFor(KEY), count, 2 * CONCURRENCY);
    tally(stage, outcome);
    const health = await request(`${url}/health`, { headers: { authorization: `Bearer ${KEY}` } });
    const { store } = (await health.body.json()) as { store: { dropped: number } };
    const perSecond = (count / outcome.wallMs) * 1000;
    return [
      {
        name: 'requests dropped by the store at full speed',
        value: store.dropped,
        rounds: [store.dropped],
        gate: 0,
        unit: '',
      },
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
  const second = await between(stage, [one, two], async (siblings, sides) => [
    moreOf('two doors: CPU of the main thread more than with one', await measure(stage, siblings, sides), 2),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'bench-keys-'));
  try {
    const many = await between(stage, [keysIn(folder, 2), keysIn(folder, 1000)], async (siblings, sides) => {
      const rounds = (await measure(stage, siblings, sides)).map(([few, all]) => all / few);
      return [
        { name: '1,000 keys: CPU of the main thread ÷ with two', value: median(rounds), rounds, gate: 1.03, unit: '×' },
      ];
    });
    return [...second, ...many];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
