/** One setting as the page shows it. */
import { SECTIONS } from '../config/variables.ts';
import type { Variable, VariableName } from '../config/variables.ts';
import { isFixed, isLive, isSecret, variableOf } from './ways.ts';

export interface Setting {
  readonly name: string;
  /** Of a secret only whether there is one. Null: not set, and nothing in its place. */
  readonly value: string | number | boolean | null;
  readonly origin: Origin;
  /** It can only be changed where the relay is started. */
  readonly locked: boolean;
  /** Whether a change waits for the next start. */
  readonly restart: boolean;
  readonly meaning: string;
  readonly section: string;
  readonly section_title: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'choice' | 'list';
  readonly choices?: readonly string[];
  readonly default: string | number | boolean | null;
  /** Where the default is no value, it in words: `discovered`. */
  readonly by_default: string | null;
  readonly example: string | null;
  readonly secret: boolean;
  /** Changed, and not in force before the next start. */
  readonly pending: boolean;
  /** Why the value that was kept is not in force. */
  readonly problem: string | null;
}

export type Origin = 'environment' | 'file' | 'page' | 'default';

export interface SettingState {
  /** As it is written; undefined where nobody has. */
  readonly written: string | undefined;
  readonly origin: Origin;
  readonly pending: boolean;
  readonly problem: string | undefined;
}

export const describeSetting = (name: VariableName, { written, origin, pending, problem }: SettingState): Setting => {
  const variable = variableOf(name);
  const kind = kindOf(variable);
  const secret = isSecret(name);
  const fallback = plain(variable.fallback);
  return {
    name,
    value: secret ? written !== undefined : written === undefined ? fallback : typed(written, variable),
    origin,
    locked: origin === 'environment' || isFixed(name),
    restart: !isLive(name),
    meaning: variable.meaning,
    section: variable.section,
    section_title: SECTIONS[variable.section],
    kind,
    ...(variable.choices && { choices: variable.choices }),
    default: fallback,
    by_default: variable.byDefault ?? null,
    example: secret ? null : variable.example,
    secret,
    pending,
    problem: problem ?? null,
  };
};

/** By what its own example is read as. */
const kindOf = ({ schema, example, choices, secret }: Variable): Setting['kind'] => {
  if (choices) return 'choice';
  const read: unknown = secret ? undefined : schema.safeParse(example).data;
  if (typeof read === 'number') return 'number';
  if (typeof read === 'boolean') return 'boolean';
  return Array.isArray(read) ? 'list' : 'text';
};

const typed = (written: string, { schema }: Variable): Setting['value'] => {
  const value: unknown = schema.safeParse(written).data;
  return typeof value === 'number' || typeof value === 'boolean' ? value : written;
};

const plain = (value: unknown): Setting['value'] =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : null;
