/** What the credentials file says at one look, and how much can be made of that. */
import { codeOf } from '../errors/errno.ts';
import { FileProblem, ReadFailure, fingerprint, fingerprintOf, readSmallFile } from './file.ts';
import { decodeText, readCredentials } from './formats.ts';
import type { StoreNeeds } from './credential-store.ts';
import type { Files } from './file.ts';
import { FILE_VARIABLE, missing, invalid, toStored } from './stored.ts';
import type { StoredCredentials } from './stored.ts';

export type FileReading =
  /** `mark` is the state of the file that was read; `text` is the JSON as written, of a login only. */
  | { readonly kind: 'read'; readonly stored: StoredCredentials; readonly text: string; readonly mark: string }
  /** The system would not let us read: that says nothing of the file, so it has no mark and is tried again. */
  | { readonly kind: 'unread'; readonly stored: StoredCredentials; readonly problem: string };

export type FileReader = () => Promise<FileReading>;

export const createFileReader = ({ path, log }: Pick<StoreNeeds, 'path' | 'log'>, files: Files): FileReader => {
  const warnedModes = new Set<string>();

  /** R3. Only what is ours to change: somebody else's file gets a warning with the command. */
  const tighten = async (stats: { mode: bigint; uid: bigint }): Promise<boolean> => {
    if ((Number(stats.mode) & 0o077) === 0 || process.platform === 'win32') return false;
    const own = process.getuid?.() === Number(stats.uid);
    try {
      if (!own) throw new Error('owned by another user');
      await files.chmod(path, 0o600);
      log.info('credentials file was readable by others; it is not any more', { path });
      return true;
    } catch {
      if (warnedModes.has(path)) return false;
      warnedModes.add(path);
      log.warn('credentials file is readable by others', { path, fix: `chmod 600 ${path}` });
      return false;
    }
  };

  return async () => {
    try {
      const content = await readSmallFile(path, files);
      if (!content) return { kind: 'read', stored: missing(), text: '', mark: '' };
      const reading = readCredentials(decodeText(content.bytes));
      const stored = toStored(reading, path, FILE_VARIABLE);
      // The state that was read, not the one now: what others write in between is for the next look.
      if (reading.kind !== 'oauth') return { kind: 'read', stored, text: '', mark: fingerprint(content.stats) };
      const mark = (await tighten(content.stats)) ? await fingerprintOf(path) : fingerprint(content.stats);
      return { kind: 'read', stored, text: reading.text, mark };
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      const stored: StoredCredentials = invalid(FILE_VARIABLE, error.message);
      if (error instanceof ReadFailure) return { kind: 'unread', stored, problem: codeOf(error.cause) };
      return { kind: 'read', stored, text: '', mark: await fingerprintOf(path) };
    }
  };
};

/** Nothing that credentials could be taken from: half written by somebody, emptied, or no credentials at all. */
export const isBroken = (reading: FileReading): boolean =>
  reading.kind === 'unread' || reading.stored.kind === 'invalid' || reading.stored.kind === 'missing';
