/** Answers for `/v1/responses`, found, gone on from, forgotten and called off by whichever relay is asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeptAnswers } from '../../src/formats/openai/responses/kept.ts';
import type { KeptAnswer, KeptAnswers } from '../../src/formats/openai/responses/kept.ts';
import { KeptTexts } from '../../src/formats/openai/responses/kept-text.ts';
import { createSharedAnswers } from '../../src/formats/openai/responses/shared-answers.ts';
import type { SharedAnswers } from '../../src/formats/openai/responses/shared-answers.ts';
import { openRedisState } from '../../src/state/redis.ts';
import type { RedisState } from '../../src/state/redis.ts';
import { HEARD_WITHIN_MS } from '../../src/state/state.ts';
import { createSystem } from '../../src/system.ts';
import { makeKey } from '../keys/people.ts';
import { eventually } from '../support/eventually.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { startRelays } from './relays.ts';
import type { Member, Relays } from './relays.ts';

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.ask('FLUSHALL'));
afterAll(() => redis.stop());

const keysLike = async (pattern: string): Promise<readonly string[]> =>
  (await redis.ask('KEYS', pattern)) as readonly string[];

describe('over two relays', () => {
  let relays: Relays;
  let one: Member;
  let other: Member;
  beforeAll(async () => {
    relays = await startRelays({ redis: redis.url });
    [one, other] = [relays.member(0), relays.member(1)];
  });
  // Redis was emptied: each knows of the other again when both have beaten, and once more.
  beforeEach(async () => {
    await eventually(async () => {
      expect(await redis.ask('ZCARD', 'gcr:relays')).toBe(relays.members.length);
    });
    await delay(HEARD_WITHIN_MS);
  });
  afterAll(() => relays.close());

  const respond = (member: Member, input: string, previous?: string): Promise<Response> =>
    member.post('/v1/responses', { model: 'gemini-2.5-flash', input, previous_response_id: previous });
  const make = async (member: Member, input: string, previous?: string): Promise<string> => {
    const answer = await respond(member, input, previous);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { id: string }).id;
  };
  const look = async (member: Member, id: string, key?: string): Promise<number> =>
    (await member.fetch(`/v1/responses/${id}`, key === undefined ? {} : { key })).status;
  const forget = async (member: Member, id: string): Promise<number> =>
    (await member.fetch(`/v1/responses/${id}`, { method: 'DELETE' })).status;
  const callOff = (member: Member, id: string): Promise<Response> =>
    member.post(`/v1/responses/${id}/cancel`, undefined);

  it('one that is deleted at another is found nowhere from then on', async () => {
    const id = await make(one, 'My name is Ada.');
    expect(await forget(other, id)).toBe(200);
    expect([await look(one, id), await look(other, id)]).toEqual([404, 404]);
    expect((await one.fetch(`/v1/responses/${id}/input_items`)).status).toBe(404);
    expect((await respond(one, 'Go on.', id)).status).toBe(400);
    expect([await forget(one, id), await forget(other, id)]).toEqual([404, 404]);
    expect(await keysLike('*:response*')).toEqual([]);
    expect(await keysLike('*:item*')).toEqual([]);
  });

  it('one that others go on from is deleted for whoever looks for it, and stays what they go on from', async () => {
    const first = await make(one, 'My name is Ada.');
    const second = await make(one, 'And yours?', first);
    const third = await make(other, 'What is my name?', second);
    expect(await forget(one, first)).toBe(200);
    expect(await forget(other, second)).toBe(200);
    for (const member of [one, other]) {
      expect([await look(member, first), await look(member, second), await look(member, third)]).toEqual([
        404, 404, 200,
      ]);
    }
    const fresh = await relays.add();
    await make(fresh, 'Say it again.', third);
    const asked = JSON.stringify(relays.simulator.asked('generateContent').at(-1));
    for (const said of ['My name is Ada.', 'And yours?', 'What is my name?', 'Say it again.']) {
      expect(asked).toContain(said);
    }
  });

  it('what was only kept for those that go on from it leaves with the last of them', async () => {
    const first = await make(one, 'one');
    const second = await make(other, 'two', first);
    const branches = [await make(one, 'three', second), await make(other, 'four', second)];
    for (const id of [first, second]) expect(await forget(one, id)).toBe(200);
    expect(await forget(one, branches[0] ?? '')).toBe(200);
    expect((await keysLike('*:response:*')).length).toBe(3);
    expect(await forget(one, branches[1] ?? '')).toBe(200);
    expect(await keysLike('*:response*')).toEqual([]);
  });

  it('what Redis has lost of a conversation it is told with the next answer', async () => {
    const first = await make(one, 'My name is Ada.');
    const second = await make(one, 'And yours?', first);
    await redis.ask('FLUSHALL');
    const third = await make(one, 'What is my name?', second);
    await make(other, 'Say it again.', third);
    const asked = JSON.stringify(relays.simulator.asked('generateContent').at(-1));
    for (const said of ['My name is Ada.', 'And yours?', 'What is my name?']) expect(asked).toContain(said);
  });

  it('one that is deleted while Redis is away is forgotten when it is back', async () => {
    const id = await make(one, 'My name is Ada.');
    expect(await look(other, id)).toBe(200);
    redis.hang();
    expect(await forget(one, id)).toBe(200);
    expect([await look(one, id), await look(other, id)]).toEqual([404, 200]);
    redis.wake();
    await eventually(async () => {
      expect([await look(one, id), await look(other, id)]).toEqual([404, 404]);
    }, 200);
    expect(await keysLike('*:response*')).toEqual([]);
  });

  it('one that is deleted while Redis is still to be told of it never gets there', async () => {
    redis.hang();
    const id = await make(one, 'My name is Ada.');
    expect(await forget(one, id)).toBe(200);
    redis.wake();
    await eventually(async () => {
      expect(await (await one.fetch('/health')).json()).toMatchObject({ redis: { ok: true } });
    });
    // What it was to be told is tried again within this.
    await eventually(async () => {
      expect(await look(other, id)).toBe(404);
    });
    expect(await keysLike('*:response:*')).toEqual([]);
  });

  it('one under way is looked at and called off by its holder at any relay, and by nobody else', async () => {
    const { secret } = await makeKey({ DATABASE_URL: `sqlite:${relays.folder}/relay.db` });
    const stream = await one.post('/v1/responses', {
      model: 'gemini-2.5-flash',
      input: 'slow answer stream 100 words',
      stream: true,
    });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    while (!told.includes('output_text.delta')) told += (await reader?.read())?.value ?? '';
    const id = /"id":"(resp_\w+)"/.exec(told)?.[1] ?? '';

    await eventually(async () => {
      expect(await look(other, id, secret)).toBe(404);
    }, 400);
    const looked = (await (await other.fetch(`/v1/responses/${id}`)).json()) as Record<string, unknown>;
    expect(looked).toMatchObject({ id, status: 'in_progress' });
    const off = await callOff(other, id);
    expect([off.status, await off.json()]).toMatchObject([200, { id, status: 'cancelled' }]);
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) told += part.value;
    expect(told).toContain('"status":"cancelled"');
    expect(told).not.toContain('response.completed');
    expect((await callOff(other, id)).status).toBe(400);
    expect((await callOff(other, 'resp_nothing')).status).toBe(404);
  });
});

describe('in time', () => {
  const states: RedisState[] = [];
  const system = createSystem();
  const AGE_MS = 1200;

  const openSide = async (): Promise<{ kept: KeptAnswers; shared: SharedAnswers }> => {
    const state = openRedisState({ url: redis.url, prefix: 'time:', system, log: createMemoryLog() });
    states.push(state);
    await state.opened();
    const kept = createKeptAnswers({ ageMs: AGE_MS, bytes: 1_000_000 }, system);
    return { kept, shared: createSharedAnswers(kept, state, system) };
  };
  afterEach(() => Promise.all(states.splice(0).map((state) => state.close())));

  const answer = (id: string, previous?: KeptAnswer): KeptAnswer => ({
    ...{ id, holder: 'ann', previous },
    texts: new KeptTexts(`{"said by":"${id}"}`, `["asked of ${id}"]`, '[]'),
  });
  const nothing = { tokens: 1, itemTokens: [], signatures: [] };
  const wait = (ms: number): Promise<void> => system.sleep(ms);

  it('one that goes on keeps those before it, which are found by themselves for no longer than they were', async () => {
    const [one, other] = [await openSide(), await openSide()];
    const find = async (id: string): Promise<KeptAnswer | undefined> => {
      await other.shared.load({ answers: [id], items: [] }, 'ann');
      return other.kept.find(id, 'ann');
    };
    const first = answer('first');
    one.shared.put(first, () => nothing, AGE_MS);
    await wait(AGE_MS / 2);
    one.shared.put(answer('second', first), () => nothing, AGE_MS);
    await wait(AGE_MS / 2 + 100);
    expect(await find('first')).toBeUndefined();
    expect((await find('second'))?.previous?.id).toBe('first');
    await wait(AGE_MS);
    expect(await find('second')).toBeUndefined();
    expect(await keysLike('time:response*')).toEqual([]);
  });

  it('who fetches one keeps it for no longer than its own time', async () => {
    const [one, other] = [await openSide(), await openSide()];
    const from = system.monotonic();
    one.shared.put(answer('first'), () => nothing, AGE_MS);
    await wait(AGE_MS / 2);
    await other.shared.load({ answers: ['first'], items: [] }, 'ann');
    expect(other.kept.find('first', 'ann')?.id).toBe('first');
    await wait(Math.max(0, from + AGE_MS + 100 - system.monotonic()));
    expect(other.kept.find('first', 'ann')).toBeUndefined();
  });
});
