/** Google's refusals as faults: each the answer that users have met, with its details. */

import type { Fault } from './fault-queue.ts';
import { failing } from './faults.ts';
import { errorInfo, help, quotaFailure, retryInfo } from './google-error.ts';
import * as refusals from './key-refusals.ts';
import { jsonReply } from './reply.ts';
import type { Fields } from './values.ts';

const CODE_ASSIST = 'cloudcode-pa.googleapis.com';

const GEMINI_API = 'generativelanguage.googleapis.com';

const OVER_QUOTA = 'You exceeded your current quota, please check your plan and billing details.';
const FREE_REQUESTS = `${GEMINI_API}/generate_content_free_tier_requests`;

const EXHAUSTED = 'You have exhausted your capacity on this model.';

const exhausted = (message: string, ...details: readonly Fields[]): Fault => failing({ code: 429, message, details });

/** Too many requests for now. */
export const rateLimited = ({ retryDelay = '0.05s', model = 'gemini-2.5-flash' } = {}): Fault =>
  exhausted(
    'Rate limit exceeded.',
    errorInfo('RATE_LIMIT_EXCEEDED', CODE_ASSIST, { model, uiMessage: 'true' }),
    retryInfo(retryDelay),
  );

/** The Gemini API's form of the same, with the quota named. */
export const perMinuteQuota = ({ retryDelay = '0.05s' } = {}): Fault =>
  exhausted(
    `${OVER_QUOTA} Please retry in ${retryDelay}.`,
    quotaFailure({
      quotaMetric: FREE_REQUESTS,
      quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
      quotaDimensions: { location: 'global', model: 'gemini-2.5-flash' },
      quotaValue: '10',
    }),
    help({
      description: 'Learn more about Gemini API quotas',
      url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
    }),
    retryInfo(retryDelay),
  );

export const dailyQuota = ({ retryDelay = '34.07s' } = {}): Fault =>
  exhausted(
    OVER_QUOTA,
    quotaFailure({
      quotaMetric: FREE_REQUESTS,
      quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
      quotaValue: '250',
    }),
    retryInfo(retryDelay),
  );

export const noQuota = ({ model = 'gemini-3.1-pro-preview' } = {}): Fault => failing(refusals.noQuota(model));
export const creditsDepleted = (): Fault => failing(refusals.creditsDepleted());

/** Code Assist's daily quota: no RetryInfo, the delay in the metadata. */
export const quotaExhausted = ({ resetDelay = '13h19m1.2s', model = 'gemini-2.5-pro' } = {}): Fault =>
  exhausted(
    `${EXHAUSTED} Your quota will reset after ${resetDelay}.`,
    errorInfo('QUOTA_EXHAUSTED', CODE_ASSIST, {
      quotaResetDelay: resetDelay,
      quotaResetTimeStamp: '2030-01-01T00:00:00Z',
      uiMessage: 'true',
      model,
    }),
  );

/** The same words without details, as Code Assist also sends them. */
export const quotaInWords = ({ resetDelay = '37s' } = {}): Fault =>
  exhausted(`${EXHAUSTED} Your quota will reset after ${resetDelay}.`);

export const withoutHint = (): Fault => exhausted('Resource has been exhausted (e.g. check quota).');

export const capacityExhausted = (code: 429 | 503 = 429): Fault =>
  failing({
    code,
    message: 'No capacity available for model gemini-3-pro-preview on the server',
    details: [errorInfo('MODEL_CAPACITY_EXHAUSTED', CODE_ASSIST, { model: 'gemini-3-pro-preview' })],
  });

export const creditsExhausted = (): Fault =>
  exhausted('Insufficient credits.', errorInfo('INSUFFICIENT_G1_CREDITS_BALANCE', CODE_ASSIST));

export const serverError = (
  code: 408 | 499 | 500 | 502 | 503 | 504,
  headers: Readonly<Record<string, string>> = {},
): Fault =>
  failing({
    code,
    headers,
    message: code === 503 ? 'The model is overloaded. Please try again later.' : 'Internal error encountered.',
  });

/** 401 for a token that looked good. */
export const unauthorized = (): Fault =>
  failing({
    code: 401,
    message: 'Request had invalid authentication credentials.',
    details: [errorInfo('ACCESS_TOKEN_EXPIRED', 'googleapis.com', { service: CODE_ASSIST })],
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  });

export const keyInvalid = (): Fault => failing(refusals.keyInvalid());
export const keyLeaked = (): Fault => failing(refusals.keyLeaked());
export const billingDisabled = (project = 'simulated-project'): Fault => failing(refusals.billingDisabled(project));

const forbidden = (message: string, ...details: readonly Fields[]): Fault => failing({ code: 403, message, details });

export const denied = (message = 'The caller does not have permission'): Fault => forbidden(message);

export const validationRequired = (url = 'https://accounts.google.com/signin/continue?simulated=validation'): Fault =>
  forbidden(
    'Verify your account to continue.',
    errorInfo('VALIDATION_REQUIRED', CODE_ASSIST, {
      validation_url: url,
      validation_url_link_text: 'Verify your account',
    }),
    help(
      { description: 'Verify your account', url },
      { description: 'Learn more', url: 'https://support.google.com/accounts?p=al_alert' },
    ),
  );

export const termsViolation = (): Fault =>
  forbidden(
    'This service has been disabled in this account for violation of Terms of Service.',
    errorInfo('TOS_VIOLATION', CODE_ASSIST, {
      appeal_url: 'https://forms.gle/simulated',
      appeal_url_link_text: 'Appeal form',
      uiMessage: 'true',
    }),
  );

export const serviceDisabled = (service = 'cloudaicompanion.googleapis.com', project = 'simulated-project'): Fault => {
  const activationUrl = `https://console.developers.google.com/apis/api/${service}/overview?project=${project}`;
  return forbidden(
    `${service} has not been used in project ${project} before or it is disabled. Enable it by visiting ${activationUrl} then retry.`,
    errorInfo('SERVICE_DISABLED', 'googleapis.com', { service, consumer: `projects/${project}`, activationUrl }),
    help({ description: 'Google developers console API activation', url: activationUrl }),
  );
};

export const licenceMissing = (): Fault =>
  forbidden(
    "You must be a named user on your organization's Gemini Code Assist Standard edition subscription. (#3501)",
  );

export const locationUnsupported = (): Fault =>
  failing({ code: 400, status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' });

export const contextTooLong = (tokens = 1_200_000): Fault =>
  failing({
    code: 400,
    message: `The input token count (${tokens}) exceeds the maximum number of tokens allowed (1048576).`,
  });

/** A refusal of the token endpoint: `invalid_grant`, `invalid_client`, … */
export const oauthError =
  (error: string, description = 'Bad Request', status = error === 'invalid_client' ? 401 : 400): Fault =>
  () =>
    jsonReply({ error, error_description: description }, status);

/** 200 from the token endpoint, with nothing of use in it. */
export const tokenless = (): Fault => () => jsonReply({ token_type: 'Bearer', expires_in: 3599 });
