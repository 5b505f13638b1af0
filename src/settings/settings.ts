/** Settings that can change while the relay serves: what holds, where it comes from, and who may change it. */
import { givenIn } from '../config.ts';
import type { Config } from '../config.ts';
import type { VariableName } from '../config/variables.ts';
import { failed } from '../errors.ts';
import { refusal } from '../errors/refusal.ts';
import type { Logger } from '../log.ts';
import { StoreError } from '../store/database.ts';
import type { StoreTrouble } from '../store/database.ts';
import type { System } from '../system.ts';
import { describeSetting } from './describe.ts';
import type { Setting } from './describe.ts';
import { isSame, readKept, versionOf, writeKept } from './kept.ts';
import type { SettingsStore } from './kept.ts';
import { layered, problemOf } from './layers.ts';
import { liveConfig } from './live.ts';
import { isFixed, isLive, isVariable, VARIABLE_NAMES } from './ways.ts';
import type { PageValues, Written } from './written.ts';

export interface Settings {
  /** Its fields change with the settings. */
  readonly config: Config;
  list(): readonly Setting[];
  /** Another with each change on the page, whichever relay on the same database was told. */
  version(): string;
  /**
   * All or none; null is back to what holds without the page. With `expected` only from such a version on: what came in
   * between is not replaced. Rejects with RelayError, or with what the store says.
   */
  change(changes: Readonly<Record<string, string | null>>, expected?: IsExpected): Promise<void>;
  /** Those that were kept and cannot be used: name and why. */
  problems(): readonly { readonly name: string; readonly problem: string }[];
  close(): void;
}

export type IsExpected = (version: string) => boolean;

export interface SettingsNeeds {
  readonly store: SettingsStore;
  readonly system: Pick<System, 'now' | 'sleep'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** What another relay has changed in the same database is in force within it. */
const EVERY_MS = 1000;
/** A start does not wait longer for a database that is far away, or in trouble that may pass. */
const LONGEST_WAIT_MS = 3000;
const LATE = 'was read from the database after the start, and is in force after a restart';
const NONE: PageValues = new Map();

/**
 * Waits, for a while, for what was kept: at a start it counts for all settings. `now` is what holds without it; to read
 * the settings takes milliseconds.
 */
export const openSettings = async (
  written: Written,
  needs: SettingsNeeds,
  now = layered(written, NONE),
): Promise<Settings> => {
  const { store, system, log } = needs;
  const closing = new AbortController();
  const locked = givenIn(written.environment);
  const inFile = givenIn(written.file);
  let page = NONE;
  /** As it was at the start, for what is read only then; undefined where it could not be read then. */
  let atStart: PageValues | undefined = NONE;
  const live = liveConfig(now.config);
  /** What should have counted at the start, and was read later. */
  const late = (): readonly string[] =>
    atStart === undefined ? [...page.keys()].filter((name) => !isLiveName(name) && !(name in locked)) : [];

  const take = (kept: PageValues): void => {
    if (isSame(kept, page)) return;
    page = kept;
    const before = now.unusable;
    const inForce = new Map([...(atStart ?? NONE)].filter(([name]) => !isLiveName(name)));
    for (const [name, value] of kept) if (isLiveName(name)) inForce.set(name, value);
    const { unusable } = layered(written, kept);
    now = { config: layered(written, inForce).config, unusable };
    live.change(now.config);
    for (const [name, problem] of unusable) {
      if (before.get(name) !== problem) log.warn('a setting that was kept cannot be used', { setting: name, problem });
    }
  };

  const look = async (): Promise<void> => {
    // The store tells of its trouble itself; until it is back what is known holds.
    const known = page;
    const kept = await readKept(store).catch(() => undefined);
    // What was read before a change that ended meanwhile is old.
    if (!kept || page !== known || closing.signal.aborted) return;
    const before = late().join();
    take(kept);
    const now = late().join();
    if (now !== before && now !== '') {
      log.warn('settings of the page are in force after a restart: the database could not be read at the start', {
        settings: now,
      });
    }
  };
  const keepLooking = async (): Promise<void> => {
    for (;;) {
      await system.sleep(EVERY_MS, closing.signal);
      await look();
    }
  };

  if (store.kind !== 'none') {
    if (!store.isNew) {
      await Promise.race([isThere(store), system.sleep(LONGEST_WAIT_MS)]);
      atStart = await readKept(store).catch(() => undefined);
      take(atStart ?? NONE);
    }
    void keepLooking().catch(() => undefined);
  }

  const stateOf = (name: VariableName) => {
    const kept = page.get(name);
    const problem = now.unusable.get(name);
    const pending = !isLive(name) && !(name in locked) && kept !== atStart?.get(name);
    if (name in locked) return { written: locked[name], origin: 'environment' as const, pending, problem: undefined };
    if (kept !== undefined && problem === undefined)
      return { written: kept, origin: 'page' as const, pending, problem };
    const written = inFile[name];
    return { written, origin: written === undefined ? ('default' as const) : ('file' as const), pending, problem };
  };

  const check = (name: string, value: string | null): void => {
    if (!isVariable(name)) throw refusal('unknown_parameter', name, `There is no setting ${name.slice(0, 100)}.`);
    if (name in locked) {
      throw locking(name, `${name} is set in the environment of the relay, and can only be changed there.`);
    }
    if (isFixed(name)) throw locking(name, `${name} can only be set where the relay is started.`);
    const problem = value === null ? undefined : problemOf(name, value);
    if (problem !== undefined) throw refusal('invalid_value', name, `${name} ${problem}.`);
  };

  const change: Settings['change'] = async (changes, isExpected) => {
    const entries = new Map(Object.entries(changes));
    for (const [name, value] of entries) check(name, value);
    if (isExpected) {
      take(await readKept(store));
      if (!isExpected(versionOf(page))) throw overtaken();
    }
    const wanted = new Map(page);
    for (const [name, value] of entries) {
      if (value === null) wanted.delete(name);
      else wanted.set(name, value);
    }
    for (const [name, problem] of layered(written, wanted).unusable) {
      if (entries.has(name)) throw refusal('invalid_value', name, problem);
    }
    await writeKept(store, entries, system.now(), isExpected && page).catch((error: unknown) => {
      throw isExpected && error instanceof StoreError && error.trouble === 'conflict' ? overtaken(error) : error;
    });
    take(wanted);
    // Names alone: a value may name somebody.
    log.info('settings changed', { settings: [...entries.keys()].join(', ') });
  };
  /** One after the other: each begins with what the one before has left. */
  let changing: Promise<unknown> = Promise.resolve();

  return {
    config: live.config,
    list: () => VARIABLE_NAMES.map((name) => describeSetting(name, stateOf(name))),
    version: () => versionOf(page),
    change: (changes, isExpected) => {
      const mine = changing.then(() => change(changes, isExpected));
      changing = mine.catch(() => undefined);
      return mine;
    },
    problems: () => [
      ...Array.from(now.unusable, ([name, problem]) => ({ name, problem })),
      ...late()
        .filter((name) => !now.unusable.has(name))
        .map((name) => ({ name, problem: LATE })),
    ],
    close: () => {
      closing.abort();
    },
  };
};

const isLiveName = (name: string): boolean => isVariable(name) && isLive(name);

const overtaken = (cause?: StoreError) => failed('settings_changed', OVERTAKEN, { cause });

const OVERTAKEN =
  'Settings were changed elsewhere in the meantime. Nothing was replaced: read them again, and send the change anew.';

const locking = (name: string, message: string) => failed('setting_locked', message, { param: name });

/** What passes while somebody waits: of other trouble the owner has to know first. */
const MAY_PASS: ReadonlySet<StoreTrouble | undefined> = new Set<StoreTrouble>(['unreachable', 'locked', 'full']);

/** Resolves once it can be read, or where waiting is of no use. */
const isThere = async (store: SettingsStore): Promise<void> => {
  await store.opened();
  if (!MAY_PASS.has(store.state().trouble)) return;
  await new Promise<void>((resolve) => {
    store.onReady(resolve);
  });
};
