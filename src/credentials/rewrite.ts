/** New tokens into the text of old credentials: same format, same spelling, everything else untouched. */
import { isObject, parseJson, writeJson } from '../json.ts';
import { findMember } from '../json/text.ts';
import type { Span } from '../json/text.ts';
import { SECOND_MS, writeExpiry } from './expiry.ts';
import type { CredentialsFormat } from './formats.ts';
import { tokensOf } from './formats.ts';

/** What a token answer brings. */
export interface TokenUpdate {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly lifetimeMs: number;
  /** Only where Google sent a new one; without it the old one stays. */
  readonly refreshToken?: string;
  /** Further fields of the answer that credentials files carry: scope, token_type, id_token, … */
  readonly extras: Readonly<Record<string, string | number>>;
}

const NATIVE = {
  'gemini-cli': { token: 'access_token', expiry: 'expiry_date' },
  'oauth-playground': { token: 'access_token', expiry: 'expires_in' },
  'authorized-user': { token: 'token', expiry: 'expiry' },
  'cli-proxy-api': { token: 'access_token', expiry: 'expiry' },
} satisfies Record<CredentialsFormat, { token: string; expiry: string }>;

export const rewriteCredentials = (text: string, format: CredentialsFormat, update: TokenUpdate): string => {
  const value = parseJson(text);
  if (!isObject(value)) throw new Error('credentials are no JSON object');
  const tokens = tokensOf(value);
  const changes = changesTo(tokens, format, update);
  const path = tokens === value ? [] : ['token'];
  const edited = edit(text, path, changes);
  // Twice the same name, or a name spelled with escapes: the edit would miss the one that counts.
  return edited !== undefined && holds(edited, changes) ? edited : rewriteWhole(value, path, changes);
};

type Changes = readonly (readonly [name: string, value: string | number])[];

const changesTo = (
  tokens: Readonly<Record<string, unknown>>,
  format: CredentialsFormat,
  update: TokenUpdate,
): Changes => {
  const native = NATIVE[format];
  const present = (...names: string[]): string[] => names.filter((name) => name in tokens);
  const changes: [string, string | number][] = [];
  const tokenNames = present('access_token', ...(format === 'cli-proxy-api' ? [] : ['token']));
  for (const name of tokenNames.length > 0 ? tokenNames : [native.token]) changes.push([name, update.accessToken]);
  if (update.refreshToken !== undefined) changes.push(['refresh_token', update.refreshToken]);
  const expiryNames = present('expiry_date', 'expiry', 'expires_in');
  for (const name of expiryNames.length > 0 ? expiryNames : [native.expiry]) {
    changes.push([name, expiryValue(name, tokens[name], update)]);
  }
  for (const [name, value] of Object.entries(update.extras)) {
    if (format === 'gemini-cli' || typeof tokens[name] === typeof value) changes.push([name, value]);
  }
  return changes;
};

const expiryValue = (name: string, replaced: unknown, update: TokenUpdate): string | number => {
  if (name === 'expires_in') return Math.round(update.lifetimeMs / SECOND_MS);
  // Whatever stood there: Gemini CLI reads it as milliseconds and nothing else.
  if (name === 'expiry_date') return Math.floor(update.expiresAt);
  return writeExpiry(update.expiresAt, replaced ?? '');
};

const edit = (text: string, path: readonly string[], changes: Changes): string | undefined => {
  let start = 0;
  let end = text.length;
  for (const name of path) {
    const span = findMember(text.slice(start, end), name);
    if (!span) return undefined;
    end = start + span.end;
    start += span.start;
  }
  let object = text.slice(start, end);
  for (const [name, value] of changes) object = setMember(object, name, JSON.stringify(value));
  return text.slice(0, start) + object + text.slice(end);
};

const setMember = (object: string, name: string, value: string): string => {
  const span: Span | undefined = findMember(object, name);
  if (span) return object.slice(0, span.start) + value + object.slice(span.end);
  const open = object.indexOf('{');
  const space = /^\s*/.exec(object.slice(open + 1))?.[0] ?? '';
  const close = object.lastIndexOf('}');
  const body = object.slice(0, close).trimEnd();
  const colon = /"\s*:\s/.test(object) || space.includes('\n') ? ': ' : ':';
  const comma = body.endsWith('{') ? '' : ',';
  return `${body}${comma}${space}${JSON.stringify(name)}${colon}${value}${object.slice(body.length)}`;
};

const holds = (text: string, changes: Changes): boolean => {
  const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (!isObject(value)) return false;
  const tokens = tokensOf(value);
  return changes.every(([name, expected]) => tokens[name] === expected);
};

const rewriteWhole = (value: Readonly<Record<string, unknown>>, path: readonly string[], changes: Changes): string => {
  const fields = Object.fromEntries(changes);
  const [nested] = path;
  return writeJson(
    nested === undefined ? { ...value, ...fields } : { ...value, [nested]: { ...tokensOf(value), ...fields } },
  );
};
