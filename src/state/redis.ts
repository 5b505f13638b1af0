/** What all relays on one Redis know. */
import { openLink } from './link.ts';
import type { RedisAnswer, Link, LinkNeeds } from './link.ts';
import { ACQUIRE, BEAT, GET_ALL, OLDEST_BEAT, PUBLISH, PUT, RELEASE, RENEW, WRITE_FENCED } from './scripts.ts';
import type { Change, Lease, State } from './state.ts';

export interface RedisState extends State {
  /** For scripts of other rooms. */
  readonly link: Pick<Link, 'run' | 'longestMs'>;
  /** Of this relay among the others. */
  readonly id: string;
  /** How many relays there are, this one included: as far as it was last known. */
  relays(): number;
  /** Resolves when all relays that live were told what has been published, after a second and a half at the latest. */
  heardByAll(): Promise<void>;
  /** Resolves once it was tried to reach it, well or not. */
  opened(): Promise<void>;
}

interface Topic {
  readonly listeners: Set<(changes: readonly Change[]) => void>;
  seen: number;
}

/** A relay that was not heard of for so long is none any more. */
const LIVES_MS = 10_000;
const TOPIC_MS = 40 * 86_400_000;
/** Longer than a relay takes that has to connect anew. One that has died is waited for no longer. */
const ALL_HEAR_MS = 1500;
const LOOK_MS = 25;
/** More than doors have models, or an owner sessions. */
const MOST_FIELDS = 100_000;

export const openRedisState = (needs: Omit<LinkNeeds, 'beat'>): RedisState => {
  const { system } = needs;
  const id = system.newId('relay_');
  const topics = new Map<string, Topic>();
  const ready = new Set<() => void>();
  let relays = 1;
  let clockOffsetMs: number | undefined;

  const beat = async (link: Pick<Link, 'run'>): Promise<void> => {
    const asked = [...topics];
    const sentAt = system.monotonic();
    const answer = listOf(
      await link.run(
        BEAT,
        [RELAYS, ...asked.flatMap(([name]) => topicKeys(name))],
        [id, LIVES_MS, ...asked.map(([, { seen }]) => seen)],
      ),
    );
    const [now, count, ...changed] = answer;
    clockOffsetMs = between(Number(now) - system.monotonic(), Number(now) - sentAt, clockOffsetMs);
    relays = Math.max(1, Number(count));
    let isEmptied = false;
    for (const [index, [, topic]] of asked.entries()) {
      const [newest, ...fields] = listOf(changed[index] ?? []);
      isEmptied ||= Number(newest) < topic.seen;
      topic.seen = Number(newest);
      const changes: Change[] = [];
      for (let at = 0; at < fields.length; at += 2) {
        changes.push({ field: String(fields[at]), value: String(fields[at + 1]) });
      }
      if (changes.length > 0) for (const listener of topic.listeners) listener(changes);
    }
    if (isEmptied) tellReady();
  };
  /** There again, or there and emptied: what is known here has to be told again. */
  const tellReady = (): void => {
    for (const listener of ready) listener();
  };

  const link = openLink({ ...needs, scripts: [...OWN_SCRIPTS, ...(needs.scripts ?? [])], beat });
  link.onReady(tellReady);

  const leaseOf = (name: string, owner: string, fence: number): Lease => ({
    fence,
    renew: async (ttlMs) => (await link.run(RENEW, [lockKey(name)], [owner, ttlMs])) === 1,
    write: async (key, value, ttlMs) =>
      (await link.run(WRITE_FENCED, [key, `fence:${key}`], [value, ttlMs, fence])) === 1,
    release: async () => {
      await link.run(RELEASE, [lockKey(name)], [owner]);
    },
  });

  return {
    link,
    id,
    relays: () => relays,
    heardByAll: async () => {
      const until = system.monotonic() + ALL_HEAR_MS;
      for (let since = Infinity, oldest = -Infinity; oldest <= since && system.monotonic() < until;) {
        const [now, beat] = listOf(await link.run(OLDEST_BEAT, [RELAYS], [LIVES_MS]));
        since = Math.min(since, Number(now));
        oldest = Number(beat);
        // Behind the last look as well: what they were told is on its way to them.
        await system.sleep(LOOK_MS);
      }
    },
    // Redis' clock; before it is known, this process' own.
    now: () => (clockOffsetMs === undefined ? system.now() : system.monotonic() + clockOffsetMs),
    health: () => link.health(),
    awayMs: () => link.awayMs(),
    get: async (key) => textOf(listOf(await link.run(GET_ALL, [key], []))[0]),
    getAll: async (keys) => (keys.length === 0 ? [] : listOf(await link.run(GET_ALL, keys, [])).map(textOf)),
    put: async (key, value, ttlMs) => {
      await link.run(PUT, [key], [value, Math.max(1, Math.ceil(ttlMs))]);
    },
    acquire: async (name, ttlMs) => {
      const owner = system.newId('lease_');
      const fence = await link.run(ACQUIRE, [lockKey(name), 'fences'], [owner, ttlMs]);
      return fence === 0 ? undefined : leaseOf(name, owner, Number(fence));
    },
    publish: async (topic, changes, most = MOST_FIELDS) => {
      const fields = changes.flatMap(({ field, value }) => [field, value]);
      if (fields.length > 0) await link.run(PUBLISH, topicKeys(topic), [TOPIC_MS, most, ...fields]);
    },
    follow: (name, listener) => {
      const topic: Topic = topics.get(name) ?? { listeners: new Set(), seen: 0 };
      topics.set(name, topic);
      topic.listeners.add(listener);
      // For the new one from the beginning: what the others hear twice is what they know.
      topic.seen = 0;
      return () => {
        topic.listeners.delete(listener);
        if (topic.listeners.size === 0) topics.delete(name);
      };
    },
    onReady: (listener) => {
      ready.add(listener);
      if (link.health().ok) listener();
    },
    opened: () => link.opened(),
    close: () => link.close(),
  };
};

/**
 * Redis said `now` after it was asked and before it was heard; a busy process hears it late. So what was known before stays
 * as it is, as long as it can be true.
 */
const between = (least: number, most: number, known = least): number => Math.min(Math.max(known, least), most);

const RELAYS = 'relays';
const OWN_SCRIPTS = [ACQUIRE, BEAT, GET_ALL, OLDEST_BEAT, PUBLISH, PUT, RELEASE, RENEW, WRITE_FENCED];
const lockKey = (name: string): string => `lock:${name}`;
const topicKeys = (name: string): [string, string] => [`changes:${name}`, `known:${name}`];

const listOf = (answer: RedisAnswer): readonly RedisAnswer[] => (typeof answer === 'object' && answer ? answer : []);
const textOf = (answer: RedisAnswer | undefined): string | undefined =>
  typeof answer === 'string' ? answer : undefined;
