import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'vitest';
import { goOnWithout } from './trouble-contract.ts';
import type { Begin } from './trouble-contract.ts';

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
