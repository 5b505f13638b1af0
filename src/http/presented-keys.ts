import type { IncomingHttpHeaders } from 'node:http';

/** Where a caller may put a key, and what was found there. */
export interface Presented {
  readonly keys: readonly string[];
  /** In words, for the person whose request was refused: what was seen, never the value. */
  readonly seen: string;
}

/** The five forms: Bearer, Basic, `x-goog-api-key`, `x-api-key`, `?key=`. */
export const readPresented = (headers: IncomingHttpHeaders, urlKeys: readonly string[]): Presented => {
  const keys: string[] = [];
  const seen: string[] = [];
  const note = (value: string | undefined, where: string): void => {
    const key = value?.trim() ?? '';
    if (key === '') seen.push(`${where} without a value`);
    else {
      keys.push(key);
      seen.push(where);
    }
  };
  if (headers.authorization !== undefined) readAuthorization(headers.authorization, note, seen);
  const { 'x-goog-api-key': google, 'x-api-key': plain } = headers;
  if (google !== undefined) note(String(google), 'a key in x-goog-api-key');
  if (plain !== undefined) note(String(plain), 'a key in x-api-key');
  if (urlKeys.length > 1 && new Set(urlKeys).size > 1)
    return { keys: [], seen: 'two different "key" parameters in the URL' };
  if (urlKeys.length > 0) note(urlKeys[0], 'a "key" parameter in the URL');
  return { keys, seen: seen.join(', ') };
};

const BEARER = 'a key behind "Bearer" in Authorization';
const BEARER_LENGTH = 'Bearer '.length;

const readAuthorization = (
  header: string,
  note: (value: string | undefined, where: string) => void,
  seen: string[],
): void => {
  // As nearly all write it.
  if (header.startsWith('Bearer ')) {
    note(header.slice(BEARER_LENGTH), BEARER);
    return;
  }
  const written = header.trim();
  const blank = written.search(/\s/);
  const scheme = (blank === -1 ? written : written.slice(0, blank)).toLowerCase();
  const rest = blank === -1 ? '' : written.slice(blank + 1).trim();
  if (scheme === 'bearer') note(rest, BEARER);
  else if (scheme === 'basic') note(passwordOf(rest), 'a password behind "Basic" in Authorization');
  else if (scheme.startsWith('bearer:')) seen.push('"Bearer:" in Authorization (write "Bearer KEY", without a colon)');
  else if (blank === -1) seen.push('Authorization without a scheme (write "Bearer KEY")');
  else seen.push('Authorization with a scheme other than Bearer and Basic (write "Bearer KEY")');
};

/** Everything behind the first colon: the user name is of no interest. */
const passwordOf = (encoded: string): string | undefined => {
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : pair.slice(colon + 1);
};
