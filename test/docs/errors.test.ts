import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { REASONS } from '../../src/reasons.ts';
import { readPage, withoutBlocks } from './page.ts';
import { collectSayings } from './sayings.ts';
import type { Refusal } from './sayings.ts';

const SRC = new URL('../../src', import.meta.url).pathname;

/** Rooms whose errors no client sees. */
const ELSEWHERE = /^(?:simulator|diagnosis)\//;

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !ELSEWHERE.test(path))
  .map((path) => readFileSync(join(SRC, path), 'utf8'));

interface Row {
  readonly status: number;
  readonly code: string;
  readonly cells: readonly string[];
}

const rows: Row[] = [...withoutBlocks(readPage('docs/errors.md')).matchAll(/^\| (\d{3}) .*\|$/gm)].map(([line]) => {
  const cells = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  return { status: Number(cells[0]), code: (cells[1] ?? '').replaceAll('`', ''), cells };
});

describe('docs/errors.md', () => {
  test.each(Object.entries(REASONS))('has a row for %s, and it is thrown', (code) => {
    expect(rows.map((row) => row.code)).toContain(code);
    expect(sources.some((text) => text.includes(`'${code}'`))).toBe(true);
  });

  test('has no row for what is never thrown, none twice, and none with an empty cell', () => {
    const codes = rows.map(({ code }) => code);
    expect(codes.filter((code) => !sources.some((text) => text.includes(`'${code}'`)))).toEqual([]);
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
    expect(rows.filter(({ cells }) => cells.length !== 5 || cells.includes(''))).toEqual([]);
  });

  describe('what the relay answers', () => {
    let refusals: readonly Refusal[] = [];
    beforeAll(async () => {
      ({ refusals } = await collectSayings());
    }, 180_000);

    test('has the status that its row says', () => {
      expect(new Set(refusals.map(({ code }) => code)).size).toBeGreaterThan(20);
      // A 200 is a stream in which the error came later.
      const others = refusals.filter(
        ({ status, code }) => status !== 200 && !rows.some((row) => row.code === code && row.status === status),
      );
      expect(others).toEqual([]);
    });
  });
});
