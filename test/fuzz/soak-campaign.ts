/** The traffic of `npm run soak`, and what is held against it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RELAY_KEY } from '../support/relay.ts';
import type { GoogleSide } from '../support/relay.ts';
import { memoryOf, spawnHeavy } from './heavy-relay.ts';
import { MIB, MOST_GROWTH, MOST_LONGER_MS } from './soak-bounds.ts';
import { askQuestion, quantileOf, QUESTIONS, thirdOf } from './soak-questions.ts';
import type { Question } from './soak-questions.ts';

export interface SoakResult {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

const HEAP_MB = 512;
const CONTAINER_MB = 1024;
const ALONE_MS = 20_000;
const HONEST = 4;
const NO_QUESTION: Question = { name: 'a server that does nothing', path: '/', body: {}, end: /true/ };

export const runSoak = async (minutes: number): Promise<SoakResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const google = start('soak-google.ts');
  const bare = start('soak-bare.ts');
  const bareUrl = String(await told(bare));
  const relay = spawnHeavy((await told(google)) as GoogleSide, folder, HEAP_MB, CONTAINER_MB);
  const url = await relay.listening;
  const problems: string[] = [];
  const lines: string[] = [];

  /** How long each question took at most, until the time is over. */
  const askHonestly = async (until: number, most: Map<string, number>): Promise<number> => {
    let asked = 0;
    while (performance.now() < until) {
      for (const question of [...QUESTIONS, NO_QUESTION]) {
        const { name } = question;
        const { ms, problem } = await askQuestion(question === NO_QUESTION ? bareUrl : url, question, RELAY_KEY);
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

  const memory: number[] = [];
  const watch = async (until: number): Promise<void> => {
    while (performance.now() < until) {
      await sleep(1000);
      memory.push(memoryOf(relay, 'VmRSS'));
    }
  };

  try {
    await honest(performance.now() + 2000);
    const alone = await honest(performance.now() + ALONE_MS);
    const until = performance.now() + minutes * 60_000;
    const hostile = start('soak-attacks.ts', url);
    await told(hostile);
    const [mixed] = await Promise.all([honest(until), watch(until)]);
    hostile.send('how many');
    const attacks = String(await told(hostile));
    hostile.kill();
    const longerOf = (name: string): number => (mixed.most.get(name) ?? 0) - (alone.most.get(name) ?? 0);
    // A machine with other work lets the server wait that does nothing, too.
    const mostLonger = MOST_LONGER_MS + Math.max(0, longerOf(NO_QUESTION.name));
    for (const [name, ms] of mixed.most) {
      const before = alone.most.get(name) ?? 0;
      lines.push(`${name}: ${Math.round(before)} ms at most alone, ${Math.round(ms)} ms beside the attacks`);
      if (longerOf(name) > mostLonger) problems.push(`${name}: ${Math.round(longerOf(name))} ms longer than alone`);
    }
    const [, second = 0, third = 0] = [0, 1, 2].map((part) => quantileOf(thirdOf(memory, part), 0.5));
    lines.push(`${mixed.asked} honest requests, ${attacks} attacks`);
    lines.push(
      `memory: ${[second, third, Math.max(...memory)].map((bytes) => Math.round(bytes / MIB)).join(', ')} MiB (second third, last third, most)`,
    );
    if (third > second * MOST_GROWTH) problems.push('memory grows');
    if (Math.max(...memory) > CONTAINER_MB * MIB) problems.push('more memory than the container has');
    if (relay.process.exitCode !== null || (await fetch(`${url}/livez`)).status !== 200)
      problems.push('the relay does not live any more');
  } catch (error) {
    problems.push(`it broke off: ${String(error)}`);
  } finally {
    relay.kill('SIGKILL');
    google.kill();
    bare.kill();
    await relay.ended;
    rmSync(folder, { recursive: true, force: true });
  }
  return { lines, problems };
};

/** A part of the soak that is a program of its own, and ends with this one. */
const start = (file: string, ...args: readonly string[]): ChildProcess => fork(join(import.meta.dirname, file), args);

const told = async (child: ChildProcess): Promise<unknown> => {
  const [message] = (await once(child, 'message')) as readonly unknown[];
  return message;
};
