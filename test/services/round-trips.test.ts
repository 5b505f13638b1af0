/** What a request asks of Redis before Google is asked, and that a stream asks it nothing. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { slowChunks } from '../../src/simulator/faults.ts';
import { makeKey } from '../keys/people.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { startRelays } from './relays.ts';
import type { Relays } from './relays.ts';

const MODEL = 'gemini-2.5-flash';
const chat = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };
/** Of a beat: its first key, which nothing else begins with. */
const BEAT = 'gcr:relays';

let redis: Redis;
let relays: Relays | undefined;
let secret = '';
beforeAll(async () => {
  redis = await startRedis({ args: ['--slowlog-log-slower-than', '0', '--slowlog-max-len', '100000'] });
});
afterEach(async () => {
  await relays?.close();
  relays = undefined;
});
afterAll(() => redis.stop());

const open = async (): Promise<Relays> => {
  relays = await startRelays({ redis: redis.url });
  ({ secret } = await makeKey({ DATABASE_URL: `sqlite:${relays.folder}/relay.db` }, '--rpm', '100'));
  await vi.waitFor(
    async () => {
      for (const member of relays?.members ?? []) {
        expect((await member.post('/v1/chat/completions', chat, secret)).status).toBe(200);
      }
    },
    { timeout: 8000, interval: 400 },
  );
  return relays;
};

/** The first keys of what was asked meanwhile, beats left out. */
const askedDuring = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  // What stands beside the requests before is over.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await redis.ask('SLOWLOG', 'RESET');
  await work();
  const entries = (await redis.ask('SLOWLOG', 'GET', '-1')) as readonly (readonly [number, number, number, string[]])[];
  return entries
    .flatMap(([, , , words]) => (words[0]?.toUpperCase() === 'EVALSHA' ? [words[3] ?? ''] : []))
    .filter((key) => key !== BEAT)
    .toReversed();
};
const isOfLimits = (key: string): boolean => key.startsWith('gcr:limits:');

it('a key without limits asks nothing, one with limits once before Google and once after, a stream not more', async () => {
  const { member, simulator } = await open();
  expect(await askedDuring(() => member(0).post('/v1/chat/completions', chat))).toEqual([]);

  let before: readonly string[] = [];
  const limited = await askedDuring(async () => {
    const asking = member(0).post('/v1/chat/completions', chat, secret);
    await asking.then((answer) => answer.text());
  });
  expect(limited.length).toBeGreaterThan(0);
  expect(limited.length).toBeLessThanOrEqual(2);
  expect(limited.every(isOfLimits)).toBe(true);

  simulator.next('generate', slowChunks(30));
  const streaming = await askedDuring(async () => {
    const stream = { ...chat, stream: true, messages: [{ role: 'user', content: 'stream 30 words' }] };
    const answer = await member(0).post('/v1/chat/completions', stream, secret);
    const reader = answer.body?.getReader();
    await reader?.read();
    // The first words are there.
    before = await askedDuring(async () => {
      for (let words = 0; words < 20; words += 1) await reader?.read();
    });
    await reader?.cancel();
  });
  expect(before).toEqual([]);
  expect(streaming.every(isOfLimits)).toBe(true);
});

it('an answer that only another relay has costs two questions more, one that is here none', async () => {
  const { member } = await open();
  const ask = async (index: number, previous?: unknown): Promise<Record<string, unknown>> => {
    const body = { model: MODEL, input: 'Hello', ...(previous !== undefined && { previous_response_id: previous }) };
    const answer = await member(index).post('/v1/responses', body);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, unknown>;
  };
  const first = await ask(0);
  const second = await ask(0, first['id']);
  const readsOf = (keys: readonly string[]): number =>
    keys.filter(
      (key) => key === `gcr:response:${String(first['id'])}` || key === `gcr:response:${String(second['id'])}`,
    ).length;
  expect(readsOf(await askedDuring(() => ask(0, second['id'])))).toBe(0);
  const there = readsOf(await askedDuring(() => ask(1, second['id'])));
  expect([1, 2]).toContain(there);
  expect(readsOf(await askedDuring(() => ask(1, second['id'])))).toBe(0);
});
