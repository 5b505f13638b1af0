/** Keys for people: all in a table, one with what is left of its limits. */
import { LIMIT_NAMES, LIMITS } from '../../callers/limits.ts';
import type { LimitName } from '../../callers/limits.ts';
import { bar } from '../../terminal/bar.ts';
import { painter } from '../../terminal/console.ts';
import type { Color, Console, Paint } from '../../terminal/console.ts';
import { toDollars, toShort } from '../../terminal/numbers.ts';
import type { ClientKey } from '../key.ts';
import { spellAgo, spellUntil } from './times.ts';

/** A key, and how it stands: undefined where only the relay that serves knows. */
export interface ShownKey {
  readonly key: ClientKey;
  readonly used: Readonly<Record<LimitName, number | undefined>>;
  readonly resetsAt: Readonly<Record<LimitName, number | undefined>>;
}

interface Cell {
  readonly text: string;
  readonly color?: Color;
}

const BETWEEN = '  ';
const HEAD = ['name', 'key', 'state', 'limits', 'today', 'this month', 'last used'];
/** What a narrow terminal goes without. */
const FIRST_TO_GO = ['key', 'this month', 'last used', 'today'];

/** What stays of a long name, and of many limits, where there is no room; `show` and --json have all of them. */
const LEAST_NAME = 24;
const LEAST_LIMITS = 16;

export const toKeyTable = (keys: readonly ShownKey[], now: number, out: Console): string => {
  const paint = painter(out.colors);
  const rows: (readonly Cell[])[] = [
    HEAD.map((text) => ({ text, color: 'bold' as const })),
    ...keys.map((shown) => cellsOf(shown, now)),
  ];
  const widthOf = (column: number): number => rows.reduce((most, cells) => Math.max(most, widthIn(cells, column)), 0);
  let columns = HEAD.map((_name, index) => index);
  const excess = (): number =>
    columns.reduce((sum, column) => sum + widthOf(column) + BETWEEN.length, -BETWEEN.length) - out.columns;
  const shorten = (name: string, least: number): void => {
    const column = HEAD.indexOf(name);
    const most = Math.max(least, widthOf(column) - Math.max(0, excess()));
    for (const [index, cells] of rows.entries()) {
      if (widthIn(cells, column) > most) rows[index] = cells.with(column, cutTo(most, cells[column]));
    }
  };
  shorten('name', LEAST_NAME);
  for (const gone of FIRST_TO_GO) if (excess() > 0) columns = columns.filter((column) => HEAD[column] !== gone);
  shorten('limits', LEAST_LIMITS);
  const lines = rows.map((cells) =>
    columns
      .map((column) => {
        const { text, color } = cells[column] ?? { text: '' };
        const wide = column === columns.at(-1) ? text : text.padEnd(widthOf(column));
        return color ? paint(color, wide) : wide;
      })
      .join(BETWEEN)
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
};

const widthIn = (cells: readonly Cell[], column: number): number => cells[column]?.text.length ?? 0;

const cutTo = (most: number, { text, ...more }: Cell = { text: '' }): Cell => ({
  ...more,
  text: `${text.slice(0, most - 1)}…`,
});

const cellsOf = ({ key, used }: ShownKey, now: number): readonly Cell[] => [
  { text: key.name },
  { text: `${key.prefix}…`, color: 'grey' },
  stateOf(key, now),
  limitsOf(key),
  sumOf(used.requests_per_day, used.tokens_per_day),
  sumOf(used.requests_per_month, used.tokens_per_month),
  key.lastUsedAt === null ? { text: 'never', color: 'grey' } : { text: spellAgo(now - key.lastUsedAt) },
];

const stateOf = ({ disabled, expiresAt }: ClientKey, now: number): Cell => {
  if (disabled) return { text: 'disabled', color: 'red' };
  if (expiresAt === null) return { text: 'active', color: 'green' };
  return expiresAt <= now
    ? { text: 'expired', color: 'red' }
    : { text: `${spellUntil(expiresAt - now)} left`, color: 'yellow' };
};

const SHORT: Readonly<Record<LimitName, (most: number) => string>> = {
  rpm: (most) => `${toShort(most)} rpm`,
  tpm: (most) => `${toShort(most)} tpm`,
  concurrent: (most) => `${toShort(most)} at a time`,
  requests_per_day: (most) => `${toShort(most)} req/day`,
  tokens_per_day: (most) => `${toShort(most)} tok/day`,
  requests_per_month: (most) => `${toShort(most)} req/month`,
  tokens_per_month: (most) => `${toShort(most)} tok/month`,
  cost_per_month: (most) => `${toDollars(most)}/month`,
};

const LONGEST_LIMITS = 44;

const limitsOf = ({ limits, models, doors }: ClientKey): Cell => {
  const all = LIMIT_NAMES.flatMap((limit) => {
    const most = limits[limit];
    return most === null ? [] : [SHORT[limit](most)];
  });
  const text = [...all, ...models, ...doors].join(', ');
  if (text === '') return { text: 'none', color: 'grey' };
  return { text: text.length > LONGEST_LIMITS ? `${text.slice(0, LONGEST_LIMITS - 1)}…` : text };
};

const sumOf = (requests = 0, tokens = 0): Cell =>
  requests === 0 && tokens === 0
    ? { text: '–', color: 'grey' }
    : { text: `${toShort(requests)} req, ${toShort(tokens)} tok` };

const LABEL_WIDTH = 11;
const BAR_WIDTH = 20;

/** One key. */
export const toKeyPage = (shown: ShownKey, now: number, out: Console): string => {
  const { key } = shown;
  const paint = painter(out.colors);
  const { text: state, color } = stateOf(key, now);
  const facts: readonly (readonly [string, string])[] = [
    ['made', shownTime(key.createdAt)],
    [
      'last used',
      key.lastUsedAt === null ? 'never' : `${spellAgo(now - key.lastUsedAt)} (${shownTime(key.lastUsedAt)})`,
    ],
    ['expires', key.expiresAt === null ? 'never' : shownTime(key.expiresAt)],
    ['models', key.models.join(', ') || 'all'],
    ['doors', key.doors.join(', ') || 'all'],
    ...key.secrets
      .filter(({ endsAt }) => endsAt !== null && endsAt > now)
      .map(({ prefix, endsAt }) => ['former key', formerKey(key, prefix, endsAt ?? now)] as const),
  ];
  const lines = [
    `${paint('bold', key.name)}  ${paint('grey', `${key.prefix}…`)}  ${color ? paint(color, state) : state}`,
    '',
    ...facts.map(([label, value]) => `  ${paint('grey', label.padEnd(LABEL_WIDTH))}${value}`),
    '',
    ...limitLines(shown, now, paint, out),
  ];
  return `${lines.join('\n')}\n`;
};

/** Of a disabled key no secret opens anything; what is left of the time counts again once it is enabled. */
const formerKey = ({ disabled }: ClientKey, prefix: string, endsAt: number): string =>
  disabled
    ? `${prefix}… is disabled as well, and ends ${shownTime(endsAt)}`
    : `${prefix}… works until ${shownTime(endsAt)}`;

const limitLines = ({ key, used, resetsAt }: ShownKey, now: number, paint: Paint, out: Console): readonly string[] => {
  const set = LIMIT_NAMES.filter((limit) => key.limits[limit] !== null);
  if (set.length === 0) return [`  ${paint('grey', 'No limits. Used so far:')}`, `  ${usedLine(used)}`];
  const width = Math.max(...set.map((limit) => LIMITS[limit].meaning.length));
  const figures = new Map(set.map((limit) => [limit, figureOf(limit, used[limit], key.limits[limit] ?? 0)]));
  const figureWidth = Math.max(...[...figures.values()].map(({ length }) => length));
  return set.map((limit) => {
    const most = key.limits[limit] ?? 0;
    const share = Math.min(1, (used[limit] ?? 0) / most);
    const filled = bar(share * BAR_WIDTH).padEnd(BAR_WIDTH, '·');
    const reset = resetsAt[limit];
    const meaning = LIMITS[limit].meaning.padEnd(width);
    const drawn =
      out.isTerminal && out.columns >= width + figureWidth + BAR_WIDTH + ROOM ? [paint(colorOf(share), filled)] : [];
    const when = reset === undefined || !used[limit] ? [] : [paint('grey', `resets in ${spellUntil(reset - now)}`)];
    return ['', meaning, (figures.get(limit) ?? '').padStart(figureWidth), ...drawn, ...when].join(BETWEEN).trimEnd();
  });
};

/** For the bar's neighbours. */
const ROOM = 26;

const figureOf = (limit: LimitName, used: number | undefined, most: number): string => {
  const spell = LIMITS[limit].counts === 'cost' ? toDollars : toShort;
  return used === undefined ? spell(most) : `${spell(used)} of ${spell(most)}`;
};

const usedLine = (used: ShownKey['used']): string =>
  `today ${sumOf(used.requests_per_day, used.tokens_per_day).text}; ` +
  `this month ${sumOf(used.requests_per_month, used.tokens_per_month).text}, ${toDollars(used.cost_per_month ?? 0)} (estimated)`;

const colorOf = (share: number): Color => (share >= 1 ? 'red' : share >= 0.8 ? 'yellow' : 'green');

const shownTime = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
