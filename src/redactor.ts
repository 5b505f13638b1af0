/** The net under all output: whatever slips into a text, no secret leaves with it. The method is not to log secrets. */
export interface Redactor {
  /** From now on these are hidden wherever they stand. */
  add(...secrets: readonly (string | undefined)[]): void;
  /** The same of what others will replace: those added last are remembered longest. */
  addPassing(...secrets: readonly (string | undefined)[]): void;
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
  /** As they stand in texts: what the owner has set, and what passes, the oldest first. */
  const own = new Set<string>();
  const passing = new Set<string>();
  let exact: RegExp | undefined;
  /** For more than one pattern can hold: those that look like one word, each found by itself. */
  const words = new Set<string>();

  const formsIn = (given: readonly (string | undefined)[]): readonly string[] => {
    const all = given.filter((secret) => secret !== undefined);
    if (all.length <= MANY) return all.flatMap(spellings);
    // Of many keys nearly all have Google's shape, by which each is found: to look for thousands takes longer than to log.
    const others = all.filter((secret) => !isShaped(secret));
    for (const secret of others) if (WHOLE_WORD.test(secret)) words.add(secret);
    return others.slice(-MAX_REMEMBERED).flatMap(spellings);
  };
  const compile = (): void => {
    // Longest first: a secret that begins like another must not leave its tail behind.
    const forms = [...own, ...passing].sort((a, b) => b.length - a.length);
    exact = forms.length > 0 ? new RegExp(forms.map((form) => RegExp.escape(form)).join('|'), 'g') : undefined;
  };
  const add: Redactor['add'] = (...given) => {
    for (const form of formsIn(given)) own.add(form);
    compile();
  };
  add(...secrets);

  const hideWord = (word: string): string => (words.has(word) || words.has(withoutStop(word)) ? HIDDEN : word);

  return {
    add,
    addPassing: (...given) => {
      for (const form of formsIn(given)) {
        passing.delete(form);
        passing.add(form);
      }
      while (passing.size > MAX_REMEMBERED) passing.delete(passing.values().next().value ?? '');
      compile();
    },
    redact: (text) => {
      const known = exact ? text.replace(exact, HIDDEN) : text;
      const rest = words.size > 0 ? known.replace(WORDS, hideWord) : known;
      const plain = rest.replace(SHAPES, HIDDEN);
      return plain.includes(IN_ASSERTION) ? plain.replace(ASSERTION, HIDDEN) : plain;
    },
  };
};

/** As written, as part of JSON, as part of a URL. */
const spellings = (secret: string): readonly string[] =>
  [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())].filter(
    ({ length }) => length >= MIN_LENGTH,
  );
