import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goOnWithout } from '../keys/trouble-contract.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const endConnections = (name: string): Promise<void> =>
  postgres.exec('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);

interface Act {
  /** The database whose owner does it. */
  readonly at?: 'postgres';
  readonly begin: string;
  readonly end: string;
}

const TROUBLES: readonly (readonly [trouble: string, act: (name: string) => Act])[] = [
  [
    'unreachable',
    (name) => ({
      at: 'postgres',
      begin: `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`,
      end: `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`,
    }),
  ],
  [
    'read_only',
    (name) => ({
      at: 'postgres',
      begin: `ALTER DATABASE ${name} SET default_transaction_read_only = on`,
      end: `ALTER DATABASE ${name} SET default_transaction_read_only = off`,
    }),
  ],
  [
    // As the server itself says it.
    'full',
    () => ({
      begin: `
        CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER no_room BEFORE INSERT ON batches EXECUTE FUNCTION no_room()`,
      end: 'DROP TRIGGER no_room ON batches',
    }),
  ],
];

test.each(TROUBLES)('PostgreSQL, %s: keys that are known go on with their limits', async (trouble, act) => {
  const name = `trouble_${trouble}`;
  const { at = name, begin, end } = act(name);
  const begun = async (): Promise<() => Promise<void>> => {
    await postgres.exec(at, begin);
    await endConnections(name);
    return async () => {
      await postgres.exec(at, end);
      await endConnections(name);
    };
  };
  await goOnWithout(trouble, begun, { DATABASE_URL: await postgres.url(name) });
});

test('SQLite, full: keys that are known go on with their limits', async () => {
  // A disk of its own, so that it is nobody else's that is full.
  const disk = mkdtempSync(join(tmpdir(), 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', disk]);
  const filler = join(disk, 'filler');
  try {
    await goOnWithout(
      'full',
      () => {
        expect(() => {
          for (;;) appendFileSync(filler, Buffer.alloc(4096));
        }).toThrow('ENOSPC');
        return Promise.resolve(() => {
          rmSync(filler);
          return Promise.resolve();
        });
      },
      { DATABASE_URL: `sqlite:${join(disk, 'relay.db')}` },
    );
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmdirSync(disk);
  }
}, 120_000);
