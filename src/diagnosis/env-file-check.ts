/** `.env`: is it there, does it lie where it is read, and does every line say what its writer meant. */
import { withCount } from '../count-words.ts';
import type { Environment } from '../config.ts';
import { VARIABLES } from '../config/variables.ts';
import { fail, pass, skip } from './check.ts';
import type { Finding } from './check.ts';
import type { Settings } from './settings.ts';

export const checkEnvFile = (settings: Settings, own: Environment): Finding => {
  const { path, exists, unusable, warnings, mistakes, sets } = settings.envFile;
  if (unusable) return fail(unusable.what, unusable.fix);
  const [misplaced] = warnings;
  if (misplaced !== undefined) {
    return fail(misplaced, `Move it to the folder that the relay is started in, under the name ${path}.`);
  }
  if (!exists) return skip(`there is no ${path}: the settings come from the environment`);
  if (mistakes.length > 0) {
    return fail(mistakes.map(({ what }) => what).join('; '), [...new Set(mistakes.map(({ fix }) => fix))].join(' '));
  }
  const names = Object.keys(sets);
  const covered = names.filter((name) => name in VARIABLES && (own[name] ?? '') !== '' && own[name] !== sets[name]);
  const count = `${path}: ${withCount(names.length, 'variable')}`;
  return pass(covered.length === 0 ? count : `${count}; the environment overrides ${covered.join(', ')}`);
};
