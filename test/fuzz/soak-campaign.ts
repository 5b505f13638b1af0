/** The traffic of `npm run soak`, and what is held against it. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RELAY_KEY } from '../support/relay.ts';
import { LOADS, PLAIN, openHeavyRelay } from './heavy.ts';
import type { HeavyRelay } from './heavy.ts';
import { askQuestion, HELLO, quantileOf, QUESTIONS, thirdOf } from './soak-questions.ts';

export interface SoakResult {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

const MIB = 1024 * 1024;
const HEAP_MB = 512;
const CONTAINER_MB = 1024;
const ALONE_MS = 20_000;
const HONEST = 4;
const HOSTILE = 2;
const MOST_LONGER_MS = 1000;
/** Of one part of the time over the part before. */
const MOST_GROWTH = 1.15;
/** Made before anything is measured: it takes this process its time, in which honest requests would wait as well. */
const BODIES = LOADS.filter((_load, index) => index % 5 === 0).flatMap((load) =>
  [0.1, 1, 8].map((size) => {
    const body = load.make(size * MIB);
    return { ...load, make: () => body };
  }),
);

export const runSoak = async (minutes: number): Promise<SoakResult> => {
  const relay = await openHeavyRelay(HEAP_MB, CONTAINER_MB);
  relay.refuseLarge();
  const problems: string[] = [];
  const lines: string[] = [];

  /** How long each question took at most, until the time is over. */
  const askHonestly = async (until: number, most: Map<string, number>): Promise<number> => {
    let asked = 0;
    while (performance.now() < until) {
      for (const question of QUESTIONS) {
        const { name } = question;
        const { ms, problem } = await askQuestion(relay.url, question, RELAY_KEY);
        if (problem !== undefined) problems.push(problem);
        most.set(name, Math.max(ms, most.get(name) ?? 0));
        asked += 1;
        await sleep(20);
      }
    }
    return asked;
  };

  const honest = async (until: number): Promise<{ readonly most: Map<string, number>; readonly asked: number }> => {
    const most = new Map<string, number>();
    const counts = await Promise.all(Array.from({ length: HONEST }, () => askHonestly(until, most)));
    return { most, asked: counts.reduce((sum, count) => sum + count, 0) };
  };

  let attacks = 0;
  const attack = async (until: number): Promise<void> => {
    while (performance.now() < until) {
      const choice = Math.random();
      if (choice < 0.6) await relay.post(pick(BODIES), 0).catch(() => 0);
      else await pick([leave, stallUpload, readSlowly, speakNonsense])(relay);
      attacks += 1;
      await sleep(50);
    }
  };

  const memory: number[] = [];
  const watch = async (until: number): Promise<void> => {
    while (performance.now() < until) {
      await sleep(1000);
      memory.push(relay.residentBytes());
      relay.forget();
    }
  };

  try {
    await honest(performance.now() + 2000);
    const alone = await honest(performance.now() + ALONE_MS);
    const until = performance.now() + minutes * 60_000;
    const [mixed] = await Promise.all([
      honest(until),
      watch(until),
      ...Array.from({ length: HOSTILE }, () => attack(until)),
    ]);
    for (const [name, ms] of mixed.most) {
      const before = alone.most.get(name) ?? 0;
      lines.push(`${name}: ${Math.round(before)} ms at most alone, ${Math.round(ms)} ms beside the attacks`);
      if (ms > before + MOST_LONGER_MS) problems.push(`${name}: ${Math.round(ms - before)} ms longer than alone`);
    }
    const [, second = 0, third = 0] = [0, 1, 2].map((part) => quantileOf(thirdOf(memory, part), 0.5));
    lines.push(`${mixed.asked} honest requests, ${attacks} attacks`);
    lines.push(
      `memory: ${[second, third, Math.max(...memory)].map((bytes) => Math.round(bytes / MIB)).join(', ')} MiB (second third, last third, most)`,
    );
    if (third > second * MOST_GROWTH) problems.push('memory grows');
    if (Math.max(...memory) > CONTAINER_MB * MIB) problems.push('more memory than the container has');
    if (!(await relay.isAlive())) problems.push('the relay does not live any more');
  } catch (error) {
    problems.push(`it broke off: ${String(error)}`);
  } finally {
    await relay.close();
  }
  return { lines, problems };
};

const pick = <T>(list: readonly T[]): T => {
  const picked = list[Math.floor(Math.random() * list.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
};

const BODY = JSON.stringify({ ...HELLO, stream: true });

const headOf = (relay: HeavyRelay, length: number): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: ${new URL(relay.url).host}\r\nauthorization: Bearer ${RELAY_KEY}\r\n` +
  `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

/** A raw connection that says this, and is destroyed after a while. */
const hold = async (relay: HeavyRelay, text: string, ms: number, read = true): Promise<void> => {
  const socket = connect(Number(new URL(relay.url).port), '127.0.0.1').on('error', () => undefined);
  if (read) socket.resume();
  socket.write(text);
  await sleep(ms);
  socket.destroy();
};

const leave = (relay: HeavyRelay): Promise<void> => hold(relay, headOf(relay, BODY.length) + BODY, Math.random() * 20);
const stallUpload = (relay: HeavyRelay): Promise<void> =>
  hold(relay, headOf(relay, 64 * MIB) + PLAIN.make(MIB), 500 + Math.random() * 2000);
const readSlowly = (relay: HeavyRelay): Promise<void> =>
  hold(relay, (headOf(relay, BODY.length) + BODY).repeat(20), 500 + Math.random() * 2000, false);
const speakNonsense = (relay: HeavyRelay): Promise<void> =>
  new Promise((resolve) => {
    const outgoing = request(`${relay.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'x-junk': 'a'.repeat(12_000) },
    });
    outgoing
      .on('response', (answer) => answer.resume().on('close', resolve))
      .on('error', () => {
        resolve();
      });
    outgoing.end('{"a":'.repeat(10_000));
  });
