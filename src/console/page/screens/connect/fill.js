/** The key in the settings of a client, written so that what stands there is the key, whatever is in it. */

const PLACE = '{{KEY}}';

/** @typedef {'"' | "'" | ''} Quote What the place stands in. */

/** @param {string} text @param {string} language @param {string} secret */
export const fillKey = (text, language, secret) =>
  // Not the secret itself: a `$` in it would be read as a pattern.
  text.replaceAll(PLACE, (_place, /** @type {number} */ at) => written(secret, language, quoteAt(text, at)));

/** Words for the reader stand there as they are. @param {string} text @param {string} words */
export const fillWords = (text, words) => text.replaceAll(PLACE, () => words);

/** @param {string} text @param {number} at @returns {Quote} */
const quoteAt = (text, at) => {
  const line = text.slice(text.lastIndexOf('\n', at) + 1, at);
  /** @param {string} quote */
  const isOpen = (quote) => line.split(quote).length % 2 === 0;
  return isOpen('"') ? '"' : isOpen("'") ? "'" : '';
};

/** @param {string} secret @param {string} language @param {Quote} quote */
const written = (secret, language, quote) => {
  switch (language) {
    // In TOML the key is in a line for the shell, behind a #.
    case 'sh':
    case 'toml':
      return inShell(secret, quote);
    case 'yaml':
      return quote === '' ? inPlainYaml(secret) : inQuotes(secret);
    case 'js':
      return secret.replaceAll(/[\\']/g, String.raw`\$&`);
    case 'json':
    case 'py':
    case 'go':
    case 'java':
      return inQuotes(secret);
    default:
      return secret;
  }
};

/** @param {string} secret @param {Quote} quote */
const inShell = (secret, quote) => {
  if (/^[\w@%+=:,./-]+$/.test(secret)) return secret;
  const word = `'${secret.replaceAll("'", String.raw`'\''`)}'`;
  // Single quotes there as well: between double ones, ! would still mean something to a shell one types into.
  return quote === '"' ? `"${word}"` : word;
};

/** Strings between double quotes are written alike in JSON, Python, Go, Java and YAML. @param {string} secret */
const inQuotes = (secret) => JSON.stringify(secret).slice(1, -1);

/** Without quotes, where nobody would take it for anything but text. @param {string} secret */
const inPlainYaml = (secret) =>
  /^\w[\w.+/=-]*$/.test(secret) && /[a-z]/i.test(secret) && Number.isNaN(Number(secret))
    ? secret
    : JSON.stringify(secret);
