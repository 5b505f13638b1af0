/** Values without number in each frame of each route, parts of forms, headers and queries: none holds up the others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { families } from '../../src/formats/families.ts';
import { allowed } from '../support/machine.ts';
import { RELAY_KEY } from '../support/relay.ts';
import { LOADS, PLAIN } from './heavy.ts';
import type { Load } from './heavy.ts';
import { openHeavyRelay } from './heavy-relay.ts';
import type { HeavyRelay, Measured } from './heavy-relay.ts';
import { FEW_FORMS, FEW_ROUTE_LOADS, ROUTE_PATHS } from './heavy-routes.ts';

const BYTES = 4 * 1024 * 1024;
const PAUSE_MS = 250;
const MOST_TIMES = 8;
/** Google has no objection to some of it. */
const TOLD = [200, 400, 404, 413, 414, 431, 503];

let relay: HeavyRelay;
beforeAll(async () => {
  relay = await openHeavyRelay(512, undefined, 'gemini-api');
  await relay.measure(PLAIN, BYTES);
}, 60_000);
afterAll(() => relay.close());

const hold = async (work: () => Promise<Measured>): Promise<void> => {
  let [pauseMs, peakBytes] = [Infinity, Infinity];
  for (let tries = 0; tries < 4 && (pauseMs > PAUSE_MS || peakBytes > MOST_TIMES * BYTES); tries += 1) {
    const measured = await work();
    expect(TOLD).toContain(measured.status);
    pauseMs = Math.min(pauseMs, measured.pauseMs);
    peakBytes = Math.min(peakBytes, measured.peakBytes);
  }
  expect(pauseMs).toBeLessThan(allowed(PAUSE_MS));
  expect(peakBytes).toBeLessThan(MOST_TIMES * BYTES);
  expect(await relay.isAlive()).toBe(true);
};

const named = (loads: readonly Load[]) => loads.map((load) => [load.name, load] as const);

describe('R25: as many values as a body may hold', () => {
  test.each(named(FEW_ROUTE_LOADS))('%s', async (_name, load) => {
    await hold(() => relay.measure(load, BYTES));
  });

  /** What has no body, or a form. */
  const WITHOUT_JSON = [
    ...['/v1/responses/{response}/cancel', '/v1beta/batches/{batch}:cancel'],
    ...['/v1beta/interactions/{interaction}/cancel', '/v1/files', '/v1/images/edits'],
    ...['/v1/audio/transcriptions', '/v1/audio/translations'],
  ];
  test('every route that takes JSON is asked', () => {
    const asked = new Set([
      ...ROUTE_PATHS,
      ...LOADS.map(({ path }) => path.replace(/\/models\/[\w.-]+/, '/models/{model}')),
    ]);
    const routes = families
      .flatMap(({ endpoints }) => endpoints)
      .filter(({ method }) => method === 'POST')
      .map(({ path }) => path.replace(/\?.*/, ''))
      .filter((path) => !WITHOUT_JSON.includes(path));
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter((path) => !asked.has(path))).toEqual([]);
  });
});

describe('R25: forms', () => {
  test.each(named(FEW_FORMS))('%s', async (_name, load) => {
    await hold(() => relay.measure(load, BYTES));
  });
});

const head = (path: string, headers: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${RELAY_KEY}\r\n${headers}\r\n`;
const names = (count: number): string => Array.from({ length: count }, (_, index) => `&k${index}=${index}`).join('');

describe('R28: heads and queries', () => {
  test.each([
    ['10 000 headers', head('/v1/models', 'a: b\r\n'.repeat(10_000))],
    ['10 000 names of headers', head('/v1/models', Array.from({ length: 10_000 }, (_, n) => `x-${n}: b\r\n`).join(''))],
    ['a header of 1 MiB', head('/v1/models', `a: ${'b'.repeat(1 << 20)}\r\n`)],
    ['1 000 short headers', head('/v1/nothing', 'a: b\r\n'.repeat(1000))],
    ['the same name 2 000 times in a query', head(`/v1beta/files?${'pageSize=x&'.repeat(1200)}`, '')],
    ['1 500 names in a query', head(`/console/api/requests?limit=x${names(1000)}`, '')],
    ['a long list in a query of the console', head(`/console/api/usage?from=${'1,'.repeat(6000)}`, '')],
    ['escapes in a query', head(`/console/api/keys?x=${'%41'.repeat(4000)}`, '')],
    ['a query of 1 MiB', head(`/console/api/usage?x=${'a'.repeat(1 << 20)}`, '')],
  ])('%s', async (_what, said) => {
    await hold(() => relay.say(said));
  });
});
