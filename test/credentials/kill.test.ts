import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openStore } from '../../src/credentials/store.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const KILLS = 60;
const AT_ONCE = 3;
const writer = fileURLToPath(new URL('../support/rewrite-forever.ts', import.meta.url));

/** Kills it somewhere in the save that follows so many: by what it has done, since a busy machine lets it do less. */
const runAndKill = async (path: string, saves: number, afterMs: number): Promise<void> => {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const far = new Promise<void>((resolve) => {
    let lines = -1;
    child.stdout.on('data', (text: Buffer) => {
      lines += text.toString().split('\n').length - 1;
      if (lines >= saves) resolve();
    });
  });
  await Promise.race([far, ended]);
  await delay(afterMs);
  child.kill('SIGKILL');
  await ended;
};

test(`R1: after kill -9 at any instant (${KILLS} times) the file parses and holds a refresh token`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kill-'));
  try {
    const lane = async (number: number) => {
      const path = join(directory, `${number}`, 'oauth_creds.json');
      mkdirSync(join(directory, `${number}`));
      const before = { refresh_token: 'rt-first', stranger: { kept: [1, 2] } };
      writeFileSync(path, JSON.stringify(before), { mode: 0o600 });
      const seen = new Set<string>();
      for (let kill = 0; kill < KILLS / AT_ONCE; kill++) {
        await runAndKill(path, kill % 5, (kill * 1.7 + number) % 4);
        const after = JSON.parse(readFileSync(path, 'utf8')) as { refresh_token: string; stranger: unknown };
        expect(after.refresh_token).toMatch(/^rt-(first|\d+-\d+)$/);
        expect(after.stranger).toEqual(before.stranger);
        seen.add(after.refresh_token);
      }
      expect(seen.size).toBeGreaterThan(3);

      // What the dead have left is gone an hour later.
      const system = createVirtualSystem(Date.now() + 3_600_000);
      const store = await openStore({ path, system, log: createMemoryLog() });
      expect(store.current()).toMatchObject({ kind: 'oauth' });
      await store.close();
      expect(readdirSync(join(directory, `${number}`))).toEqual(['oauth_creds.json']);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => lane(number)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
