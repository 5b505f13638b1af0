import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { dripping, hugeChunk, raw } from '../../src/simulator/faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { createAnswerReader } from '../../src/upstreams/answer.ts';
import { asItIs } from '../../src/upstreams/answer-chunk.ts';
import { createArrivingRoom } from '../../src/upstreams/arriving.ts';
import { testTransport } from './rig.ts';

const MIB = 1024 * 1024;

/** Whether the wait is over. */
const isOver = async (wait: Promise<void> | undefined): Promise<boolean> => {
  let over = false;
  void (wait ?? Promise.resolve()).then(() => (over = true));
  await delay(0);
  return over;
};

describe('what is held of answers until the rest comes', () => {
  test('is counted from 64 KiB on, and who came first goes on whatever there is', () => {
    const room = createArrivingRoom(MIB);
    const [first, second] = [room.open(), room.open()];
    expect(second.holds(64 * 1024)).toBeUndefined();
    expect(first.holds(3 * MIB)).toBeUndefined();
    expect(first.holds(20 * MIB)).toBeUndefined();
    expect(second.holds(64 * 1024)).toBeUndefined();
    expect(second.holds(65 * 1024)).toBeInstanceOf(Promise);
  });

  test('makes those that came later wait until there is room', async () => {
    const room = createArrivingRoom(MIB);
    const [first, second, third] = [room.open(), room.open(), room.open()];
    expect(first.holds(MIB)).toBeUndefined();
    const [two, three] = [second.holds(MIB), third.holds(MIB)];
    expect([await isOver(two), await isOver(three)]).toEqual([false, false]);
    first.leave();
    // The next is the first now; for the last there is no room yet.
    expect([await isOver(two), await isOver(three)]).toEqual([true, false]);
    expect(second.holds(2 * MIB)).toBeUndefined();
    expect(second.holds(0)).toBeUndefined();
    expect(await isOver(three)).toBe(true);
  });

  test('lets go of who leaves while it waits', async () => {
    const room = createArrivingRoom(MIB);
    const [first, second, third] = [room.open(), room.open(), room.open()];
    void first.holds(MIB);
    const two = second.holds(MIB);
    second.leave();
    second.leave();
    expect(await isOver(two)).toBe(true);
    first.leave();
    expect(third.holds(MIB)).toBeUndefined();
  });
});

describe('large answers that arrive at one time', () => {
  let google: Simulator;
  beforeEach(async () => {
    google = await startSimulator();
  });
  afterEach(() => google.close());

  const SIZE = 3_000_000;
  const slowly: Fault = (asked, honest) =>
    dripping(65_536, 1)(asked, () => hugeChunk(SIZE)(asked, honest) as ReturnType<typeof honest>);

  /** More than there is room for, and no end. */
  const unfinished: Fault = (asked, honest) => {
    const type = asked.path.includes('stream') ? 'text/event-stream' : 'application/json';
    return raw(200, { 'content-type': type }, `data: {"a":"${'x'.repeat(2 * MIB)}`, { kind: 'stall' })(asked, honest);
  };

  test.each(['streamGenerateContent?alt=sse', 'generateContent'])(
    'all come whole, however little room there is (%s)',
    async (method) => {
      google.always('generate', slowly);
      const transport = testTransport({ maxArrivingBytes: MIB });
      const read = createAnswerReader({ unwrap: asItIs, now: Date.now });
      const lengthOf = async (signal: AbortSignal): Promise<number> => {
        const reply = await transport.post(`${google.url}/v1beta/models/gemini-2.5-flash:${method}`, {
          headers: { 'x-goog-api-key': google.apiKey, 'content-type': 'application/json' },
          body: '{"contents":[{"parts":[{"text":"Hello"}]}]}',
          signal,
        });
        let length = 0;
        for await (const batch of await read(reply, false)) for (const { json } of batch) length += json.length;
        return length;
      };
      try {
        // The first of all, which holds the room for as long as it is there.
        google.next('generate', unfinished);
        const leaving = new AbortController();
        const left = lengthOf(leaving.signal).catch(() => 'left');
        await google.until(() => google.asked('generate').length === 1);
        const all = Array.from({ length: 6 }, () => lengthOf(new AbortController().signal));
        await google.until(() => google.asked('generate').length === 7);
        await delay(50);
        leaving.abort(new Error('the client has left'));
        expect(await left).toBe('left');
        for (const length of await Promise.all(all)) expect(length).toBeGreaterThan(SIZE);
      } finally {
        await transport.close();
      }
    },
    60_000,
  );
});
