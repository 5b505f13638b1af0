import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'vitest';
import { goOnWithout } from './trouble-contract.ts';
import type { Begin } from './trouble-contract.ts';

/** The number in a file's head by which SQLite knows who may write it; one above its own forbids. */
const WRITE_VERSION_AT = 18;
const allowVersion = (path: string, version: number): void => {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of(version), 0, 1, WRITE_VERSION_AT);
  closeSync(file);
};

const TROUBLES: Readonly<Record<string, Begin>> = {
  locked: ({ folder }) => {
    const other = new DatabaseSync(join(folder, 'relay.db'));
    other.exec('BEGIN EXCLUSIVE');
    return Promise.resolve(() => {
      other.exec('ROLLBACK');
      other.close();
      return Promise.resolve();
    });
  },
  // Root writes whatever its mode is.
  read_only: ({ folder }) => {
    const path = join(folder, 'relay.db');
    const other = new DatabaseSync(path);
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    allowVersion(path, 3);
    return Promise.resolve(() => {
      allowVersion(path, 2);
      return Promise.resolve();
    });
  },
  corrupt: ({ folder }) => {
    const files = ['relay.db', 'relay.db-wal'].map((name) => join(folder, name));
    const before = files.map((file) => [file, readFileSync(file)] as const);
    for (const file of files) writeFileSync(file, Buffer.alloc(statSync(file).size, 'no database '), { flag: 'r+' });
    return Promise.resolve(() => {
      for (const [file, bytes] of before) writeFileSync(file, bytes);
      return Promise.resolve();
    });
  },
};

test.each(Object.entries(TROUBLES))('SQLite, %s: keys that are known go on with their limits', goOnWithout);
