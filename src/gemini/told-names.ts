/** Names of fields that clients are told of: they become a header's value, and are the client's own words. */
const MOST_NAMES = 40;
const LONGEST_NAME = 80;

/** Adds it in a form that any header takes; beyond so many names no more are told. */
export const addToldName = (names: Set<string>, name: string): void => {
  if (names.size >= MOST_NAMES) return;
  names.add(name.slice(0, LONGEST_NAME).replace(/[^\w.\-[\]() ]/g, '_'));
};
