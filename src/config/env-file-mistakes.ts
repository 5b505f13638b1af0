/** What a `.env` says that its writer cannot have meant. Never a value. */
import { takeObjects } from './env-text.ts';
import { closest } from './spelling.ts';
import { VARIABLES } from './variables.ts';

export interface Mistake {
  readonly what: string;
  readonly fix: string;
}

/** Goes through the lines as Node's reader does. */
export const findMistakes = (text: string): Mistake[] => {
  const lines = takeObjects(text).rest.split(/\r?\n/);
  const mistakes: Mistake[] = [];
  /** Numbers of lines of which nothing can be said but that they set nothing. */
  const strange: number[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const setting = SETTING.exec(line);
    if (!setting) {
      const meant = (OTHER_SPELLING.exec(line)?.[1] ?? '').toUpperCase();
      if (isKnown(meant)) mistakes.push({ what: `the line of ${meant} is not understood`, fix: writeAs(meant) });
      else strange.push(at + 1);
      continue;
    }
    const [, name = '', value = ''] = setting;
    mistakes.push(...wrongName(name));
    if (READ_BY_NODE.has(name)) mistakes.push(tooLate(name));
    if (isKnown(name) && WINDOWS_PATH.test(value)) mistakes.push(lineEndIn(name));
    if (!QUOTE.test(value)) continue;
    const rest = linesUntilClosed(value, lines, at);
    const swallowed = lines
      .slice(at + 1, at + 1 + (rest ?? 0))
      .some((inner) => isKnown(SETTING.exec(inner.trim())?.[1]));
    // Its own check knows all the quoting that works, and tells the position of what does not.
    if ((rest === undefined || swallowed) && name !== 'GEMINI_CREDENTIALS') mistakes.push(unclosed(name));
    at += rest ?? 0;
  }
  return [...mistakes, ...setNothing(strange)];
};

/** `NAME=value`, as Node's reader takes it. */
const SETTING = /^(?:export\s+)?([^\s=:$"'`]+)\s*=\s*(.*)$/;

/** `NAME: value` is YAML, `set NAME=value` and `$env:NAME = value` are for shells, `NAME value` is a slip. */
const OTHER_SPELLING = /^(?:set\s+|export\s+|\$env:)?(\w+)(?:\s*[:=]|\s|$)/i;

const QUOTE = /^["'`\u2018-\u201f]/;

/** Between double quotes \n is a line end, also where a folder's name begins with n; \N is none. */
const WINDOWS_PATH = /^"[A-Za-z]:\\[^"]*(?<=\\)n/;

const lineEndIn = (name: string): Mistake => ({
  what: `${name} is a path of Windows between double quotes, where \\n is a line end`,
  fix: 'Write it between single quotes, or with / in place of \\.',
});

/** What Node itself reads when it starts, which is before it reads this file. */
const READ_BY_NODE: ReadonlySet<string> = new Set(['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS']);

const tooLate = (name: string): Mistake => ({
  what: `${name} has no effect here: Node reads it when it starts`,
  fix: 'Set it in the real environment.',
});

/** How many further lines a quoted value takes; undefined where nothing closes it. */
const linesUntilClosed = (value: string, lines: readonly string[], at: number): number | undefined => {
  const quote = value.charAt(0);
  if (!/["'`]/.test(quote)) return undefined;
  if (value.includes(quote, 1)) return 0;
  const further = lines.slice(at + 1).findIndex((line) => line.includes(quote));
  return further === -1 ? undefined : further + 1;
};

const NAMES = Object.keys(VARIABLES);

const isKnown = (name: string | undefined): boolean => name !== undefined && Object.hasOwn(VARIABLES, name);

const wrongName = (name: string): Mistake[] => {
  const capital = name.toUpperCase();
  // Proxies are read in small letters as well.
  if (isKnown(name) || (isKnown(capital) && capital.endsWith('_PROXY'))) return [];
  const meant = isKnown(capital) ? capital : closest(name, NAMES);
  if (meant === undefined) return [];
  return [
    { what: `${name} is no setting of the relay; ${meant} is one`, fix: `Write ${meant} in its place, or remove it.` },
  ];
};

const unclosed = (name: string): Mistake => ({
  what: `the value of ${name} begins with a quotation mark that nothing closes`,
  fix: `Write ${name}=value without quotation marks, or with the same straight one before and behind it.`,
});

const writeAs = (name: string): string => `Write it as ${name}=value.`;

const MOST_RUNS = 5;

const setNothing = (numbers: readonly number[]): Mistake[] => {
  if (numbers.length === 0) return [];
  const runs = runsOf(numbers).map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`));
  const told = runs.length > MOST_RUNS ? [...runs.slice(0, MOST_RUNS), '…'] : runs;
  return [
    {
      what: numbers.length === 1 ? `line ${told.join()} sets nothing` : `lines ${told.join(', ')} set nothing`,
      fix: 'Write a setting as NAME=value on one line, and begin a remark with #.',
    },
  ];
};

/** 3, 4, 5, 9 → 3 to 5, 9 to 9. */
const runsOf = (numbers: readonly number[]): readonly (readonly [first: number, last: number])[] => {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const latest = runs.at(-1);
    if (latest && number === latest[1] + 1) latest[1] = number;
    else runs.push([number, number]);
  }
  return runs;
};
