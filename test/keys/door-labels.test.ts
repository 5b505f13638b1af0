/** What `keys add --doors` says of doors that there are none of: it goes ahead, for they may come. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runKeys } from './people.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-door-labels-'));
  writeFileSync(join(folder, 'keys.txt'), '\ufeffoffice=AQ.of-the-file-0123456789\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;
const add = (doors: string, env: Readonly<Record<string, string>>, ...more: readonly string[]) =>
  runKeys(['add', `key-${(made += 1)}`, '--doors', doors, ...more], {
    DATABASE_URL: `sqlite:${join(folder, 'relay.db')}`,
    ...env,
  });

const TWO = { GEMINI_API_KEYS: 'home=AQ.of-the-home-0123456789,work=AQ.of-the-work-0123456789' };
const WARNING = /No key of the Gemini API is labelled/;

test.each([
  ['gemini-api:home', TWO],
  ['gemini-api,vertex,code-assist', TWO],
  ['gemini-api:default', { ...TWO, GEMINI_API_KEY: 'AQ.the-only-one-0123456789' }],
  ['gemini-api:office', { GEMINI_API_KEYS_FILE: 'keys.txt' }],
  ['gemini-api:anything', { GEMINI_API_KEYS_FILE: 'nowhere.txt' }],
  ['none', TWO],
])('%s: nothing', async (doors, { GEMINI_API_KEYS_FILE: file, ...env }: Record<string, string>) => {
  const { exit, err } = await add(doors, {
    ...env,
    ...(file !== undefined && { GEMINI_API_KEYS_FILE: join(folder, file) }),
  });
  expect(exit).toBe(0);
  expect(err).not.toMatch(WARNING);
});

test('a label that no key has is told with those that there are', async () => {
  const { exit, out, err } = await add('gemini-api:hom,gemini-api:work,gemini-api:moon', TWO);
  expect([exit, out.trim()]).toEqual([0, expect.stringMatching(/^gcr_\w{40}$/)]);
  expect(err).toContain('labelled hom, moon here');
  expect(err).toContain('The labels that there are: home, work. The nearest is home.');
});

test('without any labels, and by `set`; what machines read stays JSON', async () => {
  const { out, err } = await add('gemini-api:home', {}, '--json');
  expect(err).toContain('None has a label (GEMINI_API_KEYS).');
  const { name } = JSON.parse(out) as { readonly name: string };
  const env = { DATABASE_URL: `sqlite:${join(folder, 'relay.db')}`, ...TWO };
  expect((await runKeys(['set', name, '--doors', 'gemini-api:moon'], env)).err).toMatch(WARNING);
  expect((await runKeys(['set', name, '--rpm', '5'], env)).err).not.toMatch(WARNING);
});

test('of very many some are named', async () => {
  const many = Array.from({ length: 30 }, (_none, index) => `k${index}=AQ.key-number-${index}-0123456789`).join();
  expect((await add('gemini-api:moon', { GEMINI_API_KEYS: many })).err).toMatch(/k19 and 10 more\./);
});
