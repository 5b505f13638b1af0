/** A month of many keys, with a clock of ours: Google's side is the simulator's, counted by its own calendar. */
import { expect, test } from 'vitest';
import type { Call, Upstream } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { silentLogger } from '../../src/log.ts';
import { createMeter, newApiKey, newProject, requireApiKey } from '../../src/simulator/api-keys.ts';
import type { ApiKey, ApiKeys, Project } from '../../src/simulator/api-keys.ts';
import { GoogleError } from '../../src/simulator/google-error.ts';
import { troubleOf } from '../../src/upstreams/causes.ts';
import { createCooldown } from '../../src/upstreams/cooldown/cooldown.ts';
import type { DoorKind } from '../../src/upstreams/decision.ts';
import { createFailover } from '../../src/upstreams/doors/failover.ts';
import { createHouse } from '../../src/upstreams/doors/house.ts';
import { keyTrouble } from '../../src/upstreams/gemini-api/key-trouble.ts';
import { replyToError } from '../../src/upstreams/google-error.ts';
import type { Reply } from '../../src/upstreams/transport.ts';
import { callFor, live } from './rig.ts';

const HOUR_MS = 3_600_000;
const MODEL = 'gemini-3.8-flash';

const replyOf = ({ settings: { code }, body }: GoogleError): Reply => ({
  status: code,
  headers: {},
  contentType: 'application/json',
  body: { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }) },
  text: () => Promise.resolve(JSON.stringify(body)),
  excerpt: () => Promise.resolve(JSON.stringify(body)),
  discard: () => undefined,
});

const LOGIN = 'code-assist';
const idOf = (key: string): string => `gemini-api:${key}`;

interface Ended {
  /** The key that answered, or the login. */
  readonly key: string | undefined;
}

/** All doors, and the choice among them, as a relay has them; only what is behind a door is played. */
const createRig = (start: string, apiKeys: ApiKeys, ofLogin?: Project) => {
  let now = Date.parse(start);
  const meter = createMeter(() => now);
  const cooldown = createCooldown({ now: () => now });
  const refusals: { key: string; at: number; cause: string | undefined }[] = [];
  /** Doors that were asked though they were to be spared. */
  const disturbed: string[] = [];
  /** The way to Google is cut. */
  let isCut = false;

  const askGoogle = (key: string, model: string): void => {
    const project = key === LOGIN ? ofLogin : requireApiKey(apiKeys, key).project;
    if (isCut) throw new GoogleError({ code: 503, message: 'The service is currently unavailable.' });
    if (project) meter.charge(project, model);
  };
  const generate = async ({ model, visit }: Call): Promise<[]> => {
    const key = visit?.door.key?.apiKey ?? LOGIN;
    if (!cooldown.isOpen(visit?.door.id ?? '', model)) disturbed.push(key);
    try {
      askGoogle(key, model);
      return [];
    } catch (error) {
      if (!(error instanceof GoogleError)) throw error;
      const said = await replyToError(replyOf(error), now);
      const failure = keyTrouble(said, error.settings.code, { apiKey: key }) ?? said;
      refusals.push({ key, at: now, cause: troubleOf(failure)?.cause });
      throw failure;
    }
  };
  const nobody = (): never => {
    throw new Error('nobody asks for that');
  };
  const google: Upstream = { generate, countTokens: nobody, embed: nobody, models: nobody };

  const kinds: readonly DoorKind[] = ofLogin ? [LOGIN, 'gemini-api'] : ['gemini-api'];
  const house = createHouse({
    ...{ kinds, cooldown, now: () => now, account: (kind) => kind },
    open: () => ({ upstream: google, status: () => ({ status: 'healthy', message: 'Ready.' }) }),
  });
  house.setKeys(Array.from(apiKeys.keys(), (key) => ({ label: key, key })));
  const catalogue = createCatalogue([]);
  const upstream = createFailover({ house, cooldown, catalogue, now: () => now, log: silentLogger });
  const doors = [...(ofLogin ? [LOGIN] : []), ...apiKeys.keys()];

  const isServed = (key: string): boolean => {
    try {
      askGoogle(key, MODEL);
      return true;
    } catch {
      return false;
    }
  };

  return {
    cooldown,
    refusals,
    disturbed,
    cut: (cut: boolean) => {
      isCut = cut;
    },
    wait: (ms: number) => {
      now += ms;
    },
    now: () => now,
    request: async (session: string): Promise<Ended> => {
      const call = callFor('Hello', { model: MODEL });
      const asked = { ...call, origin: { ...call.origin, session } };
      try {
        await upstream.generate(asked, live());
        return { key: asked.record.door?.replace('gemini-api:', '') };
      } catch {
        return { key: undefined };
      }
    },
    /** Whether any door at all would have been served: asked of Google, past the relay. */
    couldBeServed: () => doors.some(isServed),
  };
};

const keysOf = (count: number, make: (index: number) => ApiKey): ApiKeys =>
  new Map(Array.from({ length: count }, (_none, index) => [`AQ.key-${index}`, make(index)]));

test.each([
  ['March', '2026-02-20T00:00:00Z'],
  ['November', '2026-10-18T00:00:00Z'],
])(
  'a month around the change of the clocks in %s: 100,000 requests, a login and keys, quotas of minute and day, bad keys, outages',
  async (_month, start) => {
    const apiKeys = keysOf(20, (index) =>
      newApiKey(newProject(`p${index}`, { quota: { perMinute: 15, perDay: 180 } })),
    );
    for (const [index, state] of (['invalid', 'retired', 'leaked', 'blocked'] as const).entries()) {
      apiKeys.set(`AIza-${state}`, newApiKey(newProject(`bad ${index}`), state));
    }
    apiKeys.set('AQ.none', newApiKey(newProject('none', { models: { [MODEL]: { perDay: 0 } } })));
    apiKeys.set('AQ.broke', newApiKey(newProject('broke', { billing: 'depleted' })));
    const rig = createRig(start, apiKeys, newProject('login', { quota: { perMinute: 30, perDay: 300 } }));

    let failed = 0;
    let inVain = 0;
    const total = 100_000;
    for (let request = 0; request < total; request += 1) {
      // A conversation has ten turns; fifty go on at a time.
      rig.wait((30 * 24 * HOUR_MS) / total);
      // Twice an outage, of an hour and of a day.
      rig.cut((request > 30_000 && request < 30_140) || (request > 70_000 && request < 73_300));
      const { key } = await rig.request(`session ${Math.floor(request / 500)}-${request % 50}`);
      if (key !== undefined) continue;
      failed += 1;
      if (rig.couldBeServed()) inVain += 1;
    }
    // 3,333 requests come in a day, and the doors have 3,900: only the outages can't be survived.
    expect(failed).toBeGreaterThan(3000);
    expect(failed).toBeLessThan(3500);
    // An outage is over a moment before anybody can know.
    expect(inVain).toBeLessThan(10);
    expect(rig.disturbed).toEqual([]);

    const causes = Map.groupBy(rig.refusals, ({ cause }) => cause);
    // Asked once in all: what only their owner can change.
    for (const key of ['AIza-invalid', 'AIza-retired', 'AIza-leaked', 'AIza-blocked', 'AQ.broke']) {
      expect([key, rig.refusals.filter((refusal) => refusal.key === key).length]).toEqual([key, 1]);
    }
    expect(causes.get('retired_key')?.map(({ key }) => key)).toContain('AIza-retired');
    // Once a day, by Google's calendar: a quota that is used up, and one that was never there.
    const days = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' });
    for (const cause of ['daily_quota', 'no_quota']) {
      const asked = (causes.get(cause) ?? []).map(({ key, at }) => `${key} ${days.format(at)}`);
      expect(asked.length).toBeGreaterThan(20);
      expect(new Set(asked).size).toBe(asked.length);
    }
    // In an outage each is asked more and more seldom: at most every two minutes once it lasts.
    const outage = (causes.get('capacity') ?? []).length;
    expect(outage).toBeGreaterThan(100);
    expect(outage).toBeLessThan(20 * (25 * 30 + 60));
  },
  120_000,
);

test('equal keys serve equally, and a conversation stays with its key in 99 % of its turns, though keys fall out', async () => {
  const apiKeys = keysOf(5, (index) => newApiKey(newProject(`p${index}`)));
  const rig = createRig('2026-11-28T00:00:00Z', apiKeys);
  const last = new Map<string, string>();
  const served = new Map<string, number>();
  let turns = 0;
  let stayed = 0;
  for (let request = 0; request < 100_000; request += 1) {
    rig.wait(1000);
    // One of them has an hour without a bill, in the middle.
    const broken = apiKeys.get('AQ.key-3');
    if (broken) broken.project.billing = request > 50_000 && request < 53_600 ? 'disabled' : 'fine';
    if (request === 53_600) rig.cooldown.reset(idOf('AQ.key-3'));
    const session = `session ${Math.floor(request / 50)}-${request % 10}`;
    const { key = '' } = await rig.request(session);
    expect(key).not.toBe('');
    const before = last.get(session);
    if (before !== undefined) {
      turns += 1;
      if (before === key) stayed += 1;
    }
    last.set(session, key);
    served.set(key, (served.get(key) ?? 0) + 1);
  }
  expect(stayed / turns).toBeGreaterThan(0.99);
  expect(rig.refusals).toHaveLength(1);
  expect(rig.disturbed).toEqual([]);
  for (const [, count] of served) expect(Math.abs(count / 20_000 - 1)).toBeLessThan(0.1);
}, 60_000);

test('at the moment a key dies 500 requests that are under way learn it once', async () => {
  const apiKeys = keysOf(3, (index) => newApiKey(newProject(`p${index}`)));
  const rig = createRig('2026-11-28T00:00:00Z', apiKeys);
  const changes: string[] = [];
  rig.cooldown.onChange(({ door }) => changes.push(door));
  const dying = apiKeys.get('AQ.key-1');
  const all = Array.from({ length: 500 }, (_none, index) => rig.request(`session ${index}`));
  if (dying) dying.state = 'invalid';
  const more = Array.from({ length: 500 }, (_none, index) => rig.request(`session ${index}`));
  const ended = await Promise.all([...all, ...more]);
  expect(ended.every(({ key }) => key !== undefined)).toBe(true);
  expect(changes).toEqual([idOf('AQ.key-1')]);
  expect(rig.refusals.length).toBeGreaterThan(100);
  expect(rig.cooldown.stateOf(idOf('AQ.key-1'))).toEqual({ state: 'invalid', cause: 'invalid_key' });
});
