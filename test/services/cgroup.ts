/** A control group of the kernel's with a limit of memory, of either version; only root can make one. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryGroup {
  add(pid: number): void;
  /** The most that it has held at a time. */
  mostBytes(): number;
  /** How many of it the kernel has killed. */
  killed(): number;
  close(): void;
}

/** Undefined where none can be had. */
export const openMemoryGroup = (name: string, limitBytes: number): MemoryGroup | undefined => {
  for (const { root, limit, most, kills } of VERSIONS) {
    const folder = join(root, name);
    const file = (leaf: string): string => join(folder, leaf);
    try {
      if (!existsSync(root)) continue;
      mkdirSync(folder);
      writeFileSync(file(limit), String(limitBytes));
    } catch {
      continue;
    }
    return {
      add: (pid) => {
        writeFileSync(file('cgroup.procs'), String(pid));
      },
      mostBytes: () => Number(readFileSync(file(most), 'utf8')),
      killed: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(file(kills), 'utf8'))?.[1] ?? 0),
      close: () => {
        rmdirSync(folder);
      },
    };
  }
  return undefined;
};

const VERSIONS = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    most: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
  { root: '/sys/fs/cgroup', limit: 'memory.max', most: 'memory.peak', kills: 'memory.events' },
] as const;
