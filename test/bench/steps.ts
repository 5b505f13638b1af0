/** How many functions a short request calls: counted by the engine, without a clock, so that every machine says the same. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPassthrough, startRelay, type Child } from './children.ts';
import { ask, tally, type Figure, type Stage } from './compare.ts';
import { drive, type Load } from './driver.ts';
import { toGoogle, toRelay, type Route } from './loads.ts';

const ROUTES = { chat: 'chat', native: 'Gemini', responses: 'Responses', messages: 'Messages' } as const;

const QUESTION = ask('small', false);

export const steps = async (stage: Stage): Promise<Figure[]> => {
  const limit = sumOf(await callsOf(stage, passthrough, toGoogle(QUESTION)));
  const figures: Figure[] = [];
  for (const route of Object.keys(ROUTES) as Route[]) {
    const value = sumOf(await callsOf(stage, bundle, toRelay(QUESTION, route))) / limit;
    figures.push({
      name: `small answer, ${ROUTES[route]}: functions called`,
      value,
      rounds: [value],
      gate: 1.25,
      unit: '×',
    });
  }
  return figures;
};

export const isRoute = (word: string): word is Route => Object.hasOwn(ROUTES, word);

/** By file of the sources and by function, the most first: where to look for steps that can be left away. */
export const listSteps = async (stage: Stage, route: Route): Promise<string> => {
  const files = await callsOf(stage, sources, toRelay(QUESTION, route));
  const rows = Array.from(files, ([file, functions]) => {
    const called = [...functions].filter(([, calls]) => calls >= SELDOM).sort(mostFirst);
    const names = called.map(([name, calls]) => (calls > 1.5 ? `${name} ${Math.round(calls)}×` : name));
    return { file, calls: called.reduce((sum, [, calls]) => sum + calls, 0), names };
  });
  const shown = rows.filter(({ names }) => names.length > 0).sort((one, other) => other.calls - one.calls);
  const lines = shown.map(({ file, calls, names }) => `${calls.toFixed(1).padStart(6)}  ${file}: ${names.join(', ')}`);
  return `${sumOf(files).toFixed(0)} calls of functions for a short answer\n\n${lines.join('\n')}`;
};

/** What runs now and then is no step of a request. */
const SELDOM = 0.1;

type Calls = ReadonlyMap<string, ReadonlyMap<string, number>>;

const sumOf = (files: Calls): number => {
  let sum = 0;
  for (const functions of files.values()) for (const calls of functions.values()) sum += calls;
  return sum;
};

const mostFirst = ([, one]: readonly [string, number], [, other]: readonly [string, number]): number => other - one;

type Start = (fakeUrl: string, counting: NodeJS.ProcessEnv) => Promise<Child>;

const passthrough: Start = (fakeUrl, counting) => startPassthrough(fakeUrl, counting);
const bundle: Start = (fakeUrl, counting) => startRelay(fakeUrl, 'bundle', counting);
const sources: Start = (fakeUrl, counting) => startRelay(fakeUrl, 'sources', counting);

const [FEW, MANY, CONCURRENCY] = [500, 2500, 8];

/** For each request: what many take more than few, so that start and end do not count. */
const callsOf = async (stage: Stage, start: Start, load: Load): Promise<Calls> => {
  const few = await countedIn(stage, start, load, FEW);
  const many = await countedIn(stage, start, load, MANY);
  const each = new Map<string, Map<string, number>>();
  for (const [file, functions] of many) {
    const more = new Map<string, number>();
    for (const [name, calls] of functions) more.set(name, (calls - (few.get(file)?.get(name) ?? 0)) / (MANY - FEW));
    each.set(file, more);
  }
  return each;
};

const countedIn = async (stage: Stage, start: Start, load: Load, count: number): Promise<Calls> => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-steps-'));
  try {
    const child = await start(stage.fake.url, { NODE_V8_COVERAGE: folder });
    tally(stage, await drive(child.url, load, count, CONCURRENCY));
    await child.end();
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What the engine writes at the end of a process, as far as it is read here. */
interface Coverage {
  readonly result: readonly { readonly url: string; readonly functions: readonly Called[] }[];
}

interface Called {
  readonly functionName: string;
  /** The first is the function itself. */
  readonly ranges: readonly { readonly count: number }[];
}

const read = (folder: string): Calls => {
  const files = new Map<string, Map<string, number>>();
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage;
    for (const { url, functions } of result) {
      const file = url.replace(ROOT, '');
      const calls = files.get(file) ?? new Map<string, number>();
      files.set(file, calls);
      for (const { functionName, ranges } of functions) {
        const called = functionName || 'nameless';
        calls.set(called, (calls.get(called) ?? 0) + (ranges[0]?.count ?? 0));
      }
    }
  }
  return files;
};

const ROOT = new URL('../../', import.meta.url).href;
