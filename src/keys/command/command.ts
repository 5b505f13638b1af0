/** `npm run keys`: from the command line to the exit code. Works on the database, also beside a relay that serves. */
import { perLimit } from '../../callers/limits.ts';
import { parseConfig } from '../../config.ts';
import type { DatabaseAddress } from '../../config/readers.ts';
import type { Environment } from '../../config.ts';
import { silentLogger } from '../../log.ts';
import { isMissing } from '../../store/missing.ts';
import { openStore } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import type { System } from '../../system.ts';
import { commandsHere, placeIn } from '../../terminal/commands-here.ts';
import type { Console } from '../../terminal/console.ts';
import { EXIT } from '../../terminal/exit-codes.ts';
import { notUnderstood, printable } from '../../terminal/mistake.ts';
import { createSpeaker } from '../../terminal/speaker.ts';
import type { Say } from '../../terminal/speaker.ts';
import { readCounts } from '../counts-store.ts';
import { describeKey } from '../key.ts';
import type { ClientKey } from '../key.ts';
import { createKeyStore, KeyError } from '../key-store.ts';
import type { KeyStore, NewKey } from '../key-store.ts';
import { createMemoryCounters } from '../memory-counters.ts';
import { KEYS_USAGE, parseKeysArguments } from './arguments.ts';
import type { KeysCommand } from './arguments.ts';
import { toKeyPage, toKeyTable } from './table.ts';
import { unknownDoors } from './door-labels.ts';
import type { ShownKey } from './table.ts';
import { spellUntil } from './times.ts';

export interface KeysCommandNeeds {
  /** With what `.env` adds. Called once it is clear that something is to be done. */
  readonly loadEnvironment: () => Environment;
  readonly env: Environment;
  readonly system: System;
  readonly out: Console;
  readonly err: Console;
}

export const keys = async (args: readonly string[], needs: KeysCommandNeeds): Promise<number> => {
  const { system, out, err } = needs;
  const place = placeIn(needs.env);
  const command = parseKeysArguments(args, system.now());
  if (command.kind === 'help') {
    out.write(`${commandsHere(KEYS_USAGE, place)}\n`);
    return EXIT.done;
  }
  if (command.kind === 'usage') {
    err.write(notUnderstood(command.problem, commandsHere(KEYS_USAGE, place)));
    return EXIT.usage;
  }
  const say = createSpeaker(err, place);
  // It opens no public address: what one would need is no reason to refuse.
  const { database, upstream } = parseConfig({ ...needs.loadEnvironment(), HOST: '127.0.0.1' });
  if (database.kind === 'none') {
    say('Client keys live in the database, and there is none: DATABASE_URL is none. Take that line away.', 'bad');
    return EXIT.failed;
  }
  // A file that is not there yet holds no keys; only a new key is a reason to make it.
  if (database.kind === 'sqlite' && command.kind !== 'add' && isMissing(database.path)) {
    return command.kind === 'list' ? tellList([], command, needs) : fail(unknownKey(command.name), say);
  }
  const store = openStore(database, { system, log: silentLogger });
  try {
    await store.opened();
    const { ok, message } = store.state();
    if (!ok) return fail(`${placeOf(database)}${message ?? 'The database cannot be opened.'}`, say);
    const code = await run(command, store, needs, say);
    if (code === EXIT.done && (command.kind === 'add' || command.kind === 'set')) {
      const warning = await unknownDoors(command.settings.doors ?? [], upstream);
      if (warning !== undefined) say(warning, 'plain');
    }
    return code;
  } catch (error) {
    if (error instanceof KeyError) return fail(error.message, say);
    return fail(
      store.state().message ?? `The database refuses: ${error instanceof Error ? error.message : 'unknown'}`,
      say,
    );
  } finally {
    await store.close();
  }
};

/** Of a file, which one is meant; an address may hold a password. */
const placeOf = (database: DatabaseAddress): string => (database.kind === 'sqlite' ? `${database.path}: ` : '');

type KeysAction = Exclude<KeysCommand, { kind: 'help' | 'usage' }>;

const fail = (message: string, say: Say): number => {
  say(printable(message), 'bad');
  return EXIT.failed;
};

const BY_NAME = new Intl.Collator('en', { numeric: true });

/** As people count: phone-2 before phone-10. */
const byName = (one: ClientKey, other: ClientKey): number => BY_NAME.compare(one.name, other.name);

const unknownKey = (name: string): string => `There is no key called ${name}.`;

const run = async (command: KeysAction, store: Store, needs: KeysCommandNeeds, say: Say): Promise<number> => {
  const { system, out } = needs;
  const keyStore = createKeyStore(store, system);
  switch (command.kind) {
    case 'list':
      return tellList(await withUse((await keyStore.list()).toSorted(byName), store, system), command, needs);
    case 'add': {
      const { limits, models = [], doors = [], expiresAt = null } = command.settings;
      const settings = { models, doors, expiresAt, limits: perLimit((limit) => limits[limit] ?? null) };
      return tellSecret(await keyStore.add(command.name, settings), command, { store, needs, say });
    }
    case 'rotate': {
      const { overlapMs } = command;
      const made = await keyStore.rotate(command.name, overlapMs);
      const former =
        overlapMs === 0
          ? 'The former one works no more.'
          : `The former one works for ${spellUntil(overlapMs)} more; --overlap 0h ends it at once.`;
      return tellSecret(made, command, { store, needs, say }, former);
    }
    case 'remove':
      await keyStore.remove(command.name);
      if (command.json) out.write(`${JSON.stringify({ name: command.name, removed: true })}\n`);
      else {
        createSpeaker(
          out,
          placeIn(needs.env),
        )(`The key ${command.name} is removed. What it has used stays in npm run usage.`);
      }
      return EXIT.done;
    case 'show':
    case 'set':
    case 'disable':
    case 'enable': {
      const [shown] = await withUse([await changed(command, keyStore)], store, system);
      if (!shown) return EXIT.failed;
      if (command.json) out.write(`${JSON.stringify(toJson(shown))}\n`);
      else out.write(toKeyPage(shown, system.now(), out));
      return EXIT.done;
    }
  }
};

const changed = async (
  command: Extract<KeysAction, { kind: 'show' | 'set' | 'disable' | 'enable' }>,
  keyStore: KeyStore,
): Promise<ClientKey> => {
  switch (command.kind) {
    case 'set':
      return keyStore.change(command.name, command.settings);
    case 'disable':
    case 'enable':
      return keyStore.change(command.name, { disabled: command.kind === 'disable' });
    case 'show': {
      const found = (await keyStore.list()).find(({ name }) => name === command.name);
      if (!found) throw new KeyError('unknown', unknownKey(command.name));
      return found;
    }
  }
};

const tellList = (keys: readonly ShownKey[], { json }: { readonly json: boolean }, needs: KeysCommandNeeds): number => {
  const { out, err, system } = needs;
  if (json) out.write(`${JSON.stringify({ keys: keys.map(toJson) })}\n`);
  else if (keys.length > 0) out.write(toKeyTable(keys, system.now(), out));
  else
    createSpeaker(err, placeIn(needs.env))('No client keys so far. The first one: npm run keys -- add NAME', 'plain');
  return EXIT.done;
};

interface Telling {
  readonly store: Store;
  readonly needs: KeysCommandNeeds;
  readonly say: Say;
}

/** The secret alone goes to stdout, so that `KEY=$(…)` has it; what is said about it does not. */
const tellSecret = async (
  { key, secret }: NewKey,
  { json }: { readonly json: boolean },
  { store, needs, say }: Telling,
  former = '',
): Promise<number> => {
  const { out, system } = needs;
  if (json) {
    const [shown] = await withUse([key], store, system);
    out.write(`${JSON.stringify({ ...(shown && toJson(shown)), key: secret })}\n`);
    return EXIT.done;
  }
  say(`The key of ${key.name}. It is shown this once, and kept nowhere:`, 'good');
  out.write(`${secret}\n`);
  say(
    `${former} Who has it presents it where the owner's key would be. A running relay knows it within 2 seconds.`.trim(),
    'quiet',
  );
  return EXIT.done;
};

const toJson = ({ key, used }: ShownKey) =>
  describeKey(
    key,
    perLimit((limit) => used[limit] ?? null),
  );

/** With what was used, as far as the database knows. */
const withUse = async (keys: readonly ClientKey[], store: Store, system: System): Promise<readonly ShownKey[]> => {
  const counters = createMemoryCounters(system);
  for (const { id, period, endsAt, ...sums } of await readCounts(store, 0, system.now())) {
    counters.learn(id, period, endsAt, sums);
  }
  return keys.map((key) => ({
    key,
    // Calls that are being answered are known to the relay alone.
    used: { ...perLimit((limit) => counters.useOf(key.id, limit).used), concurrent: undefined },
    resetsAt: perLimit((limit) => counters.useOf(key.id, limit).resetsAt),
  }));
};
