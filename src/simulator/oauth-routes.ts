import { authorize } from './authorize.ts';
import { requireBearer, unauthenticated } from './bearer.ts';
import type { Ask, Route, Router } from './exchange.ts';
import { GoogleError } from './google-error.ts';
import { jsonReply, type Reply } from './reply.ts';
import { token, type TokenNeeds } from './token-endpoint.ts';

const bearerOf = (ask: Ask): string => /^Bearer (\S+)$/i.exec(ask.headers.authorization ?? '')?.[1] ?? '';

const tokeninfo = ({ tokens, account, clients, now }: TokenNeeds, ask: Ask): Reply => {
  const presented = bearerOf(ask) || (ask.query.get('access_token') ?? '');
  const known = tokens.access(presented);
  if (!known || !tokens.isLive(known)) {
    return jsonReply({ error: 'invalid_token', error_description: 'Invalid Value' }, 400);
  }
  const [clientId = ''] = clients.keys();
  return jsonReply({
    azp: clientId,
    aud: clientId,
    scope: known.scope,
    exp: String(Math.floor(known.expiresAt / 1000)),
    expires_in: String(Math.floor((known.expiresAt - now()) / 1000)),
    email: account.email,
    email_verified: 'true',
    access_type: 'offline',
  });
};

const userinfo = ({ tokens, account }: TokenNeeds, ask: Ask): Reply => {
  const service = 'oauth2.googleapis.com';
  const known = tokens.access(bearerOf(ask));
  if (!known) requireBearer(ask, tokens, service);
  else if (!tokens.isLive(known)) throw unauthenticated('ACCESS_TOKEN_EXPIRED', service);
  else if (!known.scope.includes('userinfo.email')) {
    throw new GoogleError({ code: 403, message: 'Request had insufficient authentication scopes.' });
  }
  return jsonReply({ id: '100000000000000000000', email: account.email, verified_email: true });
};

const revoke = ({ tokens }: TokenNeeds, ask: Ask): Reply => {
  const presented = new URLSearchParams(ask.text).get('token') ?? ask.query.get('token') ?? '';
  return tokens.revoke(presented)
    ? jsonReply({})
    : jsonReply({ error: 'invalid_token', error_description: 'Token expired or revoked' }, 400);
};

/** Google's login and token services. */
export const oauthRoutes = (needs: TokenNeeds): Router => {
  const routes: Readonly<Record<string, Route>> = {
    'GET /o/oauth2/v2/auth': { operation: 'authorize', reply: (ask) => authorize(needs, ask) },
    'GET /o/oauth2/auth': { operation: 'authorize', reply: (ask) => authorize(needs, ask) },
    'POST /token': { operation: 'token', reply: (ask) => token(needs, ask) },
    'POST /tokeninfo': { operation: 'tokeninfo', reply: (ask) => tokeninfo(needs, ask) },
    'GET /tokeninfo': { operation: 'tokeninfo', reply: (ask) => tokeninfo(needs, ask) },
    'GET /oauth2/v2/userinfo': { operation: 'userinfo', reply: (ask) => userinfo(needs, ask) },
    'POST /revoke': { operation: 'revoke', reply: (ask) => revoke(needs, ask) },
  };
  return (method, path) => routes[`${method} ${path}`];
};
