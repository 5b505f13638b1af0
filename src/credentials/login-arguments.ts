/** The command line of `npm run login`. */
import { parseArgs } from 'node:util';

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
  --help            this text`;

export type LoginCommand =
  | { readonly kind: 'login'; readonly options: LoginOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

const CALLBACK_PORT = 8080;

export const parseLoginArguments = (args: readonly string[]): LoginCommand => {
  // The file after --import may be left out, which parseArgs knows only of flags: it is taken as a positional.
  const read = attempt(() =>
    parseArgs({
      args: args
        .map((arg) => (arg.startsWith('--import=') ? ['--import', arg.slice('--import='.length)] : [arg]))
        .flat(),
      options: {
        port: { type: 'string' },
        'no-browser': { type: 'boolean' },
        import: { type: 'boolean' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    }),
  );
  if (read === undefined) return { kind: 'usage', problem: 'an option is not known, or lacks its value' };
  const { values, positionals } = read;
  if (values.help) return { kind: 'help' };
  const [file, ...more] = positionals;
  if (more.length > 0 || (file !== undefined && !values.import)) {
    return { kind: 'usage', problem: 'there is a word too many; a file goes with --import' };
  }
  const port = values.port === undefined ? CALLBACK_PORT : Number(values.port);
  if (!/^\d{1,5}$/.test(values.port ?? '1') || port > 65_535) {
    return { kind: 'usage', problem: '--port takes a number from 0 to 65535' };
  }
  return {
    kind: 'login',
    options: {
      port,
      browser: !values['no-browser'],
      force: values.force ?? false,
      importFrom: values.import ? { file } : undefined,
    },
  };
};

const attempt = <T>(action: () => T): T | undefined => {
  try {
    return action();
  } catch {
    return undefined;
  }
};
