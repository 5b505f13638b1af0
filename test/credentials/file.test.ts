import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { realFiles, replaceFile } from '../../src/credentials/file.ts';
import type { Files } from '../../src/credentials/file.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'relay-file-')));
const path = join(folder, 'oauth_creds.json');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  writeFileSync(path, 'old');
});

/** Somebody has the file open, so that no other can take its name. */
const heldWith = (code: string): Files => ({
  ...realFiles,
  rename: (from, to) =>
    to === path ? Promise.reject(Object.assign(new Error(code), { code })) : realFiles.rename(from, to),
});
const replace = (code: string, platform: NodeJS.Platform): Promise<void> =>
  replaceFile(path, 'new tokens', (prefix) => `${prefix}1`, heldWith(code), platform);

describe.each(['EPERM', 'EACCES', 'EBUSY'])('a file whose name is held (%s)', (code) => {
  test('is written over on Windows, and nothing stays beside it', async () => {
    await replace(code, 'win32');
    expect(readFileSync(path, 'utf8')).toBe('new tokens');
    expect(readdirSync(folder)).toEqual(['oauth_creds.json']);
  });
});

test.each(['EPERM', 'EACCES'])('elsewhere %s says that it is not ours: it is left as it is', async (code) => {
  await expect(replace(code, 'linux')).rejects.toThrow(code);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['oauth_creds.json']);
});
