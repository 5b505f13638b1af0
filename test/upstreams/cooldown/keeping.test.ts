import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { createSystem } from '../../../src/system.ts';
import { createCooldown } from '../../../src/upstreams/cooldown/cooldown.ts';
import type { Cooldown } from '../../../src/upstreams/cooldown/cooldown.ts';
import { keepStates } from '../../../src/upstreams/cooldown/keeping.ts';
import type { Keeping, StatePlace } from '../../../src/upstreams/cooldown/keeping.ts';
import { createStateFile } from '../../../src/upstreams/cooldown/state-file.ts';
import { createStateTable } from '../../../src/upstreams/cooldown/state-table.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { createVirtualSystem, until } from '../../support/virtual-system.ts';
import type { VirtualSystem } from '../../support/virtual-system.ts';

let folder: string;
let system: VirtualSystem;
let stores: Store[];
let identities: Map<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doors-'));
  system = createVirtualSystem();
  stores = [];
  identities = new Map([
    ['vertex', 'account'],
    ['gemini-api:a', 'digest a'],
    ['gemini-api:b', 'digest b'],
  ]);
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

const PLACES: Record<string, () => StatePlace> = {
  'the database': () => {
    const store = openStore(
      { kind: 'sqlite', path: join(folder, 'relay.db') },
      { system: createSystem(), log: createMemoryLog() },
    );
    stores.push(store);
    return createStateTable(store);
  },
  'a file': () => createStateFile(join(folder, 'door-states.json'), system),
};

interface Rig {
  readonly cooldown: Cooldown;
  readonly keeping: Keeping;
}

const start = async (place: StatePlace, log = createMemoryLog()): Promise<Rig> => {
  const cooldown = createCooldown(system);
  const keeping = keepStates({ cooldown, place, identityOf: (door) => identities.get(door), system, log });
  await Promise.all(stores.map((store) => store.opened()));
  await keeping.restored();
  return { cooldown, keeping };
};

const closeSome = (cooldown: Cooldown): void => {
  const fail = (door: string, model: string, ...trouble: Parameters<Cooldown['failed']>[2][]) => {
    for (const one of trouble) cooldown.failed(door, model, one, cooldown.ask(door, model));
  };
  fail('gemini-api:a', 'pro', { cause: 'daily_quota', scope: 'model', waitMs: undefined });
  fail('gemini-api:a', 'flash', { cause: 'rate_limit', scope: 'model', waitMs: 90_000 });
  fail('gemini-api:b', 'flash', { cause: 'retired_key', scope: 'key', waitMs: undefined });
  cooldown.setOff('vertex', true);
};

describe.each(Object.keys(PLACES))('in %s', (name) => {
  const open = (): StatePlace => PLACES[name]?.() ?? createStateFile('', system);
  const doors = ['vertex', 'gemini-api:a', 'gemini-api:b'];

  test('what is known of the doors is known after a restart', async () => {
    const first = await start(open());
    closeSome(first.cooldown);
    const before = first.cooldown.list(doors);
    await first.keeping.close();
    const second = await start(open());
    expect(second.cooldown.list(doors)).toEqual(before);
    expect(second.cooldown.isOpen('gemini-api:b', 'any')).toBe(false);
    // What is cleared then is gone for the third.
    second.cooldown.reset('gemini-api:b');
    second.cooldown.setOff('vertex', false);
    await second.keeping.close();
    const third = await start(open());
    expect(third.cooldown.list(doors).map(({ state }) => state.state)).toEqual(['ok', 'ok', 'ok']);
    expect(third.cooldown.isOpen('gemini-api:a', 'pro')).toBe(false);
    await third.keeping.close();
  });

  test('of a key that was replaced, and of a door that is none any more, nothing is known', async () => {
    const first = await start(open());
    closeSome(first.cooldown);
    await first.keeping.close();
    identities.set('gemini-api:b', 'digest of another');
    identities.delete('gemini-api:a');
    const second = await start(open());
    expect(second.cooldown.entries().map(({ door }) => door)).toEqual(['vertex']);
    await second.keeping.close();
  });

  test('it is written a second later, by itself', async () => {
    const first = await start(open());
    closeSome(first.cooldown);
    const look = async (): Promise<number> => {
      const place = open();
      await Promise.all(stores.map((store) => store.opened()));
      return (await place.load()).length;
    };
    expect(await look()).toBe(0);
    await system.advance(1000);
    await until('it is written', async () => (await look()) === 4);
    await first.keeping.close();
  });

  test('5,000 keys with a state each are kept and found again', async () => {
    const many = Array.from({ length: 5000 }, (_none, index) => `gemini-api:key-${index}`);
    for (const door of many) identities.set(door, `digest of ${door}`);
    const first = await start(open());
    for (const door of many) {
      first.cooldown.failed(door, 'gemini-3.8-flash', { cause: 'daily_quota', scope: 'model', waitMs: undefined }, 0);
    }
    await first.keeping.close();
    const second = await start(open());
    expect(second.cooldown.entries()).toHaveLength(5000);
    await second.keeping.close();
  });
});

describe('the file', () => {
  const path = (): string => join(folder, 'door-states.json');

  test("is the owner's alone, names no key, and is one line", async () => {
    const { cooldown, keeping } = await start(createStateFile(path(), system));
    closeSome(cooldown);
    await keeping.close();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readFileSync(path(), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test.each([
    ['torn', '{"version":1,"doo'],
    ['of another version', '{"version":2,"doors":[]}'],
    ['of another form', '{"version":1,"doors":[{"door":"x"}]}'],
    ['empty', ''],
  ])('%s: the relay begins without it, says so, and writes it anew', async (_what, text) => {
    writeFileSync(path(), text);
    const log = createMemoryLog();
    const { cooldown, keeping } = await start(createStateFile(path(), system), log);
    expect(log.of('warn')).toEqual(['states of doors cannot be read; the relay begins without']);
    closeSome(cooldown);
    await keeping.close();
    expect((await createStateFile(path(), system).load()).length).toBe(4);
  });

  test('that the system refuses to read for a while is read later, and not written anew meanwhile', async () => {
    const first = await start(createStateFile(path(), system));
    first.cooldown.setOff('vertex', true);
    await first.keeping.close();
    renameSync(path(), `${path()}.away`);
    // EIO, as of a broken disk.
    symlinkSync('/proc/self/mem', path());
    const log = createMemoryLog();
    const { cooldown, keeping } = await start(createStateFile(path(), system), log);
    cooldown.setOff('gemini-api:a', true);
    await system.advance(1000);
    await until('it is said', () => log.of('warn').length === 2);
    renameSync(`${path()}.away`, path());
    await system.advance(30_000);
    await until('both are known', () => cooldown.entries().length === 2);
    await keeping.close();
    expect((await createStateFile(path(), system).load()).map(({ door, isOff }) => [door, isOff])).toEqual([
      ['vertex', true],
      ['gemini-api:a', true],
    ]);
    expect(log.of('warn')).toEqual([
      'states of doors cannot be read; the relay begins without',
      'states of doors cannot be kept; the relay goes on without',
    ]);
    expect(log.of('info')).toEqual(['states of doors can be read again']);
  });

  test('with a cause that this version does not know leaves that one out', async () => {
    const rows = [
      ['gemini-api:a', '', 'digest a', false, 'moon_phase', 1, null, 1],
      ['gemini-api:b', '', 'digest b', false, 'billing', 1, null, 1],
    ];
    writeFileSync(path(), JSON.stringify({ version: 1, doors: rows }));
    const { cooldown, keeping } = await start(createStateFile(path(), system));
    expect(cooldown.entries().map(({ door }) => door)).toEqual(['gemini-api:b']);
    await keeping.close();
  });
});

test('a place that takes nothing is tried again every half minute, told once, and stops nobody', async () => {
  const saved: string[][] = [];
  let isBroken = true;
  const place: StatePlace = {
    load: () => Promise.resolve([]),
    save: (changed) => {
      if (isBroken) return Promise.reject(new Error('no room'));
      saved.push(changed.map(({ door, model }) => `${door} ${model}`).sort());
      return Promise.resolve();
    },
    onReady: (listener) => {
      listener();
    },
  };
  const log = createMemoryLog();
  const { cooldown, keeping } = await start(place, log);
  closeSome(cooldown);
  await system.advance(1000);
  await system.advance(30_000);
  cooldown.reset('gemini-api:b');
  expect(log.of('warn')).toEqual(['states of doors cannot be kept; the relay goes on without']);
  isBroken = false;
  await system.advance(30_000);
  expect(saved).toEqual([['gemini-api:a flash', 'gemini-api:a pro', 'gemini-api:b ', 'vertex ']]);
  await keeping.close();
  expect(saved).toHaveLength(1);
});
