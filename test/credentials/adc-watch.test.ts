import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchAdc } from '../../src/credentials/adc-watch.ts';
import { openStore } from '../../src/credentials/store.ts';
import type { CredentialStore } from '../../src/credentials/store.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { eventually } from '../support/eventually.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

let directory: string;
let store: CredentialStore | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'adc-'));
});
afterEach(async () => {
  await store?.close();
  rmSync(directory, { recursive: true, force: true });
});

const watch = async (wellKnownFile: string) => {
  const [system, log] = [createVirtualSystem(), createMemoryLog()];
  store = await openStore({ path: join(directory, 'creds.json'), system, log });
  let isThere = false;
  await watchAdc({ store, adc: { wellKnownFile }, system, log }, (told) => {
    isThere = told;
  });
  return { has: () => isThere, system, log };
};

// Linux refuses to read the first page of a process' memory, for root as well.
test.runIf(process.platform === 'linux')(
  'a file that the system refuses to read when the relay starts is looked for again',
  async () => {
    const path = join(directory, 'adc.json');
    symlinkSync('/proc/self/mem', path);
    const { has, system, log } = await watch(path);
    expect(has()).toBe(false);
    await system.advance(10_000);
    expect(has()).toBe(false);
    expect(log.of('warn')).toEqual(['the file of Application Default Credentials cannot be read for now']);
    unlinkSync(path);
    writeFileSync(path, '{}');
    await eventually(async () => {
      await system.advance(2000);
      expect(has()).toBe(true);
    });
    expect(log.of('info')).toEqual(['the file of Application Default Credentials is read again']);
  },
);

test('what is no file is none, and is not looked for again', async () => {
  const path = join(directory, 'adc.json');
  mkdirSync(path);
  const { has, log } = await watch(path);
  rmSync(path, { recursive: true });
  expect([has(), log.of('warn')]).toEqual([false, []]);
});
