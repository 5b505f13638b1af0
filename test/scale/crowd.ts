/** Many relays on one Redis: what their beats cost it, how much it decides, and how soon all hear of a change. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../services/redis.ts';
import type { Redis } from '../services/redis.ts';

const PROCESSES = 4;
const REST_MS = 5000;
const LOAD_MS = 5000;
const CHANGES = 10;
/** Of all relays together. */
const RATES = [500, 1000, 2000, 4000];
const PATIENCE_MS = '1000';

interface Report {
  readonly relays?: number;
  readonly done?: { readonly ms: readonly number[]; readonly away: number };
  readonly heard?: string;
  readonly at?: number;
}

export const measureCrowd = async (count: number): Promise<readonly string[]> => {
  const redis = await startRedis();
  const members = Array.from({ length: PROCESSES }, (_, index) => {
    const share = Math.floor(count / PROCESSES) + (index < count % PROCESSES ? 1 : 0);
    return fork(join(import.meta.dirname, 'crowd-member.ts'), [redis.url, String(share), PATIENCE_MS]);
  });
  try {
    const ready = await Promise.all(members.map((member) => next(member, ({ relays }) => relays)));
    const lines = [`${sum(ready)} of ${count} relays connected, in ${PROCESSES} processes`];
    await sleep(1000);
    lines.push(await atRest(redis, count), await told(members, count));
    for (const rate of RATES) {
      const { line, isWhole } = await underLoad(redis, members, rate);
      lines.push(line);
      // Beyond that it is this machine's lack of CPU that is measured.
      if (!isWhole) break;
    }
    lines.push(`memory of Redis: ${await infoOf(redis, 'used_memory_human')}`);
    return lines;
  } finally {
    for (const member of members) member.kill();
    await redis.stop();
  }
};

const atRest = async (redis: Redis, count: number): Promise<string> => {
  const before = [await cpuOf(redis), Number(await infoOf(redis, 'total_commands_processed'))] as const;
  await sleep(REST_MS);
  const cpu = ((await cpuOf(redis)) - before[0]) / REST_MS;
  const beats = (Number(await infoOf(redis, 'total_commands_processed')) - before[1]) / (REST_MS / 1000);
  return `at rest: ${percent(cpu)} of a core of Redis for the beats of ${count}, ${Math.round(beats)} commands a second, scripts' own included`;
};

const told = async (members: readonly ChildProcess[], count: number): Promise<string> => {
  const times: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const value = `change ${change}`;
    const heard = members.map((member) => hearAll(member, value));
    const from = Date.now();
    members[0]?.send({ publish: value });
    const at = (await Promise.all(heard)).flat();
    if (at.length !== count) throw new Error(`${at.length} of ${count} heard`);
    times.push(Math.max(...at) - from);
    await sleep(300);
  }
  return `a change is known to all ${count}: after ${quantile(times, 0.5)} ms in the median, ${Math.max(...times)} at most, of ${CHANGES}`;
};

const underLoad = async (
  redis: Redis,
  members: readonly ChildProcess[],
  rate: number,
): Promise<{ readonly line: string; readonly isWhole: boolean }> => {
  const before = [await cpuOf(redis), performance.now()] as const;
  const reports = members.map((member) => next(member, ({ done }) => done));
  for (const member of members) member.send({ load: rate / members.length, ms: LOAD_MS });
  const done = await Promise.all(reports);
  const seconds = (performance.now() - before[1]) / 1000;
  const cpu = (await cpuOf(redis)) - before[0];
  const ms = done.flatMap((one) => one.ms);
  const away = sum(done.map((one) => one.away));
  const line =
    `${rate} limited requests a second asked for: ${Math.round(ms.length / seconds)} decided, each with its settling; ` +
    `${percent(cpu / 1000 / seconds)} of a core of Redis, ${Math.round((cpu * 1000) / ms.length)} µs of it each; ` +
    `median ${round(quantile(ms, 0.5))} ms, 99 of 100 within ${round(quantile(ms, 0.99))}; ${away} without Redis`;
  return { line, isWhole: away === 0 };
};

/** Once a report says something of it. */
const next = <Value>(member: ChildProcess, of: (report: Report) => Value | undefined): Promise<Value> =>
  new Promise((resolve) => {
    const listen = (report: Report): void => {
      const value = of(report);
      if (value === undefined) return;
      member.off('message', listen);
      resolve(value);
    };
    member.on('message', listen);
  });

/** When each of a process' relays heard it; over when nobody has for a while. */
const hearAll = async (member: ChildProcess, value: string): Promise<readonly number[]> => {
  const at: number[] = [];
  const listen = ({ heard, at: when = 0 }: Report): void => {
    if (heard === value) at.push(when);
  };
  member.on('message', listen);
  await sleep(1500);
  member.off('message', listen);
  return at;
};

const infoOf = async (redis: Redis, field: string): Promise<string> =>
  new RegExp(`^${field}:(.*)$`, 'm').exec(String(await redis.ask('INFO')))?.[1]?.trim() ?? '';

/** In milliseconds. */
const cpuOf = async (redis: Redis): Promise<number> =>
  1000 * (Number(await infoOf(redis, 'used_cpu_user')) + Number(await infoOf(redis, 'used_cpu_sys')));

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const round = (value: number): number => Math.round(value * 10) / 10;
const percent = (share: number): string => `${round(share * 100)} %`;
const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length * part)] ?? 0;
