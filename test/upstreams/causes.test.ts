import { describe, expect, test } from 'vitest';
import type { RelayError } from '../../src/errors.ts';
import { failed } from '../../src/errors.ts';
import { badResponse } from '../../src/errors/answers.ts';
import { DOOR_CAUSES, REASONS, meaningOf } from '../../src/reasons.ts';
import type { DoorCause, DoorPart, Reason } from '../../src/reasons.ts';
import { closedUntil, troubleOf } from '../../src/upstreams/causes.ts';
import { keyTrouble } from '../../src/upstreams/gemini-api/key-trouble.ts';
import { replyToError } from '../../src/upstreams/google-error.ts';
import { brokenBody, noAnswer, noHeadInTime } from '../../src/upstreams/network-error.ts';
import { createNewDay } from '../../src/upstreams/new-day.ts';
import type { Reply } from '../../src/upstreams/transport.ts';

// 18:20 in Los Angeles; its next midnight is at 08:00 UTC.
const NOW = Date.parse('2026-11-28T02:20:00Z');
const MIDNIGHT = Date.parse('2026-11-28T08:00:00Z');
const newDay = createNewDay();

const replyWith = (status: number, body: unknown): Reply => ({
  status,
  headers: {},
  contentType: 'application/json',
  body: { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }) },
  text: () => Promise.resolve(JSON.stringify(body)),
  excerpt: () => Promise.resolve(JSON.stringify(body)),
  discard: () => undefined,
});

const rpc = (type: string, fields: object) => ({ '@type': `type.googleapis.com/google.rpc.${type}`, ...fields });
const info = (reason: string, domain: string, metadata: object = {}) => rpc('ErrorInfo', { reason, domain, metadata });
const retryInfo = (retryDelay: string) => rpc('RetryInfo', { retryDelay });
const quotaFailure = (...violations: object[]) => rpc('QuotaFailure', { violations });

const CLOUD_CODE = 'cloudcode-pa.googleapis.com';
const GEMINI = 'generativelanguage.googleapis.com';
const KEY = 'AQ.Ab8RN6-example-of-a-new-key';
const OLD_KEY = 'AIzaSyExampleOfARetiredKey';

/** What Google answered, door by door: status, body, and what follows. */
type Recorded = readonly [
  what: string,
  status: number,
  error: object,
  cause: DoorCause | undefined,
  scope: DoorPart | undefined,
  until: number | undefined,
  apiKey?: string,
];

const GEMINI_API: readonly Recorded[] = [
  [
    'requests of the minute, with a wait',
    429,
    {
      message:
        'You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 10, model: gemini-3.8-flash\nPlease retry in 34.074824224s.',
      status: 'RESOURCE_EXHAUSTED',
      details: [
        quotaFailure({
          quotaMetric: `${GEMINI}/generate_content_free_tier_requests`,
          quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
          quotaDimensions: { location: 'global', model: 'gemini-3.8-flash' },
          quotaValue: '10',
        }),
        rpc('Help', {
          links: [{ description: 'Learn more', url: 'https://ai.google.dev/gemini-api/docs/rate-limits' }],
        }),
        retryInfo('34s'),
      ],
    },
    'rate_limit',
    'model',
    NOW + 34_000,
  ],
  [
    'requests of the minute, without one',
    429,
    { message: 'Quota exceeded.', details: [quotaFailure({ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel' })] },
    'rate_limit',
    'model',
    NOW + 60_000,
  ],
  [
    'tokens of the minute',
    429,
    {
      message: 'Quota exceeded.',
      details: [quotaFailure({ quotaId: 'GenerateContentPaidTierInputTokensPerModelPerMinute' }), retryInfo('12.5s')],
    },
    'rate_limit',
    'model',
    NOW + 12_500,
  ],
  [
    'no hint at all',
    429,
    { message: 'Resource has been exhausted (e.g. check quota).' },
    'rate_limit',
    'model',
    NOW + 60_000,
  ],
  [
    'requests of the day: the wait of seconds beside it is not believed',
    429,
    {
      message: 'You exceeded your current quota, please check your plan and billing details.',
      details: [
        quotaFailure({ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '250' }),
        retryInfo('34.07s'),
      ],
    },
    'daily_quota',
    'model',
    MIDNIGHT,
  ],
  [
    'day and minute at once: the day',
    429,
    {
      message: 'You exceeded your current quota.',
      details: [
        quotaFailure(
          { quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaValue: '10' },
          { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '250' },
        ),
        retryInfo('200s'),
      ],
    },
    'daily_quota',
    'model',
    MIDNIGHT,
  ],
  [
    'a limit of nothing, in words',
    429,
    {
      message:
        'You exceeded your current quota.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: gemini-3.1-pro-preview',
      details: [
        quotaFailure({ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }),
        quotaFailure({ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }),
        retryInfo('30s'),
      ],
    },
    'no_quota',
    'model',
    MIDNIGHT,
  ],
  [
    'a limit of nothing, as a value',
    429,
    { message: 'Quota exceeded.', details: [quotaFailure({ quotaId: 'RequestsPerMinute', quotaValue: '0' })] },
    'no_quota',
    'model',
    MIDNIGHT,
  ],
  [
    'a limit that only begins like nothing',
    429,
    { message: 'Exceeded, limit: 0.5 a second' },
    'rate_limit',
    'model',
    NOW + 60_000,
  ],
  [
    'prepaid credits are used up',
    429,
    { message: 'Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.' },
    'billing',
    'key',
    Infinity,
  ],
  [
    'overloaded',
    503,
    { message: 'The model is overloaded. Please try again later.' },
    'capacity',
    'model',
    NOW + 10_000,
  ],
  ['500', 500, { message: 'An internal error has occurred.', status: 'INTERNAL' }, 'server_error', 'door', NOW + 5000],
  ['504', 504, { message: 'Deadline expired.', status: 'DEADLINE_EXCEEDED' }, 'server_error', 'door', NOW + 5000],
  [
    'a bad key',
    400,
    {
      message: 'API key not valid. Please pass a valid API key.',
      details: [info('API_KEY_INVALID', 'googleapis.com', { service: GEMINI })],
    },
    'invalid_key',
    'key',
    Infinity,
  ],
  [
    'an expired key',
    400,
    { message: 'API key expired. Please renew the API key.', details: [info('API_KEY_INVALID', 'googleapis.com')] },
    'invalid_key',
    'key',
    Infinity,
  ],
  [
    'a key of the old form',
    400,
    {
      message: 'API key not valid. Please pass a valid API key.',
      details: [info('API_KEY_INVALID', 'googleapis.com')],
    },
    'retired_key',
    'key',
    Infinity,
    OLD_KEY,
  ],
  [
    'a key of the old form, in the words that mislead',
    401,
    {
      message:
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
      status: 'UNAUTHENTICATED',
      details: [info('ACCESS_TOKEN_TYPE_UNSUPPORTED', 'googleapis.com', { service: GEMINI })],
    },
    'retired_key',
    'key',
    Infinity,
    OLD_KEY,
  ],
  [
    'the same words for a key of the new form',
    401,
    { message: 'Expected OAuth 2 access token.', details: [info('ACCESS_TOKEN_TYPE_UNSUPPORTED', 'googleapis.com')] },
    'invalid_key',
    'key',
    Infinity,
  ],
  [
    'an old key that is good, over its limit',
    429,
    { message: 'Slow down.' },
    'rate_limit',
    'model',
    NOW + 60_000,
    OLD_KEY,
  ],
  [
    'a leaked key',
    403,
    { message: 'Your API key was reported as leaked. Please use another API key.' },
    'invalid_key',
    'key',
    Infinity,
  ],
  [
    'a key for other APIs',
    403,
    { message: 'Requests are blocked.', details: [info('API_KEY_SERVICE_BLOCKED', 'googleapis.com')] },
    'permission',
    'key',
    Infinity,
  ],
  [
    'the API is off',
    403,
    { message: 'It has not been used in project 1.', details: [info('SERVICE_DISABLED', 'googleapis.com')] },
    'permission',
    'key',
    Infinity,
  ],
  [
    'a suspended project',
    403,
    { message: 'Consumer has been suspended.', details: [info('CONSUMER_SUSPENDED', 'googleapis.com')] },
    'permission',
    'key',
    Infinity,
  ],
  [
    'a place without a free tier',
    400,
    {
      message: 'Gemini API free tier is not available in your country. Please enable billing on your project.',
      status: 'FAILED_PRECONDITION',
    },
    'billing',
    'key',
    Infinity,
  ],
  [
    'a place that is not served',
    400,
    { message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' },
    'ineligible',
    'key',
    Infinity,
  ],
  [
    "a file of somebody else's",
    403,
    { message: 'You do not have permission to access the File x or it may not exist.' },
    undefined,
    undefined,
    undefined,
  ],
  [
    "a cache of somebody else's",
    403,
    { message: 'CachedContent not found (or permission denied)' },
    undefined,
    undefined,
    undefined,
  ],
  [
    'denied, and not a word of what',
    403,
    { message: 'The caller does not have permission', status: 'PERMISSION_DENIED' },
    'permission',
    'key',
    Infinity,
  ],
  [
    'a project that is denied, in words',
    403,
    { message: 'Your project has been denied access. Please contact support.', status: 'PERMISSION_DENIED' },
    'permission',
    'key',
    Infinity,
  ],
  ['a refused request', 400, { message: 'Invalid JSON payload received.' }, undefined, undefined, undefined],
  [
    'a prompt too long',
    400,
    { message: 'The input token count (2) exceeds the maximum (1).' },
    undefined,
    undefined,
    undefined,
  ],
  [
    'an unknown model',
    404,
    { message: 'models/x is not found for API version v1beta' },
    undefined,
    undefined,
    undefined,
  ],
  ['too large', 413, { message: 'Too large.' }, undefined, undefined, undefined],
];

const CODE_ASSIST: readonly Recorded[] = [
  [
    'too many for now',
    429,
    {
      message: 'Rate limit exceeded.',
      details: [
        info('RATE_LIMIT_EXCEEDED', CLOUD_CODE, { uiMessage: 'true', model: 'gemini-2.5-flash' }),
        retryInfo('2s'),
      ],
    },
    'rate_limit',
    'model',
    NOW + 2000,
  ],
  [
    'the quota of the day, back when Google says',
    429,
    {
      message: 'You have exhausted your capacity on this model. Your quota will reset after 13h19m1.2s.',
      details: [info('QUOTA_EXHAUSTED', CLOUD_CODE, { quotaResetDelay: '13h19m1.2s', model: 'gemini-2.5-pro' })],
    },
    'daily_quota',
    'model',
    NOW + 47_941_200,
  ],
  [
    'the quota of the day, without a time',
    429,
    { message: 'Quota exhausted.', details: [info('QUOTA_EXHAUSTED', CLOUD_CODE)] },
    'daily_quota',
    'model',
    MIDNIGHT,
  ],
  [
    'a limit of the minute by the name of a quota',
    429,
    {
      message: 'You have exhausted your capacity on this model. Your quota will reset after 37s.',
      details: [info('QUOTA_EXHAUSTED', CLOUD_CODE, { quotaResetDelay: '37s' })],
    },
    'rate_limit',
    'model',
    NOW + 37_000,
  ],
  [
    'the same in words alone',
    429,
    { message: 'You have exhausted your capacity on this model. Your quota will reset after 37s.' },
    'rate_limit',
    'model',
    NOW + 37_000,
  ],
  [
    'credits',
    429,
    { message: 'Insufficient credits.', details: [info('INSUFFICIENT_G1_CREDITS_BALANCE', CLOUD_CODE)] },
    'daily_quota',
    'model',
    MIDNIGHT,
  ],
  [
    'no capacity, as 429',
    429,
    { message: 'No capacity available.', details: [info('MODEL_CAPACITY_EXHAUSTED', CLOUD_CODE)] },
    'capacity',
    'model',
    NOW + 10_000,
  ],
  [
    'no capacity, with a wait',
    503,
    { message: 'None.', details: [info('MODEL_CAPACITY_EXHAUSTED', CLOUD_CODE), retryInfo('45s')] },
    'capacity',
    'model',
    NOW + 45_000,
  ],
  [
    'no capacity, with an absurd wait',
    503,
    { message: 'None.', details: [info('MODEL_CAPACITY_EXHAUSTED', CLOUD_CODE), retryInfo('9000s')] },
    'capacity',
    'model',
    NOW + 120_000,
  ],
  ['cancelled by Google', 499, { message: 'Cancelled.' }, 'server_error', 'door', NOW + 5000],
  [
    'a login that is over',
    401,
    { message: 'Invalid.', details: [info('ACCESS_TOKEN_EXPIRED', 'googleapis.com')] },
    'login',
    'key',
    Infinity,
  ],
  [
    'a login without its scope',
    403,
    { message: 'Insufficient.', details: [info('ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'googleapis.com')] },
    'login',
    'key',
    Infinity,
  ],
  [
    'to be verified',
    403,
    { message: 'Verify.', details: [info('VALIDATION_REQUIRED', CLOUD_CODE)] },
    'ineligible',
    'key',
    Infinity,
  ],
  [
    'suspended',
    403,
    { message: 'Disabled.', details: [info('TOS_VIOLATION', CLOUD_CODE)] },
    'ineligible',
    'key',
    Infinity,
  ],
  [
    'a pair of account and project without a licence',
    403,
    {
      message:
        "You must be a named user on your organization's Gemini Code Assist Standard edition subscription. (#3501)",
    },
    'ineligible',
    'key',
    Infinity,
  ],
  [
    'a personal account',
    403,
    { message: 'No.', details: [info('UNSUPPORTED_CLIENT', CLOUD_CODE)] },
    'ineligible',
    'key',
    Infinity,
  ],
];

const VERTEX: readonly Recorded[] = [
  [
    'no right',
    403,
    {
      message: "Permission 'aiplatform.endpoints.predict' denied.",
      details: [info('IAM_PERMISSION_DENIED', 'aiplatform.googleapis.com')],
    },
    'permission',
    'key',
    Infinity,
  ],
  [
    'a file that Google may not read',
    403,
    {
      message:
        'Permission denied while accessing input file. Learn more about providing the appropriate credentials: https://cloud.google.com/vertex-ai/docs/general/access-control',
      status: 'PERMISSION_DENIED',
    },
    undefined,
    undefined,
    undefined,
  ],
  [
    'an object in a bucket',
    403,
    {
      message:
        'service-1@gcp-sa-aiplatform.iam.gserviceaccount.com does not have storage.objects.get access to the Google Cloud Storage object.',
    },
    undefined,
    undefined,
    undefined,
  ],
  [
    'the same by its permission',
    403,
    {
      message: 'Denied.',
      details: [
        info('IAM_PERMISSION_DENIED', 'storage.googleapis.com', { permission: 'storage.objects.get', service: 'x' }),
      ],
    },
    undefined,
    undefined,
    undefined,
  ],
  [
    'an API of buckets that is off',
    403,
    {
      message: 'Cloud Storage API has not been used in project 1.',
      details: [info('SERVICE_DISABLED', 'googleapis.com')],
    },
    'permission',
    'key',
    Infinity,
  ],
  [
    'no bill',
    403,
    {
      message: 'This API method requires billing to be enabled.',
      details: [info('BILLING_DISABLED', 'googleapis.com')],
    },
    'billing',
    'key',
    Infinity,
  ],
  [
    'too many',
    429,
    { message: 'Resource exhausted. Please try again later.', status: 'RESOURCE_EXHAUSTED' },
    'rate_limit',
    'model',
    NOW + 60_000,
  ],
  ['unavailable', 503, { message: 'The service is currently unavailable.' }, 'capacity', 'model', NOW + 10_000],
  ['an unknown model', 404, { message: 'Publisher Model `x` was not found.' }, undefined, undefined, undefined],
];

const RECORDED = { 'the Gemini API': GEMINI_API, 'Code Assist': CODE_ASSIST, 'Vertex AI': VERTEX };

describe.each(Object.entries(RECORDED))('%s says', (door, rows) => {
  test.each(rows.map((row) => ({ what: row[0], row })))('$what', async ({ row }) => {
    const [, status, error, cause, scope, until, apiKey = KEY] = row;
    const said = await replyToError(replyWith(status, { error: { code: status, ...error } }), NOW);
    const trouble = troubleOf(door === 'the Gemini API' ? (keyTrouble(said, status, { apiKey }) ?? said) : said);
    expect([trouble?.cause, trouble?.scope]).toEqual([cause, scope]);
    expect(trouble && closedUntil(trouble, 1, NOW, newDay)).toBe(until);
  });
});

describe('the way there', () => {
  const peer = { url: new URL('https://generativelanguage.googleapis.com'), proxy: undefined };
  test.each<[string, RelayError, DoorCause | undefined]>([
    ['no first byte in time', noHeadInTime(peer, 1000), 'network'],
    ['no connection', noAnswer(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), false, peer), 'network'],
    ['hung up', noAnswer(new Error('x'), true, peer), 'network'],
    ['broken off', brokenBody(new Error('x'), peer), 'network'],
    ['not JSON', badResponse('x'), 'server_error'],
    ['no token to be had', failed('token_unavailable', 'x'), 'network'],
    ['the client left', failed('client_closed', 'x'), undefined],
    ['the relay gave up', failed('request_timeout', 'x'), undefined],
    ['a blocked prompt', failed('content_filter', 'x'), undefined],
    ['an empty answer', failed('upstream_empty_response', 'x'), undefined],
  ])('%s', (_what, error, cause) => {
    expect(troubleOf(error)?.cause).toBe(cause);
  });

  test('what is no failure of a call says nothing', () => {
    expect([
      troubleOf(new TypeError('bug')),
      troubleOf(undefined),
      troubleOf(new DOMException('x', 'AbortError')),
    ]).toEqual([undefined, undefined, undefined]);
  });
});

test.each([401, 403])(
  "a %i that is no word of Google's is trouble of the way there, not of the key",
  async (status) => {
    const said = await replyToError(replyWith(status, '<html>Blocked by policy</html>'), NOW);
    expect(said).toMatchObject({ status: 502, reason: 'upstream_bad_response' });
    expect(keyTrouble(said, status, { apiKey: KEY })).toBeUndefined();
    expect(keyTrouble(said, status, { apiKey: OLD_KEY })).toBeUndefined();
    expect(troubleOf(said)).toMatchObject({ cause: 'network', scope: 'door' });
  },
);

test.each(['network', 'server_error'] as const)('%s: 5 s, doubling to two minutes', (cause) => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 100_000].map(
    (failures) => (closedUntil({ cause, waitMs: undefined }, failures, NOW, newDay) - NOW) / 1000,
  );
  expect(seconds).toEqual([5, 10, 20, 40, 80, 120, 120, 120]);
});

test('capacity: 10 s, doubling to two minutes', () => {
  const seconds = [1, 2, 3, 4, 5, 6].map(
    (failures) => (closedUntil({ cause: 'capacity', waitMs: undefined }, failures, NOW, newDay) - NOW) / 1000,
  );
  expect(seconds).toEqual([10, 20, 40, 80, 120, 120]);
});

test('of the whole key are the six that its owner has to see to, and nothing else', () => {
  const causes = Object.keys(DOOR_CAUSES) as DoorCause[];
  const ofKey = causes.filter((cause) => DOOR_CAUSES[cause].cools === 'key').sort();
  expect(ofKey).toEqual(['billing', 'ineligible', 'invalid_key', 'login', 'permission', 'retired_key']);
  for (const cause of causes) {
    const isOwners = closedUntil({ cause, waitMs: undefined }, 1, NOW, newDay) === Infinity;
    expect([cause, isOwners]).toEqual([cause, ofKey.includes(cause)]);
  }
});

test.each((Object.keys(REASONS) as Reason[]).filter((reason) => meaningOf(reason).fault === 'client'))(
  '%s never counts',
  (reason) => {
    expect(troubleOf(failed(reason, 'x'))).toBeUndefined();
  },
);

test('a retired key is told with the way out, and a refused one by the name of its setting; neither shows the key', async () => {
  const refusal = {
    error: { code: 400, message: `API key not valid: ${OLD_KEY}`, details: [info('API_KEY_INVALID', 'x')] },
  };
  const said = await replyToError(replyWith(400, refusal), NOW);
  const retired = keyTrouble(said, 400, { apiKey: OLD_KEY, keyName: 'GEMINI_API_KEYS (work)' });
  expect(retired?.message).toContain('GEMINI_API_KEYS (work)');
  expect(retired?.message).toContain('https://aistudio.google.com/apikey');
  expect(retired?.message).not.toContain(OLD_KEY);
  expect(keyTrouble(said, 401, { apiKey: KEY })?.message).toContain('Check GEMINI_API_KEY.');
  expect(keyTrouble(await replyToError(replyWith(429, {}), NOW), 429, { apiKey: OLD_KEY })).toBeUndefined();
});

test.each([
  ['not valid', 400, { message: 'API key not valid.', details: [info('API_KEY_INVALID', 'googleapis.com')] }],
  ['made for other APIs', 403, { message: 'Blocked.', details: [info('API_KEY_SERVICE_BLOCKED', 'googleapis.com')] }],
  ['found in public', 403, { message: 'Your API key was reported as leaked.' }],
  ['without its project, in no words of ours', 401, { message: 'Request had invalid credentials.' }],
])('of many keys the one that is %s is named as its setting names it', async (_what, status, error) => {
  const said = await replyToError(replyWith(status, { error: { code: status, ...error } }), NOW);
  const named = keyTrouble(said, status, { apiKey: KEY, keyName: 'GEMINI_API_KEYS (work)' });
  expect(named?.fix).toContain('GEMINI_API_KEYS (work)');
  expect(named?.fix).not.toMatch(/GEMINI_API_KEY\b/);
  // What Google has said of it is not lost: what closes the door, and its way out.
  expect(named?.doorCause).toBe(status === 401 ? 'invalid_key' : said.doorCause);
  if (status === 403) expect(named?.problem).toBe(said.problem);
});
