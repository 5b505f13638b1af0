import type { UsageReport, UsageRow } from './report.ts';

const COLUMNS = [
  ...(['group', 'requests', 'errors', 'input_tokens', 'cached_tokens', 'output_tokens', 'thought_tokens'] as const),
  ...(['cost_usd', 'unpriced', 'p50_ms', 'p95_ms', 'p50_first_ms'] as const),
] satisfies readonly (keyof UsageRow)[];

/** For a spreadsheet: one line for each row, empty where nothing is known. */
export const toCsv = ({ rows }: UsageReport): string =>
  [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => toCell(row[column])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');

export const toCell = (value: string | number | null): string => {
  if (value === null) return '';
  if (typeof value === 'number') return toPlain(value);
  // A spreadsheet would take it for a formula, and run it.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

/** Small costs without an exponent, which not every spreadsheet reads. */
const toPlain = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(DIGITS).replace(/(?<!0)0+$/, '');

const DIGITS = 9;
