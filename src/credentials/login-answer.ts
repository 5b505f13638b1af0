/** What comes back from Google's consent page: by redirect, or pasted. */
import { createHash, timingSafeEqual } from 'node:crypto';

export type LoginAnswer =
  | { readonly kind: 'code'; readonly code: string }
  /** The owner said no, or Google did. */
  | { readonly kind: 'declined'; readonly error: string }
  /** Not the answer to our question: a state that is not ours, or nothing that could be an answer. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'nothing' };

/** The query of a redirect. Whatever does not carry our state is foreign, errors too. */
export const readRedirect = (query: URLSearchParams, state: string): LoginAnswer => {
  const states = query.getAll('state');
  const codes = query.getAll('code');
  if (states.length !== 1 || !isSame(states[0] ?? '', state)) return { kind: 'foreign' };
  const error = query.get('error');
  if (error !== null) return { kind: 'declined', error };
  const [code] = codes;
  return codes.length === 1 && code !== undefined && code !== '' ? { kind: 'code', code } : { kind: 'foreign' };
};

/** A line from the terminal: the whole address, its query, or the bare code, which PKCE ties to this login. */
export const readPasted = (line: string, state: string): LoginAnswer => {
  const text = line.trim().replaceAll(/^["'<]+|(?<!["'>])["'>]+$/g, '');
  if (text === '') return { kind: 'nothing' };
  const query = /^https?:\/\//i.test(text) ? text.slice(text.indexOf('?') + 1) : text.replace(/^[?/]+/, '');
  if (/(^|&)(code|error|state)=/.test(query)) {
    const [withoutFragment = ''] = query.split('#');
    return readRedirect(new URLSearchParams(withoutFragment), state);
  }
  // Google's codes look like `4/0Ab…`; copied from an address line, the slash may still be escaped.
  const code = text.replaceAll(/%2f/gi, '/');
  return /^[\w\-/.~+=]{8,512}$/.test(code) ? { kind: 'code', code } : { kind: 'nothing' };
};

/** In constant time, whatever the lengths. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
