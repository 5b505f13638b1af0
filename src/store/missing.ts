import { statSync } from 'node:fs';

/** Whether there is no such file, for certain: one that the system refuses to look at (EIO, EACCES) may be there. */
export const isMissing = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
};
