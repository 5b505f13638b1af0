/** The database holds what was set on the page, and cannot be read when the relay starts. */
import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeKept } from '../../src/settings/kept.ts';
import { openSettings } from '../../src/settings/settings.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { eventually } from '../support/eventually.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { MemoryLog } from '../support/memory-log.ts';

let folder: string;
let path: string;
let log: MemoryLog;
let store: Store;
let settings: Settings | undefined;

/** The system refuses to look at what stands in its place: a link to itself. */
const hide = (): void => {
  renameSync(path, `${path}.aside`);
  symlinkSync(path, path);
};
const show = (): void => {
  unlinkSync(path);
  renameSync(`${path}.aside`, path);
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'late-'));
  path = join(folder, 'relay.db');
  log = createMemoryLog();
  const before = openStore({ kind: 'sqlite', path }, { system: createSystem(), log });
  await before.opened();
  // The first is read at the start alone, the second where it is used.
  const kept = new Map([
    ['GOOGLE_CLOUD_LOCATION', 'europe-west4'],
    ['MAX_RETRIES', '1'],
  ]);
  await writeKept(before, kept, 0);
  await before.close();
  hide();
});
afterEach(async () => {
  settings?.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (system: System): Promise<Settings> => {
  store = openStore({ kind: 'sqlite', path }, { system, log });
  settings = await openSettings({ environment: {}, file: {} }, { store, system, log });
  return settings;
};
const inForce = ({ config }: Settings) => [config.upstream.location, config.upstream.maxRetries];

test('changes at the same time are all in force at once, one after the other', async () => {
  show();
  const opened = await open(createSystem());
  const changes = [{ MAX_RETRIES: '7' }, { HEARTBEAT_MS: '5000' }, { MAX_RETRIES: '8' }];
  await Promise.all(changes.map((one) => opened.change(one)));
  const { config } = opened;
  expect([config.upstream.maxRetries, config.limits.heartbeatMs]).toEqual([8, 5000]);
});

test('trouble that passes within the time that a start waits: all of it is in force', async () => {
  setTimeout(show, 300);
  expect(inForce(await open(createSystem()))).toEqual(['europe-west4', 1]);
});

test('later than that, what counts from the start is told, once, and is in force at the next', async () => {
  const system = createSystem();
  // Time goes faster here, so that the test does not wait for seconds.
  const late = await open({ ...system, sleep: (ms, signal) => system.sleep(ms / 20, signal) });
  expect(inForce(late)).toEqual(['global', 2]);
  expect(late.problems()).toEqual([]);
  await eventually(() => {
    expect(store.state().trouble).toBe('unreachable');
  });
  show();
  await eventually(() => {
    expect(inForce(late)).toEqual(['global', 1]);
  }, 100);
  expect(late.list().find(({ name }) => name === 'GOOGLE_CLOUD_LOCATION')?.pending).toBe(true);
  expect(late.problems()).toEqual([
    { name: 'GOOGLE_CLOUD_LOCATION', problem: expect.stringContaining('after a restart') as string },
  ]);
  await system.sleep(300);
  expect(log.of('warn')).toEqual([
    'store in trouble',
    'settings of the page are in force after a restart: the database could not be read at the start',
  ]);
});
