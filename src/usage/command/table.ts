/** What was used, as a table for people; on a terminal with a bar for each row. */
import { bar } from '../../terminal/bar.ts';
import { painter } from '../../terminal/console.ts';
import type { Color, Console, Paint } from '../../terminal/console.ts';
import { wrapWords } from '../../terminal/wrap.ts';
import { DAY_MS, dayOf } from '../day-sums.ts';
import { NO_USAGE } from '../report.ts';
import type { UsageCounts, UsageQuestion, UsageReport, UsageRow } from '../report.ts';
import { HOUR_MS } from '../select.ts';
import { toDollars, toShort } from '../../terminal/numbers.ts';

export const toTable = (report: UsageReport, question: UsageQuestion, out: Console): string => {
  const paint = painter(out.colors);
  const rows = withGaps(report.rows, question);
  const lines = [
    HEAD.map((text, index) => ({ text: index === 0 ? question.group : text, color: 'bold' as const })),
    ...rows.map((row) => cellsOf(shownName(row.group, question), row)),
    ...(rows.length === 1
      ? []
      : [cellsOf('total', report.totals).map((cell) => ({ ...cell, color: 'bold' as const }))]),
  ];
  // With a bar where that takes no more than parts of what stands beside them.
  const withBar = out.isTerminal ? fitting(lines, out.columns - LEAST_BAR - BETWEEN.length) : [];
  const columns =
    widthOf(withBar) + LEAST_BAR + BETWEEN.length <= out.columns && withBar.length > 0
      ? withBar
      : fitting(lines, out.columns);
  const bars = barsOf(rows, Math.min(out.columns - widthOf(columns) - 2, WIDEST_BAR), out.isTerminal, paint);
  const toLine = (cells: readonly Cell[], line: number): string => {
    const padded = columns.map(({ index, width }) => {
      const { text = '', color } = cells[index] ?? {};
      const wide = index === 0 ? text.padEnd(width) : text.padStart(width);
      return color ? paint(color, wide) : wide;
    });
    return [...padded, bars[line - 1] ?? ''].join(BETWEEN).trimEnd();
  };
  const foot = footOf(report).flatMap((text) => wrapWords(text, Math.min(out.columns, WIDEST)));
  const title = paint('bold', titleOf(question));
  return `${[title, '', ...lines.map(toLine), '', ...foot.map((line) => paint('grey', line))].join('\n')}\n`;
};

interface Cell {
  readonly text: string;
  readonly color?: Color;
}

interface Column {
  readonly index: number;
  readonly width: number;
}

const HEAD = ['', 'requests', 'errors', 'in', 'cached', 'out', 'thoughts', 'cost (est.) '];
/** What a narrow terminal goes without: parts of what stands beside them. */
const FIRST_TO_GO = [HEAD.indexOf('thoughts'), HEAD.indexOf('cached')];
const BETWEEN = '  ';
const WIDEST = 100;
const WIDEST_BAR = 40;
const LEAST_BAR = 8;
const LONGEST_NAME = 44;

const fitting = (lines: readonly (readonly Cell[])[], room: number): readonly Column[] => {
  let columns: readonly Column[] = HEAD.map((_text, index) => ({
    index,
    width: Math.max(...lines.map((cells) => cells[index]?.text.length ?? 0)),
  }));
  for (const gone of FIRST_TO_GO) if (widthOf(columns) > room) columns = columns.filter(({ index }) => index !== gone);
  return columns;
};

const widthOf = (columns: readonly Column[]): number =>
  columns.reduce((sum, { width }) => sum + width, BETWEEN.length * (columns.length - 1));

const cellsOf = (name: string, counts: UsageCounts): readonly Cell[] => [
  { text: name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name },
  quietZero(String(counts.requests)),
  counts.errors > 0 ? { text: String(counts.errors), color: 'red' } : quietZero('0'),
  ...[counts.input_tokens, counts.cached_tokens, counts.output_tokens, counts.thought_tokens].map((tokens) =>
    quietZero(toShort(tokens)),
  ),
  quietZero(costOf(counts)),
];

/** A blank where others have a plus, so that figures stand below each other. */
const costOf = ({ cost_usd: dollars, unpriced }: UsageCounts): string =>
  (dollars === null ? UNKNOWN : toDollars(dollars)) + (dollars !== null && unpriced > 0 ? '+' : ' ');

const UNKNOWN = '?';

const quietZero = (text: string): Cell =>
  ['0', '$0 ', `${UNKNOWN} `].includes(text) ? { text, color: 'grey' } : { text };

const titleOf = ({ group, from, to, key, model }: UsageQuestion): string => {
  const [first, last] = [dayOf(from), dayOf(to - 1)];
  const only = [key === undefined ? '' : `, key ${key}`, model === undefined ? '' : `, models ${model}`].join('');
  return `Usage by ${group}, ${first === last ? first : `${first} to ${last}`} (UTC)${only}`;
};

/** `2026-11-28T14:00:00.000Z` is more than one wants to read. */
const shownName = (name: string, { group }: UsageQuestion): string =>
  group === 'hour' ? name.slice(0, 16).replace('T', ' ') : name === '' ? 'none' : name;

/** Days and hours without a request, between those that have one. */
const withGaps = (rows: readonly UsageRow[], { group }: UsageQuestion): readonly UsageRow[] => {
  const [first] = rows;
  const last = rows.at(-1);
  if ((group !== 'day' && group !== 'hour') || !first || !last) return rows;
  const known = new Map(rows.map((row) => [row.group, row]));
  const all: UsageRow[] = [];
  const step = group === 'day' ? DAY_MS : HOUR_MS;
  for (let time = Date.parse(first.group); time <= Date.parse(last.group); time += step) {
    const name = group === 'day' ? dayOf(time) : new Date(time).toISOString();
    all.push(known.get(name) ?? { ...NO_USAGE, group: name });
  }
  return all;
};

/** By tokens, which say more than requests; by those where there are no tokens. */
const barsOf = (rows: readonly UsageRow[], width: number, isTerminal: boolean, paint: Paint): readonly string[] => {
  if (!isTerminal || width < LEAST_BAR) return [];
  const tokens = rows.map((row) => row.input_tokens + row.output_tokens);
  const amounts = tokens.some((amount) => amount > 0) ? tokens : rows.map(({ requests }) => requests);
  const most = Math.max(1, ...amounts);
  return amounts.map((amount) => paint('cyan', bar((amount / most) * width)));
};

const footOf = ({ totals }: UsageReport): readonly string[] => [
  'Tokens out include thoughts, tokens in those from the cache. Costs are estimates by the list prices of the Gemini API.',
  ...(totals.unpriced > 0 ? [`? and +: no price is known for ${totals.unpriced} of the requests.`] : []),
];
