/** The command line of `npm run usage`. */
import { readOptions } from '../../terminal/options.ts';
import { DAY_MS } from '../day-sums.ts';
import type { UsageQuestion } from '../report.ts';
import { GROUPINGS, HOUR_MS } from '../select.ts';

export const USAGE_USAGE = `npm run usage -- [options]

  --by GROUP    day, hour, model, key, door or format; day where none is given
  --from DATE   the first day: 2026-11-28, today, yesterday, or 7d for the last seven days
  --to DATE     the last day; today where none is given
  --key NAME    only what came with this key
  --model GLOB  only these models: gemini-3*
  --json        for machines: {"rows":[…],"totals":{…}}
  --csv         for a spreadsheet
  --help        this text

Days are those of UTC. Without --from it is the last 30 days, by the hour the last 24 hours.
Exit code: 0 done, 1 the database cannot be read, 2 usage.`;

export type UsageCommand =
  | { readonly kind: 'report'; readonly question: UsageQuestion; readonly form: 'table' | 'json' | 'csv' }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

const USUAL_DAYS = 30;
const USUAL_HOURS = 24;

export const parseUsageArguments = (args: readonly string[], now: number): UsageCommand => {
  const given = readOptions(args, {
    by: 'value',
    from: 'value',
    to: 'value',
    key: 'value',
    model: 'value',
    json: 'flag',
    csv: 'flag',
    help: 'flag',
  });
  const wrong = (problem: string): UsageCommand => ({ kind: 'usage', problem });
  if (typeof given === 'string') return wrong(given);
  const { flags, values, words } = given;
  if (flags.has('help')) return { kind: 'help' };
  const [word] = words;
  if (word !== undefined) return wrong(`the word ${word} is one too many`);
  if (flags.has('json') && flags.has('csv')) return wrong('--json and --csv exclude each other');

  const by = values.get('by') ?? 'day';
  const group = GROUPINGS.find((grouping) => grouping === by);
  if (group === undefined) return wrong(`--by ${by} is none of ${GROUPINGS.join(', ')}`);

  const last = dayFrom(values.get('to') ?? 'today', now);
  if (last === undefined) return wrong(`--to ${values.get('to') ?? ''} is no day; write it like 2026-11-28`);
  const to = last + DAY_MS;
  const usual =
    group === 'hour' && !values.has('to') ? startOfHour(now) - (USUAL_HOURS - 1) * HOUR_MS : to - daysBefore(group);
  const from = values.has('from') ? dayFrom(values.get('from') ?? '', now) : usual;
  if (from === undefined) return wrong(`--from ${values.get('from') ?? ''} is no day; write it like 2026-11-28`);
  if (from >= to) return wrong('--from is later than --to');

  const question = { group, from, to, key: values.get('key'), model: values.get('model') };
  return { kind: 'report', question, form: flags.has('json') ? 'json' : flags.has('csv') ? 'csv' : 'table' };
};

const daysBefore = (group: UsageQuestion['group']): number => (group === 'hour' ? DAY_MS : USUAL_DAYS * DAY_MS);

const startOfHour = (time: number): number => Math.floor(time / HOUR_MS) * HOUR_MS;

/** The beginning of a day; undefined for what is none. */
const dayFrom = (written: string, now: number): number | undefined => {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const word = written.toLowerCase();
  if (word === 'today') return today;
  if (word === 'yesterday') return today - DAY_MS;
  const days = /^([1-9]\d{0,3})d$/.exec(word)?.[1];
  if (days !== undefined) return today - (Number(days) - 1) * DAY_MS;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(word) ? Date.parse(word) : NaN;
  // `2026-02-30` would be a day of March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, word.length) !== word ? undefined : time;
};
