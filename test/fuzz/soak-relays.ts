/**
 * The traffic of `npm run soak -- --relays`: two relays on one Redis and one database. Clients of good will and some that
 * leave ask them, while Google fails now and then and replaces tokens, and Redis is stopped, frozen and emptied.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverError } from '../../src/simulator/google-faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { makeKey } from '../keys/people.ts';
import { startRedis } from '../services/redis.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import { memoryOf } from './heavy-relay.ts';
import { MIB, MOST_GROWTH, MOST_LONGER_MS } from './soak-bounds.ts';
import type { SoakResult } from './soak-campaign.ts';
import { askQuestion, HELLO, quantileOf, QUESTIONS, thirdOf } from './soak-questions.ts';

const ASKING = 4;
const PAUSE_MS = 150;
const SAMPLE_MS = 2000;
const REST_MS = 8000;
const TROUBLE_MS = 5000;
const FEW_HANDLES = 20;
const RPM = 60;
/** Less than a minute by as much as clocks and answers may be apart. */
const WINDOW_MS = 58_000;

export const soakRelays = async (minutes: number): Promise<SoakResult> => {
  const simulator = await startSimulator();
  simulator.account.rotateRefreshTokens = true;
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const database = { DATABASE_URL: `sqlite:${join(folder, 'relay.db')}` };
  let redis = await startRedis();
  const start = () => {
    const own = mkdtempSync(join(folder, 'relay-'));
    const env = { ...database, REDIS_URL: redis.url, LOG_LEVEL: 'info' };
    return spawnRelay(environmentOf(simulator, own, { env }), own);
  };
  const children = [start(), start()] as const;
  const urls = await Promise.all(children.map(({ listening }) => listening));
  const urlOf = (turn: number): string => urls[turn % urls.length] ?? '';
  const post = (turn: number, path: string, key: string, body: object, signal?: AbortSignal): Promise<Response> =>
    fetch(urlOf(turn) + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  const wide = await makeKey(database, '--rpm', '100000');
  const narrow = await makeKey(database, '--rpm', String(RPM));
  for (const turn of children.keys()) {
    for (const { secret } of [wide, narrow]) {
      while ((await fetch(`${urlOf(turn)}/v1/models`, { headers: { 'x-goog-api-key': secret } })).status !== 200)
        await sleep(1000);
    }
  }

  const problems: string[] = [];
  const counts = { asked: 0, left: 0, kept: 0, limited: 0, faults: 0, rotations: 0, stops: 0, freezes: 0, flushes: 0 };
  const times = new Map(QUESTIONS.map(({ name }): [string, number[]] => [name, []]));
  const memory = children.map((): number[] => []);
  const handles = children.map((): number[] => []);
  let isShared = true;
  let mostInAMinute = 0;
  const until = performance.now() + minutes * 60_000;
  const repeat = async (pauseMs: number, work: (turn: number) => unknown): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn += 1) {
      await work(turn);
      await sleep(pauseMs);
    }
  };

  const ask = (turn: number): Promise<unknown> =>
    Promise.all(
      QUESTIONS.map(async (question, index) => {
        const key = index % 2 ? RELAY_KEY : wide.secret;
        const { ms, problem } = await askQuestion(urlOf(turn + index), question, key);
        if (problem !== undefined) problems.push(problem);
        times.get(question.name)?.push(ms);
        counts.asked += 1;
      }),
    );
  const leave = async (turn: number): Promise<void> => {
    const leaving = AbortSignal.timeout(Math.ceil(Math.random() * 60));
    await post(turn, '/v1/chat/completions', RELAY_KEY, { ...HELLO, stream: true }, leaving)
      .then((response) => response.text())
      .catch(() => undefined);
    counts.left += 1;
  };
  /** What one relay has kept the other goes on with. */
  const goOn = async (turn: number): Promise<void> => {
    const wasShared = isShared;
    const { model } = HELLO;
    const first = await post(turn, '/v1/responses', RELAY_KEY, { model, input: 'Hello' });
    const { id } = (await first.json()) as { readonly id?: string };
    await sleep(200);
    const second = await post(turn + 1, '/v1/responses', RELAY_KEY, { model, input: 'On', previous_response_id: id });
    const text = await second.text();
    if (wasShared && isShared && second.status !== 200) problems.push(`kept: ${second.status} ${text.slice(0, 200)}`);
    counts.kept += 1;
  };
  const passed: number[] = [];
  const useUp = async (turn: number): Promise<void> => {
    const { status } = await post(turn, '/v1/chat/completions', narrow.secret, HELLO);
    if (status === 200) passed.push(performance.now());
    else if (status !== 429) problems.push(`a key with a limit: ${status}`);
    while ((passed[0] ?? Infinity) < performance.now() - WINDOW_MS) passed.shift();
    mostInAMinute = Math.max(mostInAMinute, passed.length);
    counts.limited += 1;
  };
  const watch = (): void => {
    for (const [index, child] of children.entries()) {
      memory[index]?.push(memoryOf(child, 'VmRSS'));
      handles[index]?.push(readdirSync(`/proc/${child.process.pid}/fd`).length);
    }
  };

  const troubles: readonly (() => Promise<unknown> | undefined)[] = [
    () => {
      counts.faults += 3;
      simulator.next('generate', serverError(503), serverError(500), serverError(503));
      return undefined;
    },
    () => {
      counts.rotations += 1;
      simulator.expireTokens();
      return undefined;
    },
    async () => {
      counts.stops += 1;
      await redis.stop();
      await sleep(TROUBLE_MS);
      redis = await startRedis({ port: redis.port });
    },
    async () => {
      counts.freezes += 1;
      redis.hang();
      await sleep(TROUBLE_MS);
      redis.wake();
    },
    () => {
      counts.flushes += 1;
      return redis.ask('FLUSHALL');
    },
  ];
  const bring = async (turn: number): Promise<void> => {
    const isOfRedis = turn % troubles.length >= 2;
    isShared = !isOfRedis;
    await troubles[turn % troubles.length]?.();
    await sleep(REST_MS);
    isShared = true;
    // What it remembers of requests.
    simulator.clear();
  };

  const lines: string[] = [];
  try {
    await Promise.all([
      ...Array.from({ length: ASKING }, () => repeat(PAUSE_MS, ask)),
      repeat(PAUSE_MS * 5, leave),
      repeat(1000, goOn),
      repeat(300, useUp),
      repeat(SAMPLE_MS, watch),
      repeat(0, bring),
    ]);
    lines.push(
      Object.entries(counts)
        .map(([what, count]) => `${what} ${count}`)
        .join(', '),
      `at most ${mostInAMinute} of ${RPM} requests of a key passed in a minute, over both relays`,
    );
    if (mostInAMinute > RPM) problems.push('more than its limit passed of a key');
    for (const [name, all] of times) {
      const [second, last] = [thirdOf(all, 1), thirdOf(all, 2)];
      const shown = [quantileOf(second, 0.5), quantileOf(last, 0.5), quantileOf(last, 0.99), Math.max(...all)];
      lines.push(
        `${name}: ${shown.map((ms) => Math.round(ms)).join(', ')} ms (median of the second and the last third, p99, most)`,
      );
      if (Math.max(...all) > quantileOf(all, 0.99) + MOST_LONGER_MS) problems.push(`${name}: one took far longer`);
    }
    for (const [index] of children.entries()) {
      const told = (what: string, samples: readonly number[], unit: number, few: number): void => {
        const [second, last] = [quantileOf(thirdOf(samples, 1), 0.5), quantileOf(thirdOf(samples, 2), 0.5)];
        const shown = [second, last, Math.max(...samples)].map((value) => Math.round(value / unit));
        lines.push(`relay ${index + 1}: ${what} ${shown.join(', ')} (second third, last third, most)`);
        if (last > second * MOST_GROWTH + few) problems.push(`relay ${index + 1}: ${what} grow`);
      };
      told('MiB of memory', memory[index] ?? [], MIB, 0);
      told('handles', handles[index] ?? [], 1, FEW_HANDLES);
    }
  } catch (error) {
    problems.push(`it broke off: ${String(error)}`);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map(({ ended }) => ended));
    await simulator.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { lines, problems };
};
