/** Google's library, with our network under it. Imported when a token is asked for: most starts need none. */
import { OAuth2Client, gaxios } from 'google-auth-library';
import { ATTEMPT_TIMEOUT_MS, send } from './google-client.ts';
import type { HttpAnswer, Network, OAuthSettings } from './google-client.ts';

/** The library's client for one OAuth client and token endpoint; `heard` is told each answer as it was on the wire. */
export const createOAuthClient = (
  settings: OAuthSettings,
  network: Network,
  signal: AbortSignal,
  heard: (answer: HttpAnswer) => void = () => undefined,
): OAuth2Client =>
  new OAuth2Client({
    clientId: settings.clientId,
    ...(settings.clientSecret !== undefined && { clientSecret: settings.clientSecret }),
    endpoints: { oauth2AuthBaseUrl: settings.authUrl, oauth2TokenUrl: settings.tokenUrl },
    transporter: createTransporter(network, signal, heard),
    // Its interceptors write tokens to a debug log and add a second product name.
    useAuthRequestParameters: false,
  });

/** A gaxios that goes through undici: our proxy rules, no redirects, no retries of its own, bounded time and size. */
export const createTransporter = (
  network: Network,
  signal: AbortSignal,
  heard: (answer: HttpAnswer) => void = () => undefined,
  rewriteUrl: (url: string) => string = (url) => url,
): gaxios.Gaxios =>
  new gaxios.Gaxios({
    retryConfig: { retry: 0, noResponseRetries: 0 },
    adapter: async (options) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(network.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS)]);
      const answer = await send(rewriteUrl(options.url.href), options, network.dispatcher, limit);
      heard(answer);
      // Null body statuses (204, 304) take no text; every other answer keeps its own.
      const response = new Response(answer.status === 204 || answer.status === 304 ? null : answer.text, {
        status: answer.status,
      });
      return Object.assign(response, { config: options, data: parsed(answer.text) as never });
    },
  });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
