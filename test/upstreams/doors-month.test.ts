/** A month of many keys, with a clock of ours: Google's side is the simulator's, counted by its own calendar. */
import { expect, test } from 'vitest';
import { conversationOf } from '../../src/gemini/conversation.ts';
import { createMeter, newApiKey, newProject, requireApiKey } from '../../src/simulator/api-keys.ts';
import type { ApiKey, ApiKeys } from '../../src/simulator/api-keys.ts';
import { GoogleError } from '../../src/simulator/google-error.ts';
import { troubleOf } from '../../src/upstreams/causes.ts';
import { createChoice } from '../../src/upstreams/choice.ts';
import { createCooldown } from '../../src/upstreams/cooldown/cooldown.ts';
import { keyTrouble } from '../../src/upstreams/gemini-api/key-trouble.ts';
import { replyToError } from '../../src/upstreams/google-error.ts';
import type { Reply } from '../../src/upstreams/transport.ts';

const HOUR_MS = 3_600_000;
const MODEL = 'gemini-3.8-flash';
const MOST_DOORS = 4;

const replyOf = ({ settings: { code }, body }: GoogleError): Reply => ({
  status: code,
  headers: {},
  contentType: 'application/json',
  body: { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }) },
  text: () => Promise.resolve(JSON.stringify(body)),
  excerpt: () => Promise.resolve(JSON.stringify(body)),
  discard: () => undefined,
});

interface Ended {
  /** The key that answered. */
  readonly key: string | undefined;
  /** Those that refused before. */
  readonly refused: readonly string[];
}

/** What a relay does with the parts: choose, ask, learn, choose again. */
const createRig = (start: string, apiKeys: ApiKeys) => {
  let now = Date.parse(start);
  const meter = createMeter(() => now);
  const cooldown = createCooldown({ now: () => now });
  const doors = [...apiKeys.keys()];
  const choice = createChoice(doors);
  const refusals: { key: string; at: number; cause: string | undefined }[] = [];
  /** The way to Google is cut. */
  let isCut = false;

  const askGoogle = (key: string, model: string): void => {
    const { project } = requireApiKey(apiKeys, key);
    if (isCut) throw new GoogleError({ code: 503, message: 'The service is currently unavailable.' });
    meter.charge(project, model);
  };

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
    cut: (cut: boolean) => {
      isCut = cut;
    },
    wait: (ms: number) => {
      now += ms;
    },
    now: () => now,
    request: async (session: string): Promise<Ended> => {
      const conversation = conversationOf(session, 'owner', {});
      const openness = {
        isOpen: (key: number) => cooldown.isOpen(doors[key] ?? '', MODEL),
        isBusy: (key: number) => cooldown.isBeingTried(doors[key] ?? '', MODEL),
        opensAt: (key: number) => cooldown.opensAt(doors[key] ?? '', MODEL),
      };
      const refused: string[] = [];
      while (refused.length < MOST_DOORS) {
        const view = { name: MODEL, version: cooldown.version, now };
        const chosen = choice.pick(conversation, openness, view, (key) => refused.includes(doors[key] ?? ''));
        const key = chosen === undefined ? undefined : doors[chosen];
        if (key === undefined) break;
        const ticket = cooldown.ask(key, MODEL);
        try {
          askGoogle(key, MODEL);
          cooldown.succeeded(key, MODEL, ticket);
          return { key, refused };
        } catch (error) {
          if (!(error instanceof GoogleError)) throw error;
          const said = await replyToError(replyOf(error), now);
          const trouble = troubleOf(keyTrouble(said, error.settings.code, { apiKey: key }) ?? said);
          refusals.push({ key, at: now, cause: trouble?.cause });
          if (trouble) cooldown.failed(key, MODEL, trouble, ticket);
          refused.push(key);
        }
      }
      return { key: undefined, refused };
    },
    /** Whether any key at all would have been served: asked of Google, past the relay. */
    couldBeServed: () => doors.some(isServed),
  };
};

const keysOf = (count: number, make: (index: number) => ApiKey): ApiKeys =>
  new Map(Array.from({ length: count }, (_none, index) => [`AQ.key-${index}`, make(index)]));

test.each([
  ['March', '2026-02-20T00:00:00Z'],
  ['November', '2026-10-18T00:00:00Z'],
])(
  'a month around the change of the clocks in %s: 100,000 requests, quotas of minute and day, bad keys, outages',
  async (_month, start) => {
    const apiKeys = keysOf(20, (index) =>
      newApiKey(newProject(`p${index}`, { quota: { perMinute: 15, perDay: 180 } })),
    );
    for (const [index, state] of (['invalid', 'retired', 'leaked', 'blocked'] as const).entries()) {
      apiKeys.set(`AIza-${state}`, newApiKey(newProject(`bad ${index}`), state));
    }
    apiKeys.set('AQ.none', newApiKey(newProject('none', { models: { [MODEL]: { perDay: 0 } } })));
    apiKeys.set('AQ.broke', newApiKey(newProject('broke', { billing: 'depleted' })));
    const rig = createRig(start, apiKeys);

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
    // 3,333 requests come in a day, and the keys have 3,600: only the outages can't be survived.
    expect(failed).toBeGreaterThan(3000);
    expect(failed).toBeLessThan(3500);
    // An outage is over a moment before anybody can know.
    expect(inVain).toBeLessThan(10);

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
    if (request === 53_600) rig.cooldown.reset('AQ.key-3');
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
  expect(changes).toEqual(['AQ.key-1']);
  expect(rig.refusals.length).toBeGreaterThan(100);
  expect(rig.cooldown.stateOf('AQ.key-1')).toEqual({ state: 'invalid', cause: 'invalid_key' });
});
