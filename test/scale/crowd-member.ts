/** Some of the relays of a crowd: what each opens of Redis, by the relay's own code, without the rest of a relay. */
import { setTimeout as sleep } from 'node:timers/promises';
import { perLimit } from '../../src/callers/limits.ts';
import { isExceeded } from '../../src/keys/counters.ts';
import { LIMIT_SCRIPTS } from '../../src/keys/limit-scripts.ts';
import { createMemoryCounters } from '../../src/keys/memory-counters.ts';
import { createSharedCounters } from '../../src/keys/shared-counters.ts';
import { silentLogger } from '../../src/log.ts';
import { openRedisState } from '../../src/state/redis.ts';
import { createSystem } from '../../src/system.ts';

const [, , url = '', count = '1', patience] = process.argv;
const system = createSystem();
const LIMITS = perLimit(() => 1e12);
const ASKED = { requests: 1, tokens: 100, costNanos: 1000 };
const TOPIC = 'crowd';

const relays = Array.from({ length: Number(count) }, () => {
  const state = openRedisState({
    ...{ url, prefix: 'gcr:', system, log: silentLogger, scripts: LIMIT_SCRIPTS },
    // Who measures with all on one machine must not measure its own lack of CPU as silence.
    ...(patience !== undefined && { patience: { silenceMs: Number(patience), longestMs: Number(patience) } }),
  });
  state.follow(TOPIC, (changes) => {
    const at = Date.now();
    for (const { value } of changes) process.send?.({ heard: value, at });
  });
  return { state, counters: createSharedCounters({ memory: createMemoryCounters(system), state, system }) };
});

/** So many a second from all relays here, of many keys. */
const load = async (perSecond: number, ms: number): Promise<{ ms: number[]; away: number }> => {
  const times: number[] = [];
  let away = 0;
  const pending: Promise<void>[] = [];
  const from = performance.now();
  let done = 0;
  while (performance.now() - from < ms) {
    await sleep(5);
    for (const due = ((performance.now() - from) / 1000) * perSecond; done < due; done += 1) {
      const { counters, state } = relays[done % relays.length] ?? nobody();
      const began = performance.now();
      const asked = Promise.resolve(counters.reserve(`key-${done % 1000}`, LIMITS, ASKED, true));
      pending.push(
        asked.then((outcome): void => {
          times.push(performance.now() - began);
          if (state.awayMs() > 0) away += 1;
          if (!isExceeded(outcome)) outcome.settle(ASKED);
        }),
      );
    }
  }
  await Promise.all(pending);
  return { ms: times, away };
};

const nobody = (): never => {
  throw new Error('a crowd of none');
};

process.on('message', (asked: { load?: number; ms?: number; publish?: string }) => {
  const { publish, load: perSecond, ms = 0 } = asked;
  if (publish !== undefined) void relays[0]?.state.publish(TOPIC, [{ field: 'what', value: publish }]);
  if (perSecond !== undefined) {
    void load(perSecond, ms).then((done) => {
      process.send?.({ done });
    });
  }
});
await Promise.all(relays.map(({ state }) => state.opened()));
process.send?.({ relays: relays.filter(({ state }) => state.health().ok).length });
