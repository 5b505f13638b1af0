/** A key that the owner makes for a client: what is kept of it, and how it is told to machines. */
import { randomInt } from 'node:crypto';
import { CLIENT_KEY_PREFIX, digestOf } from '../callers/caller.ts';
import type { LimitName, Limits } from '../callers/limits.ts';

export interface ClientKey {
  readonly id: string;
  readonly name: string;
  /** How the secret begins that is given out now: for recognition. */
  readonly prefix: string;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  /** Globs; empty for all. */
  readonly models: readonly string[];
  /** Ids of doors; empty for all. */
  readonly doors: readonly string[];
  readonly limits: Limits;
  /** The newest last; those before it have an end. */
  readonly secrets: readonly KeptSecret[];
}

/** All that is kept of a secret. */
export interface KeptSecret {
  readonly digest: string;
  readonly prefix: string;
  readonly endsAt: number | null;
}

/** What the owner says of a key; all else the relay does. */
export interface KeySettings {
  readonly models: readonly string[];
  readonly doors: readonly string[];
  readonly expiresAt: number | null;
  readonly limits: Limits;
}

/** What was used of each limit, whether it is set or not. Null: nobody here knows. */
export type Used = Readonly<Record<LimitName, number | null>>;

const PREFIX_LENGTH = 8;
const SECRET_LENGTH = 40;
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 238 bits of chance. */
export const newSecret = (): string =>
  CLIENT_KEY_PREFIX + Array.from({ length: SECRET_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');

export const keptOf = (secret: string): KeptSecret => ({
  digest: digestOf(secret),
  prefix: secret.slice(0, PREFIX_LENGTH),
  endsAt: null,
});

export const KEY_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** What the owner's own keys are called: two of a name could not be told apart in what was used. */
export const OWNERS_NAMES: readonly string[] = [
  ...['GEMINI_AUTH_PASSWORD', 'API_KEY', 'HF_TOKEN', 'relay-key'],
  // What is asked from the console.
  'console',
];

/** In the words of `--json` and of the console. */
export const describeKey = (key: ClientKey, used: Used) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  disabled: key.disabled,
  created_at: toTime(key.createdAt),
  expires_at: toTime(key.expiresAt),
  last_used_at: toTime(key.lastUsedAt),
  models: key.models,
  doors: key.doors,
  ...key.limits,
  used,
});

export const toTime = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
