/** Checks for people, with the failures first, and as JSON for machines. */
import type { Redactor } from '../redactor.ts';
import { commandsHere } from '../terminal/commands-here.ts';
import type { Place } from '../terminal/commands-here.ts';
import { painter } from '../terminal/console.ts';
import type { Console, Paint } from '../terminal/console.ts';
import { wrapWords } from '../terminal/wrap.ts';
import type { Check, DoorLine } from './check.ts';

const MARKS = { pass: '✔', fail: '✖', skip: '–' } as const;
const COLORS = { pass: 'green', fail: 'red', skip: 'grey' } as const;
const ID_WIDTH = 25;
/** Longer lines are hard to read, however wide the window is. */
const WIDEST = 120;
/** Below it there is no room for two columns. */
const NARROW = 70;
const MORE = 'npm run health -- --verbose';

/** What a check says may quote others: Google, a file, a program. */
export const clean = (check: Check, redactor: Redactor, place: Place): Check => ({
  ...check,
  found: oneLine(commandsHere(redactor.redact(check.found), place)),
  fix: oneLine(commandsHere(redactor.redact(check.fix), place)),
  ...(check.doors && {
    doors: check.doors.map((door) => ({ ...door, found: oneLine(commandsHere(redactor.redact(door.found), place)) })),
  }),
});

/** The lines of a report: what failed, what follows from it, and how the rest is; with `verbose`, each check. */
export const toReport = (
  checks: readonly Check[],
  { colors, columns, isTerminal }: Omit<Console, 'write'>,
  verbose: boolean,
  place: Place,
): string => {
  const paint = painter(colors);
  const width = isTerminal ? Math.min(columns, WIDEST) : Infinity;
  const failed = checks.filter(({ status }) => status === 'fail');
  const summary = paint(failed.length === 0 ? 'green' : 'red', `${MARKS[failed.length === 0 ? 'pass' : 'fail']} `);
  const lines = [summary + paint('bold', toSummary(checks)), ''];
  if (verbose) return [...lines, ...checks.flatMap((check) => withDoors(check, width, paint)), ''].join('\n');
  for (const check of failed) {
    lines.push(...toRow(check, width, paint));
    const following = checks.filter(({ cause }) => cause === check.id).map(({ id }) => id);
    if (following.length > 0) lines.push(...toNote(`– follows from it: ${named(following)}`, width, paint));
    lines.push('');
  }
  for (const check of checks) {
    if (!check.doors) continue;
    if (check.status !== 'fail') lines.push(...toRow(check, width, paint));
    lines.push(...check.doors.flatMap((door) => doorRow(door, width, paint)), '');
  }
  lines.push(...wrapWords(commandsHere(counts(checks), place), width).map((line) => paint('grey', line)), '');
  return lines.join('\n');
};

/** Enough to see what kind they are. */
const NAMED = 4;

const named = (ids: readonly string[]): string => {
  const more = ids.length - NAMED;
  return more > 1 ? `${ids.slice(0, NAMED).join(', ')} and ${more} more` : ids.join(', ');
};

const indentIn = (width: number): string => ' '.repeat(width < NARROW ? 2 : ID_WIDTH + 3);

const toNote = (text: string, width: number, paint: Paint): readonly string[] => {
  const indent = indentIn(width);
  const lines = wrapWords(text, width - indent.length - 2);
  return lines.map((line, at) => indent + paint('grey', at === 0 ? line : `  ${line}`));
};

/** A check, and below it what is said of each door. */
export const withDoors = (check: Check, width: number, paint: Paint): readonly string[] => [
  ...toRow(check, width, paint),
  ...(check.doors ?? []).flatMap((door) => doorRow(door, width, paint)),
];

const doorRow = ({ id, state, found, spare }: DoorLine, width: number, paint: Paint): readonly string[] => {
  const isOpen = state === 'ok' || state === 'failing';
  const status = isOpen ? 'pass' : state === 'off' ? 'skip' : 'fail';
  return toRow({ id: `  ${id}`, status, found: spare ? `${found}, spare` : found, fix: '' }, width, paint);
};

const counts = (checks: readonly Check[]): string => {
  const well = checks.filter(({ status }) => status === 'pass').length;
  const aside = checks.filter(({ status, cause }) => status === 'skip' && cause === undefined).length;
  return `${well} ${well === 1 ? 'check is' : 'checks are'} well, ${aside} ${aside === 1 ? 'does' : 'do'} not apply. Each of them: ${MORE}`;
};

/** A row of two columns; on a narrow terminal, what was found stands below its name. */
export const toRow = ({ id, status, found, fix }: Check, width: number, paint: Paint): readonly string[] => {
  const mark = paint(COLORS[status], MARKS[status]);
  const isNarrow = width < NARROW;
  const indent = indentIn(width);
  const room = width - indent.length;
  const text = (words: string): string => (status === 'skip' ? paint('grey', words) : words);
  const way = fix === '' ? '' : `→ ${fix}`;
  const isOne = found.length + 1 + way.length <= room;
  const told = wrapWords(found, room).map(text);
  const ways =
    way === '' ? [] : wrapWords(way, room - 2).map((line, at) => paint('yellow', at === 0 ? line : `  ${line}`));
  const body = isOne && way !== '' ? [`${text(found)} ${paint('yellow', way)}`] : [...told, ...ways];
  const name = paint(status === 'skip' ? 'grey' : 'bold', isNarrow ? id : id.padEnd(ID_WIDTH));
  const [first = '', ...rest] = body;
  const head = isNarrow ? [`${mark} ${name}`.trimEnd(), indent + first] : [`${mark} ${name} ${first}`];
  return [...head, ...rest.map((line) => indent + line)];
};

export const toJson = (checks: readonly Check[]): string =>
  JSON.stringify({
    ok: isOk(checks),
    checks: checks.map(({ id, status, found, fix, doors }) => ({ id, status, found, fix, ...(doors && { doors }) })),
  });

export const isOk = (checks: readonly Check[]): boolean => checks.every(({ status }) => status !== 'fail');

export const toSummary = (checks: readonly Check[]): string => {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  if (failed.length === 0) return 'All is well.';
  return `${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}.`;
};

/** Neither a line break nor a command to the terminal. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
