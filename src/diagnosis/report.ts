/** Checks as lines for people and as JSON for machines. */
import type { Redactor } from '../redactor.ts';
import type { Check } from './check.ts';

const MARKS = { pass: '✔', fail: '✖', skip: '–' } as const;
const COLORS = { pass: '32', fail: '31', skip: '90' } as const;
const ID_WIDTH = 25;

/** What a check says may quote others: Google, a file, a program. */
export const clean = (check: Check, redactor: Redactor): Check => ({
  ...check,
  found: oneLine(redactor.redact(check.found)),
  fix: oneLine(redactor.redact(check.fix)),
});

export const toLine = ({ id, status, found, fix }: Check, colors: boolean): string => {
  const paint = (code: string, text: string): string => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
  const name = paint(status === 'skip' ? '90' : '1', id.padEnd(ID_WIDTH));
  const way = fix === '' ? '' : ` ${paint('33', `→ ${fix}`)}`;
  return `${paint(COLORS[status], MARKS[status])} ${name} ${status === 'skip' ? paint('90', found) : found}${way}`;
};

export const toJson = (checks: readonly Check[]): string =>
  JSON.stringify({
    ok: isOk(checks),
    checks: checks.map(({ id, status, found, fix }) => ({ id, status, found, fix })),
  });

export const isOk = (checks: readonly Check[]): boolean => checks.every(({ status }) => status !== 'fail');

export const toSummary = (checks: readonly Check[]): string => {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  if (failed.length === 0) return 'All is well.';
  return `${failed.length} ${failed.length === 1 ? 'check' : 'checks'} failed: ${failed.join(', ')}.`;
};

/** Neither a line break nor a command to the terminal. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
