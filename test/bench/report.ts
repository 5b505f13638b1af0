import { cpus, totalmem } from 'node:os';
import type { Figure } from './compare.ts';

const reached = (figure: Figure, goal: number): boolean =>
  figure.atLeast ? figure.value >= goal : figure.value <= goal;

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 3 : 2));

const goal = (figure: Figure, value: number): string =>
  `${figure.atLeast ? '≥' : '≤'} ${number(value)} ${reached(figure, value) ? '✔' : '✖'}`;

export const isWithinGate = (figure: Figure): boolean => reached(figure, figure.gate);

export const toTable = (figures: readonly Figure[]): string => {
  const rows = figures.map((figure) => {
    const spread = `${number(Math.min(...figure.rounds))} – ${number(Math.max(...figure.rounds))}`;
    const stretch = figure.stretch === undefined ? '' : goal(figure, figure.stretch);
    return [figure.name, `${number(figure.value)} ${figure.unit}`.trim(), spread, goal(figure, figure.gate), stretch];
  });
  return aligned([['figure', 'measured', 'rounds, from – to', 'gate', 'stretch'], ...rows]);
};

/** As the formatter of the project's pages writes a table. */
export const aligned = ([head = [], ...rows]: readonly (readonly string[])[]): string => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};

export const machine = (): string => {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${gigabytes} GiB, Node ${process.versions.node}, ${process.platform}`;
};
