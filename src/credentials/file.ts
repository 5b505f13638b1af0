/** One small secret file on disk: read without hanging, replaced without ever being half there. */
import { constants } from 'node:fs';
import * as disk from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, whyUnread } from '../errors/errno.ts';
import { makeFolder } from '../folders.ts';

/** The calls that change the disk; tests hand in ones that fail. */
export type Files = Pick<typeof disk, 'open' | 'rename' | 'unlink' | 'chmod'>;

export const realFiles: Files = disk;

/** A file that is there and cannot be used; the message continues a sentence that begins with its path. */
export class FileProblem extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'FileProblem';
  }
}

/** The system refused to read (EMFILE, EIO, EACCES): it says nothing of what the file holds, and may pass. */
export class ReadFailure extends FileProblem {}

export interface FileContent {
  readonly bytes: Buffer;
  readonly stats: BigIntStats;
}

const LIMIT_BYTES = 1024 * 1024;
/** Without O_NONBLOCK, opening a FIFO waits for its writer. Windows has neither. */
const READ_FLAGS = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** Undefined when there is no such file. Throws FileProblem for what is no plain, readable file of a sane size (R3). */
export const readSmallFile = async (
  path: string,
  files: Pick<Files, 'open'> = realFiles,
): Promise<FileContent | undefined> => {
  try {
    // Looked at before it is opened: opening a device may already do something.
    assertPlain(await disk.stat(path, { bigint: true }));
    const handle = await files.open(path, READ_FLAGS);
    try {
      const stats = await handle.stat({ bigint: true });
      assertPlain(stats);
      const bytes = Buffer.alloc(Number(stats.size) + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return { bytes: bytes.subarray(0, bytesRead), stats };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') throw new FileProblem('is a symbolic link that leads in a circle', error);
    throw new ReadFailure(whyUnread(code), error);
  }
};

/** Changes whenever the file does; empty when there is none. */
export const fingerprintOf = async (path: string): Promise<string> => {
  try {
    return fingerprint(await disk.stat(path, { bigint: true }));
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? '' : code;
  }
};

export const fingerprint = (stats: BigIntStats): string =>
  [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');

const assertPlain = (stats: BigIntStats): void => {
  if (stats.isFile()) {
    if (stats.size > LIMIT_BYTES) throw new FileProblem('is larger than 1 MiB, so it holds no credentials');
    return;
  }
  const kind = stats.isDirectory()
    ? 'a directory'
    : stats.isFIFO()
      ? 'a FIFO'
      : stats.isSocket()
        ? 'a socket'
        : 'a device';
  throw new FileProblem(`is ${kind}, not a file`);
};

/**
 * Puts `content` in place of the file, mode 0600 (R1): a flushed temporary file beside it takes its name. A link stays
 * a link, its target is replaced. Where the name cannot be taken, as with a bind-mounted file, or one that somebody has
 * open on Windows, the content is written over the old one, with a complete copy kept beside it meanwhile (R4).
 */
export const replaceFile = async (
  path: string,
  content: string,
  newId: (prefix: string) => string,
  files: Files = realFiles,
  platform: NodeJS.Platform = process.platform,
): Promise<void> => {
  const target = await targetOf(path);
  const directory = dirname(target);
  await makeFolder(directory);
  const temporary = join(directory, newId(`.${basename(target)}.`) + TEMPORARY);
  try {
    await writeNew(temporary, content, files);
  } catch (error) {
    await files.unlink(temporary).catch(ignore);
    // A read-only image with one writable file mounted into it: no room for a copy.
    if (UNWRITABLE.has(codeOf(error)) && (await isMountPoint(target))) return overwrite(target, content, files);
    throw error;
  }
  try {
    await files.rename(temporary, target);
  } catch (error) {
    if (!isHeld(codeOf(error), platform)) {
      await files.unlink(temporary).catch(ignore);
      throw error;
    }
    const copy = copyOf(target);
    await files.rename(temporary, copy);
    await flushDirectory(directory, files);
    await overwrite(target, content, files);
    await files.unlink(copy).catch(ignore);
  }
  await flushDirectory(directory, files);
};

/** Removes temporary files of runs that ended long ago (R7). */
export const removeStale = async (path: string, now: number): Promise<void> => {
  const target = await targetOf(path);
  const directory = dirname(target);
  const start = `.${basename(target)}.`;
  for (const name of await disk.readdir(directory).catch(() => [])) {
    if (!name.startsWith(start) || !name.endsWith(TEMPORARY)) continue;
    const file = join(directory, name);
    const age = await disk.lstat(file).then(
      (stats) => now - stats.mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await disk.unlink(file).catch(ignore);
  }
};

/** Ends an overwriting that was interrupted: true when the file now holds what the copy held. */
export const healFromCopy = async (
  path: string,
  isWhole: (bytes: Buffer) => boolean,
  files: Files = realFiles,
): Promise<boolean> => {
  const target = await targetOf(path);
  const copy = copyOf(target);
  const kept = await readSmallFile(copy, files).catch(ignore);
  if (!kept) return false;
  // What cannot be read now may be whole: then the copy waits for the next start.
  const main = await readSmallFile(target, files);
  // A whole main file that is newer than the copy was written by somebody else since: a new login.
  const superseded = main !== undefined && isWhole(main.bytes) && main.stats.mtimeNs > kept.stats.mtimeNs;
  const heals = isWhole(kept.bytes) && !superseded;
  if (heals) await overwrite(target, kept.bytes.toString('utf8'), files);
  await files.unlink(copy).catch(ignore);
  return heals;
};

const TEMPORARY = '.tmp';
const STALE_MS = 60_000;
const UNWRITABLE = new Set(['EROFS', 'EACCES', 'EPERM']);

/** On Windows a file that another program has open (a virus scanner) keeps its name: EPERM or EACCES. */
const isHeld = (code: string, platform: NodeJS.Platform): boolean =>
  code === 'EBUSY' || code === 'EXDEV' || (platform === 'win32' && (code === 'EPERM' || code === 'EACCES'));

const copyOf = (target: string): string => join(dirname(target), `.${basename(target)}.copy`);

const writeNew = async (path: string, content: string, files: Files): Promise<void> => {
  const handle = await files.open(path, 'wx', 0o600);
  try {
    // The umask may have taken the owner's own rights away.
    await handle.chmod(0o600);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Never shorter than before until all is written: whoever reads in between finds blanks at the end, not a torn file. */
const overwrite = async (path: string, content: string, files: Files): Promise<void> => {
  const handle = await files.open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    const bytes = Buffer.from(content);
    const { size } = await handle.stat();
    const padded = Buffer.concat([bytes, Buffer.alloc(Math.max(0, size - bytes.length), ' ')]);
    await handle.write(padded, 0, padded.length, 0);
    await handle.sync();
    await handle.truncate(bytes.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const flushDirectory = async (directory: string, files: Files): Promise<void> => {
  // Some filesystems, and Windows, cannot flush a directory; the file itself is flushed in any case.
  const handle = await files.open(directory, 'r').catch(ignore);
  if (!handle) return;
  await handle.sync().catch(ignore);
  await handle.close();
};

/** The file behind the name: through links, also through one whose target is not there yet. */
const targetOf = async (path: string): Promise<string> => {
  let target = resolve(path);
  for (let hops = 0; hops < 10; hops++) {
    try {
      return await disk.realpath(target);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return target;
    }
    const link = await disk.readlink(target).catch(ignore);
    if (typeof link !== 'string') return target;
    target = resolve(dirname(target), link);
  }
  return target;
};

/** Linux only, which is where single files get mounted. */
const isMountPoint = async (path: string): Promise<boolean> => {
  const table = await disk.readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return table.split('\n').some((line) => unescapeMount(line.split(' ')[4] ?? '') === path);
};

const unescapeMount = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const ignore = (): undefined => undefined;
