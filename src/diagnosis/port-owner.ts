/** Which program listens on a port, where the machine tells. Its name and number only: arguments may hold secrets. */
import { readFile, readdir, readlink } from 'node:fs/promises';
import type { RunCommand } from './commands.ts';

export const ownerOfPort = async (port: number, run: RunCommand): Promise<string | undefined> =>
  (await fromProc(port)) ?? (await fromLsof(port, run)) ?? (await fromNetstat(port, run));

const LISTENING = '0A';

const fromProc = async (port: number): Promise<string | undefined> => {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => textOf(path)));
  const sockets = new Set(
    tables
      .flatMap((table) => table.split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === LISTENING && parseInt(local.split(':')[1] ?? '', 16) === port)
      .map((columns) => `socket:[${columns[9] ?? ''}]`),
  );
  if (sockets.size === 0) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(handles.map((handle) => readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')));
    if (links.some((link) => sockets.has(link))) return named(await textOf(`/proc/${pid}/comm`), pid);
  }
  return undefined;
};

const fromLsof = async (port: number, run: RunCommand): Promise<string | undefined> => {
  const { output } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  return pid === undefined ? undefined : named(/^c(.+)$/m.exec(output)?.[1] ?? '', pid);
};

/** Windows names no program here, but its number leads to it in the task manager. */
const fromNetstat = async (port: number, run: RunCommand): Promise<string | undefined> => {
  if (process.platform !== 'win32') return undefined;
  const { output } = await run('netstat', ['-ano', '-p', 'tcp']);
  const pid = new RegExp(`:${port}\\s+\\S+\\s+LISTENING\\s+(\\d+)`).exec(output)?.[1];
  return pid === undefined ? undefined : named('', pid);
};

const named = (program: string, pid: string): string =>
  `${program.replaceAll(/[^\x20-\x7e]/g, '').trim() || 'a program'} (pid ${pid})`;

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
