import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTALLED_VARIABLE } from '../../src/terminal/commands-here.ts';
import { runKeys } from './people.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-keys-words-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('what the installed command says names no script of a checkout', async () => {
  const database = { DATABASE_URL: `sqlite:${join(folder, 'relay.db')}` };
  const said: string[] = [];
  const run = async (...args: readonly string[]): Promise<void> => {
    const { out, err } = await runKeys(args, database, { surroundings: { [INSTALLED_VARIABLE]: '1' } });
    said.push(out, err);
  };
  await run('list');
  await run('add', 'anna', '--rpm', '10');
  await run('add', 'anna');
  for (const verb of ['show', 'rotate', 'disable', 'enable', 'remove', 'remove']) await run(verb, 'anna');
  await run('add', 'anna', '--rpm', 'many');
  expect(said.join('')).toContain('gemini-cli-relay usage');
  expect(said.join('')).not.toContain('npm ');
});
