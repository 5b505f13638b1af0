/** What a log line is made of: values as text, without secrets, and nothing that a terminal or a viewer would obey. */

export type Fields = Readonly<Record<string, unknown>>;

export type ToLine = (now: number, level: string, message: string, fields: Fields) => string;

/** Of the line itself: no field takes their place. */
export const OWN: ReadonlySet<string> = new Set(['time', 'level', 'message']);

const HIDDEN = '[redacted]';
export const SECRET_FIELD =
  /authorization|cookie|password|secret|private_?key|api_?-?key|(?:^|[_-]|access|refresh|id)token$/i;

/** A field's value without secrets; errors as one line with their causes, never with a stack. */
export const readable = (name: string, value: unknown): unknown => {
  if (typeof value === 'string') return SECRET_FIELD.test(name) ? HIDDEN : value;
  if (value instanceof Error) return describeError(value);
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value)
      ? value.map((item: unknown) => readable(name, item))
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(key, inner)]));
  }
  return value;
};

const MAX_CAUSES = 5;

/** `TypeError: fetch failed <- Error: connect ECONNREFUSED (ECONNREFUSED)` */
export const describeError = (error: unknown, depth = 0): string => {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `thrown: ${typeof error}`;
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const cause = error.cause === undefined || depth >= MAX_CAUSES ? '' : ` <- ${describeError(error.cause, depth + 1)}`;
  return `${error.name}: ${error.message}${code}${cause}`;
};

export const quote = (value: unknown): string =>
  typeof value === 'string' && PLAIN.test(value) ? `"${value}"` : escapeLineEnds(safeJson(value));

/** Needs no escape, neither in JSON nor on a terminal: nearly all that a line holds. */
export const PLAIN = /^[ !#-[\]-~]*$/;

/** A value that JSON cannot hold (a cycle, a bigint) must not cost the line. */
const safeJson = (value: unknown): string => {
  if (value === undefined) return 'null';
  try {
    return JSON.stringify(value);
  } catch {
    return '"[unprintable]"';
  }
};

/** What JSON leaves as it is, though terminals and viewers take it for a command or the end of a line. */
const LINE_ENDS = /[\u007f-\u009f\u2028\u2029]/g;
const CONTROLS = /\p{Cc}|[\u2028\u2029]/gu;

const escapeLineEnds = (text: string): string => text.replace(LINE_ENDS, toEscape);
export const escapeControls = (text: string): string => text.replace(CONTROLS, toEscape);
const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
