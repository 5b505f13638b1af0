/** Client keys in tests: made by the command itself, beside the relay. */
import { expect } from 'vitest';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { keys } from '../../src/keys/command/command.ts';
import type { Environment } from '../../src/config.ts';
import type { TestRelay } from '../support/relay.ts';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

export interface CommandEnd {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  readonly columns?: number;
  readonly colors?: boolean;
}

export const runKeys = async (
  args: readonly string[],
  env: Environment,
  {
    terminal,
    system = createSystem(),
    surroundings = {},
  }: { readonly terminal?: Terminal; readonly system?: System; readonly surroundings?: Environment } = {},
): Promise<CommandEnd> => {
  let [out, err] = ['', ''];
  const console = {
    isTerminal: terminal !== undefined,
    colors: terminal?.colors ?? false,
    columns: terminal?.columns ?? Infinity,
  };
  const exit = await keys(args, {
    env: surroundings,
    loadEnvironment: () => env,
    system,
    out: { ...console, write: (text) => (out += text) },
    err: { ...console, write: (text) => (err += text) },
  });
  return { exit, out, err };
};

export const databaseOf = (relay: Pick<TestRelay, 'folder'>): Environment => ({
  DATABASE_URL: `sqlite:${join(relay.folder, 'relay.db')}`,
});

let count = 0;

export interface MadeKey {
  readonly name: string;
  readonly secret: string;
}

/** A key with these options, and its secret. */
export const makeKey = async (env: Environment, ...options: readonly string[]): Promise<MadeKey> => {
  const name = `key-${(count += 1)}`;
  const { exit, out, err } = await runKeys(['add', name, ...options], env);
  if (exit !== 0) throw new Error(`keys add ended with ${exit}: ${err}`);
  return { name, secret: out.trim() };
};

/** The same at this relay, which looks for it at once. */
export const newKeyAt = async (relay: TestRelay, ...options: readonly string[]): Promise<MadeKey> => {
  const made = await makeKey(databaseOf(relay), ...options);
  await relay.relay.parts.clients.refresh();
  await eventually(async () => {
    const answer = await relay.fetch('/v1/usage', { headers: { authorization: `Bearer ${made.secret}` } });
    expect(answer.status).toBe(200);
  }, 200);
  return made;
};
