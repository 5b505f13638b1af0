/** How many connections there may be at a time, by how many files the system lets this process have open. */
import { readFileSync } from 'node:fs';

/** A connection is a file; a request needs another one to Google, and the relay some of its own. */
const SHARE = 1 / 2;

/** Undefined where the system does not say: then the relay's own limit counts. */
export const connectionLimit = (limits = limitsOfProcess()): number | undefined => {
  const files = /^Max open files +(\d+) /m.exec(limits)?.[1];
  return files === undefined ? undefined : Math.max(1, Math.floor(Number(files) * SHARE));
};

/** Linux alone has such a file. Node has raised the limit as far as it may by then. */
const limitsOfProcess = (): string => {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
};
