import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const OWN_SOURCES = new URL('../../src/program/own-sources.cjs', import.meta.url).pathname;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-own-sources-'));
  const src = join(folder, 'a relay 文#1', 'src');
  mkdirSync(join(src, 'program'), { recursive: true });
  copyFileSync(OWN_SOURCES, join(src, 'program/own-sources.cjs'));
  writeFileSync(join(folder, 'a relay 文#1', 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(src, 'main.ts'),
    `import { part } from './program/part.ts';
     import { other } from './other.ts';
     const again = await import('./program/../program/part.ts');
     console.log(JSON.stringify([import.meta.url, part.url, other === part, again.part === part]));`,
  );
  writeFileSync(join(src, 'program/part.ts'), 'export const part: { url: string } = { url: import.meta.url };');
  writeFileSync(join(src, 'other.ts'), `export { part as other } from './program/part.ts';`);
  writeFileSync(join(src, 'lost.ts'), `import './nowhere.ts';`);
  symlinkSync(join(folder, 'a relay 文#1'), join(folder, 'link'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const argumentsFor = (checkout: string, file: string): string[] => [
  '-r',
  join(folder, checkout, 'src/program/own-sources.cjs'),
  join(folder, checkout, 'src', file),
];

test.each(['a relay 文#1', 'link'])('modules are the same ones that Node would find, from %s', (checkout) => {
  const [, , main = ''] = argumentsFor(checkout, 'main.ts');
  const found = (args: readonly string[]): string => execFileSync(process.execPath, args, { encoding: 'utf8' });
  expect(JSON.parse(found([main]))).toEqual([expect.any(String), expect.any(String), true, true]);
  expect(found(argumentsFor(checkout, 'main.ts'))).toBe(found([main]));
});

test('one that is not there is named', () => {
  const { status, stderr } = spawnSync(process.execPath, argumentsFor('link', 'lost.ts'), { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/nowhere\.ts/);
});
