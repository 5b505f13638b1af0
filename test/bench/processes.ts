/** What the kernel knows of a process and of all that it has started: some relays work in several. */
import { readdirSync, readFileSync } from 'node:fs';

export const cpuMsOf = (pid: number): number => {
  let ms = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) ms += threadCpuMsOf(pid, task);
  return ms;
};

/** From the kernel's scheduler, in nanoseconds: finer than the ticks of /proc/PID/stat. The main thread has the id of all. */
export const threadCpuMsOf = (pid: number, task: number | string): number =>
  Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

export const statusKb = (pid: number, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** The process, and those that it has started, and theirs. */
export const familyOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];

export const sumOf = (pid: number, read: (pid: number) => number): number =>
  familyOf(pid).reduce((sum, each) => sum + read(each), 0);
