/** Credentials in a file: watched for what others do to it, written back when tokens change. */
import { inFull } from '../errors.ts';
import { codeOf } from '../errors/errno.ts';
import { fingerprintOf, healFromCopy, realFiles, removeStale, replaceFile } from './file.ts';
import { createFileReader, isBroken } from './file-reading.ts';
import type { FileReading } from './file-reading.ts';
import { decodeText, readCredentials } from './formats.ts';
import { rewriteCredentials } from './rewrite.ts';
import type { TokenUpdate } from './rewrite.ts';
import type { CredentialStore, StoreNeeds } from './credential-store.ts';
import { isSameLogin, withTokens } from './stored.ts';
import type { StoredCredentials, StoredLogin } from './stored.ts';

const POLL_MS = 500;
const RETRY_SAVE_MS = 60_000;

const POSTPONED = {
  disk: 'credentials file cannot be written; the relay goes on from memory and tries again every minute',
  file: 'credentials file holds no login to put new tokens into; the relay goes on from memory and writes when it does',
};

export const openFileStore = async (needs: Omit<StoreNeeds, 'variable'>): Promise<CredentialStore> => {
  const { path, system, log, files = realFiles } = needs;
  const read = createFileReader(needs, files);
  const listeners = new Set<() => void>();
  const closing = new AbortController();

  let current: StoredCredentials;
  /** The last good login with its newest tokens; a broken file is no reason to forget it, another login is. */
  let login: StoredLogin | undefined;
  /** State of the file that `current` reflects (undefined: read it again), and one that looked bad and gets a second look. */
  let seen: string | undefined;
  let suspect: string | undefined;
  /** The refresh token on disk when last read or written: another one there now is somebody else's work (R7). */
  let onDisk: string | undefined;
  let unsaved: TokenUpdate | undefined;
  let nextSaveAt = 0;
  /** Why the newest tokens are in memory only: the disk refuses to take them, or the file is not one to put them into. */
  let failing: 'disk' | 'file' | undefined;
  let unreadable = false;

  const enforce = (next: StoredCredentials): void => {
    current = next;
    if (next.kind === 'oauth') login = next;
    else if (next.kind !== 'invalid') login = undefined;
    for (const listener of listeners) listener();
  };

  const adopt = ({ stored: next, mark }: Extract<FileReading, { kind: 'read' }>): void => {
    const before = current;
    seen = mark;
    suspect = undefined;
    if (next.kind === 'oauth' && login) {
      // The file of before, without the tokens that wait for the disk: they are the newer ones.
      const isBehind = unsaved !== undefined && next.credentials.refreshToken === onDisk;
      if (isBehind || isSameLogin(login.credentials, next.credentials)) {
        const newer = !isBehind && (next.credentials.expiresAt ?? 0) > (login.credentials.expiresAt ?? 0);
        if (!isBehind) onDisk = next.credentials.refreshToken;
        if (before === login && !newer) return;
        enforce({ ...(newer ? next : login), identity: login.identity });
        if (before.kind !== 'oauth') report(next);
        return;
      }
    }
    if (next.kind !== 'invalid') {
      unsaved = undefined;
      failing = undefined;
    }
    if (next.kind === 'oauth') onDisk = next.credentials.refreshToken;
    enforce(next);
    report(next);
  };

  const report = (next: StoredCredentials): void => {
    if (next.kind === 'missing') log.warn('credentials file is gone', { path });
    else if (next.kind === 'invalid')
      log.error('credentials file is not usable', { path, problem: next.problem, fix: next.fix });
    else log.info('credentials taken over from the file', { path });
  };

  const look = async (): Promise<void> => {
    const mark = await fingerprintOf(path);
    if (mark === seen) return;
    const next = await read();
    if (next.kind === 'unread') {
      if (!unreadable) log.warn('credentials file cannot be read for now', { path, problem: next.problem });
      unreadable = true;
      return;
    }
    if (unreadable) log.info('credentials file is read again', { path });
    unreadable = false;
    // Others write in place: what looks bad may be half written, so it has to look the same a second time.
    if (isBroken(next) && current.kind === 'oauth' && suspect !== next.mark) {
      suspect = next.mark;
      return;
    }
    adopt(next);
    if (failing !== 'disk' && next.stored.kind === 'oauth') await write();
  };

  const write = async (): Promise<void> => {
    if (!unsaved || !login) return;
    const { refreshToken } = login.credentials;
    const update = refreshToken === undefined ? unsaved : { ...unsaved, refreshToken };
    try {
      const disk = await readSettled();
      if (disk.kind === 'unread') {
        postpone('disk', disk.problem);
        return;
      }
      switch (disk.stored.kind) {
        case 'missing':
          return; // Taken away on purpose: nothing brings it back.
        case 'invalid':
          // Empty, torn or another's: what stands there, or is being written, is not ours to replace.
          postpone('file', inFull(disk.stored.problem, disk.stored.fix));
          return;
        case 'adc':
          adopt(disk);
          return;
        case 'oauth':
          break;
      }
      const { credentials } = disk.stored;
      if (credentials.refreshToken !== onDisk) {
        adopt(disk);
        return;
      }
      const text = rewriteCredentials(disk.text, credentials.format, update);
      await replaceFile(path, text, (prefix) => system.newId(prefix), files);
      // Read again at the next look: others may have written since.
      seen = undefined;
      onDisk = refreshToken;
      unsaved = undefined;
      if (failing) log.info('credentials file is written again', { path });
      failing = undefined;
    } catch (error) {
      postpone('disk', codeOf(error));
    }
  };

  const postpone = (cause: 'disk' | 'file', problem: string): void => {
    nextSaveAt = system.monotonic() + RETRY_SAVE_MS;
    if (failing !== cause) log.warn(POSTPONED[cause], { path, problem });
    failing = cause;
  };

  /** A file caught half written by somebody else is given a moment. */
  const readSettled = async (): Promise<FileReading> => {
    let disk = await read();
    for (let tries = 0; isBroken(disk) && tries < 3; tries++) {
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
  if (first.kind === 'read') seen = first.mark;
  else unreadable = true;
  if (current.kind === 'oauth') {
    login = current;
    onDisk = current.credentials.refreshToken;
  }
  if (current.kind === 'invalid')
    log.error('credentials file is not usable', { path, problem: current.problem, fix: current.fix });
  const watching = watch().catch(() => undefined);

  return {
    source: 'file',
    current: () => current,
    persisted: () => !failing,
    reload: () => inTurn(look),
    save: (identity, update) =>
      inTurn(async () => {
        if (login?.identity !== identity) return;
        const renewed = withTokens(login, update);
        if (current === login) current = renewed;
        login = renewed;
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
