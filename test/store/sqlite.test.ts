import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { openSqliteDatabase } from '../../src/store/sqlite.ts';
import { describeEngine, troubleOf } from './contract.ts';

const folders: string[] = [];
const newPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  folders.push(folder);
  return join(folder, 'deeper', 'relay.db');
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const execAt = (path: string, sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
};

describeEngine('SQLite', () => {
  const path = newPath();
  return Promise.resolve({
    open: () => openSqliteDatabase(path),
    exec: (sql: string) => {
      execAt(path, sql);
      return Promise.resolve();
    },
    remove: () => Promise.resolve(),
  });
});

describe('the file', () => {
  test('is for the owner alone, whatever lies beside it', async () => {
    const path = newPath();
    const database = await openSqliteDatabase(path);
    await database.write([{ into: 'batches (id, time)', rows: [['a', 1]] }]);
    const folder = join(path, '..');
    expect(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777])).toEqual(
      readdirSync(folder).map((name) => [name, 0o600]),
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await database.close();
  });

  test('nothing of it is copied to the temporary files of the system, however much is written at once', () => {
    const path = newPath();
    const temporary = mkdtempSync(join(tmpdir(), 'temporary-'));
    folders.push(temporary);
    // A file that comes and goes changes the folder that it was in.
    const before = statSync(temporary, { bigint: true }).mtimeNs;
    const program = join(import.meta.dirname, 'many-rows.ts');
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, path], {
      env: { ...process.env, SQLITE_TMPDIR: temporary },
    });
    expect(statSync(temporary, { bigint: true }).mtimeNs).toBe(before);
  });

  test('one of ours that others may read is closed to them', async () => {
    const path = newPath();
    await (await openSqliteDatabase(path)).close();
    chmodSync(path, 0o644);
    await (await openSqliteDatabase(path)).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('one of another program is refused, byte for byte as it was, open to whom it was', async () => {
    const path = newPath();
    await (await openSqliteDatabase(path)).close();
    rmSync(path);
    execAt(path, 'CREATE TABLE bookmarks (url TEXT)');
    chmodSync(path, 0o644);
    const before = readFileSync(path);
    expect(await troubleOf(openSqliteDatabase(path))).toBe('foreign');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test('one that is no database is refused, byte for byte as it was, open to whom it was', async () => {
    const path = newPath();
    await (await openSqliteDatabase(path)).close();
    const text = 'GEMINI_API_KEY=…\n'.repeat(1000);
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    expect(await troubleOf(openSqliteDatabase(path))).toBe('corrupt');
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test('while another program holds it, it is locked, and works again afterwards', async () => {
    const path = newPath();
    const database = await openSqliteDatabase(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN EXCLUSIVE');
    expect(await troubleOf(database.write([{ into: 'batches (id, time)', rows: [['a', 1]] }]))).toBe('locked');
    other.exec('ROLLBACK');
    other.close();
    expect(await database.write([{ into: 'batches (id, time)', rows: [['a', 1]] }])).toEqual([1]);
    await database.close();
  });

  test('a folder that is no folder', async () => {
    const path = newPath();
    await (await openSqliteDatabase(path)).close();
    chmodSync(path, 0o600);
    expect(await troubleOf(openSqliteDatabase(join(path, 'relay.db')))).toBe('unreachable');
  });
});
