/** Client keys on the page: as `npm run keys` makes and changes them, in the same words. */
import { LIMIT_NAMES, LIMITS, perLimit } from '../callers/limits.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import { failed } from '../errors.ts';
import { refusal } from '../errors/refusal.ts';
import { readDoors, readDuration, readExpiry, readLimit, readModels } from '../keys/command/values.ts';
import type { Reading } from '../keys/command/values.ts';
import type { Counters } from '../keys/counters.ts';
import { describeKey, KEY_NAME, toTime } from '../keys/key.ts';
import type { ClientKey, KeySettings } from '../keys/key.ts';
import { KeyError } from '../keys/key-store.ts';
import type { KeyChanges, KeyStore, NewKey } from '../keys/key-store.ts';
import type { System } from '../system.ts';
import { turn } from '../engine/turns.ts';
import { z } from '../engine/zod.ts';
import { bodyOf } from './body.ts';
import type { Route } from './route.ts';
import { withStore } from './store.ts';
import type { ConsoleStore } from './store.ts';

export interface KeysNeeds {
  readonly keyStore: KeyStore;
  readonly store: ConsoleStore;
  readonly counters: Pick<Counters, 'useOf'>;
  /** Resolves when what was changed is in force at this relay. */
  readonly refresh: () => Promise<void>;
  readonly system: Pick<System, 'now'>;
}

/** A list, or as it is written behind the option of the command. */
const list = z
  .union([z.array(z.string().max(200)).max(100), z.string().max(4096)])
  .nullable()
  .optional();
const limit = z
  .union([z.number(), z.string().max(40)])
  .nullable()
  .optional();

const settings = {
  models: list,
  doors: list,
  /** `30d`, `2026-12-31`, or a time; null for never. */
  expires: z.string().max(40).nullable().optional(),
  expires_at: z.string().max(40).nullable().optional(),
  ...perLimit(() => limit),
};
const newKey = z.strictObject({ name: z.string().max(200), ...settings });
const changedKey = z.strictObject({ ...settings, disabled: z.boolean().optional() });
const rotation = z.strictObject({ overlap: z.string().max(40).optional() });

type Written = Omit<ReturnType<(typeof changedKey)['parse']>, 'disabled'>;

const USUAL_OVERLAP = '24h';

export const keyRoutes = (needs: KeysNeeds): readonly Route[] => {
  const { keyStore, store, system } = needs;
  const tell = (key: ClientKey): object => describe(key, needs.counters);
  const tellNew = ({ key, secret }: NewKey): object => ({ ...tell(key), key: secret });
  const ask = <T>(question: () => Promise<T>): Promise<T> => withStore(store, question).catch(refuse);
  const change = async <T>(question: () => Promise<T>): Promise<T> => {
    const answer = await ask(question);
    await needs.refresh();
    return answer;
  };
  /** The page knows a key by its id, scripts by its name. */
  const nameOf = async (id: string): Promise<string> => {
    const keys = await keyStore.list();
    const found = keys.find((key) => key.id === id) ?? keys.find(({ name }) => name === id);
    if (!found) throw failed('not_found', `There is no key '${id.slice(0, 100)}'.`);
    return found.name;
  };

  return [
    {
      method: 'GET',
      path: 'keys',
      answer: async () => ({
        keys: store.kind === 'none' ? [] : await tellAll(await ask(() => keyStore.list()), tell),
      }),
    },
    {
      method: 'POST',
      path: 'keys',
      answer: async (ctx) => {
        const { name, ...written } = await bodyOf(ctx, newKey);
        if (!KEY_NAME.test(name)) {
          throw refusal('invalid_value', 'name', 'A name has 1 to 64 letters, digits, dots, dashes and underscores.');
        }
        const { models = [], doors = [], expiresAt = null, limits } = readSettings(written, system.now());
        return change(async () =>
          tellNew(
            await keyStore.add(name, { models, doors, expiresAt, limits: perLimit((one) => limits[one] ?? null) }),
          ),
        );
      },
    },
    {
      method: 'PATCH',
      path: 'keys/{id}',
      answer: async (ctx, id) => {
        const { disabled, ...written } = await bodyOf(ctx, changedKey);
        const read = readSettings(written, system.now());
        const changes: KeyChanges = { ...read, ...(disabled !== undefined && { disabled }) };
        if (Object.keys(written).length === 0 && disabled === undefined) {
          throw refusal(
            'missing_required_parameter',
            '',
            'Say what is to change: a limit, models, doors, expires or disabled.',
          );
        }
        return change(async () => tell(await keyStore.change(await nameOf(id), changes)));
      },
    },
    {
      method: 'POST',
      path: 'keys/{id}/rotate',
      answer: async (ctx, id) => {
        const { overlap = USUAL_OVERLAP } = await bodyOf(ctx, rotation);
        const overlapMs = valueOf('overlap', overlap, readDuration(overlap));
        return change(async () => tellNew(await keyStore.rotate(await nameOf(id), overlapMs)));
      },
    },
    {
      method: 'DELETE',
      path: 'keys/{id}',
      answer: (_ctx, id) =>
        change(async () => {
          const name = await nameOf(id);
          await keyStore.remove(name);
          return { name, removed: true };
        }),
    },
  ];
};

/** So many take some milliseconds. */
const KEYS_OF_A_TURN = 200;

/** Of thousands others are served in between. */
const tellAll = async (keys: readonly ClientKey[], tell: (key: ClientKey) => object): Promise<readonly object[]> => {
  const told: object[] = [];
  for (const key of keys) {
    if (told.length % KEYS_OF_A_TURN === KEYS_OF_A_TURN - 1) await turn();
    told.push(tell(key));
  }
  return told;
};

const describe = (key: ClientKey, counters: Pick<Counters, 'useOf'>): object => ({
  ...describeKey(
    key,
    perLimit((one) => counters.useOf(key.id, one).used),
  ),
  resets: perLimit((one) => (key.limits[one] === null ? null : toTime(counters.useOf(key.id, one).resetsAt ?? null))),
});

interface ReadSettings extends Partial<Omit<KeySettings, 'limits'>> {
  readonly limits: Partial<Limits>;
}

/** Only what is given. Numbers, lists and null are what the options of the command are in words. */
const readSettings = (written: Written, now: number): ReadSettings => {
  const limits: Partial<Record<LimitName, number | null>> = {};
  for (const one of LIMIT_NAMES) {
    const value = written[one];
    if (value === undefined) continue;
    const text = inWords(value);
    const spelled = typeof value === 'number' && LIMITS[one].counts !== 'cost' ? String(Math.trunc(value)) : text;
    if (spelled !== text) throw refusal('invalid_value', one, `${one} '${text}' is no whole number.`);
    limits[one] = valueOf(one, text, readLimit(one, text));
  }
  if (written.expires !== undefined && written.expires_at !== undefined) {
    throw refusal('invalid_value', 'expires_at', 'expires and expires_at say the same: give one of them.');
  }
  const expires = written.expires === undefined ? written.expires_at : written.expires;
  return {
    limits,
    ...(written.models !== undefined && {
      models: valueOf('models', inWords(written.models), readModels(inWords(written.models))),
    }),
    ...(written.doors !== undefined && {
      doors: valueOf('doors', inWords(written.doors), readDoors(inWords(written.doors))),
    }),
    ...(expires !== undefined && {
      expiresAt: valueOf('expires', inWords(expires), readExpiry(inWords(expires), now)),
    }),
  };
};

const inWords = (value: number | string | readonly string[] | null): string => {
  if (value === null || (typeof value === 'object' && value.length === 0)) return 'none';
  return typeof value === 'object' ? value.join(',') : String(value);
};

const valueOf = <Value>(field: string, written: string, reading: Reading<Value>): Value => {
  if ('value' in reading) return reading.value;
  throw refusal('invalid_value', field, `${field} '${written.slice(0, 100)}' ${reading.wrong}.`);
};

const refuse = (error: unknown): never => {
  if (!(error instanceof KeyError)) throw error;
  throw failed(error.trouble === 'taken' ? 'name_taken' : 'not_found', error.message);
};
