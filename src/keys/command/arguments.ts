/** The command line of `npm run keys`. */
import { LIMIT_NAMES } from '../../callers/limits.ts';
import type { LimitName } from '../../callers/limits.ts';
import { readOptions } from '../../terminal/options.ts';
import type { GivenOptions, OptionKinds } from '../../terminal/options.ts';
import { KEY_NAME } from '../key.ts';
import type { KeySettings } from '../key.ts';
import { readDoors, readDuration, readExpiry, readLimit, readModels } from './values.ts';
import type { Reading } from './values.ts';

export const KEYS_USAGE = `npm run keys -- add NAME [options]     a new key; it is shown once
npm run keys -- list                   all keys
npm run keys -- show NAME              one, with what is left of its limits
npm run keys -- set NAME [options]     other limits; none takes one off
npm run keys -- rotate NAME            a new secret; limits and counters stay
npm run keys -- disable NAME           and enable NAME
npm run keys -- remove NAME            for good

  --models GLOB,…           only these models: gemini-2.5-*,gemini-3-flash
  --rpm N                   requests per minute
  --tpm N                   tokens per minute
  --concurrent N            requests at a time
  --requests-per-day N      and --requests-per-month N
  --tokens-per-day N        and --tokens-per-month N
  --cost-per-month USD      by the estimate of npm run usage
  --expires 30d|DATE        for so long, or to the end of a day: 2026-12-31
  --doors ID,…              only these doors: code-assist, vertex, gemini-api, gemini-api:LABEL
  --overlap 24h             how long the former secret still works (rotate); 0h ends it now
  --json                    for machines
  --help                    this text

Days and months are those of UTC. A relay that runs knows of a change within 2 seconds.
Exit code: 0 done, 1 no such key, or the name is taken, or there is no database, 2 usage,
78 a setting is wrong.`;

/** What was given, and nothing of the rest. */
export interface GivenSettings extends Partial<Omit<KeySettings, 'limits'>> {
  readonly limits: Partial<Record<LimitName, number | null>>;
}

/** One for each kind, so that each is a type of its own. */
type Named<Kind extends string, More = unknown> = Kind extends string
  ? { readonly kind: Kind; readonly name: string; readonly json: boolean } & More
  : never;

export type KeysCommand =
  | Named<'add' | 'set', { readonly settings: GivenSettings }>
  | Named<'rotate', { readonly overlapMs: number }>
  | Named<'show' | 'disable' | 'enable' | 'remove'>
  | { readonly kind: 'list'; readonly json: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

const optionOf = (limit: LimitName): string => limit.replaceAll('_', '-');

const SETTINGS: readonly string[] = ['models', 'doors', 'expires', ...LIMIT_NAMES.map(optionOf)];

/** The options that each takes, besides --json. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  add: SETTINGS,
  list: [],
  show: [],
  set: SETTINGS,
  rotate: ['overlap'],
  disable: [],
  enable: [],
  remove: [],
};

export const KEYS_VERBS: readonly string[] = Object.keys(VERBS);

const KINDS: OptionKinds = {
  ...Object.fromEntries([...SETTINGS, 'overlap'].map((name) => [name, 'value' as const])),
  json: 'flag',
  help: 'flag',
};

const USUAL_OVERLAP = '24h';

export const parseKeysArguments = (args: readonly string[], now: number): KeysCommand => {
  const given = readOptions(args, KINDS);
  if (typeof given === 'string') return wrong(given);
  const { flags, values, words } = given;
  const [verb, name, ...others] = words;
  if (flags.has('help') || (verb === undefined && values.size === 0 && flags.size === 0)) return { kind: 'help' };
  if (verb === undefined) return wrong('what to do is missing');
  const taken = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!taken) return wrong(`there is no command ${verb}`);
  const stranger = [...values.keys()].find((option) => !taken.includes(option));
  if (stranger !== undefined) return wrong(`${verb} takes no --${stranger}`);
  const json = flags.has('json');
  if (verb === 'list') return name === undefined ? { kind: 'list', json } : wrong(`the word ${name} is one too many`);
  if (name === undefined) return wrong(`${verb} needs the name of a key`);
  const [extra] = others;
  if (extra !== undefined) return wrong(`the word ${extra} is one too many`);

  switch (verb) {
    case 'add':
    case 'set': {
      if (verb === 'add' && !KEY_NAME.test(name)) {
        return wrong(`${name} is no name: 1 to 64 letters, digits, dots, dashes and underscores`);
      }
      if (verb === 'set' && values.size === 0) return wrong('set needs an option: what is to change');
      const settings = readSettings(given, now);
      return typeof settings === 'string' ? wrong(settings) : { kind: verb, name, settings, json };
    }
    case 'rotate': {
      const written = values.get('overlap') ?? USUAL_OVERLAP;
      const overlap = readDuration(written);
      return 'wrong' in overlap
        ? wrong(`--overlap ${written} ${overlap.wrong}`)
        : { kind: verb, name, overlapMs: overlap.value, json };
    }
    case 'show':
    case 'disable':
    case 'enable':
    case 'remove':
      return { kind: verb, name, json };
    default:
      return wrong(`there is no command ${verb}`);
  }
};

/** Or what is wrong with them. */
const readSettings = ({ values }: GivenOptions<OptionKinds>, now: number): GivenSettings | string => {
  const settings: { -readonly [Name in keyof GivenSettings]: GivenSettings[Name] } = { limits: {} };
  const limits: Partial<Record<LimitName, number | null>> = {};
  let problem: string | undefined;
  const take = <Value>(name: string, read: (written: string) => Reading<Value>, keep: (value: Value) => void): void => {
    const written = values.get(name);
    if (written === undefined) return;
    const reading = read(written);
    if ('value' in reading) keep(reading.value);
    else problem ??= `--${name} ${written} ${reading.wrong}`;
  };
  take('models', readModels, (models) => (settings.models = models));
  take('doors', readDoors, (doors) => (settings.doors = doors));
  take(
    'expires',
    (written) => readExpiry(written, now),
    (expiresAt) => (settings.expiresAt = expiresAt),
  );
  for (const limit of LIMIT_NAMES) {
    take(
      optionOf(limit),
      (written) => readLimit(limit, written),
      (value) => (limits[limit] = value),
    );
  }
  return problem ?? { ...settings, limits };
};

const wrong = (problem: string): KeysCommand => ({ kind: 'usage', problem });
