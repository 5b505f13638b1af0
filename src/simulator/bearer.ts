import type { Ask } from './exchange.ts';
import { errorInfo, GoogleError, permissionDenied } from './google-error.ts';
import type { AccessToken, Tokens } from './tokens.ts';

export const CLOUD_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const REALM = 'Bearer realm="https://accounts.google.com/"';

const ADVICE =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential. ' +
  'See https://developers.google.com/identity/sign-in/web/devconsole-project.';

export const unauthenticated = (reason: string, service: string): GoogleError =>
  new GoogleError({
    code: 401,
    message:
      reason === 'CREDENTIALS_MISSING'
        ? `Request is missing required authentication credential. ${ADVICE}`
        : `Request had invalid authentication credentials. ${ADVICE}`,
    details: [errorInfo(reason, 'googleapis.com', { service })],
    headers: { 'www-authenticate': reason === 'CREDENTIALS_MISSING' ? REALM : `${REALM}, error="invalid_token"` },
  });

/** The access token of a request, if it is good for Google Cloud; a refusal in Google's words otherwise. */
export const requireBearer = (ask: Pick<Ask, 'headers'>, tokens: Tokens, service: string): AccessToken => {
  const [, presented] = /^Bearer (\S+)$/i.exec(ask.headers.authorization ?? '') ?? [];
  if (presented === undefined) throw unauthenticated('CREDENTIALS_MISSING', service);
  const token = tokens.access(presented);
  if (!token) throw unauthenticated('ACCESS_TOKEN_TYPE_UNSUPPORTED', service);
  if (!tokens.isLive(token)) throw unauthenticated('ACCESS_TOKEN_EXPIRED', service);
  if (!token.scope.split(' ').includes(CLOUD_SCOPE)) {
    throw permissionDenied('Request had insufficient authentication scopes.', [
      errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'googleapis.com', { service }),
    ]);
  }
  return token;
};
