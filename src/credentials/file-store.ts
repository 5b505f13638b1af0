/** Credentials in a file: watched for what others do to it, written back when tokens change. */
import {
  FileProblem,
  codeOf,
  fingerprint,
  fingerprintOf,
  healFromCopy,
  readSmallFile,
  realFiles,
  removeStale,
  replaceFile,
} from './file.ts';
import { decodeText, readCredentials } from './formats.ts';
import { rewriteCredentials } from './rewrite.ts';
import type { TokenUpdate } from './rewrite.ts';
import type { CredentialStore, StoreNeeds } from './credential-store.ts';
import { FILE_VARIABLE, isSameLogin, missing, sentence, toStored, withTokens } from './stored.ts';
import type { StoredCredentials } from './stored.ts';

const POLL_MS = 500;
const RETRY_SAVE_MS = 60_000;

export const openFileStore = async (needs: Omit<StoreNeeds, 'variable'>): Promise<CredentialStore> => {
  const { path, system, log, files = realFiles } = needs;
  const listeners = new Set<() => void>();
  const closing = new AbortController();

  let current: StoredCredentials;
  /** State of the file that `current` reflects, and one that looked bad and gets a second look. */
  let seen = '';
  let suspect: string | undefined;
  /** The refresh token on disk when last read or written: another one there now is somebody else's work (R7). */
  let onDisk: string | undefined;
  let unsaved: TokenUpdate | undefined;
  let nextSaveAt = 0;
  let failing = false;
  const warnedModes = new Set<string>();

  const read = async (): Promise<{ stored: StoredCredentials; text: string; mark: string; bad: boolean }> => {
    try {
      const content = await readSmallFile(path);
      if (!content) return { stored: missing(), text: '', mark: '', bad: true };
      const reading = readCredentials(decodeText(content.bytes));
      const stored = toStored(reading, path, FILE_VARIABLE);
      if (reading.kind === 'oauth') await tighten(content.stats);
      const mark = reading.kind === 'oauth' ? await fingerprintOf(path) : fingerprint(content.stats);
      return { stored, text: reading.kind === 'oauth' ? reading.text : '', mark, bad: reading.kind === 'invalid' };
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      const stored: StoredCredentials = { kind: 'invalid', message: sentence(FILE_VARIABLE, error.message) };
      return { stored, text: '', mark: await fingerprintOf(path), bad: true };
    }
  };

  /** R3. Only what is ours to change: somebody else's file gets a warning with the command. */
  const tighten = async (stats: { mode: bigint; uid: bigint }): Promise<void> => {
    if ((Number(stats.mode) & 0o077) === 0 || process.platform === 'win32') return;
    const own = process.getuid?.() === Number(stats.uid);
    try {
      if (!own) throw new Error('owned by another user');
      await files.chmod(path, 0o600);
      log.info('credentials file was readable by others; it is not any more', { path });
    } catch {
      if (warnedModes.has(path)) return;
      warnedModes.add(path);
      log.warn('credentials file is readable by others', { path, fix: `chmod 600 ${path}` });
    }
  };

  const adopt = (next: StoredCredentials, mark: string): void => {
    const before = current;
    seen = mark;
    suspect = undefined;
    // Touched, but still what was there before the tokens that wait for the disk.
    if (unsaved && next.kind === 'oauth' && next.credentials.refreshToken === onDisk) return;
    if (next.kind === 'oauth') onDisk = next.credentials.refreshToken;
    if (before.kind === 'oauth' && next.kind === 'oauth' && isSameLogin(before.credentials, next.credentials)) {
      const newer = (next.credentials.expiresAt ?? 0) > (before.credentials.expiresAt ?? 0);
      current = { ...(newer ? next : before), identity: before.identity };
      if (!newer) return;
    } else {
      current = next;
      unsaved = undefined;
      failing = false;
      report(next);
    }
    for (const listener of listeners) listener();
  };

  const report = (next: StoredCredentials): void => {
    if (next.kind === 'missing') log.warn('credentials file is gone', { path });
    else if (next.kind === 'invalid') log.error('credentials file is not usable', { path, problem: next.message });
    else log.info('credentials taken over from the file', { path });
  };

  const look = async (): Promise<void> => {
    const mark = await fingerprintOf(path);
    if (mark === seen) return;
    const next = await read();
    // Others write in place: what looks bad may be half written, so it has to look the same a second time.
    if (next.bad && current.kind === 'oauth' && suspect !== next.mark) {
      suspect = next.mark;
      return;
    }
    adopt(next.stored, next.mark);
  };

  const write = async (): Promise<void> => {
    if (!unsaved || current.kind !== 'oauth') return;
    const update = unsaved;
    try {
      const disk = await readSettled();
      if (disk.stored.kind === 'missing') return; // Taken away on purpose: nothing brings it back.
      const theirs = disk.stored.kind === 'oauth' ? disk.stored.credentials.refreshToken : undefined;
      if (disk.stored.kind === 'adc' || (theirs !== undefined && theirs !== onDisk)) {
        adopt(disk.stored, disk.mark);
        return;
      }
      const { refreshToken, format } = current.credentials;
      const full = refreshToken === undefined ? update : { ...update, refreshToken };
      const base = disk.text === '' ? '{}' : disk.text;
      await replaceFile(path, rewriteCredentials(base, format, full), (prefix) => system.newId(prefix), files);
      seen = await fingerprintOf(path);
      onDisk = refreshToken;
      unsaved = undefined;
      if (failing) log.info('credentials file is written again', { path });
      failing = false;
    } catch (error) {
      nextSaveAt = system.monotonic() + RETRY_SAVE_MS;
      if (failing) return;
      failing = true;
      log.warn('credentials file cannot be written; the relay goes on from memory and tries again every minute', {
        path,
        problem: codeOf(error),
      });
    }
  };

  /** A file caught half written by somebody else is given a moment. */
  const readSettled = async (): ReturnType<typeof read> => {
    let disk = await read();
    for (let tries = 0; disk.bad && tries < 3; tries++) {
      await system.sleep(50);
      disk = await read();
    }
    return disk;
  };

  // One at a time: a look between the read and the rename of a save would see half of it.
  let queue: Promise<void> = Promise.resolve();
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    const run = queue.then(task);
    queue = run.catch((error: unknown) => {
      log.error('credentials file could not be looked after', { path, problem: codeOf(error) });
    });
    return queue;
  };

  const watch = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await system.sleep(POLL_MS, closing.signal);
      await inTurn(look);
      if (failing && system.monotonic() >= nextSaveAt) await inTurn(write);
    }
  };

  await removeStale(path, system.now());
  const isWhole = (bytes: Buffer): boolean => readCredentials(decodeText(bytes)).kind !== 'invalid';
  if (await healFromCopy(path, isWhole, files).catch(() => false)) {
    log.warn('credentials file was half written; it is restored from its copy', { path });
  }
  const first = await read();
  current = first.stored;
  seen = first.mark;
  if (current.kind === 'oauth') onDisk = current.credentials.refreshToken;
  if (current.kind === 'invalid') log.error('credentials file is not usable', { path, problem: current.message });
  const watching = watch().catch(() => undefined);

  return {
    source: 'file',
    current: () => current,
    persisted: () => !failing,
    reload: () => inTurn(look),
    save: (identity, update) =>
      inTurn(async () => {
        if (current.kind !== 'oauth' || current.identity !== identity) return;
        current = withTokens(current, update);
        unsaved = update;
        // A disk that refuses is asked once a minute, not once a refresh (R5).
        if (!failing || system.monotonic() >= nextSaveAt) await write();
      }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      closing.abort();
      await watching;
      await inTurn(write);
    },
  };
};
