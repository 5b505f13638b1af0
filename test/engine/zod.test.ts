import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from '../../src/engine/zod.ts';

test('messages are the English ones', () => {
  const { error } = z.object({ a: z.string() }).safeParse({ a: 1 });
  expect(error?.issues[0]?.message).toBe('Invalid input: expected string, received number');
});

test('no other language is loaded', () => {
  const room = join(import.meta.dirname, '../../src/engine/zod.ts');
  const script = `
    await import(${JSON.stringify(room)});
    const { createRequire } = await import('node:module');
    const files = Object.keys(createRequire(${JSON.stringify(room)}).cache).filter((file) => file.includes('locales'));
    console.log(files.map((file) => file.split(/[\\\\/]/).at(-1)).sort().join(' '));`;
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim()).toBe(
    'en.cjs index.cjs',
  );
});
