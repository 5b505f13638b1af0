import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runKeys } from './people.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([['list'], ['show', 'friend'], ['remove', 'friend']])(
  'a database that the system refuses to look at is not one without keys: %s',
  async (...args) => {
    const path = join(folder, `${args.join('-')}.db`);
    // A link to itself.
    symlinkSync(path, path);
    const { exit, out, err } = await runKeys(args, { DATABASE_URL: `sqlite:${path}` });
    expect([exit, out]).toEqual([1, '']);
    expect(err).toContain('The database file cannot be read or written.');
    expect(err).not.toContain('no key called');
  },
);
