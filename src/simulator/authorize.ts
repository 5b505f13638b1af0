import type { Account } from './account.ts';
import type { Ask } from './exchange.ts';
import type { OAuthClients } from './oauth-clients.ts';
import { htmlReply, redirectReply, type Reply } from './reply.ts';
import type { Tokens } from './tokens.ts';

export interface AuthorizeNeeds {
  readonly account: Account;
  readonly tokens: Tokens;
  readonly clients: OAuthClients;
}

const page = (code: string, sentence: string): Reply =>
  htmlReply(
    `<!DOCTYPE html><title>Error 400: ${code}</title><h1>Access blocked: Authorization Error</h1>
<p>${sentence}</p><p>Error 400: ${code}</p>\n`,
    400,
  );

/** An installed app may be sent back to loopback, on any port and path; Gemini CLI also to its own page. */
const isAllowedRedirect = (uri: string): boolean =>
  /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/[^#]*)?$/.test(uri) ||
  uri === 'https://codeassist.google.com/authcode';

/** The consent page, with an owner who decides at once (`account.consent`). */
export const authorize = ({ account, tokens, clients }: AuthorizeNeeds, { query }: Ask): Reply => {
  const parameter = (name: string): string => query.get(name) ?? '';
  const redirectUri = parameter('redirect_uri');
  const method = parameter('code_challenge_method') || 'plain';

  if (!clients.has(parameter('client_id'))) return page('invalid_client', 'The OAuth client was not found.');
  if (!redirectUri) return page('invalid_request', 'Missing required parameter: redirect_uri');
  if (!isAllowedRedirect(redirectUri)) return page('redirect_uri_mismatch', `redirect_uri: ${encodeURI(redirectUri)}`);
  if (!parameter('response_type')) return page('invalid_request', 'Required parameter is missing: response_type');
  if (parameter('response_type') !== 'code') return page('unsupported_response_type', 'Invalid response_type');
  if (!parameter('scope')) return page('invalid_request', 'Missing required parameter: scope');
  if (!['S256', 'plain'].includes(method)) return page('invalid_request', 'Invalid code_challenge_method');

  const back = new URL(redirectUri);
  const state = account.consent.wrongState ? 'a-state-of-somebody-else' : query.get('state');
  if (state !== null) back.searchParams.set('state', state);
  if (account.consent.deny) {
    back.searchParams.set('error', 'access_denied');
    return redirectReply(back.href);
  }

  const scope = parameter('scope')
    .split(' ')
    .filter((one) => !account.consent.withoutScopes.includes(one))
    .join(' ');
  const code = tokens.issueCode({
    clientId: parameter('client_id'),
    redirectUri,
    scope,
    challenge: query.get('code_challenge') ?? undefined,
    challengeMethod: method,
    withRefreshToken:
      parameter('access_type') === 'offline' && (!account.consentedBefore || parameter('prompt').includes('consent')),
  });
  account.consentedBefore = true;
  back.searchParams.set('code', code);
  back.searchParams.set('scope', scope);
  back.searchParams.set('authuser', '0');
  back.searchParams.set('prompt', parameter('prompt') || 'none');
  return redirectReply(back.href);
};
