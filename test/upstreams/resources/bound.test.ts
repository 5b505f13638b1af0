/** Requests that name what Google keeps, at several doors: the simulator says which key was used. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../../src/callers/caller.ts';
import type { Call, Upstream } from '../../../src/gemini/call.ts';
import * as google from '../../../src/simulator/google-faults.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { newApiKey, newProject } from '../../../src/simulator/api-keys.ts';
import { withBoundResources } from '../../../src/upstreams/resources/bound.ts';
import { createResources } from '../../../src/upstreams/resources/resources.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { callFor, collect, createRig, live } from '../rig.ts';
import type { Rig } from '../rig.ts';

const KEYS = Array.from({ length: 6 }, (_none, index) => ({ label: `k${index}`, key: `AQ.key-number-${index}` }));
const NO_LIMITS = {};
const ANN: Caller = { id: 'ann', name: 'ann', limits: NO_LIMITS as never };
const BOB: Caller = { ...ANN, id: 'bob', name: 'bob' };
const OWNER: Caller = { id: 'owner', name: 'owner' };

let simulator: Simulator;
let rig: Rig;
let upstream: Upstream;
let resources: ReturnType<typeof createResources>;
beforeEach(async () => {
  simulator = await startSimulator();
  for (const { key, label } of KEYS) simulator.apiKeys.set(key, newApiKey(newProject(label)));
  rig = createRig(simulator, {
    settings: { kind: 'gemini-api', geminiApiKey: undefined },
    needs: { apiKeys: { keys: KEYS, onChange: () => () => undefined } },
  });
  const { door } = rig;
  resources = createResources({
    store: {
      kind: 'none',
      read: () => Promise.reject(new Error('none')),
      write: () => Promise.reject(new Error('none')),
      onReady: () => undefined,
    },
    identityOf: (id) => door.identityOf(id),
    doorOf: (identity) => door.doorOf(identity),
    system: Date,
    log: createMemoryLog(),
  });
  upstream = withBoundResources(resources, () => true)(door.upstream);
  await resources.bind({ name: 'files/a', door: 'gemini-api:k3', owner: 'ann', endsAt: Infinity });
});
afterEach(async () => {
  await rig.close();
  await simulator.close();
});

const naming = (name: string, caller: Caller, text = 'Say hello.'): Call => {
  const call = callFor(
    {
      contents: [
        {
          role: 'user',
          parts: [
            { text },
            {
              fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/${name}`, mimeType: 'text/plain' },
            },
          ],
        },
      ],
    },
    { native: true },
  );
  return { ...call, origin: { ...call.origin, caller } };
};
const keysAsked = (): unknown[] => simulator.asked('generate').map(({ headers }) => headers['x-goog-api-key']);

describe('a request that names a file', () => {
  test('goes to the door that has it, whatever the conversation', async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      const call = naming('files/a', ANN, `Conversation ${turn}`);
      // The simulator keeps no files, and says so.
      await expect(upstream.generate(call, live())).rejects.toMatchObject({ status: 403 });
      expect(call.record.door).toBe('gemini-api:k3');
    }
    expect(new Set(keysAsked())).toEqual(new Set(['AQ.key-number-3']));
    await upstream.countTokens(naming('files/a', ANN, 'Another'), live());
    expect(simulator.asked('countTokens').map(({ headers }) => headers['x-goog-api-key'])).toEqual(['AQ.key-number-3']);
  });

  test('is a 404 to another key, to the owner as well, and Google is not asked', async () => {
    for (const caller of [BOB, OWNER]) {
      await expect(upstream.generate(naming('files/a', caller), live())).rejects.toMatchObject({
        status: 404,
        reason: 'resource_not_found',
      });
    }
    await expect(upstream.generate(naming('files/unknown', ANN), live())).rejects.toMatchObject({ status: 404 });
    expect(keysAsked()).toEqual([]);
  });

  test('that the owner made elsewhere is for Google to judge', async () => {
    await expect(upstream.generate(naming('files/unknown', OWNER), live())).rejects.toMatchObject({ status: 403 });
    expect(keysAsked()).toHaveLength(1);
  });

  test('is never asked of another door: its refusal is told, and counts that door alone', async () => {
    simulator.next('generate', google.dailyQuota());
    await expect(upstream.generate(naming('files/a', ANN), live())).rejects.toMatchObject({ status: 429 });
    await expect(upstream.generate(naming('files/a', ANN), live())).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('of 1 door 1 out of quota for today') as string,
    });
    expect(keysAsked()).toEqual(['AQ.key-number-3']);
  });

  test('with one of another door: a 400 that says so', async () => {
    await resources.bind({ name: 'files/b', door: 'gemini-api:k4', owner: 'ann', endsAt: Infinity });
    const call = naming('files/a', ANN);
    const contents = [...(call.request.contents ?? []), ...(naming('files/b', ANN).request.contents ?? [])];
    await expect(upstream.generate({ ...call, request: { contents } }, live())).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('gemini-api:k3, gemini-api:k4') as string,
    });
  });

  test('a door that its key may not take', async () => {
    const caller: Caller = { ...ANN, doors: ['gemini-api:k1'] };
    await expect(upstream.generate(naming('files/a', caller), live())).rejects.toMatchObject({
      status: 403,
      reason: 'door_not_allowed',
    });
  });
});

describe('doors for what is no question to a model', () => {
  test('the same one for a conversation, another where it failed, none that the caller may not take', () => {
    const { keyDoors } = rig.door;
    const first = keyDoors.pick(ANN, 7);
    expect(keyDoors.pick(ANN, 7)?.id).toBe(first?.id);
    expect(keyDoors.pick(ANN, 7, [first?.id ?? ''])?.id).not.toBe(first?.id);
    const ids = Array.from({ length: 200 }, (_none, at) => keyDoors.pick(ANN, at * 7919)?.id);
    expect(new Set(ids).size).toBe(6);
    const limited: Caller = { ...ANN, doors: ['gemini-api:k5'] };
    expect(keyDoors.pick(limited, 7)?.key.apiKey).toBe('AQ.key-number-5');
    expect(() => keyDoors.pick({ ...ANN, doors: ['vertex'] }, 7)).toThrow('may only use vertex');
    expect(keyDoors.find('gemini-api:k2')?.key.apiKey).toBe('AQ.key-number-2');
    expect(keyDoors.find('gemini-api')).toBeUndefined();
  });

  test('what came of the call closes the door, but a limit of files does not', async () => {
    const { keyDoors, control } = rig.door;
    simulator.next('generate', google.keyInvalid());
    await collect(rig.upstream.generate(callFor('x'), live()));
    const door = keyDoors.pick(ANN, 1);
    const tooMany = await rejectionOf(google.rateLimited());
    door?.ended(tooMany);
    expect(control.states().filter(({ state }) => state !== 'ok')).toHaveLength(1);
    keyDoors.pick(ANN, 1)?.ended(await rejectionOf(google.billingDisabled()));
    expect(control.states().filter(({ cause }) => cause === 'billing')).toHaveLength(1);
    for (const { id } of control.states()) control.off(id, true);
    expect(() => keyDoors.pick(ANN, 1)).toThrow('6 switched off (off)');
  });
});

/** As the door itself reads what Google says. */
const rejectionOf = async (fault: ReturnType<typeof google.rateLimited>): Promise<unknown> => {
  const single = createRig(simulator, {
    settings: { kind: 'gemini-api', geminiApiKey: 'AQ.key-number-0', maxRetries: 0 },
  });
  simulator.next('generate', fault);
  const error: unknown = await single.upstream.generate(callFor(), live()).catch((thrown: unknown) => thrown);
  await single.close();
  return error;
};

test('the only door has what was made there, and no other', async () => {
  const single = createRig(simulator, { settings: { kind: 'gemini-api', geminiApiKey: 'AQ.key-number-0' } });
  const { door } = single;
  expect(door.doorOf(door.identityOf('gemini-api') ?? '')).toBe('gemini-api');
  // As one of several keys it is the same one.
  expect(door.identityOf('gemini-api')).toBe(rig.door.identityOf('gemini-api:k0'));
  expect(door.keyDoors.pick(ANN, 1)?.key.apiKey).toBe('AQ.key-number-0');
  await expect(door.upstream.generate({ ...callFor(), boundTo: 'gemini-api:k3' }, live())).rejects.toMatchObject({
    status: 404,
  });
  await single.close();
  const without = createRig(simulator);
  expect(without.door.keyDoors.pick(ANN, 1)).toBeUndefined();
  await without.close();
});
