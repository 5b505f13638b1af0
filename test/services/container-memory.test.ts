/** R24: the heaviest bodies against a relay that the kernel allows no more than 1 GiB, as docker-compose.yml does. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LARGEST, LONG_TEXTS, MANY_TEXTS } from '../fuzz/heavy.ts';
import { openHeavyRelay } from '../fuzz/heavy-relay.ts';
import type { HeavyRelay } from '../fuzz/heavy-relay.ts';
import { openMemoryGroup } from './cgroup.ts';

const MIB = 1024 * 1024;
const BYTES = 60 * MIB;
const CONTAINER_MB = 1024;
/** What the engine takes for its heap in it. */
const HEAP_MB = 512;

const group = openMemoryGroup(`relay-${process.pid}`, CONTAINER_MB * MIB);
// The same bodies with the same heap, without a group: test/promises/memory.test.ts.
const NO_GROUP = 'No control group with a limit of memory can be made here: that takes root and /sys/fs/cgroup.';
if (!group) console.warn(NO_GROUP);

let relay: HeavyRelay | undefined;
beforeAll(async () => {
  if (!group) return;
  relay = await openHeavyRelay(HEAP_MB, CONTAINER_MB);
  group.add(relay.pid);
});
afterAll(async () => {
  await relay?.close();
  group?.close();
});

const LOADS = [LARGEST[0], LONG_TEXTS[1], MANY_TEXTS[0]].filter((load) => load !== undefined);

test.skipIf(!group).each(LOADS.map((load) => [load.name, load] as const))(
  'R24: eight of %s at once leave the relay alive in 1 GiB',
  async (_name, load) => {
    if (!group || !relay) throw new Error(NO_GROUP);
    const { statuses } = await relay.crowd(load, BYTES, 8);
    expect(statuses).toContain(400);
    for (const status of statuses) expect([400, 413, 503]).toContain(status);
    expect(await relay.isAlive()).toBe(true);
    expect(group.killed()).toBe(0);
    expect(group.mostBytes()).toBeGreaterThan(BYTES);
  },
  120_000,
);
