import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runKeys } from './people.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('keys are in the order in which people count, in the table and as JSON', async () => {
  const database = { DATABASE_URL: `sqlite:${join(folder, 'keys.db')}` };
  for (const name of ['phone-10', 'Work', 'phone-2', 'anna']) await runKeys(['add', name], database);
  const inOrder = ['anna', 'phone-2', 'phone-10', 'Work'];
  const table = await runKeys(['list'], database);
  expect(table.out.match(/^(?!name)\S+/gm)).toEqual(inOrder);
  const { keys } = JSON.parse((await runKeys(['list', '--json'], database)).out) as { keys: { name: string }[] };
  expect(keys.map(({ name }) => name)).toEqual(inOrder);
});
