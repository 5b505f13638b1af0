import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config.ts';
import type { Environment } from '../config.ts';
import { inFull } from '../errors.ts';
import { codeOf } from '../errors/errno.ts';
import { findMistakes } from './env-file-mistakes.ts';
import type { Mistake } from './env-file-mistakes.ts';
import { decodeEnvText, parseEnvText } from './env-text.ts';

export interface LoadedEnvironment {
  readonly env: Environment;
  /** The file that was read, if there was one. */
  readonly file: string | undefined;
  /** What the file sets, whether or not the environment covers it. */
  readonly fromFile: Environment;
  /** One line each: it lies in another place. */
  readonly warnings: readonly string[];
  /** What stands in it, and cannot have been meant so. */
  readonly mistakes: readonly Mistake[];
}

/** The environment and what `.env` adds to it; what is set already wins. Throws UnusableEnvFile. */
export const loadEnvironment = (env: Environment, path = '.env'): LoadedEnvironment => {
  const text = readEnvFile(path);
  if (text === undefined) return { env, file: undefined, fromFile: {}, warnings: misplaced(path), mistakes: [] };
  const fromFile = parseEnvText(text);
  return { env: { ...fromFile, ...env }, file: path, fromFile, warnings: [], mistakes: findMistakes(text) };
};

/** There is a `.env`, and it is not one that can be read. */
export class UnusableEnvFile extends ConfigError implements Mistake {
  readonly what: string;
  readonly fix: string;

  constructor(what: string, fix: string) {
    super([inFull(what, fix)]);
    this.name = 'UnusableEnvFile';
    this.what = what;
    this.fix = fix;
  }
}

const MAX_BYTES = 1024 * 1024;

const readEnvFile = (path: string): string | undefined => {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new UnusableEnvFile(
        `${path} is a directory, but should be a file with lines like PORT=8888.`,
        'Remove it.',
      );
    }
    if (!stat.isFile() || stat.size > MAX_BYTES) {
      throw new UnusableEnvFile(
        `${path} is no ordinary file of less than 1 MiB.`,
        'Replace it by a text file, or remove it.',
      );
    }
    return decodeEnvText(readFileSync(path));
  } catch (error) {
    if (error instanceof UnusableEnvFile) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    const isForbidden = code === 'EACCES' || code === 'EPERM';
    throw new UnusableEnvFile(
      `${path} cannot be read (${code}).`,
      isForbidden
        ? `Make it readable: chmod 600 ${path}`
        : 'It may pass: start again, and if it stays, see to its disk.',
    );
  }
};

/** Where people put the file by mistake. */
const misplaced = (path: string): string[] => {
  const names = ['.env.txt', 'env', 'env.txt', '.env.local', join('src', '.env'), join('..', '.env')];
  const found = names.map((name) => join(dirname(path), name)).find((name) => existsSync(name));
  return found === undefined ? [] : [`there is no ${path} here, but a ${found}: only ${path} is read`];
};
