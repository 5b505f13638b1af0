/**
 * Folders of the owner's alone, made where they are missing. Node's own `recursive` never comes back, and keeps a core
 * busy, where a folder is there but takes none: /proc, some network drives, a working folder that was removed.
 */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWN = { mode: 0o700 };

export const makeFolder = async (path: string): Promise<void> => {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path, OWN);
  } catch (error) {
    // Somebody else was quicker.
    if (!(await isFolder(path))) throw error;
  }
};

/** For a thread that may wait. */
export const makeFolderNow = (path: string): void => {
  if (isFolderNow(path)) return;
  if (dirname(path) !== path) makeFolderNow(dirname(path));
  try {
    mkdirSync(path, OWN);
  } catch (error) {
    if (!isFolderNow(path)) throw error;
  }
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};

const isFolderNow = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};
