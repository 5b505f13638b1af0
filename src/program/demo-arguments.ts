/** The command line of `npm run demo`. */
import { portProblem, readOptions } from '../terminal/options.ts';

const DOORS = ['code-assist', 'gemini-api', 'vertex'] as const;
export type DemoDoor = (typeof DOORS)[number];

export const DEMO_USAGE = `npm run demo -- [options]

  --upstream DOOR   ${DOORS.join(', ')}: which of Google's doors is played (default: code-assist)
  --keys N          so many keys of the Gemini API, each of a project with 3 requests a minute for a model: ask on, and
                    see one door after the other take over (2 to 20)
  --pace MS         streams pause for so many milliseconds before each chunk, so that one can watch (e.g. 100)
  --sample-data     five weeks of usage that never was, so that the console's charts have something to show
  --port N          listen on port N instead of PORT (0: any free port)
  --json            lines for machines; one of them has url, console and key
  --help            this text

Serves on port 8888 of this machine, before a simulator of Google's side. Ctrl-C ends it.`;

export interface DemoOptions {
  readonly door: DemoDoor;
  /** Of the Gemini API; 0: the one that is enough. */
  readonly keys: number;
  readonly paceMs: number;
  readonly hasSampleData: boolean;
  readonly port: string | undefined;
  /** Lines for machines. */
  readonly json: boolean;
}

export type DemoCommand =
  | ({ readonly kind: 'serve' } & DemoOptions)
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

export const parseDemoArguments = (args: readonly string[]): DemoCommand => {
  const given = readOptions(args, {
    upstream: 'value',
    keys: 'value',
    pace: 'value',
    'sample-data': 'flag',
    port: 'value',
    json: 'flag',
    help: 'flag',
  });
  if (typeof given === 'string') return usage(given);
  const { flags, values, words } = given;
  if (flags.has('help')) return { kind: 'help' };
  const [word] = words;
  if (word !== undefined) return usage(`the word ${word} is one too many`);
  const keys = values.get('keys');
  if (keys !== undefined && !/^(?:[2-9]|1\d|20)$/.test(keys)) return usage('--keys takes a number from 2 to 20');
  const asked = values.get('upstream') ?? (keys === undefined ? 'code-assist' : 'gemini-api');
  const door = DOORS.find((name) => name === asked);
  if (door === undefined) return usage(`--upstream takes one of ${DOORS.join(', ')}`);
  if (keys !== undefined && door !== 'gemini-api') return usage(`--upstream ${door} has no keys`);
  const pace = values.get('pace') ?? '0';
  if (!/^\d{1,5}$/.test(pace)) return usage('--pace takes milliseconds, e.g. 100');
  const port = values.get('port');
  const problem = portProblem(port);
  if (problem !== undefined) return usage(problem);
  const hasSampleData = flags.has('sample-data');
  const json = flags.has('json');
  return { kind: 'serve', door, keys: Number(keys ?? 0), paceMs: Number(pace), hasSampleData, port, json };
};

const usage = (problem: string): DemoCommand => ({ kind: 'usage', problem });
