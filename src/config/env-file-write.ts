/** Settings written into `.env`: beside what stands there, for the owner's eyes alone. */
import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { decodeEnvText, parseEnvText } from './env-text.ts';

/** Adds one line for each; a line that sets the same name before is left, and the new one wins. */
export const addToEnvFile = (settings: Readonly<Record<string, string>>, path = '.env'): void => {
  const found = find(path);
  const before = found ? decodeEnvText(readFileSync(found.path)) : '';
  const end = before.includes('\r\n') ? '\r\n' : '\n';
  const gap = before === '' || before.endsWith('\n') ? '' : end;
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(name, value)}${end}`);
  const text = `${before}${gap}${lines.join('')}`;
  if (found) replace(found, text);
  else writeInPlace(path, text);
};

interface Found {
  /** Behind all links. */
  readonly path: string;
  readonly stats: Stats;
}

/** Undefined where there is none for certain: what the system refuses to look at is not written anew. */
const find = (path: string): Found | undefined => {
  try {
    return { path: realpathSync(path), stats: statSync(path) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** All of it or nothing: a disk that fills must not cost the owner what stands there. */
const replace = ({ path, stats }: Found, text: string): void => {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { mode: MODE, flag: 'wx', flush: true });
    chmodSync(beside, MODE);
    chownSync(beside, stats.uid, stats.gid);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    if (!IN_PLACE_ALONE.has(codeOf(error))) throw error;
    writeInPlace(path, text);
  }
};

const writeInPlace = (path: string, text: string): void => {
  writeFileSync(path, text, { mode: MODE });
  chmodSync(path, MODE);
};

const MODE = 0o600;

/** A file mounted by itself, one in a folder that others own, one that somebody else owns. */
const IN_PLACE_ALONE: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Bare where the reader takes it so, else in single quotes. */
const quoted = (name: string, value: string): string =>
  parseEnvText(`${name}=${value}`)[name] === value ? value : `'${value}'`;
