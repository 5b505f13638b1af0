/** The command line of `npm run login`: read, and written for advice. */
import { portProblem, readOptions } from '../terminal/options.ts';

export interface LoginOptions {
  readonly port: number;
  readonly browser: boolean;
  readonly force: boolean;
  /** A file to take over; `default` is where Gemini CLI keeps its login. */
  readonly importFrom: { readonly file: string | undefined } | undefined;
}

export const LOGIN_USAGE = `npm run login -- [options]

  --port N          callback on http://localhost:N instead of 8080 (0: any free port)
  --no-browser      print the address; paste the address or the code that comes back
  --import [FILE]   take over a login of Gemini CLI (default: ~/.gemini/oauth_creds.json)
  --force           replace an existing login
  --json            what is said, for machines: lines of {"message","tone"}, the last one {"ok","file"}
  --help            this text`;

export type LoginCommand =
  | { readonly kind: 'login'; readonly options: LoginOptions; readonly json: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

const CALLBACK_PORT = 8080;

export const parseLoginArguments = (args: readonly string[]): LoginCommand => {
  // The file after --import may be left out: it is taken as a word by itself.
  const given = readOptions(
    args.flatMap((arg) => (arg.startsWith('--import=') ? ['--import', arg.slice('--import='.length)] : [arg])),
    { port: 'value', 'no-browser': 'flag', import: 'flag', force: 'flag', json: 'flag', help: 'flag' },
  );
  if (typeof given === 'string') return { kind: 'usage', problem: given };
  const { flags, values, words } = given;
  if (flags.has('help')) return { kind: 'help' };
  const [file, ...more] = words;
  const [tooMany] = flags.has('import') ? more : words;
  if (tooMany !== undefined) {
    return { kind: 'usage', problem: `the word ${tooMany} is one too many; a file goes with --import` };
  }
  const written = values.get('port');
  const problem = portProblem(written);
  if (problem !== undefined) return { kind: 'usage', problem };
  return {
    kind: 'login',
    options: {
      port: Number(written ?? CALLBACK_PORT),
      browser: !flags.has('no-browser'),
      force: flags.has('force'),
      importFrom: flags.has('import') ? { file } : undefined,
    },
    json: flags.has('json'),
  };
};

/** The same command once more, to be pasted: with the flags that it was given, or with others. */
export const writeLoginCommand = ({ port, browser, force, importFrom }: LoginOptions): string => {
  const flags = [
    ...(browser ? [] : ['--no-browser']),
    ...(importFrom ? ['--import', ...(importFrom.file === undefined ? [] : [quoted(importFrom.file)])] : []),
    ...(port === CALLBACK_PORT ? [] : ['--port', String(port)]),
    ...(force ? ['--force'] : []),
  ];
  return ['npm run login', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
};

/** For the shells of Windows a path of its own kind, for all others anything else. */
const quoted = (path: string): string => {
  if (/^[\w./~@%+=:,-]+$/.test(path)) return path;
  if (/^(?:[a-z]:|\\)\\[^"]*$/i.test(path)) return /[^\w.:~\\/-]/.test(path) ? `"${path}"` : path;
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
};
