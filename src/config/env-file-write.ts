/** Settings written into `.env`: beside what stands there, for the owner's eyes alone. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { codeOf } from '../errors/errno.ts';
import { decodeEnvText, parseEnvText } from './env-text.ts';

/** Adds one line for each; a line that sets the same name before is left, and the new one wins. */
export const addToEnvFile = (settings: Readonly<Record<string, string>>, path = '.env'): void => {
  const place = find(path);
  const before = place?.stats ? decodeEnvText(readFileSync(place.path)) : '';
  const end = before.includes('\r\n') ? '\r\n' : '\n';
  const gap = before === '' || before.endsWith('\n') ? '' : end;
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(name, value)}${end}`);
  const text = `${before}${gap}${lines.join('')}`;
  if (place) replace(place, text);
  else writeInPlace(path, text);
};

interface Place {
  /** Behind all links. */
  readonly path: string;
  /** Undefined where there is no file for certain: what the system refuses to look at is not written anew. */
  readonly stats: Stats | undefined;
}

/** Undefined for a link to what is not there: it is to stay a link. */
const find = (path: string): Place | undefined => {
  try {
    return { path: realpathSync(path), stats: statSync(path) };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return lstatSync(path, { throwIfNoEntry: false }) ? undefined : { path, stats: undefined };
  }
};

/** All of it or nothing: a disk that fills must not cost the owner what stands there. */
const replace = ({ path, stats }: Place, text: string): void => {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { mode: MODE, flag: 'wx', flush: true });
    chmodSync(beside, MODE);
    if (stats) chownSync(beside, stats.uid, stats.gid);
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
const IN_PLACE_ALONE: ReadonlySet<string> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

/** Bare where the reader takes it so, else in single quotes. */
const quoted = (name: string, value: string): string =>
  parseEnvText(`${name}=${value}`)[name] === value ? value : `'${value}'`;
