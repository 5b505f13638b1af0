import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, startService } from './service.ts';

export interface Postgres {
  /** With this database in it, made when it is not there. */
  url(database: string): Promise<string>;
  exec(database: string, sql: string): Promise<void>;
  stop(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';

const binaries = (): string => {
  const versions = readdirSync(DEBIAN).sort((one, other) => Number(one) - Number(other));
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return join(DEBIAN, newest, 'bin');
};

/** PostgreSQL refuses to run as root. */
const asUser = (...command: string[]): [string, ...string[]] => {
  const [program = '', ...rest] = command;
  return process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...rest]
    : [program, ...rest];
};

/** A server of the test's own, its files in a temporary folder. */
export const startPostgres = async (): Promise<Postgres> => {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  // For the user that the server runs as.
  chmodSync(folder, 0o777);
  const bin = binaries();
  const files = join(folder, 'data');
  const [initdb, ...initArgs] = asUser(join(bin, 'initdb'), '-D', files, '-U', 'relay', '-A', 'trust', '--no-sync');
  execFileSync(initdb, initArgs, { stdio: 'pipe', cwd: folder });
  const port = await freePort();
  const urlOf = (database: string): string => `postgres://relay@127.0.0.1:${port}/${database}`;
  const query = async (database: string, sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: urlOf(database) });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const isUp = (): Promise<boolean> =>
    query('postgres', 'SELECT 1').then(
      () => true,
      () => false,
    );
  const command = asUser(join(bin, 'postgres'), '-D', files, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F');
  const service = await startService(command, port, isUp);
  const made = new Map<string, Promise<void>>();
  return {
    url: async (database) => {
      const making = made.get(database) ?? query('postgres', `CREATE DATABASE ${database}`);
      made.set(database, making);
      await making;
      return urlOf(database);
    },
    exec: query,
    stop: async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
