/** The command line of `npm run usage`. */
import { readOptions } from '../../terminal/options.ts';
import { readUsageQuestion } from '../question.ts';
import type { UsageQuestion } from '../report.ts';

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
Exit code: 0 done, 1 the database cannot be read, 2 usage, 78 a setting is wrong.`;

export type UsageCommand =
  | { readonly kind: 'report'; readonly question: UsageQuestion; readonly form: 'table' | 'json' | 'csv' }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

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

  const option = (name: Option): string | undefined => values.get(name);
  const read = readUsageQuestion(
    { group: option('by'), from: option('from'), to: option('to'), key: option('key'), model: option('model') },
    now,
  );
  if ('problem' in read) {
    const name = read.field === 'group' ? 'by' : read.field;
    return wrong([`--${name}`, option(name), read.problem].filter((text) => text !== undefined).join(' '));
  }
  const form = flags.has('json') ? 'json' : flags.has('csv') ? 'csv' : 'table';
  return { kind: 'report', question: read.question, form };
};

type Option = 'by' | 'from' | 'to' | 'key' | 'model';
