/** What the Gemini API answers to keys and projects that it does not serve, or not now: the bodies that users have met. */
import { errorInfo, help, localizedMessage, quotaFailure, retryInfo } from './google-error.ts';
import type { GoogleErrorSettings } from './google-error.ts';
import type { Fields } from './values.ts';

const GEMINI_API = 'generativelanguage.googleapis.com';
const OVER_QUOTA = 'You exceeded your current quota, please check your plan and billing details.';
const FREE_REQUESTS = `${GEMINI_API}/generate_content_free_tier_requests`;

const exhausted = (message: string, ...details: readonly Fields[]): GoogleErrorSettings => ({
  code: 429,
  message,
  details,
});

const forbidden = (message: string, ...details: readonly Fields[]): GoogleErrorSettings => ({
  code: 403,
  message,
  details,
});

const LEARN_MORE = help({
  description: 'Learn more about Gemini API quotas',
  url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
});

const violation = (period: 'Day' | 'Minute', model: string, limit?: number): Fields => ({
  quotaMetric: FREE_REQUESTS,
  quotaId: `GenerateRequestsPer${period}PerProjectPerModel-FreeTier`,
  quotaDimensions: { location: 'global', model },
  // Google leaves a limit of nothing out.
  ...(limit !== undefined && { quotaValue: String(limit) }),
});

const exceeded = (limit: number, model: string): string =>
  `* Quota exceeded for metric: ${FREE_REQUESTS}, limit: ${limit}, model: ${model}`;

export const overQuota = (quota: {
  readonly period: 'Day' | 'Minute';
  readonly limit: number;
  readonly model: string;
  readonly retryMs: number;
}): GoogleErrorSettings =>
  exhausted(
    `${OVER_QUOTA}\n${exceeded(quota.limit, quota.model)}\nPlease retry in ${quota.retryMs / 1000}s.`,
    quotaFailure(violation(quota.period, quota.model, quota.limit)),
    LEARN_MORE,
    retryInfo(`${Math.ceil(quota.retryMs / 1000)}s`),
  );

/** The project has no access to the model: each of its quotas is a limit of nothing. */
export const noQuota = (model: string): GoogleErrorSettings =>
  exhausted(
    `${OVER_QUOTA}\n${exceeded(0, model)}\n${exceeded(0, model)}\nPlease retry in 30.1s.`,
    quotaFailure(violation('Day', model), violation('Minute', model)),
    LEARN_MORE,
    retryInfo('30s'),
  );

/** Prepaid credits are used up: no details. */
export const creditsDepleted = (): GoogleErrorSettings =>
  exhausted(
    'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.',
  );

const INVALID_KEY = 'API key not valid. Please pass a valid API key.';

export const keyInvalid = (): GoogleErrorSettings => ({
  code: 400,
  message: INVALID_KEY,
  details: [errorInfo('API_KEY_INVALID', 'googleapis.com', { service: GEMINI_API }), localizedMessage(INVALID_KEY)],
});

/** What keys of the old form hear since September 2026. */
export const keyRetired = (): GoogleErrorSettings => ({
  code: 401,
  message:
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
    'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  details: [errorInfo('ACCESS_TOKEN_TYPE_UNSUPPORTED', 'googleapis.com', { service: GEMINI_API })],
});

export const keyLeaked = (): GoogleErrorSettings =>
  forbidden('Your API key was reported as leaked. Please use another API key.');

/** A key that is restricted to other APIs. */
export const serviceBlocked = (project: string): GoogleErrorSettings =>
  forbidden(
    `Requests to this API ${GEMINI_API} method google.ai.generativelanguage.v1beta.GenerativeService.GenerateContent are blocked.`,
    errorInfo('API_KEY_SERVICE_BLOCKED', 'googleapis.com', { service: GEMINI_API, consumer: `projects/${project}` }),
  );

export const billingDisabled = (project: string): GoogleErrorSettings =>
  forbidden(
    `This API method requires billing to be enabled. Please enable billing on project #${project} by visiting https://console.developers.google.com/billing/enable?project=${project} then retry.`,
    errorInfo('BILLING_DISABLED', 'googleapis.com', { service: GEMINI_API, consumer: `projects/${project}` }),
  );

export const projectSuspended = (project: string): GoogleErrorSettings =>
  forbidden(
    `Permission denied: Consumer 'projects/${project}' has been suspended.`,
    errorInfo('CONSUMER_SUSPENDED', 'googleapis.com', { service: GEMINI_API, consumer: `projects/${project}` }),
  );
