/** Keys that are set: whom they let in, and whether they are good enough. */
import { isLoopback } from './readers.ts';
import type { Values } from './values.ts';
import { VARIABLES } from './variables.ts';
import { isPlaceholderKey, KEY_COMMAND, MIN_GOOD_KEY_LENGTH, MIN_KEY_LENGTH } from './weak-keys.ts';

/** A key that lets clients in, under the name of its variable. */
export interface ClientKey {
  readonly name: string;
  readonly value: string;
}

const KEY_VARIABLES = ['GEMINI_AUTH_PASSWORD', 'API_KEY', 'HF_TOKEN'] as const;

export const keysOf = (values: Values): ClientKey[] => namedIn(values, KEY_VARIABLES);

/** Keys that open something of the owner's, and let no client in. */
const OWNERS_VARIABLES = ['ADMIN_KEY', 'METRICS_KEY'] as const;

export const ownersKeysOf = (values: Values): ClientKey[] => namedIn(values, OWNERS_VARIABLES);

const namedIn = (values: Values, names: readonly (typeof KEY_VARIABLES | typeof OWNERS_VARIABLES)[number][]) =>
  names.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [{ name, value }];
  });

/** An address that others can reach needs a key that others cannot guess. */
export const keyProblems = (values: Values): string[] => {
  const host = values.HOST ?? VARIABLES.HOST.fallback;
  if (isLoopback(host)) return [];
  const keys = keysOf(values);
  if (keys.length === 0) {
    return [
      `GEMINI_AUTH_PASSWORD is not set, and HOST=${host} can be reached from other machines. ` +
        `Set it to a key that this command makes: ${KEY_COMMAND}`,
    ];
  }
  if (values.ALLOW_WEAK_KEY) return [];
  return [...keys, ...ownersKeysOf(values)].flatMap(({ name, value }) => {
    const weakness = isPlaceholderKey(value)
      ? 'is a published default or a placeholder'
      : value.length < MIN_KEY_LENGTH
        ? `has fewer than ${MIN_KEY_LENGTH} characters`
        : undefined;
    return weakness === undefined
      ? []
      : [
          `${name} ${weakness}, and HOST=${host} can be reached from other machines. ` +
            `Set it to a key that this command makes: ${KEY_COMMAND} (or, if you must, ALLOW_WEAK_KEY=1)`,
        ];
  });
};

export const keyWarnings = (keys: readonly ClientKey[]): string[] =>
  keys.flatMap(({ name, value }) =>
    value.length < MIN_GOOD_KEY_LENGTH || isPlaceholderKey(value)
      ? [`${name} is easy to guess. A better one: ${KEY_COMMAND}`]
      : [],
  );
