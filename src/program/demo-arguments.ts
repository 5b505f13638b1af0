/** The command line of `npm run demo`. */
import { readOptions } from '../terminal/options.ts';

const DOORS = ['code-assist', 'gemini-api', 'vertex'] as const;
export type DemoDoor = (typeof DOORS)[number];

export const DEMO_USAGE = `npm run demo -- [options]

  --upstream DOOR   ${DOORS.join(', ')}: which of Google's doors is played (default: code-assist)
  --pace MS         streams pause for so many milliseconds before each chunk, so that one can watch (e.g. 100)
  --sample-data     five weeks of usage that never was, so that the console's charts have something to show
  --help            this text

Serves on PORT (8888) of this machine, before a simulator of Google's side. Ctrl-C ends it.`;

export interface DemoOptions {
  readonly door: DemoDoor;
  readonly paceMs: number;
  readonly hasSampleData: boolean;
}

export type DemoCommand =
  | ({ readonly kind: 'serve' } & DemoOptions)
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

export const parseDemoArguments = (args: readonly string[]): DemoCommand => {
  const given = readOptions(args, { upstream: 'value', pace: 'value', 'sample-data': 'flag', help: 'flag' });
  if (typeof given === 'string') return usage(given);
  const { flags, values, words } = given;
  if (flags.has('help')) return { kind: 'help' };
  const [word] = words;
  if (word !== undefined) return usage(`the word ${word} is one too many`);
  const asked = values.get('upstream') ?? 'code-assist';
  const door = DOORS.find((name) => name === asked);
  if (door === undefined) return usage(`--upstream takes one of ${DOORS.join(', ')}`);
  const pace = values.get('pace') ?? '0';
  if (!/^\d{1,5}$/.test(pace)) return usage('--pace takes milliseconds, e.g. 100');
  return { kind: 'serve', door, paceMs: Number(pace), hasSampleData: flags.has('sample-data') };
};

const usage = (problem: string): DemoCommand => ({ kind: 'usage', problem });
