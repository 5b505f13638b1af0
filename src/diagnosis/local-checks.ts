/** Checks of this machine and its settings: nothing is asked of the network. */
import { isLoopback } from '../config/readers.ts';
import { VARIABLES } from '../config/variables.ts';
import { isPlaceholderKey, KEY_COMMAND, MIN_GOOD_KEY_LENGTH } from '../config/weak-keys.ts';
import { createCatalogue } from '../gemini/catalogue.ts';
import { fail, pass, skip } from './check.ts';
import type { Finding } from './check.ts';
import type { Facts } from './facts.ts';
import type { Settings } from './settings.ts';
import { closest } from '../config/spelling.ts';

const LEAST_NODE = 24;

export const checkNode = (version: string): Finding => {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  return major >= LEAST_NODE
    ? pass(`Node ${version}`)
    : fail(
        `Node ${version}, but the relay needs ${LEAST_NODE} or newer`,
        'Run npm ci, which brings one, and start by npm (npm start); or install a newer Node from nodejs.org.',
      );
};

export const checkSettings = ({ problems, origins }: Settings): Finding => {
  if (problems.length > 0) {
    return fail(
      problems.join('; '),
      'Put these variables right in .env or in the environment: until then the relay does not start.',
    );
  }
  const set = origins.filter(({ from }) => from !== 'default').length;
  return pass(set === 0 ? 'all at their defaults' : `${set} set, all of them readable`);
};

export const checkClientKey = ({ config, env, ownKey }: Facts): Finding => {
  if (ownKey) {
    const host = (env['HOST'] ?? '').trim() || VARIABLES.HOST.fallback;
    if (!isLoopback(host)) {
      return fail(
        `GEMINI_AUTH_PASSWORD: missing, and HOST=${host} can be reached from other machines`,
        `Set GEMINI_AUTH_PASSWORD to what this prints: ${KEY_COMMAND}`,
      );
    }
    if (ownKey.problem !== undefined) return fail(ownKey.problem, 'Until then the relay does not start.');
    return pass(
      ownKey.exists
        ? `GEMINI_AUTH_PASSWORD: missing; the relay's own key is kept in ${ownKey.path}`
        : 'GEMINI_AUTH_PASSWORD: missing; the relay makes a key at its first start and shows it once',
    );
  }
  const weak = config.keys.flatMap(({ name, value }) => {
    const problem = weaknessOf(value);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
  if (weak.length > 0) return fail(weak.join('; '), `Set it to what this prints, and restart: ${KEY_COMMAND}`);
  return pass(config.keys.map(({ name }) => `${name}: set`).join(', '));
};

const weaknessOf = (value: string): string | undefined => {
  if (/^bearer[\s:]/i.test(value)) return 'begins with "Bearer", which is no part of a key';
  if (isPlaceholderKey(value)) return 'is a published default or a placeholder';
  return value.length < MIN_GOOD_KEY_LENGTH ? `has fewer than ${MIN_GOOD_KEY_LENGTH} characters` : undefined;
};

const PREFIX = /^(?:models|google|gemini|openai|vertex_ai|publishers)\//i;

/** MODELS may name what no catalogue knows yet; only what looks like a slip is told. */
export const checkModels = ({ config }: Facts): Finding => {
  const asked = config.moreModels;
  if (asked.length === 0) return skip('MODELS is not set: the built-in list is offered');
  const catalogue = createCatalogue([]);
  const known = catalogue.listed().map(({ id }) => id);
  const words = [...new Set(known.flatMap((id) => id.split('-')))].filter((word) => /^[a-z]{4,}$/.test(word));
  const wrong = asked.flatMap((id) => {
    if (PREFIX.test(id)) return [{ id, meant: id.slice(id.lastIndexOf('/') + 1) }];
    // Another number is another model; another letter within a known word is a slip.
    const isSlip = id
      .toLowerCase()
      .split('-')
      .some((word) => /^[a-z]{3,}$/.test(word) && closest(word, words) !== undefined);
    return isSlip ? [{ id, meant: catalogue.nearest(id).join(' or ') }] : [];
  });
  if (wrong.length === 0) return pass(`${asked.length} further: ${asked.join(', ')}`);
  return fail(
    `MODELS names ${wrong.map(({ id }) => id).join(', ')}`,
    wrong.map(({ id, meant }) => `In place of ${id} write ${meant}.`).join(' '),
  );
};
