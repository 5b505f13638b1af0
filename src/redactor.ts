/** The net under all output: whatever slips into a text, no secret leaves with it. The method is not to log secrets. */
export interface Redactor {
  /** From now on this text is hidden wherever it stands. Those added last are remembered longest. */
  add(secret: string | undefined): void;
  redact(text: string): string;
}

const HIDDEN = '[redacted]';
/** Shorter ones would eat ordinary words and numbers of a log. */
const MIN_LENGTH = 4;
/** Each refreshed token is one more; an hour of life each makes old ones worthless. */
const MAX_REMEMBERED = 256;

/** Google's access and refresh tokens, API keys, client secrets, authorisation codes, signed assertions, private keys. */
const SHAPES =
  /ya29\.[\w.~+/-]{8,}|1\/\/0[\w-]{16,}|AIza[\w-]{20,}|AQ\.[\w-]{20,}|GOCSPX-[\w-]{8,}|4\/0[\w-]{16,}|(?<![\w-])[\w-]{11,}\.eyJ[\w-]{8,}\.[\w-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?|\bBearer +[\w.~+/=-]{8,}/g;

export const createRedactor = (secrets: readonly (string | undefined)[] = []): Redactor => {
  const remembered = new Set<string>();
  let exact: RegExp | undefined;

  const add = (secret: string | undefined): void => {
    if (secret === undefined) return;
    for (const form of spellings(secret)) {
      if (form.length < MIN_LENGTH) continue;
      remembered.delete(form);
      remembered.add(form);
    }
    while (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.values().next().value ?? '');
    // Longest first: a secret that begins like another must not leave its tail behind.
    const forms = [...remembered].sort((a, b) => b.length - a.length);
    exact = forms.length > 0 ? new RegExp(forms.map((form) => RegExp.escape(form)).join('|'), 'g') : undefined;
  };

  for (const secret of secrets) add(secret);

  return {
    add,
    redact: (text) => {
      const rest = exact ? text.replace(exact, HIDDEN) : text;
      return rest.replace(SHAPES, HIDDEN);
    },
  };
};

/** As written, as part of JSON, as part of a URL. */
const spellings = (secret: string): ReadonlySet<string> =>
  new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())]);
