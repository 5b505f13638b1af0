import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');
const moduleOf = (name: string): string => JSON.stringify(pathToFileURL(join(SRC, name)).href);

/** What a process of its own has written when it has ended. */
const outputOf = (body: string): string =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { guardOutput } = await import(${moduleOf('program/output.ts')});
       const { createRedactor } = await import(${moduleOf('redactor.ts')});
       const output = guardOutput(createRedactor());
       const say = (text) => output.soon(() => output.line(text));
       ${body}`,
    ],
    { encoding: 'utf8' },
  ).stdout;

test('what is to be written soon is written before the process ends, however it ends', () => {
  expect(outputOf(`say('last words'); process.exit(3);`)).toBe('last words');
  expect(outputOf(`say('last words');`)).toBe('last words');
  expect(outputOf(`say('last words'); throw new Error('a bug');`)).toBe('last words');
});

test('and before anything that is said later', () => {
  expect(outputOf(`say('one '); output.line('two '); say('three '); output.secret('four', false);`)).toBe(
    'one two three four',
  );
});

test('a new key is shown past the redactor; where lines are for machines, beside them', () => {
  expect(outputOf(`output.line('{} '); output.secret('AIzaSyCanaryCanaryCanaryCanaryCanary123', false);`)).toBe(
    '{} AIzaSyCanaryCanaryCanaryCanaryCanary123',
  );
  expect(outputOf(`output.line('{}'); output.secret('AIzaSyCanaryCanaryCanaryCanaryCanary123', true);`)).toBe('{}');
});
