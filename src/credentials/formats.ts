/** Every form in which people hold their Google credentials, read into one. */
import { JsonError, isObject, parseJson } from '../json.ts';
import { readExpiry } from './expiry.ts';

export type CredentialsFormat = 'gemini-cli' | 'authorized-user' | 'oauth-playground' | 'cli-proxy-api';

export interface OAuthCredentials {
  readonly format: CredentialsFormat;
  readonly refreshToken?: string;
  readonly accessToken?: string;
  /** Wall clock, milliseconds. Absent: not said, or not readable. */
  readonly expiresAt?: number;
  readonly scopes: readonly string[];
  /** The OAuth client that the refresh token belongs to, where the credentials name one. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly tokenUri?: string;
  readonly projectId?: string;
  readonly quotaProjectId?: string;
}

export type Reading =
  /** `text` is the JSON as written, for rewriting it. */
  | { readonly kind: 'oauth'; readonly credentials: OAuthCredentials; readonly text: string }
  /** Application Default Credentials of this type; google-auth-library reads them. */
  | { readonly kind: 'adc'; readonly type: string; readonly text: string }
  /**
   * `problem` continues a sentence that begins with the name of the variable or file; it holds no value. `isNoLogin`: it
   * is whole, but nothing to log in with; there is nothing to fix in it.
   */
  | { readonly kind: 'invalid'; readonly problem: string; readonly isNoLogin?: boolean };

const ADC_TYPES = new Set([
  'service_account',
  'external_account',
  'external_account_authorized_user',
  'impersonated_service_account',
  'gdch_service_account',
]);

/** The text of a credentials file. */
export const readCredentials = (text: string): Reading => {
  const json = stripMark(text);
  if (json.trim() === '') return invalid('is empty');
  if (isEncrypted(json)) return noLogin('is the encrypted store of Gemini CLI, which opens for that program only');
  try {
    return readObject(parseJson(json), json);
  } catch (error) {
    return unreadable(error);
  }
};

/** The value of an environment variable: JSON, quoted or escaped in the ways of shells and .env files, or base64 of it. */
export const readCredentialsVariable = (value: string): Reading => {
  let text = stripMark(value);
  // Each round takes one wrapping off; nobody has been seen with more than three.
  for (let round = 0; round < 4; round++) {
    const inner = unwrap(text);
    if (inner === undefined) break;
    text = inner;
  }
  return readCredentials(text);
};

/** File bytes as text. Windows PowerShell's `>` writes UTF-16. */
export const decodeText = (bytes: Buffer): string =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le') : bytes.toString('utf8');

/** One layer less of quotes, escapes or base64; undefined when there is none to take off. */
const unwrap = (text: string): string | undefined => {
  const trimmed = text.trim();
  const last = trimmed.length - 1;
  if (last > 0 && (trimmed[0] === '"' || trimmed[0] === "'") && trimmed[last] === trimmed[0]) {
    const whole = trimmed[0] === '"' ? asString(trimmed) : undefined;
    // A blank in place of the quote keeps the columns of an error right.
    return whole ?? ` ${trimmed.slice(1, last)}`;
  }
  if (/^\{\s*\\/.test(trimmed)) return asString(`"${trimmed.replaceAll('\n', '\\n').replaceAll('\r', '')}"`);
  if (trimmed.length < 16 || !/^[\w+/=\s-]+$/.test(trimmed)) return undefined;
  const decoded = stripMark(Buffer.from(trimmed.replaceAll(/\s/g, ''), 'base64').toString('utf8'));
  return /^\s*["'{]/.test(decoded) ? decoded : undefined;
};

const asString = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};

const readObject = (value: unknown, text: string): Reading => {
  if (!isObject(value)) return invalid('holds JSON, but not an object');
  const type = value['type'];
  if (typeof type === 'string' && ADC_TYPES.has(type)) return { kind: 'adc', type, text };
  const tokens = tokensOf(value);
  for (const name of ['refresh_token', 'access_token']) {
    const found = tokens[name];
    if (found !== undefined && found !== null && typeof found !== 'string')
      return invalid(`has a ${name} that is no text`);
  }
  const refreshToken = word(tokens, 'refresh_token');
  const accessToken = word(tokens, 'access_token') ?? word(tokens, 'token');
  if (refreshToken === undefined && accessToken === undefined) return withoutTokens(value);

  const expiresAt = earliest(readExpiry(tokens['expiry_date']), readExpiry(tokens['expiry']));
  const clientId = word(tokens, 'client_id') ?? word(value, 'client_id');
  const clientSecret = word(tokens, 'client_secret') ?? word(value, 'client_secret');
  const tokenUri = word(tokens, 'token_uri') ?? word(value, 'token_uri');
  const projectId = oneProject(word(value, 'project_id'));
  const quotaProjectId = word(value, 'quota_project_id');
  return {
    kind: 'oauth',
    text,
    credentials: {
      format: formatOf(value, tokens),
      scopes: scopesOf(tokens),
      ...(refreshToken !== undefined && { refreshToken }),
      ...(accessToken !== undefined && { accessToken }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(clientId !== undefined && { clientId }),
      ...(clientSecret !== undefined && { clientSecret }),
      ...(tokenUri !== undefined && { tokenUri }),
      ...(projectId !== undefined && { projectId }),
      ...(quotaProjectId !== undefined && { quotaProjectId }),
    },
  };
};

type Fields = Readonly<Record<string, unknown>>;

/** CLIProxyAPI keeps the tokens one level down; everybody else's `token` is the access token itself. */
export const tokensOf = (value: Fields): Fields => (isObject(value['token']) ? value['token'] : value);

const formatOf = (value: Fields, tokens: Fields): CredentialsFormat => {
  if (tokens !== value) return 'cli-proxy-api';
  if (value['type'] === 'authorized_user' || ['token', 'expiry'].some((name) => name in value))
    return 'authorized-user';
  // Without a token, a client makes it one as well; beside an `access_token` it is Gemini CLI's form with a client of its own.
  const hasClient = ['client_id', 'token_uri'].some((name) => name in value);
  if (hasClient && !('access_token' in value) && !('expiry_date' in value)) return 'authorized-user';
  return 'expires_in' in value && !('expiry_date' in value) ? 'oauth-playground' : 'gemini-cli';
};

const word = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
};

const scopesOf = (tokens: Fields): readonly string[] => {
  const listed = tokens['scopes'] ?? tokens['scope'];
  if (Array.isArray(listed)) return listed.filter((scope) => typeof scope === 'string');
  return typeof listed === 'string' ? listed.split(/[\s,]+/).filter((scope) => scope !== '') : [];
};

/** CLIProxyAPI writes a comma list or `ALL` here; the first name serves, and discovery finds the rest. */
const oneProject = (text: string | undefined): string | undefined => {
  const first = text?.split(',')[0]?.trim();
  return first === '' || first === 'ALL' ? undefined : first;
};

const earliest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/** `hex(iv):hex(tag):hex(text)`, as Gemini CLI writes gemini-credentials.json. */
const isEncrypted = (text: string): boolean => {
  const parts = text.trim().split(':');
  return parts.length === 3 && parts.every((part) => /^[\da-f]{16,}$/i.test(part));
};

const withoutTokens = (value: Fields): Reading =>
  'installed' in value || 'web' in value
    ? noLogin('is the description of an OAuth client, not a login')
    : invalid('holds neither a refresh_token nor an access token');

const unreadable = (error: unknown): Reading => {
  if (!(error instanceof JsonError)) throw error;
  return invalid(`does not parse: ${error.message}`);
};

const invalid = (problem: string): Reading => ({ kind: 'invalid', problem });

const noLogin = (problem: string): Reading => ({ kind: 'invalid', problem, isNoLogin: true });

const stripMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);
