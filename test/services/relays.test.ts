/**
 * What relays share has two sides, and one contract: a relay by itself, and two on one Redis that behave as one. And all is
 * served when Redis is in trouble.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dailyQuota } from '../../src/simulator/google-faults.ts';
import { makeKey } from '../keys/people.ts';
import { quietNow } from '../support/machine.ts';
import { RELAY_KEY } from '../support/relay.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { startRelays } from './relays.ts';
import type { Member, Relays, RelaysOptions } from './relays.ts';
import { eventually } from '../support/eventually.ts';

const MODEL = 'gemini-2.5-flash';
const chat = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };

let redis: Redis;
let relays: Relays | undefined;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.ask('FLUSHALL'));
afterEach(async () => {
  await relays?.close();
  relays = undefined;
});
afterAll(() => redis.stop());

const open = async (options: RelaysOptions): Promise<Relays> => (relays = await startRelays(options));
const json = async (answer: Response | Promise<Response>): Promise<Record<string, unknown>> =>
  (await (await answer).json()) as Record<string, unknown>;
const healthOf = (member: Member): Promise<Record<string, unknown>> => json(member.fetch('/health'));
/** Not so often that a key that is not known yet looks like guessing. */
const until = (check: () => Promise<void>): Promise<void> => eventually(check, 400);

describe.each([
  ['a relay by itself', () => ({ count: 1 })],
  ['two relays on one Redis', () => ({ count: 2, redis: redis.url })],
] as const)('%s', (_side, sideOf) => {
  const open = async (options: RelaysOptions = {}): Promise<Relays> =>
    (relays = await startRelays({ ...sideOf(), ...options }));

  it('a token that is over is refreshed once, whoever asks, and with the newest refresh token', async () => {
    const { member, simulator } = await open({
      credentials: (google) => ({ ...google.credentials, expiry_date: 1 }),
    });
    simulator.account.rotateRefreshTokens = true;
    for (let round = 1; round <= 2; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => member(index).post('/v1/chat/completions', chat)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
      expect(simulator.asked('token')).toHaveLength(round);
      simulator.expireTokens();
    }
  });

  it('what Google keeps for a key is found for that key, and for no other', async () => {
    const { member, folder } = await open({ door: 'gemini-api' });
    const database = { DATABASE_URL: `sqlite:${folder}/relay.db` };
    const [ann, bob] = [await makeKey(database), await makeKey(database)];
    await until(async () => {
      for (const { secret } of [ann, bob]) {
        for (const index of [0, 1]) {
          expect((await member(index).fetch('/v1/models', { key: secret })).status).toBe(200);
        }
      }
    });
    const cache = { model: `models/${MODEL}`, contents: [{ role: 'user', parts: [{ text: 'x' }] }] };
    const made = await json(member(0).post('/v1beta/cachedContents', cache, ann.secret));
    const path = `/v1beta/${String(made['name'])}`;
    expect((await member(1).fetch(path, { key: ann.secret })).status).toBe(200);
    expect((await member(1).fetch(path, { key: bob.secret })).status).toBe(404);
  });

  it('limits of a key hold over all, and headers tell what is left over all; three pictures are one request', async () => {
    const { members, folder, member } = await open({ door: 'gemini-api' });
    const { secret } = await makeKey({ DATABASE_URL: `sqlite:${folder}/relay.db` }, '--rpm', '4', '--concurrent', '2');
    await until(async () => {
      for (const one of members) expect((await one.fetch('/v1/models', { key: secret })).status).toBe(200);
    });
    const left: (string | null)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const answer = await member(count).post('/v1/chat/completions', chat, secret);
      expect(answer.status).toBe(200);
      left.push(answer.headers.get('x-ratelimit-remaining-requests'));
    }
    expect(left).toEqual(['3', '2', '1']);
    const pictures = { model: 'gemini-2.5-flash-image', prompt: 'a lighthouse', n: 3 };
    expect((await member(1).post('/v1/images/generations', pictures, secret)).status).toBe(200);
    for (const one of members) {
      const refused = await one.post('/v1/chat/completions', chat, secret);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      // The three are refused for one reason, and ask Google nothing.
      expect((await one.post('/v1/images/generations', pictures, secret)).status).toBe(429);
    }
  });

  it('a door that cools for one cools for all, and what its owner does is known to all', async () => {
    const { member, simulator } = await open({ door: 'gemini-api', env: { MAX_RETRIES: '0' } });
    simulator.next('generateContent', dailyQuota());
    expect((await member(0).post('/v1/chat/completions', chat)).status).toBe(429);
    const [door] = (await healthOf(member(0)))['doors'] as { id: string; models: object[] }[];
    expect(door?.models).toHaveLength(1);
    await until(async () => {
      expect((await healthOf(member(1)))['doors']).toMatchObject([{ models: door?.models }]);
    });
    member(1).relay.parts.door.control.reset(door?.id ?? '');
    member(1).relay.parts.door.control.off(door?.id ?? '', true);
    await until(async () => {
      expect((await healthOf(member(0)))['doors']).toMatchObject([{ state: 'off', models: [] }]);
    });
    member(0).relay.parts.door.control.off(door?.id ?? '', false);
    await until(async () => {
      expect((await healthOf(member(1)))['doors']).toMatchObject([{ state: 'ok' }]);
    });
  });

  it('an answer that one has kept is found at the other, with what stood before it, for its key alone', async () => {
    const { member, simulator } = await open();
    const first = await json(member(0).post('/v1/responses', { model: MODEL, input: 'My name is Ada.' }));
    const second = await json(
      member(0).post('/v1/responses', { model: MODEL, input: 'And yours?', previous_response_id: first['id'] }),
    );
    // On a busy machine Redis may be away for a moment.
    await until(async () => {
      const third = member(1).post('/v1/responses', {
        model: MODEL,
        input: 'What is my name?',
        previous_response_id: second['id'],
      });
      expect((await third).status).toBe(200);
    });
    const asked = JSON.stringify(simulator.asked('generateContent').at(-1));
    for (const said of ['My name is Ada.', 'And yours?', 'What is my name?']) expect(asked).toContain(said);
    const [message] = first['output'] as { id: string }[];
    const referring = member(1).post('/v1/responses', {
      model: MODEL,
      input: [
        { type: 'item_reference', id: message?.id },
        { role: 'user', content: 'Go on.' },
      ],
    });
    expect((await referring).status).toBe(200);
    expect((await json(member(1).fetch(`/v1/responses/${String(second['id'])}`)))['id']).toBe(second['id']);
    expect((await member(1).fetch(`/v1/responses/${String(second['id'])}`, { method: 'DELETE' })).status).toBe(200);
  });

  it('a thought signature that one has seen goes back to Google through the other', async () => {
    const { member, simulator } = await open();
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }];
    const signature = Buffer.from('a signature of Google').toString('base64');
    simulator.answer({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [{ functionCall: { name: 'weather', args: { city: 'Bern' } }, thoughtSignature: signature }],
          },
          finishReason: 'STOP',
        },
      ],
    });
    const model = 'gemini-3.1-pro-preview';
    const user = { role: 'user', content: 'Weather in Bern?' };
    const answer = await json(member(0).post('/v1/chat/completions', { model, tools, messages: [user] }));
    const [choice] = answer['choices'] as { message: { tool_calls: { id: string }[] } }[];
    const calls = choice?.message.tool_calls.map(({ id, ...call }) => ({ id, ...withoutExtras(call) }));
    const again = await member(1).post('/v1/chat/completions', {
      model,
      tools,
      messages: [
        user,
        { role: 'assistant', content: null, tool_calls: calls },
        { role: 'tool', tool_call_id: calls?.[0]?.id, content: 'sunny' },
      ],
    });
    expect(again.status).toBe(200);
    // Google's double takes no signature that it has not made: what counts is that it was sent.
    const sent = simulator.asked('generateContent').map((request) => JSON.stringify(request));
    expect(sent.some((request) => request.includes(signature))).toBe(true);
  });

  it('a session of the console is known to all, and ended for all', async () => {
    const { member, members } = await open();
    const opened = await json(member(0).post('/console/api/session', { key: RELAY_KEY }));
    const key = String(opened['token']);
    for (const one of members) {
      await until(async () => {
        const status = await json(one.fetch('/console/api/status', { key }));
        expect(status['redis']).toEqual(sideOf().count === 1 ? null : { ok: true });
      });
    }
    expect((await member(1).fetch('/console/api/session', { key, method: 'DELETE' })).status).toBe(200);
    await until(async () => {
      expect((await member(0).fetch('/console/api/status', { key })).status).toBe(401);
    });
  });
});

describe('Redis in trouble', () => {
  it('hung, gone and back: every request is served, and /health tells', async () => {
    const own = await startRedis();
    const { member, members, folder } = await open({ redis: own.url, count: 2 });
    const { secret } = await makeKey({ DATABASE_URL: `sqlite:${folder}/relay.db` }, '--rpm', '1000');
    await until(async () => {
      expect((await member(0).post('/v1/chat/completions', chat, secret)).status).toBe(200);
      expect((await healthOf(member(0)))['redis']).toEqual({ status: 'healthy', ok: true });
    });
    own.hang();
    const times: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const from = quietNow();
      expect((await member(count).post('/v1/chat/completions', chat, secret)).status).toBe(200);
      times.push(quietNow() - from);
    }
    expect(Math.max(...times)).toBeLessThan(150);
    for (const one of members) {
      expect((await healthOf(one))['redis']).toMatchObject({ status: 'degraded', ok: false });
      expect((await one.fetch('/health')).status).toBe(200);
    }
    own.wake();
    await until(async () => {
      for (const one of members) expect((await healthOf(one))['redis']).toMatchObject({ ok: true });
    });
    await own.stop();
    expect((await member(0).post('/v1/chat/completions', chat, secret)).status).toBe(200);
    const again = await startRedis({ port: own.port });
    await until(async () => {
      for (const one of members) expect((await healthOf(one))['redis']).toMatchObject({ ok: true });
    });
    expect((await member(1).post('/v1/chat/completions', chat, secret)).status).toBe(200);
    await again.stop();
  });
});

/** As a client that keeps what it knows of a call, and nothing else. */
const withoutExtras = (call: object): object =>
  Object.fromEntries(Object.entries(call).filter(([name]) => ['type', 'function'].includes(name)));
