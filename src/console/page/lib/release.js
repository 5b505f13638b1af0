import { ApiError } from './api.js';

/** The relay answers, and has other files than this page. */
export const GONE = Symbol('gone');

/** Why a file of the page did not come: a file that was here is asked for once more. @returns {Promise<unknown>} */
export const whyNotLoaded = async () => {
  try {
    const { ok, status } = await fetch(import.meta.url, { method: 'HEAD', cache: 'no-store' });
    if (ok) return new Error('A file of this page did not come.');
    if (status === 404) return GONE;
  } catch {
    // Nobody is there.
  }
  // Or a proxy before the relay says that.
  return new ApiError('', { code: 'unreachable' });
};
