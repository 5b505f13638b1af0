/** `npm run usage` as a process of its own, beside a relay that serves. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { runScript } from './command.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
let empty: string;
beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'usage-script-'));
  relay = await startRelay({ env: { DATABASE_URL: undefined } });
  const messages = [{ role: 'user', content: 'Hello' }];
  for (let index = 0; index < 3; index += 1) {
    await (await relay.post('/v1/chat/completions', { model: 'gemini-2.5-flash', messages })).text();
  }
  await eventually(() => {
    expect(relay.relay.parts.ledger.status().waiting).toBe(0);
  });
});
afterAll(async () => {
  await relay.close();
  rmSync(empty, { recursive: true, force: true });
});

test('reads what the relay keeps while it serves, from the default place', async () => {
  const { exit, out, err } = await runScript('usage', ['--json', '--by', 'model'], { folder: relay.folder });
  expect([exit, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({
    rows: [{ group: 'gemini-2.5-flash', requests: 3, errors: 0 }],
    totals: { requests: 3, unpriced: 0 },
  });
  const table = await runScript('usage', [], { folder: relay.folder });
  expect(table.out).toMatch(/^Usage by day, .*\n\nday +requests +errors/);
  // The relay goes on writing.
  await (await relay.fetch('/v1/models')).text();
  expect((await relay.fetch('/health')).status).toBe(200);
});

test('a setting that cannot work ends it with 78, an unknown option with 2, each by name', async () => {
  const setting = await runScript('usage', [], { folder: empty, env: { DATABASE_URL: 'mysql://root:canary@db/x' } });
  expect([setting.exit, setting.out]).toEqual([78, '']);
  expect(setting.err).toMatch(/^DATABASE_URL must be/);
  expect(setting.err).not.toContain('canary');
  const option = await runScript('usage', ['--since', 'today'], { folder: empty });
  expect([option.exit, option.out]).toEqual([2, '']);
  expect(option.err).toContain('there is no option --since');
});

test('makes no database, and says that there is none', async () => {
  const { exit, out, err } = await runScript('usage', [], { folder: empty });
  expect([exit, out]).toEqual([0, '']);
  expect(err).toContain('No request so far');
  expect(readdirSync(empty)).toEqual([]);
});

test('a reader that goes away takes nothing along', async () => {
  const { exit, err } = await runScript('usage', [], { folder: relay.folder, readerGone: true });
  expect([exit, err]).toEqual([0, '']);
});

test('--help is the way that npm shows it', () => {
  const root = new URL('../..', import.meta.url).pathname;
  expect(execFileSync('npm', ['run', '-s', 'usage', '--', '--help'], { cwd: root, encoding: 'utf8' })).toContain(
    '--by',
  );
});
