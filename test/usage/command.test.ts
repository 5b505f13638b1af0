import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { parseUsageArguments } from '../../src/usage/command/arguments.ts';
import { usage } from '../../src/usage/command/command.ts';
import { toCell } from '../../src/usage/csv.ts';
import { toDollars, toShort } from '../../src/terminal/numbers.ts';
import { keepHousehold } from './household.ts';

const NOW = Date.UTC(2026, 10, 28, 18, 30);
const DAY_MS = 86_400_000;
let folder: string;
let full: Environment;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'usage-'));
  full = { DATABASE_URL: `sqlite:${join(folder, 'relay.db')}` };
  const store = openStore(
    { kind: 'sqlite', path: join(folder, 'relay.db') },
    { system: createSystem(), log: silentLogger },
  );
  await store.opened();
  await keepHousehold(store, NOW);
  await store.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Terminal {
  readonly columns?: number;
  readonly colors?: boolean;
}

const run = async (
  args: readonly string[],
  env: Environment,
  terminal?: Terminal,
): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> => {
  let [out, err] = ['', ''];
  const console = {
    isTerminal: terminal !== undefined,
    colors: terminal?.colors ?? false,
    columns: terminal?.columns ?? Infinity,
  };
  const exit = await usage(args, {
    env: {},
    loadEnvironment: () => env,
    system: { ...createSystem(), now: () => NOW },
    out: { ...console, write: (text) => (out += text) },
    err: { ...console, write: (text) => (err += text) },
  });
  return { exit, out, err };
};

describe('the command line', () => {
  test.each<[string, RegExp]>([
    ['--bi day', /no option --bi/],
    ['--by week', /--by week is none of day, hour, model, key, door, format/],
    ['--by', /--by lacks its value/],
    ['--from 2026-02-30', /--from 2026-02-30 is no day/],
    ['--to tomorrow', /--to tomorrow is no day/],
    ['--from 2026-11-02 --to 2026-11-01', /--from 2026-11-02 is later than the last day/],
    ['--json --csv', /exclude each other/],
    ['--json=yes', /takes no value/],
    ['today', /the word today is one too many/],
    ['--by day --by model', /--by is there twice/],
    ['--by constructor', /--by constructor is none of/],
    ['--from 0d', /--from 0d is no day/],
    ['--from 99999d', /--from 99999d is no day/],
    ['--from 2026-13-01', /--from 2026-13-01 is no day/],
    ['--from ٢٠٢٦-١١-٢٨', /--from .* is no day/],
    [`--key ${'x'.repeat(100_000)}`, /--key x+ … x+ is longer than any name/],
    [`--model ${'*'.repeat(201)}`, /--model \*+ is longer than any name/],
    ['--key=', /--key lacks its value/],
    ['--to', /--to lacks its value/],
    ['--csv --csv=1', /--csv takes no value/],
    ['--\u001b[2J', /no option --\uFFFD\[2J/],
  ])('%s is refused by name, with exit 2', async (line, problem) => {
    const { exit, out, err } = await run(line.split(' '), full);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(problem);
    expect(err).toContain('--by GROUP');
  });

  const day = (text: string): number => Date.parse(text);
  test.each<[string, number, number]>([
    ['', day('2026-10-30'), day('2026-11-29')],
    ['--from today', day('2026-11-28'), day('2026-11-29')],
    ['--from 7d', day('2026-11-22'), day('2026-11-29')],
    ['--from 1d', day('2026-11-28'), day('2026-11-29')],
    ['--from yesterday --to yesterday', day('2026-11-27'), day('2026-11-28')],
    ['--from 2026-02-28 --to 2026-03-01', day('2026-02-28'), day('2026-03-02')],
    ['--to 2026-10-31', day('2026-10-02'), day('2026-11-01')],
    ['--by hour', day('2026-11-27T19:00Z'), day('2026-11-29')],
    ['--by hour --to 2026-11-20', day('2026-11-20'), day('2026-11-21')],
  ])('%j asks for these days', (line, from, to) => {
    const args = line === '' ? [] : line.split(' ');
    expect(parseUsageArguments(args, NOW)).toMatchObject({ kind: 'report', question: { from, to } });
  });

  test('whatever is typed is a question or is refused, and never breaks', () => {
    const word = fc.oneof(
      fc.constantFrom('--by', '--from', '--to', '--key', '--model', '--json', '--csv', '-h', '--', '-', '--by=day'),
      fc.constantFrom('day', '7d', '2026-11-28', '9999d', '0000-00-00', '9999-12-31', 'gemini-*'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        const command = parseUsageArguments(args, NOW);
        if (command.kind !== 'report') return;
        expect(command.question.from).toBeLessThan(command.question.to);
        expect(new Date(command.question.to - 1).toISOString()).toMatch(/^\d{4}-/);
      }),
    );
  });
});

describe('the table', () => {
  test('fits the terminal, with bars as long as the tokens are many', async () => {
    for (const columns of [160, 120, 100]) {
      const { exit, out } = await run(['--by', 'key'], full, { columns });
      const lines = out.split('\n');
      expect(exit).toBe(0);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      const bars = ['agent', 'kitchen-radio', 'GEMINI', 'grandma'].map((name) => {
        const line = lines.find((text) => text.startsWith(name)) ?? '';
        return line.split('█').length - 1;
      });
      expect(bars.toSorted((one, other) => other - one)).toEqual(bars);
      expect(bars[0]).toBeGreaterThan(bars.at(-1) ?? 0);
    }
  });

  test('a narrow one goes without parts of what stands beside them', async () => {
    const { out } = await run(['--by', 'key'], full, { columns: 66 });
    expect(out).not.toMatch(/thoughts {2}cost|█/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(66);
  });

  test('has colours only where they are wanted, and bars only on a terminal', async () => {
    expect((await run([], full, { columns: 120, colors: true })).out).toContain('\u001b[1m');
    const plain = await run([], full, { columns: 120 });
    expect(plain.out).not.toContain('\u001b');
    expect(plain.out).toContain('█');
    expect((await run([], full)).out).not.toMatch(/█/);
    expect((await run([], full)).out).not.toContain('\u001b');
  });

  test('days without a request are there, too', async () => {
    const { out } = await run([], full);
    const days = out.match(/^2026-\d\d-\d\d/gm) ?? [];
    expect(days).toHaveLength(30);
    expect(out).toMatch(/^2026-11-23 +0 +0 +0 +0 +0 +0 +\$0$/m);
  });

  test('says that costs are estimates, and what they do not hold', async () => {
    const { out } = await run(['--by', 'model'], full);
    expect(out).toMatch(/cost \(est\.\)/);
    expect(out).toMatch(/^gemini-9-ultra .* \?$/m);
    expect(out).toMatch(/^total .*\$\d+\.\d\d\+$/m);
    expect(out).toMatch(/no price is known for \d+ of the requests/);
  });
});

describe('for machines', () => {
  test('--json has the rows and their totals, and --csv the same rows', async () => {
    const json = JSON.parse((await run(['--json', '--by', 'model'], full)).out) as {
      rows: Record<string, string | number | null>[];
      totals: Record<string, unknown>;
    };
    const [head = '', ...lines] = (await run(['--csv', '--by', 'model'], full)).out.trimEnd().split('\r\n');
    expect(head).toMatch(/^group,requests,errors,input_tokens,cached_tokens,output_tokens,thought_tokens,cost_usd,/);
    expect(lines).toHaveLength(json.rows.length);
    for (const [index, row] of json.rows.entries()) {
      const cells = lines[index]?.split(',') ?? [];
      expect(Object.fromEntries(head.split(',').map((name, at) => [name, cells[at]]))).toEqual(
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? '' : `${value}`])),
      );
    }
    expect(json.totals['requests']).toBeGreaterThan(400);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['a"b', '"a""b"'],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ['a,b', '"a,b"'],
    ['gemini-2.5-pro', 'gemini-2.5-pro'],
  ])('the cell %j is no formula', (value, cell) => {
    expect(toCell(value)).toBe(cell);
  });

  test('small costs have no exponent', () => {
    expect([toCell(1e-7), toCell(0.1), toCell(0), toCell(12), toCell(null)]).toEqual([
      '0.0000001',
      '0.1',
      '0',
      '12',
      '',
    ]);
  });
});

describe('where there is nothing to read', () => {
  test.each<[string, () => Environment, number, RegExp]>([
    ['no database at all', () => ({ DATABASE_URL: 'none' }), 1, /DATABASE_URL is none/],
    ['none yet', () => ({ DATABASE_URL: `sqlite:${join(folder, 'later.db')}` }), 0, /No request so far/],
    ['one that the system refuses to look at', () => ({ DATABASE_URL: `sqlite:${unseen()}` }), 1, /cannot be read or/],
    ['a damaged one', () => ({ DATABASE_URL: `sqlite:${damaged()}` }), 1, /damaged.*move it away/],
    [
      'a server that is away',
      () => ({ DATABASE_URL: 'postgres://relay:hidden@127.0.0.1:1/x' }),
      1,
      /cannot be reached/,
    ],
  ])('%s is told', async (_name, env, code, word) => {
    const { exit, out, err } = await run([], env());
    expect([exit, out]).toEqual([code, '']);
    expect(err).toMatch(word);
    expect(err).not.toContain('hidden');
    expect(readdirSync(folder)).not.toContain('later.db');
  });

  test('machines are told so in their words', async () => {
    const { exit, out } = await run(['--json'], { DATABASE_URL: `sqlite:${join(folder, 'later.db')}` });
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ rows: [], totals: { requests: 0, cost_usd: 0 } });
  });

  test('days of which nothing is kept, and hours that never are', async () => {
    const nothing = await run(['--from', '2020-01-01', '--to', '2020-01-02'], full);
    expect([nothing.exit, nothing.err]).toEqual([0, expect.stringContaining('from 2020-01-01 to 2020-01-02')]);
    const hours = await run(['--by', 'hour'], { ...full, REQUEST_LOG_DAYS: '0' });
    expect(hours.err).toContain('REQUEST_LOG_DAYS is 0');
  });
});

/** A link to itself: whether something is there nobody can say. */
const unseen = (): string => {
  const path = join(folder, 'unseen.db');
  symlinkSync(path, path);
  return path;
};

const damaged = (): string => {
  const path = join(folder, 'damaged.db');
  writeFileSync(path, 'no database '.repeat(1000));
  return path;
};

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1.00k'],
  [12_345, '12.3k'],
  [999_499, '999k'],
  [999_500, '1.00M'],
  [31_000_000, '31.0M'],
  [2 ** 53, '9P'],
])('%d tokens are %s', (count, text) => {
  expect(toShort(count)).toBe(text);
});

test.each([
  [0, '$0'],
  [0.00004, '<$0.0001'],
  [0.1234, '$0.1234'],
  [12.3, '$12.30'],
])('%d dollars are %s', (dollars, text) => {
  expect(toDollars(dollars)).toBe(text);
});

test('days of leap years and all else are those that DAY_MS counts', () => {
  expect(parseUsageArguments(['--from', '2028-02-29', '--to', '2028-02-29'], NOW)).toMatchObject({
    question: { from: Date.UTC(2028, 1, 29), to: Date.UTC(2028, 1, 29) + DAY_MS },
  });
});
