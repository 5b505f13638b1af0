import { expect, test } from 'vitest';
import type { Trouble } from '../../../src/upstreams/causes.ts';
import { createCooldown, WHOLE } from '../../../src/upstreams/cooldown/cooldown.ts';
import type { CheckedDoor } from '../../../src/upstreams/doors/control.ts';
import { probeDoors } from '../../../src/upstreams/doors/probes.ts';
import { reportOf } from '../../../src/upstreams/doors/report.ts';

const HOUR_MS = 3_600_000;
const invalid: Trouble = { cause: 'invalid_key', scope: 'key', waitMs: undefined };

/** Time passes as fast as it is slept through, until `endMs`. */
const createRig = (endMs: number) => {
  let time = 0;
  const ended = Promise.withResolvers<undefined>();
  const cooldown = createCooldown({ now: () => time });
  const asked: { id: string; at: number }[] = [];
  const good = new Set<string>();
  const system = {
    monotonic: () => time,
    sleep: (ms: number) => {
      time += ms;
      if (time < endMs) return Promise.resolve();
      ended.resolve(undefined);
      return Promise.reject(new Error('the test is over'));
    },
  };
  const check = (id: string): Promise<CheckedDoor> => {
    asked.push({ id, at: time });
    if (good.has(id)) cooldown.reset(id);
    else cooldown.failed(id, WHOLE, invalid, cooldown.ask(id, WHOLE));
    const named = { id, kind: 'gemini-api', label: id, requests: 0, errors: 0 };
    const door = reportOf(named, { status: 'healthy', message: '' });
    return Promise.resolve({ id, ok: good.has(id), ms: 1, cause: null, message: '', door });
  };
  return {
    cooldown,
    asked,
    good,
    ended: ended.promise,
    start: () => probeDoors({ cooldown, check, system, log: { info: () => undefined } }),
    close: (id: string) => cooldown.failed(id, WHOLE, invalid, cooldown.ask(id, WHOLE)),
  };
};

test('a door that nothing opens is asked more and more seldom, until it is well', async () => {
  const rig = createRig(24 * HOUR_MS);
  const stop = rig.start();
  rig.close('bad');
  await rig.ended;
  const minutes = rig.asked.map(({ at }) => Math.round(at / 60_000));
  expect(minutes).toEqual([5, 15, 35, 75, 155, 315, 635, 995, 1355]);
  stop();

  const other = createRig(24 * HOUR_MS);
  const stopOther = other.start();
  other.good.add('repaired');
  other.close('repaired');
  await new Promise((resolve) => setImmediate(resolve));
  expect(other.asked).toHaveLength(1);
  expect(other.cooldown.stateOf('repaired')).toEqual({ state: 'ok' });
  stopOther();
});

test('one that a count opens and the next answer closes again is asked no sooner for that', async () => {
  const rig = createRig(24 * HOUR_MS);
  const stop = rig.start();
  rig.good.add('unlicensed');
  rig.cooldown.onChange(({ closing }) => {
    // A client's question follows at once.
    if (!closing) queueMicrotask(() => rig.close('unlicensed'));
  });
  rig.close('unlicensed');
  await rig.ended;
  const minutes = rig.asked.map(({ at }) => Math.round(at / 60_000));
  expect(minutes).toEqual([5, 15, 35, 75, 155, 315, 635, 995, 1355]);
  stop();
});

test('of thousands one is asked every ten seconds, each in its turn', async () => {
  const rig = createRig(HOUR_MS);
  for (let index = 0; index < 5000; index += 1) rig.close(`key ${index}`);
  const stop = rig.start();
  await rig.ended;
  expect(rig.asked).toHaveLength(359);
  expect(new Set(rig.asked.map(({ id }) => id)).size).toBe(359);
  stop();
});

test('one that its owner switched off, or that time opens, is left alone', async () => {
  const rig = createRig(HOUR_MS);
  const stop = rig.start();
  rig.close('off');
  rig.cooldown.setOff('off', true);
  rig.cooldown.failed(
    'away',
    WHOLE,
    { cause: 'network', scope: 'door', waitMs: undefined },
    rig.cooldown.ask('away', WHOLE),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(rig.asked).toEqual([]);
  stop();
});

test('that the way there fails opens no door that only its owner can open', () => {
  const rig = createRig(HOUR_MS);
  rig.close('bad');
  const ticket = rig.cooldown.ask('bad', WHOLE);
  expect(rig.cooldown.failed('bad', WHOLE, { cause: 'network', scope: 'door', waitMs: undefined }, ticket)).toBe(false);
  expect(rig.cooldown.stateOf('bad')).toEqual({ state: 'invalid', cause: 'invalid_key' });
});
