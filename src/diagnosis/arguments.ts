/** The command line of `npm run health`. */
import { readOptions } from '../terminal/options.ts';

export const HEALTH_USAGE = `npm run health -- [options]

  --verbose, -v  every check, not only those that failed
  --json         for machines: {"ok","checks":[{"id","status","found","fix"}]}
  --generate     also ask a model for one token, through the relay where it serves
  --bundle FILE  write a report for a bug report to FILE; it holds no secrets
  --help         this text

Exit code: 0 all well, 1 something failed, 2 usage.`;

export type HealthCommand =
  | {
      readonly kind: 'check';
      readonly json: boolean;
      readonly generate: boolean;
      readonly verbose: boolean;
      readonly bundle: string | undefined;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

export const parseHealthArguments = (args: readonly string[]): HealthCommand => {
  const given = readOptions(args, {
    verbose: 'flag',
    json: 'flag',
    generate: 'flag',
    bundle: 'value',
    help: 'flag',
  });
  if (typeof given === 'string') return { kind: 'usage', problem: given };
  const { flags, values, words } = given;
  if (flags.has('help')) return { kind: 'help' };
  const [word] = words;
  if (word !== undefined) return { kind: 'usage', problem: `the word ${word} is one too many` };
  return {
    kind: 'check',
    json: flags.has('json'),
    generate: flags.has('generate'),
    verbose: flags.has('verbose'),
    bundle: values.get('bundle'),
  };
};
