import type { Account } from './account.ts';
import type { Ask } from './exchange.ts';
import type { OAuthClients } from './oauth-clients.ts';
import { jsonReply, type Reply } from './reply.ts';
import { faultOfAssertion, scopeOfAssertion, type ServiceAccounts } from './service-account.ts';
import { challengeOf, type Tokens } from './tokens.ts';

export interface TokenNeeds {
  readonly account: Account;
  readonly tokens: Tokens;
  readonly clients: OAuthClients;
  readonly serviceAccounts: ServiceAccounts;
  readonly tokenUrl: () => string;
  readonly now: () => number;
}

/** A refusal of the token endpoint, which has its own shape. */
const refused = (error: string, description: string, status = 400): Reply =>
  jsonReply({ error, error_description: description }, status);

const missing = (name: string): Reply => refused('invalid_request', `Missing required parameter: ${name}`);

/** An unsigned token that says who logged in; Google adds one wherever the e-mail scope was granted. */
const idTokenFor = (email: string): string =>
  [
    { alg: 'none', typ: 'JWT' },
    { iss: 'https://accounts.google.com', email, email_verified: true },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('simulated')
    .join('.');

const granted = ({ account, tokens }: TokenNeeds, scope: string, refreshToken?: string): Reply => {
  const lifetime = account.tokenLifetime;
  const expiresIn = account.expiresIn === undefined ? lifetime : account.expiresIn;
  return jsonReply({
    access_token: tokens.issueAccess(scope, lifetime).token,
    ...(expiresIn !== null && { expires_in: expiresIn }),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    scope,
    token_type: 'Bearer',
    ...(scope.includes('userinfo.email') && { id_token: idTokenFor(account.email) }),
  });
};

const clientRefusal = (form: URLSearchParams, clients: OAuthClients): Reply | undefined => {
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  if (!id) return refused('invalid_request', 'Could not determine client ID from request.');
  if (!clients.has(id)) return refused('invalid_client', 'The OAuth client was not found.', 401);
  if (!secret) return refused('invalid_request', 'client_secret is missing.');
  const known = clients.get(id);
  return known === undefined || known === secret ? undefined : refused('invalid_client', 'Unauthorized', 401);
};

const exchangeCode = (needs: TokenNeeds, form: URLSearchParams): Reply => {
  const presented = form.get('code');
  if (!presented) return missing('code');
  const code = needs.tokens.redeem(presented);
  const verifier = form.get('code_verifier');
  if (!code) return refused('invalid_grant', 'Malformed auth code.');
  if (code.clientId !== form.get('client_id')) return refused('unauthorized_client', 'Unauthorized');
  if (code.redirectUri !== form.get('redirect_uri')) return refused('redirect_uri_mismatch', 'Bad Request');
  if (code.challenge !== undefined && !verifier) return refused('invalid_grant', 'Missing code verifier.');
  if (code.challenge !== undefined && challengeOf(verifier ?? '', code.challengeMethod) !== code.challenge) {
    return refused('invalid_grant', 'Invalid code verifier.');
  }
  const refreshToken = code.withRefreshToken ? needs.tokens.issueRefresh(code.clientId, code.scope) : undefined;
  return granted(needs, code.scope, refreshToken);
};

const refresh = (needs: TokenNeeds, form: URLSearchParams): Reply => {
  const presented = form.get('refresh_token');
  if (!presented) return missing('refresh_token');
  const known = needs.tokens.refresh(presented);
  if (!known) return refused('invalid_grant', 'Token has been expired or revoked.');
  if (known.clientId !== form.get('client_id')) return refused('unauthorized_client', 'Unauthorized', 401);
  if (!needs.account.rotateRefreshTokens) return granted(needs, known.scope);
  const rotated = needs.tokens.issueRefresh(known.clientId, known.scope);
  needs.tokens.revoke(presented);
  return granted(needs, known.scope, rotated);
};

const assert = (needs: TokenNeeds, form: URLSearchParams): Reply => {
  const assertion = form.get('assertion');
  if (!assertion) return missing('assertion');
  const fault = faultOfAssertion(assertion, needs.serviceAccounts, {
    audiences: [needs.tokenUrl(), 'https://oauth2.googleapis.com/token'],
    now: needs.now(),
  });
  if (fault !== undefined) return refused('invalid_grant', fault);
  const scope = scopeOfAssertion(assertion);
  return scope ? granted(needs, scope) : refused('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
};

export const token = (needs: TokenNeeds, ask: Ask): Reply => {
  if (!ask.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return refused('invalid_request', 'The request body must be form-encoded.');
  }
  const form = new URLSearchParams(ask.text);
  const grant = form.get('grant_type');
  if (!grant) return missing('grant_type');
  if (grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return assert(needs, form);
  if (grant !== 'authorization_code' && grant !== 'refresh_token') {
    return refused('unsupported_grant_type', `Invalid grant_type: ${grant}`);
  }
  const refusal = clientRefusal(form, needs.clients);
  if (refusal) return refusal;
  return grant === 'refresh_token' ? refresh(needs, form) : exchangeCode(needs, form);
};
