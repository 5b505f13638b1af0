/** What a request asks of Redis before Google is asked, and that a stream asks it nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { slowChunks } from '../../src/simulator/faults.ts';
import type { ScriptedChunk } from '../../src/simulator/faults.ts';
import { says } from '../../src/simulator/scripted.ts';
import { makeKey } from '../keys/people.ts';
import type { DoorName } from '../support/relay.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { startRelays } from './relays.ts';
import type { Relays } from './relays.ts';
import { BEAT, watchWire } from './wire.ts';
import { eventually } from '../support/eventually.ts';

const MODEL = 'gemini-2.5-flash';
const chat = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };

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
  await eventually(async () => {
    for (const member of relays?.members ?? []) {
      expect((await member.post('/v1/chat/completions', chat, secret)).status).toBe(200);
    }
  }, 400);
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

// On a busy machine Redis is away for a moment: then a relay asks again, or does without.
describe('what only another relay has is asked for beside the limits of the key', { retry: 2 }, () => {
  const ALL_LIMITS = ['--rpm', '100', '--tpm', '100000', '--tokens-per-day', '1000000', '--cost-per-month', '50'];
  const SIGNING = 'gemini-3.1-pro-preview';
  const signature = Buffer.from('a signature of Google').toString('base64');
  const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }];
  const call = (id: string): ScriptedChunk => ({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ functionCall: { id, name: 'weather', args: { city: 'Bern' } }, thoughtSignature: signature }],
        },
        finishReason: 'STOP',
      },
    ],
  });

  /** What the second relay sent to Redis before Google was asked. */
  const openWatched = async (limits: readonly string[], door: DoorName = 'code-assist') => {
    const wire = await watchWire(redis.port);
    onTestFinished(() => {
      wire.close();
    });
    const own = mkdtempSync(join(tmpdir(), 'keys-'));
    onTestFinished(() => {
      rmSync(own, { recursive: true, force: true });
    });
    const database = { DATABASE_URL: `sqlite:${join(own, 'relay.db')}` };
    // Before the relays, which then know it from their start.
    const { secret } = await makeKey(database, ...limits);
    relays = await startRelays({ redis: redis.url, count: 1, door, env: database });
    const { simulator, member } = relays;
    await relays.add({ REDIS_URL: `redis://127.0.0.1:${wire.port}` });
    const post = async (index: number, path: string, body: object): Promise<[number, Record<string, unknown>]> => {
      // What is told beside the requests before is told.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const calls = simulator.asked('generate').length;
      wire.watch(() => simulator.asked('generate').length === calls);
      const answer = await member(index).post(path, body, secret);
      return [answer.status, (await answer.json()) as Record<string, unknown>];
    };
    const ask = async (...asked: Parameters<typeof post>): Promise<Record<string, unknown>> => {
      const [status, answer] = await post(...asked);
      expect(status, JSON.stringify(answer)).toBe(200);
      return answer;
    };
    return { post, ask, trips: () => wire.trips(), simulator };
  };
  /** Google's double takes no signature that it has not made, and is asked again then: what counts is that it was sent. */
  const sent = (simulator: Relays['simulator']): string =>
    JSON.stringify(simulator.asked('generate').map(({ body }) => body));

  it('a signature: one question', async () => {
    const { ask, trips, simulator } = await openWatched(ALL_LIMITS);
    simulator.answer(call('signed'));
    const chatTools = [
      { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } },
    ];
    const user = { role: 'user', content: 'Weather in Bern?' };
    const first = await ask(0, '/v1/chat/completions', { model: SIGNING, tools: chatTools, messages: [user] });
    const [choice] = first['choices'] as { message: { tool_calls: { id: string; function: object }[] } }[];
    const calls = choice?.message.tool_calls.map(({ id, function: named }) => ({
      id,
      type: 'function',
      function: named,
    }));
    simulator.answer(...says('It is sunny.'));
    await ask(1, '/v1/chat/completions', {
      model: SIGNING,
      tools: chatTools,
      messages: [
        user,
        { role: 'assistant', content: null, tool_calls: calls },
        { role: 'tool', tool_call_id: calls?.[0]?.id, content: 'sunny' },
      ],
    });
    expect(trips()).toHaveLength(1);
    expect(trips()[0]).toContain('signature:');
    expect(trips()[0]).toContain('limits:');
    expect(sent(simulator)).toContain(signature);
  });

  it.each([
    ['limits of all kinds', ALL_LIMITS],
    ['no limits', []],
  ])('a conversation with what stood before it and its signatures: one question, with %s', async (_name, limits) => {
    const { ask, trips, simulator } = await openWatched(limits);
    const first = await ask(0, '/v1/responses', { model: SIGNING, tools, input: 'My name is Ada.' });
    simulator.answer(call('signed'));
    const second = await ask(0, '/v1/responses', {
      model: SIGNING,
      tools,
      input: 'Weather in Bern?',
      previous_response_id: first['id'],
    });
    const [output] = (second['output'] as { type: string; call_id?: string }[]).filter(
      ({ type }) => type === 'function_call',
    );
    simulator.answer(...says('It is sunny.'));
    const third = await ask(1, '/v1/responses', {
      model: SIGNING,
      tools,
      input: [{ type: 'function_call_output', call_id: output?.call_id, output: 'sunny' }],
      previous_response_id: second['id'],
    });
    expect(trips()).toHaveLength(1);
    expect(trips()[0]).toContain('response:');
    expect(trips()[0]?.includes('limits:')).toBe(limits.length > 0);
    expect(sent(simulator)).toContain(signature);
    for (const said of ['My name is Ada.', 'Weather in Bern?', 'sunny']) expect(sent(simulator)).toContain(said);
    // From now on it is here, but for signatures that Google has refused.
    await ask(1, '/v1/responses', { model: SIGNING, tools, input: 'On.', previous_response_id: third['id'] });
    expect(trips().length).toBeLessThanOrEqual(1);
    expect(trips().join()).not.toContain('response:');
  });

  it('items that a request refers to, each of another answer: one question', async () => {
    const { ask, trips, simulator } = await openWatched(['--tpm', '100000']);
    const references: object[] = [];
    for (const input of ['One.', 'Two.']) {
      const { output } = await ask(0, '/v1/responses', { model: MODEL, input });
      references.push({ type: 'item_reference', id: (output as { id: string }[])[0]?.id });
    }
    await ask(1, '/v1/responses', { model: MODEL, input: [...references, { role: 'user', content: 'Go on.' }] });
    expect(trips()).toHaveLength(1);
    expect(sent(simulator)).toContain('Go on.');
  });

  it('pictures of one request: room for all of them in one question', async () => {
    const { ask, trips } = await openWatched(['--rpm', '100', '--tpm', '100000'], 'gemini-api');
    await ask(1, '/v1/images/generations', { model: 'gemini-2.5-flash-image', prompt: 'a lighthouse', n: 3 });
    expect(trips()).toHaveLength(1);
  });

  it('what is reckoned beforehand lets nothing pass a limit', async () => {
    const { ask, post, simulator } = await openWatched(['--tpm', '1000']);
    const long = 'word '.repeat(200);
    const { id } = await ask(0, '/v1/responses', { model: MODEL, input: long });
    const calls = simulator.asked('generate').length;
    const longer = { model: MODEL, input: 'word '.repeat(700), previous_response_id: id };
    const [status] = await post(1, '/v1/responses', longer);
    expect(status).toBe(429);
    expect(simulator.asked('generate')).toHaveLength(calls);
    await ask(1, '/v1/responses', { model: MODEL, input: 'Hello' });
  });

  it('and a request that is refused after that, for something else, has used nothing', async () => {
    const { ask, post } = await openWatched(['--concurrent', '1', '--rpm', '3']);
    const { id } = await ask(0, '/v1/responses', { model: MODEL, input: 'Hello' });
    const wrong = {
      model: MODEL,
      input: 'On.',
      previous_response_id: id,
      tool_choice: { type: 'function', name: 'none' },
    };
    const [status] = await post(1, '/v1/responses', wrong);
    expect(status).toBe(400);
    for (const index of [1, 1]) await ask(index, '/v1/responses', { model: MODEL, input: 'Hello' });
  });
});
