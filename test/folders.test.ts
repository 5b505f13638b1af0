import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder, makeFolderNow } from '../src/folders.ts';

const ROOM = resolve(import.meta.dirname, '../src/folders.ts');

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderNow', (path: string) => Promise.try(makeFolderNow, path)],
])('%s', (name, make) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'folders-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('makes what is missing, for the owner alone, and leaves what is there', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await make(path);
    for (const made of [path, join(path, '..'), join(path, '../..')]) expect(statSync(made).mode & 0o777).toBe(0o700);
    await make(path);
    await make(folder);
  });

  test('may be asked by several at once', async () => {
    const path = join(folder, 'a', 'b');
    await Promise.all(Array.from({ length: 8 }, () => make(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test('says what stands in the way', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    await expect(make(path)).rejects.toThrow('EEXIST');
    await expect(make(join(path, 'below'))).rejects.toThrow(/ENOTDIR|EEXIST/);
  });

  test('comes back where a folder takes none', () => {
    const program = `
      const { ${name}: make } = await import(${JSON.stringify(ROOM)});
      process.chdir(${JSON.stringify(folder)});
      (await import('node:fs')).rmdirSync(${JSON.stringify(folder)});
      try { await make('a/b'); } catch (error) { console.log(error.code); }
    `;
    const { stdout, error } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(error).toBeUndefined();
    expect(stdout.trim()).toBe('ENOENT');
    expect(existsSync(folder)).toBe(false);
  });
});
