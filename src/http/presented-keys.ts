import type { IncomingHttpHeaders } from 'node:http';

/** What was found at one of the places where a caller may put a key. */
export interface Presented {
  /** '' where there is none. */
  readonly key: string;
  /** In words, for the person whose request was refused: what was seen, never the value. */
  readonly where: string;
}

/** The five forms: Bearer, Basic, `x-goog-api-key`, `x-api-key`, `?key=`. */
export const readPresented = (headers: IncomingHttpHeaders, urlKeys: readonly string[]): readonly Presented[] => {
  if (urlKeys.length > 1 && new Set(urlKeys).size > 1) return TWO_IN_URL;
  const { authorization, 'x-goog-api-key': google, 'x-api-key': plain } = headers;
  const found: Presented[] = [];
  if (authorization !== undefined) found.push(readAuthorization(authorization));
  if (google !== undefined) found.push(toPresented(String(google), 'a key in x-goog-api-key'));
  if (plain !== undefined) found.push(toPresented(String(plain), 'a key in x-api-key'));
  if (urlKeys.length > 0) found.push(toPresented(urlKeys[0], 'a "key" parameter in the URL'));
  return found;
};

export const keysIn = (presented: readonly Presented[]): readonly string[] =>
  presented.map(({ key }) => key).filter((key) => key !== '');

/** Whatever else there is: nobody knows which was meant. */
const TWO_IN_URL: readonly Presented[] = [{ key: '', where: 'two different "key" parameters in the URL' }];

const toPresented = (value: string | undefined, where: string): Presented => {
  const key = value?.trim() ?? '';
  return { key, where: key === '' ? `${where} without a value` : where };
};

const BEARER = 'a key behind "Bearer" in Authorization';
const BEARER_LENGTH = 'Bearer '.length;

const readAuthorization = (header: string): Presented => {
  // As nearly all write it.
  if (header.startsWith('Bearer ')) return toPresented(header.slice(BEARER_LENGTH), BEARER);
  const written = header.trim();
  const blank = written.search(/\s/);
  const scheme = (blank === -1 ? written : written.slice(0, blank)).toLowerCase();
  const rest = blank === -1 ? '' : written.slice(blank + 1).trim();
  if (scheme === 'bearer') return toPresented(rest, BEARER);
  if (scheme === 'basic') return toPresented(passwordOf(rest), 'a password behind "Basic" in Authorization');
  if (scheme.startsWith('bearer:')) {
    return { key: '', where: '"Bearer:" in Authorization (write "Bearer KEY", without a colon)' };
  }
  if (blank === -1) return { key: '', where: 'Authorization without a scheme (write "Bearer KEY")' };
  return { key: '', where: 'Authorization with a scheme other than Bearer and Basic (write "Bearer KEY")' };
};

/** Everything behind the first colon: the user name is of no interest. */
const passwordOf = (encoded: string): string | undefined => {
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : pair.slice(colon + 1);
};
