import { randomBytes } from 'node:crypto';
import { chmod, link, lstat, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './folders.ts';

/** A key of the relay's own making, for those who set none. */
export interface RelayKey {
  readonly value: string;
  /** `created`: shown to its owner now, and never again. `unsaved`: a new one at every start. */
  readonly origin: 'created' | 'stored' | 'unsaved';
  readonly path: string;
}

/** Beside the credentials: what keeps one safe keeps the other safe. */
export const relayKeyPath = (credentialsFile: string): string => join(dirname(credentialsFile), '.relay-key');

/** The key kept at this path, or a new one, kept there where that is possible. */
export const openRelayKey = async (path: string): Promise<RelayKey> => {
  const stored = await readRelayKey(path);
  if (stored !== undefined) return { value: stored, origin: 'stored', path };
  const value = randomBytes(32).toString('base64url');
  if (await keep(path, value)) return { value, origin: 'created', path };
  // Another start may have been a moment quicker.
  const theirs = await readRelayKey(path);
  return theirs === undefined ? { value, origin: 'unsaved', path } : { value: theirs, origin: 'stored', path };
};

const MAX_BYTES = 4096;
const MIN_LENGTH = 16;

/**
 * Undefined where there is none, or nothing that could be one. What the system refuses to read may be a good one: that is no
 * reason for another, so it throws.
 */
export const readRelayKey = async (path: string): Promise<string | undefined> => {
  try {
    const stat = await lstat(path);
    if (!stat.isFile() || stat.size > MAX_BYTES) return undefined;
    if ((stat.mode & 0o077) !== 0) await chmod(path, 0o600).catch(() => undefined);
    const value = (await readFile(path, 'utf8')).trim();
    return /^[\x21-\x7e]+$/.test(value) && value.length >= MIN_LENGTH ? value : undefined;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Error(
      `the relay's own key in ${path} cannot be read (${code}). Make the file readable by this account, or set GEMINI_AUTH_PASSWORD`,
      { cause },
    );
  }
};

/**
 * Never through a link, never over a file, and never half: a disk that fills, or a kill in the middle, would leave an
 * empty file, beside which no key could be kept at any start to come.
 */
const keep = async (path: string, value: string): Promise<boolean> => {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await makeFolder(dirname(path));
    await writeNew(beside, value);
    // Takes the name only where nobody has it.
    await link(beside, path).catch((error: unknown) => {
      if (isTaken(error)) throw error;
      // A file system without links.
      return writeNew(path, value);
    });
    return true;
  } catch {
    return false;
  } finally {
    await unlink(beside).catch(() => undefined);
  }
};

const writeNew = async (path: string, value: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${value}\n`);
    await file.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
};

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';
