/** Whatever is typed behind `keys`: done, or refused by name with exit 2, and never a stack. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEYS_USAGE, parseKeysArguments } from '../../src/keys/command/arguments.ts';
import { notUnderstood } from '../../src/terminal/mistake.ts';
import { runKeys } from './people.ts';

const NOW = Date.UTC(2026, 10, 28, 18, 30);
const SECRET = `gcr_${'aB3'.repeat(13)}x`;

test.each<[string, RegExp]>([
  ['add', /add needs the name of a key/],
  ['add ünï', /ünï is no name: 1 to 64 letters/],
  [`add ${'x'.repeat(65)}`, /x is no name/],
  ['add anna bert', /the word bert is one too many/],
  ['grant anna', /there is no command grant/],
  ['constructor anna', /there is no command constructor/],
  ['--rpm 5', /what to do is missing/],
  ['list anna', /the word anna is one too many/],
  ['add anna --rpm 0', /--rpm 0 is no whole number from 1 to 1000000000000000/],
  ['add anna --rpm -5', /--rpm|no option -5/],
  ['add anna --rpm 1e3', /--rpm 1e3 is no whole number/],
  ['add anna --tpm 1.5', /--tpm 1.5 is no whole number/],
  ['add anna --tpm 99999999999999999999', /--tpm 9+ is no whole number/],
  ['add anna --concurrent ∞', /--concurrent ∞ is no whole number/],
  ['add anna --requests-per-day ٣', /--requests-per-day ٣ is no whole number/],
  ['add anna --tokens-per-month 0x10', /--tokens-per-month 0x10 is no whole number/],
  ['add anna --cost-per-month 0', /--cost-per-month 0 is no amount of dollars/],
  ['add anna --cost-per-month 5€', /--cost-per-month 5€ is no amount of dollars/],
  ['add anna --cost-per-month Infinity', /--cost-per-month Infinity is no amount of dollars/],
  ['add anna --expires 2026-02-30', /--expires 2026-02-30 is neither a duration nor a day/],
  ['add anna --expires 2020-01-01', /--expires 2020-01-01 is over already/],
  ['add anna --expires 99999d', /--expires 99999d is neither a duration nor a day/],
  ['add anna --expires 0h', /--expires 0h is over already/],
  ['add anna --models ,', /--models , names nothing/],
  ['add anna --models [a-z]', /--models \[a-z\] is no name of a model/],
  [`add anna --models ${'m,'.repeat(50)}${'n'.repeat(201)}`, /--models .* is no name of a model/],
  ['add anna --doors window', /--doors window is no door/],
  ['add anna --rpm', /--rpm lacks its value/],
  ['add anna --rpm=', /--rpm lacks its value/],
  ['add anna --rpm 1 --rpm 2', /--rpm is there twice/],
  ['add anna --json=yes', /--json takes no value/],
  ['add anna --colour', /no option --colour/],
  ['add anna --__proto__ 1', /no option --__proto__/],
  ['show anna --rpm 5', /show takes no --rpm/],
  ['set anna', /set needs an option/],
  ['rotate anna --overlap soon', /--overlap soon is no duration/],
])('keys %s', async (line, problem) => {
  const { exit, out, err } = await runKeys(line.split(' '), { DATABASE_URL: 'none' });
  expect([exit, out]).toEqual([2, '']);
  expect(err.split('\n')[0]).toMatch(problem);
  expect(err).toContain('--tokens-per-day N');
});

const word = fc.oneof(
  fc.constantFrom('add', 'set', 'list', 'show', 'rotate', 'disable', 'enable', 'remove', 'anna', SECRET, '--', '-'),
  fc.constantFrom('--rpm', '--tpm', '--concurrent', '--cost-per-month', '--expires', '--models', '--doors', '--json'),
  fc.constantFrom('--overlap', '--rpm=5', '--models=none', '30d', '2026-12-31', 'gemini-*', '1e9', '-1', '0', 'none'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 3 }).map((text) => text.repeat(20_000)),
);

describe('whatever is typed', () => {
  test('is a command or is refused by name; nothing of it reaches the terminal that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (args) => {
        const command = parseKeysArguments(args, NOW);
        if (command.kind !== 'usage') return;
        const said = notUnderstood(command.problem, KEYS_USAGE);
        const [first = ''] = said.split('\n');
        expect(first.length).toBeLessThan(500);
        // eslint-disable-next-line no-control-regex
        expect(first).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/);
        expect(said).not.toContain(SECRET.slice(8));
        expect(said.slice(first.length)).toBe(`\n\n${KEYS_USAGE}\n`);
      }),
      { numRuns: 500 },
    );
  });

  test('a key in place of its name is not repeated', async () => {
    const folder = { DATABASE_URL: 'sqlite:/nowhere/at/all/relay.db' };
    for (const verb of ['show', 'remove', 'disable', 'rotate']) {
      const { exit, out, err } = await runKeys([verb, SECRET], folder);
      expect([exit, out]).toEqual([1, '']);
      expect(err).toMatch(/There is no key called/);
      expect(err).not.toContain(SECRET.slice(8));
    }
  });
});
