/** What `keys list` shows on terminals of several widths. */
import { expect, test } from 'vitest';
import { perLimit } from '../../src/callers/limits.ts';
import { toKeyPage, toKeyTable } from '../../src/keys/command/table.ts';
import type { ShownKey } from '../../src/keys/command/table.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const shown = (name: string, over: Partial<ShownKey['key']> = {}): ShownKey => ({
  key: {
    ...{ id: name, name, prefix: 'gcr_abcd', disabled: false, createdAt: NOW, expiresAt: null, lastUsedAt: null },
    ...{ models: [], doors: [], limits: perLimit(() => null), secrets: [] },
    ...over,
  },
  used: perLimit(() => 12_000),
  resetsAt: perLimit(() => undefined),
});
const KEYS = [
  shown('anna', { limits: perLimit(() => 1000), models: ['gemini-2.5-flash', 'gemini-3*'], lastUsedAt: NOW - 7000 }),
  shown('x'.repeat(64), { disabled: true }),
  shown('homework', { expiresAt: NOW + 86_400_000 }),
];

test.each([60, 80, 100, 120, 200])('fits %d columns, with name, state and limits of each', (columns) => {
  const lines = toKeyTable(KEYS, NOW, { isTerminal: true, colors: false, columns, write: () => undefined }).split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  expect(lines[0]).toMatch(/^name +.*state +limits/);
  expect(lines[1]).toMatch(/^anna .*active +1\.00k rpm, /);
  expect(lines[2]).toMatch(/^x{23,}(?:…|x) .*disabled +none/);
  expect(lines[3]).toMatch(/^homework .*24 h left/);
});

test('where it is no terminal nothing is left out', () => {
  const text = toKeyTable(KEYS, NOW, { isTerminal: false, colors: false, columns: Infinity, write: () => undefined });
  expect(text).toContain('x'.repeat(64));
  for (const column of ['key', 'this month', 'last used']) expect(text.split('\n')[0]).toContain(column);
});

test.each([
  [false, 'gcr_old… works until 2026-11-29 12:00 UTC'],
  [true, 'gcr_old… is disabled as well, and ends 2026-11-29 12:00 UTC'],
])('the former secret of a key that is disabled (%s) opens nothing either', (disabled, words) => {
  const secrets = [{ digest: 'of-it', prefix: 'gcr_old', endsAt: NOW + 86_400_000 }];
  const out = { isTerminal: false, colors: false, columns: Infinity, write: () => undefined };
  expect(toKeyPage(shown('anna', { disabled, secrets }), NOW, out)).toContain(words);
});
