import { createPublicKey, generateKeyPair, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { fieldsOf, numberOf, stringOf, type Fields } from './values.ts';

/** Public keys (PEM) by the e-mail address of their service account. */
export type ServiceAccounts = Map<string, string>;

/** A service account's JSON key file, its public half registered here. */
export const newServiceAccount = async (
  accounts: ServiceAccounts,
  settings: { readonly project: string; readonly tokenUrl: string },
): Promise<Fields> => {
  const email = `relay@${settings.project}.iam.gserviceaccount.com`;
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  accounts.set(email, pair.publicKey);
  return {
    type: 'service_account',
    project_id: settings.project,
    private_key_id: 'simulated-key',
    private_key: pair.privateKey,
    client_email: email,
    client_id: '100000000000000000001',
    token_uri: settings.tokenUrl,
    universe_domain: 'googleapis.com',
  };
};

const decoded = (part: string): Fields => {
  try {
    return fieldsOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    return {};
  }
};

/** What is wrong with a signed assertion, in Google's words; undefined when nothing is. */
export const faultOfAssertion = (
  assertion: string,
  accounts: ServiceAccounts,
  expected: { readonly audiences: readonly string[]; readonly now: number },
): string | undefined => {
  const [head = '', claimsPart = '', signature = ''] = assertion.split('.');
  const claims = decoded(claimsPart);
  const key = accounts.get(stringOf(claims.iss));
  const issuedAt = numberOf(claims.iat) ?? 0;
  const expiresAt = numberOf(claims.exp) ?? 0;
  const seconds = expected.now / 1000;

  if (decoded(head).alg !== 'RS256') return 'Invalid JWT: the algorithm must be RS256.';
  if (key === undefined) return 'Invalid grant: account not found';
  const signed = Buffer.from(`${head}.${claimsPart}`);
  if (!verify('sha256', signed, createPublicKey(key), Buffer.from(signature, 'base64url'))) {
    return 'Invalid JWT Signature.';
  }
  if (!expected.audiences.includes(stringOf(claims.aud))) return 'Invalid JWT: Failed audience check.';
  if (expiresAt <= seconds || expiresAt - issuedAt > 3600 || issuedAt > seconds + 300) {
    return 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
  }
  return undefined;
};

/** The scopes that a checked assertion asks for. */
export const scopeOfAssertion = (assertion: string): string => stringOf(decoded(assertion.split('.')[1] ?? '').scope);
