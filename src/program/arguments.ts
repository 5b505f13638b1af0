/** The command line of `npm start`. */
import { portProblem, readOptions } from '../terminal/options.ts';

export const START_USAGE = `npm start -- [options]

  --port N        listen on port N instead of PORT (0: any free port)
  --host ADDRESS  listen on this address instead of HOST
  --open          show the console in the browser
  --json          lines for machines, on a terminal too (LOG_FORMAT=json)
  --version       the version of the relay
  --help          this text

All else is set by variables, in the environment or in .env. The console's page Settings tells of each what it means.
Exit code: 0 ended by a signal, 1 cannot listen, 2 usage, 70 broken, 78 a setting is wrong.`;

export interface StartOptions {
  readonly port: string | undefined;
  readonly host: string | undefined;
  /** Whether the browser is to show the console. */
  readonly open: boolean;
  /** Lines for machines. */
  readonly json: boolean;
}

export type StartCommand =
  | { readonly kind: 'serve'; readonly options: StartOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version'; readonly json: boolean }
  | { readonly kind: 'usage'; readonly problem: string };

export const parseStartArguments = (args: readonly string[]): StartCommand => {
  const given = readOptions(args, {
    port: 'value',
    host: 'value',
    open: 'flag',
    json: 'flag',
    version: 'flag',
    help: 'flag',
  });
  if (typeof given === 'string') return usage(given);
  const { flags, values, words } = given;
  if (flags.has('help')) return { kind: 'help' };
  const [word] = words;
  if (word !== undefined) return usage(`the word ${word} is one too many`);
  const json = flags.has('json');
  if (flags.has('version')) return { kind: 'version', json };
  const port = values.get('port');
  const problem = portProblem(port);
  if (problem !== undefined) return usage(problem);
  return { kind: 'serve', options: { port, host: values.get('host'), open: flags.has('open'), json } };
};

const usage = (problem: string): StartCommand => ({ kind: 'usage', problem });
