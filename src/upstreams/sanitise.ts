/** Takes out of Google's words what is no business of a client: accounts, secrets, control characters, length. */
import type { RelayError } from '../errors.ts';

const LIMIT = 1024;

/** A sentence of Google's, fit for a client (S12). */
export const sanitise = (message: string): string => {
  // Cut first, and once more at the end: the patterns below must not be fed without bound.
  const text = masked(message.slice(0, 2 * LIMIT).replaceAll(CONTROL, ' ')).trim();
  return text.length > LIMIT ? `${text.slice(0, LIMIT - 1)}…` : text;
};

/** The text of JSON details without mail addresses, secrets and project numbers. */
export const withoutAccount = (json: string): string =>
  masked(json)
    .replaceAll(/projects\/\d{4,}/g, 'projects/…')
    .replaceAll(/(project(?:_number|Number|=|%3D)"?:?"?)\d{4,}/g, '$1…');

/**
 * `/health` needs no key: Google's own words stay out of it, a proxy as well, and a link that names a project or somebody.
 * A link that only leads to the way out is the way out.
 */
export const forEverybody = ({ problem, fix }: RelayError): { readonly message: string; readonly fix?: string } => ({
  message: withoutNames(problem),
  ...(fix !== undefined && { fix: withoutNames(fix) }),
});

const withoutNames = (text: string): string =>
  text
    .replace(/ \(proxy: [^)]*\)?/, '')
    .replace(/https:\/\/[^\s,]+/g, (link) => (NAMES_SOMEBODY.test(link) ? '(the link is in the log)' : link));

const NAMES_SOMEBODY = /project|authuser|login_hint|e-?mail|@|%40|\d{6}/i;

/** Control characters, line breaks among them: an error message is one line. */
const CONTROL = /[\p{Cc}\u2028\u2029]+/gu;

const MASKS: readonly (readonly [shape: RegExp, name: string])[] = [
  [/[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, '[mail address]'],
  [/ya29\.[\w.-]+/g, '[token]'],
  [/\b1\/\/[\w-]{10,}/g, '[token]'],
  [/\bAIza[\w-]{10,}/g, '[key]'],
  [/\bAQ\.[\w-]{20,}/g, '[key]'],
  [/\bGOCSPX-[\w-]+/g, '[secret]'],
  [/(?<![\w-])(?=[\w-]*\beyJ[\w-]{10})[\w-]+\.[\w-]+(?:\.[\w-]+)?/g, '[token]'],
  [/\bBearer\s+[\w.~+/=-]{8,}/gi, '[token]'],
];

const masked = (text: string): string => MASKS.reduce((masked, [shape, name]) => masked.replaceAll(shape, name), text);
