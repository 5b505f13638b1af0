/** Questions to Google: is the login good, and what may the account use. Each costs nothing. */
import { withCount } from '../count-words.ts';
import type { Call } from '../gemini/call.ts';
import { RelayError } from '../errors.ts';
import { silentLogger } from '../log.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { createCodeAssistApi } from '../upstreams/code-assist/api.ts';
import { discoverProject } from '../upstreams/code-assist/discovery.ts';
import { createGeminiApi } from '../upstreams/gemini-api/upstream.ts';
import { createVertex } from '../upstreams/vertex/upstream.ts';
import { fail, fromError, pass, skip, spell } from './check.ts';
import type { Finding } from './check.ts';
import type { Facts } from './facts.ts';
import type { Google } from './google.ts';

export interface AccountNeeds {
  readonly facts: Facts;
  readonly google: Google;
  readonly system: System;
}

export const checkToken = async ({ facts, google, system }: AccountNeeds, signal: AbortSignal): Promise<Finding> => {
  const { decision, credentials } = facts;
  if (decision.name === 'gemini-api') return skip('gemini-api takes a key, no token');
  if (decision.name === 'none') return skip('there is no login to refresh');
  try {
    await google.tokens.get(signal);
  } catch (error) {
    // A relay that serves tries again by itself, as the message says; a diagnosis does not.
    if (!(error instanceof RelayError) || error.reason !== 'token_unavailable') throw error;
    return fail(error.problem, 'Look at token-endpoint and clock; if they are well, try again in some minutes.');
  }
  const { detail } = google.tokens.state();
  const lasting = detail.expiresAt === undefined ? '' : `, good for ${spell(detail.expiresAt - system.now())}`;
  const granted = credentials.granted();
  if (!granted) return pass(`Google gave an access token${lasting}`);
  if (granted.rotated && !granted.kept) {
    return fail(
      'the refresh works, but Google replaced the refresh token, and the new one could not be kept',
      credentials.store.source === 'environment'
        ? 'Keep the login in a file that the relay may write: npm run login, without GEMINI_CREDENTIALS.'
        : 'Make the credentials file and its directory writable, then log in anew: npm run login -- --force',
    );
  }
  return pass(`the refresh works${granted.rotated ? ', and the new refresh token is saved' : ''}${lasting}`);
};

export const checkUpstream = ({ facts, google }: AccountNeeds): Finding => {
  const { decision } = facts;
  const { name } = decision;
  // Of several doors the way says which they are.
  const why = google.door.control.states().length > 1 ? google.door.why : decision.why;
  const state = google.door.status();
  const { apiKeys } = facts;
  if (apiKeys?.problem !== undefined) {
    return fail(
      `GEMINI_API_KEYS_FILE cannot be used: ${apiKeys.problem}`,
      'Put the file right; it is read again at once.',
    );
  }
  if (name === 'none') return fail(state.message, state.fix ?? 'Log in (npm run login), or set GEMINI_API_KEY.');
  if (state.status === 'config_error') {
    return fail(`${name}: ${state.message}`, state.fix ?? 'Put the setting right and restart.');
  }
  const others = Object.entries(google.door.others).map(([other, need]) => `${other} ${need}`);
  return pass([`${name}: ${why.replace(/\.$/, '')}`, ...others].join('; '));
};

/** What everybody may use, and the cheapest there is. */
const MODEL = 'gemini-2.5-flash';

export const checkAccount = async (needs: AccountNeeds, signal: AbortSignal): Promise<Finding> => {
  switch (needs.facts.decision.name) {
    case 'code-assist':
      return askCodeAssist(needs, signal);
    case 'gemini-api':
      return listModels(needs, signal);
    case 'vertex':
      return countOnVertex(needs, signal);
    case 'none':
      return skip('no door is open');
  }
};

const askCodeAssist = async ({ facts, google, system }: AccountNeeds, signal: AbortSignal): Promise<Finding> => {
  const { transport, tokens } = google;
  const { credentials, upstream } = facts.config;
  const api = createCodeAssistApi({ endpoint: upstream.codeAssistEndpoint, transport, tokens, system });
  const ownProject = credentials.project ?? tokens.projectId();
  try {
    const { project, tier } = await discoverProject(
      { api, system, log: silentLogger },
      { asked: credentials.project, ownProject },
      signal,
    );
    return pass(`project ${project}, ${tier ?? 'tier not named'}`);
  } catch (error) {
    if (!(error instanceof RelayError) || !NOT_SERVED.has(error.reason ?? '')) throw error;
    const { token } = await tokens.get(signal);
    const finding = fromError(error, 'Check the account, the project and the key at Google.');
    const pair = `account ${(await google.accountOf(token, signal)) ?? 'not named'} with project ${ownProject ?? 'not set'}`;
    return { ...finding, found: `${finding.found} It was asked for ${pair}.` };
  }
};

/** A licence belongs to an account on one project: neither alone says what is wrong. */
const NOT_SERVED: ReadonlySet<string> = new Set(['account_ineligible', 'config_error', 'permission_denied']);

const listModels = async ({ facts, google, system }: AccountNeeds, signal: AbortSignal): Promise<Finding> => {
  if (facts.apiKeys) return skip('each API key is a door of its own: see doors');
  const { geminiApiKey: apiKey, geminiApiEndpoint: endpoint } = facts.config.upstream;
  if (apiKey === undefined) return skip('GEMINI_API_KEY: missing');
  let trouble: unknown;
  // The list is no reason for a request to fail, so the upstream only mentions its trouble.
  const log: Logger = {
    ...silentLogger,
    warn: (_, fields = {}) => {
      if ('cause' in fields) trouble = fields.cause;
    },
  };
  const { transport, catalogue } = google;
  const models = await createGeminiApi(
    { endpoint, key: () => ({ apiKey, keyName: 'GEMINI_API_KEY' }) },
    { transport, catalogue, system, log },
  ).models(signal);
  if (trouble !== undefined) {
    return fromError(trouble, 'Check GEMINI_API_KEY at aistudio.google.com, and GEMINI_API_ENDPOINT.');
  }
  return models.length > 0
    ? pass(`GEMINI_API_KEY is good for ${withCount(models.length, 'model')}`)
    : fail('Google lists no model for GEMINI_API_KEY', 'Check GEMINI_API_ENDPOINT, and the restrictions of the key.');
};

const countOnVertex = async ({ facts, google, system }: AccountNeeds, signal: AbortSignal): Promise<Finding> => {
  const { project } = facts.config.credentials;
  const { location, vertexEndpoint: endpoint } = facts.config.upstream;
  if (project === undefined) return skip('GOOGLE_CLOUD_PROJECT: missing');
  const { transport, tokens } = google;
  const upstream = createVertex({ project, location, endpoint }, { transport, tokens, system });
  try {
    await upstream.countTokens(question(false), signal);
  } catch (error) {
    // The project and its rights are looked at first: who hears of a missing model has passed them.
    if (!(error instanceof RelayError) || error.reason !== 'model_not_found') throw error;
    return pass(`project ${project} answers in ${location}, which has no ${MODEL}`);
  }
  return pass(`project ${project} answers in ${location}`);
};

export const question = (generating: boolean): Call => ({
  model: generating ? `${MODEL}-nothinking` : MODEL,
  request: {
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    ...(generating && { generationConfig: { maxOutputTokens: 1 } }),
  },
  stream: false,
  native: true,
  origin: { requestId: 'health-check', caller: { id: 'health-check', name: 'health-check' }, format: 'gemini' },
  record: { tokens: [] },
});

/** A real generation, as short as they come, at the configured door. */
export const generateDirectly = async ({ google }: AccountNeeds, signal: AbortSignal): Promise<Finding> => {
  let chunks = 0;
  for await (const batch of await google.door.upstream.generate(question(true), signal)) chunks += batch.length;
  return pass(`${MODEL} answered through ${google.door.name} (${withCount(chunks, 'piece')}), without the relay`);
};
