/** Settings of all places as one configuration: the environment before the page, the page before `.env`. */
import { ConfigError, givenIn, parseConfig } from '../config.ts';
import type { Config, Environment } from '../config.ts';
import type { VariableName } from '../config/variables.ts';
import { isFixed, isVariable, variableOf } from './ways.ts';
import type { PageValues, Written } from './written.ts';

export interface Layered {
  readonly config: Config;
  /** Why a value of the page is not in force, by its name. */
  readonly unusable: ReadonlyMap<string, string>;
}

/**
 * A value that was kept before an upgrade may not be one any more, or contradict what the environment says now. It falls
 * back to what would hold without it, and is told; what does not work in the environment itself throws ConfigError.
 */
export const layered = (written: Written, page: PageValues): Layered => {
  const unusable = new Map<string, string>();
  const locked = givenIn(written.environment);
  const usable = new Map<VariableName, string>();
  for (const [name, value] of page) {
    const problem = problemOf(name, value);
    if (problem !== undefined) unusable.set(name, problem);
    else if (isVariable(name) && !(name in locked)) usable.set(name, value);
  }
  for (;;) {
    try {
      return { config: parseConfig(joined(written, usable)), unusable };
    } catch (error) {
      if (!(error instanceof ConfigError) || usable.size === 0) throw error;
      for (const [name, problem] of contradicting(error, usable)) {
        unusable.set(name, problem);
        usable.delete(name);
      }
    }
  }
};

/** Undefined for a value that works by itself. */
export const problemOf = (name: string, value: string): string | undefined => {
  if (!isVariable(name)) return 'is no setting of this version';
  if (isFixed(name)) return 'can only be set where the relay is started';
  const read = variableOf(name).schema.safeParse(value);
  return read.success ? undefined : (read.error.issues[0]?.message ?? 'cannot be used');
};

const joined = ({ environment, file }: Written, page: PageValues): Environment => {
  // A variable that is set to nothing is not set.
  const rest = Object.fromEntries(Object.entries(environment).filter(([, value]) => (value?.trim() ?? '') !== ''));
  return { ...file, ...Object.fromEntries(page), ...rest };
};

/** Those that the problems name; all where none is named: one of them is at fault, since without any it worked. */
const contradicting = (
  { problems }: ConfigError,
  usable: ReadonlyMap<VariableName, string>,
): readonly (readonly [VariableName, string])[] => {
  const named = [...usable.keys()].flatMap((name) => {
    const problem = problems.find((text) => new RegExp(`\\b${name}\\b`).test(text));
    return problem === undefined ? [] : [[name, problem] as const];
  });
  return named.length > 0 ? named : [...usable.keys()].map((name) => [name, problems.join(' ')] as const);
};
