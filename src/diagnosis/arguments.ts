/** The command line of `npm run health`. */
import { parseArgs } from 'node:util';

export const HEALTH_USAGE = `npm run health -- [options]

  --json         for machines: {"ok","checks":[{"id","status","found","fix"}]}
  --generate     also ask a model for one token, through the relay where it serves
  --bundle FILE  write a report for a bug report to FILE; it holds no secrets
  --help         this text

Exit code: 0 all well, 1 something failed, 2 usage.`;

export type HealthCommand =
  | { readonly kind: 'check'; readonly json: boolean; readonly generate: boolean; readonly bundle: string | undefined }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

export const parseHealthArguments = (args: readonly string[]): HealthCommand => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        generate: { type: 'boolean', default: false },
        bundle: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.bundle === '') return { kind: 'usage', problem: '--bundle needs the name of a file' };
    return { kind: 'check', json: values.json, generate: values.generate, bundle: values.bundle };
  } catch {
    return { kind: 'usage', problem: 'an option is not known, or lacks its value' };
  }
};
