/** The net under all output: whatever slips into a text, no secret leaves with it. The method is not to log secrets. */
export interface Redactor {
  /** From now on this text is hidden wherever it stands. Those added last are remembered longest. */
  add(secret: string | undefined): void;
  /** Many at once, thousands as well. */
  addAll(secrets: readonly (string | undefined)[]): void;
  redact(text: string): string;
}

const HIDDEN = '[redacted]';
/** Shorter ones would eat ordinary words and numbers of a log. */
const MIN_LENGTH = 4;
/** Each refreshed token is one more; an hour of life each makes old ones worthless. */
const MAX_REMEMBERED = 256;
const MANY = 64;
/** What an API key is made of. */
const WHOLE_WORD = /^[\w.-]{8,}$/;
const WORDS = /[\w.-]{8,}/g;

/** Behind a word may stand the end of its sentence. */
const withoutStop = (word: string): string => (word.endsWith('.') ? word.slice(0, -1) : word);

/** Google's access and refresh tokens, API keys, client secrets, authorisation codes, private keys; our client keys. */
const SHAPES =
  /ya29\.[\w.~+/-]{8,}|1\/\/0[\w-]{16,}|AIza[\w-]{20,}|AQ\.[\w-]{20,}|GOCSPX-[\w-]{8,}|gcr_[A-Za-z0-9]{16,}|4\/0[\w-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?|\bBearer +[\w.~+/=-]{8,}/g;

/** From its first letter to its last. */
const isShaped = (secret: string): boolean => secret.replace(SHAPES, '') === '';

/**
 * A signed assertion. Its first part may be any word, so this pattern stops at each: it is asked only where the second
 * part stands.
 */
const ASSERTION = /(?<![\w-])[\w-]{11,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g;
const IN_ASSERTION = '.eyJ';

export const createRedactor = (secrets: readonly (string | undefined)[] = []): Redactor => {
  const remembered = new Set<string>();
  let exact: RegExp | undefined;
  /** For more than one pattern can hold: those that look like one word, each found by itself. */
  const words = new Set<string>();

  const addAll = (secrets: readonly (string | undefined)[]): void => {
    const all = secrets.filter((secret) => secret !== undefined);
    // Of many keys nearly all have Google's shape, by which each is found: to look for thousands takes longer than to log.
    const given = all.length > MANY ? all.filter((secret) => !isShaped(secret)) : all;
    if (all.length > MANY) for (const secret of given) if (WHOLE_WORD.test(secret)) words.add(secret);
    for (const form of given.slice(-MAX_REMEMBERED).flatMap((secret) => [...spellings(secret)])) {
      if (form.length < MIN_LENGTH) continue;
      remembered.delete(form);
      remembered.add(form);
    }
    while (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.values().next().value ?? '');
    // Longest first: a secret that begins like another must not leave its tail behind.
    const forms = [...remembered].sort((a, b) => b.length - a.length);
    exact = forms.length > 0 ? new RegExp(forms.map((form) => RegExp.escape(form)).join('|'), 'g') : undefined;
  };

  addAll(secrets);

  const hideWord = (word: string): string => (words.has(word) || words.has(withoutStop(word)) ? HIDDEN : word);

  return {
    add: (secret) => {
      addAll([secret]);
    },
    addAll,
    redact: (text) => {
      const known = exact ? text.replace(exact, HIDDEN) : text;
      const rest = words.size > 0 ? known.replace(WORDS, hideWord) : known;
      const plain = rest.replace(SHAPES, HIDDEN);
      return plain.includes(IN_ASSERTION) ? plain.replace(ASSERTION, HIDDEN) : plain;
    },
  };
};

/** As written, as part of JSON, as part of a URL. */
const spellings = (secret: string): ReadonlySet<string> =>
  new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())]);
