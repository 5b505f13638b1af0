/** The command line of `npm start`. */
import { parseArgs } from 'node:util';

export const START_USAGE = `npm start -- [options]

  --port N    listen on port N instead of PORT (0: any free port)
  --version   the version of the relay
  --help      this text

All else is set by variables, in the environment or in .env: see .env.example.
Exit code: 0 ended by a signal, 1 cannot listen, 2 usage, 70 broken, 78 a setting is wrong.`;

export type StartCommand =
  | { readonly kind: 'serve'; readonly port: string | undefined }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly problem: string };

export const parseStartArguments = (args: readonly string[]): StartCommand => {
  const { tokens } = parseArgs({
    args: [...args],
    options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  let port: string | undefined;
  let asked: 'help' | 'version' | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') return usage(`the word ${token.value} is one too many`);
    switch (token.name) {
      case 'help':
      case 'version':
        if (token.value !== undefined) return usage(`${token.rawName} takes no value`);
        asked ??= token.name;
        break;
      case 'port':
        if (!/^\d{1,5}$/.test(token.value ?? '') || Number(token.value) > 65_535) {
          return usage('--port takes a number from 0 to 65535');
        }
        port = token.value;
        break;
      default:
        return usage(`there is no option ${token.rawName}`);
    }
  }
  return asked === undefined ? { kind: 'serve', port } : { kind: asked };
};

const usage = (problem: string): StartCommand => ({ kind: 'usage', problem });
