/**
 * What a browser keeps, where it may: in a foreign frame even looking at the storage throws, and the page lives without it.
 *
 * @param {() => Storage} storage
 */
const keeperOf = (storage) => ({
  /** @param {string} name */
  get: (name) => {
    try {
      return storage().getItem(name) ?? undefined;
    } catch {
      return undefined;
    }
  },
  /** @param {string} name @param {string | undefined} value */
  set: (name, value) => {
    try {
      if (value === undefined) storage().removeItem(name);
      else storage().setItem(name, value);
    } catch {
      // This page view knows it anyway.
    }
  },
});

/** As long as the tab is open. */
export const ofTab = keeperOf(() => window.sessionStorage);

/** Light or dark, and the language. */
export const ofBrowser = keeperOf(() => window.localStorage);
