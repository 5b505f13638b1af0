/** The settings for a diagnosis: read as the start reads them; where they do not work, as far as they can be read. */
import { ConfigError, parseConfig } from '../config.ts';
import type { Config, Environment } from '../config.ts';
import { secretsIn } from '../config/secrets.ts';
import { VARIABLES } from '../config/variables.ts';
import type { Variable, VariableName } from '../config/variables.ts';
import { loadEnvironment, UnusableEnvFile } from '../config/env-file.ts';
import type { Mistake } from '../config/env-file-mistakes.ts';

export interface Settings {
  readonly config: Config;
  /** What would end a start, one sentence per problem. */
  readonly problems: readonly string[];
  /** The environment with what `.env` adds. */
  readonly env: Environment;
  readonly envFile: {
    readonly path: string;
    readonly exists: boolean;
    /** Where it cannot be read. */
    readonly unusable: Mistake | undefined;
    /** One line each: it lies in another place. */
    readonly warnings: readonly string[];
    /** What stands in it, and cannot have been meant so. */
    readonly mistakes: readonly Mistake[];
    /** What it sets, whether or not the environment covers it. */
    readonly sets: Environment;
  };
  readonly origins: readonly Origin[];
}

/** Where a variable's value comes from. */
export interface Origin {
  readonly name: VariableName;
  readonly from: 'environment' | '.env' | 'default';
  /** As written; undefined for what is unset or secret. */
  readonly shown: string | undefined;
}

export const readSettings = (own: Environment, path: string): Settings => {
  const { env, ...file } = readEnvFile(own, path);
  return {
    ...readAsFarAsPossible(env),
    env,
    envFile: { path, ...file },
    origins: Object.entries(VARIABLES).map(([name, variable]) => originOf(name as VariableName, variable, own, env)),
  };
};

const readEnvFile = (own: Environment, path: string) => {
  try {
    const { env, file, fromFile, warnings, mistakes } = loadEnvironment(own, path);
    return { env, exists: file !== undefined, unusable: undefined, warnings, mistakes, sets: fromFile };
  } catch (error) {
    if (!(error instanceof UnusableEnvFile)) throw error;
    return { env: own, exists: true, unusable: error, warnings: [], mistakes: [], sets: {} };
  }
};

/** One bad value should not hide what is wrong with the rest. */
const readAsFarAsPossible = (env: Environment): { config: Config; problems: readonly string[] } => {
  const first = attempt(env);
  if (!(first instanceof ConfigError)) return { config: first, problems: [] };
  const named = new Set(first.problems.map((problem) => problem.split(' ', 1)[0]));
  const readable = Object.fromEntries(Object.entries(env).filter(([name]) => !named.has(name)));
  // An address of this machine alone asks for no strong key: that problem is told already.
  for (const less of [{ ...env, HOST: '127.0.0.1' }, readable, { ...readable, HOST: '127.0.0.1' }]) {
    const config = attempt(less);
    if (!(config instanceof ConfigError)) return { config, problems: first.problems };
  }
  return { config: parseConfig({}), problems: first.problems };
};

const attempt = (env: Environment): Config | ConfigError => {
  try {
    return parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
};

/** Proxies are read in small letters as well. */
const written = (env: Environment, name: string): string =>
  (env[name] ?? (name.endsWith('_PROXY') ? env[name.toLowerCase()] : undefined) ?? '').trim();

const originOf = (name: VariableName, { secret }: Variable, own: Environment, env: Environment): Origin => {
  const value = written(env, name);
  if (value === '') return { name, from: 'default', shown: undefined };
  return { name, from: written(own, name) === '' ? '.env' : 'environment', shown: secret ? undefined : value };
};

/** Every value that is secret, as written, usable or not: for the redactor. */
export const allSecretsIn = (env: Environment): string[] =>
  Object.entries(VARIABLES).flatMap(([name, variable]) => secretsIn(variable, written(env, name)));
