import { describe, expect, test } from 'vitest';
import type { RelayError } from '../../src/errors.ts';
import { DOOR_CAUSES } from '../../src/reasons.ts';
import { replyToError, valueToError } from '../../src/upstreams/google-error.ts';
import type { Reply } from '../../src/upstreams/transport.ts';
import { processorNow } from '../support/machine.ts';

const NOW = Date.UTC(2026, 10, 21);
const HOUR_MS = 3_600_000;

const replyWith = (status: number, body: string, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers,
  contentType: 'application/json',
  body: { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }) },
  text: () => Promise.resolve(body),
  excerpt: () => Promise.resolve(body),
  discard: () => undefined,
});

const errorFor = (status: number, error: object, headers?: Reply['headers']): Promise<RelayError> =>
  replyToError(
    replyWith(status, JSON.stringify({ error: { code: status, message: 'Told.', ...error } }), headers),
    NOW,
  );

const info = (reason: string, metadata: object = {}, domain = 'cloudcode-pa.googleapis.com') => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain,
  metadata,
});
const retryInfo = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId, quotaValue: '10' }],
});

describe('what to do', () => {
  const NO_PLACE = { status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' };

  test.each([
    ['capacity', 503, { details: [info('MODEL_CAPACITY_EXHAUSTED')] }, 'Try again, or take another model.'],
    ['its own failure', 500, {}, 'Try again.'],
    ['a bad gateway', 502, {}, 'Try again.'],
    ['a quota of the day', 429, { details: [quota('RequestsPerDay')] }, 'come back tomorrow, or take another model.'],
    ['no quota at all', 429, { message: 'Quota exceeded, limit: 0, model: x' }, 'take another one.'],
    [
      'a long prompt',
      400,
      { message: 'The input token count (2) exceeds the maximum (1).' },
      'Shorten the conversation.',
    ],
    ['the country', 400, NO_PLACE, 'or set UPSTREAM=vertex.'],
    ['permission', 403, { message: 'The caller does not have permission' }, '`npm run health`.'],
  ])('is told of %s, where Google does not say it', async (_name, status, error, fix) => {
    const { fix: told, message, problem } = await errorFor(status, error);
    expect(told?.endsWith(fix)).toBe(true);
    expect(message.startsWith(`${problem.replace(/\.$/, '')}. ${told ?? ''}`)).toBe(true);
  });
});

describe('the shapes of an error body', () => {
  const plain = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } };
  const nested = (levels: number): object =>
    levels === 0 ? plain : { error: { code: 429, message: JSON.stringify(nested(levels - 1)) } };

  test.each([
    ['plain', JSON.stringify(plain)],
    ['in an array', JSON.stringify([plain])],
    ['as an event', `data: ${JSON.stringify(plain)}\n\n`],
    ['in its own message', JSON.stringify(nested(1))],
    ['ten levels deep', JSON.stringify(nested(10))],
    ['with doubled commas', '{"error":{"code":429,,"message":"Slow down.", ,"status":"RESOURCE_EXHAUSTED"}}'],
  ])('%s', async (_name, body) => {
    const error = await replyToError(replyWith(429, body), NOW);
    expect(error).toMatchObject({ status: 429, reason: 'rate_limit_exceeded', message: 'Slow down.' });
  });

  test('nested deeper than that, it stays a message', async () => {
    const error = await replyToError(replyWith(429, JSON.stringify(nested(11))), NOW);
    expect(error.message).toContain('"error"');
  });

  test('type names with stray blanks', async () => {
    const details = [{ ' @type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }];
    expect((await errorFor(429, { details })).retryAfterMs).toBe(3000);
  });

  test.each([['<html><title>Sorry</title></html>'], [''], ['{"err'], ['null'], ['[]'], ['{"error":null}'], ['"text"']])(
    'no error in it: %s',
    async (body) => {
      const error = await replyToError(replyWith(500, body), NOW);
      expect(error).toMatchObject({ code: 'INTERNAL', reason: 'server_error' });
      expect(error.message).toBe('Google answered with status 500 and no explanation. Try again.');
    },
  );

  test('an error in a 200 is what its code says; without one, its status', () => {
    expect(valueToError({ error: { code: 503, message: 'x' } }, () => NOW)).toMatchObject({ status: 503 });
    expect(valueToError({ error: { status: 'RESOURCE_EXHAUSTED', message: 'x' } }, () => NOW)).toMatchObject({
      status: 429,
    });
    expect(valueToError({ error: 'x' }, () => NOW)).toMatchObject({ status: 502, message: 'x. Try again.' });
    expect(valueToError({ error: { code: 1e9 } }, () => NOW)).toMatchObject({
      status: 502,
      reason: 'upstream_bad_response',
    });
    expect(valueToError({ candidates: [] }, () => NOW)).toBeUndefined();
    expect(valueToError('text', () => NOW)).toBeUndefined();
  });
});

describe('when to come back', () => {
  test.each<[string, object, Reply['headers'] | undefined, number | undefined]>([
    ['RetryInfo', { details: [retryInfo('34.07s')] }, undefined, 34_070],
    ['RetryInfo in ms', { details: [retryInfo('900ms')] }, undefined, 900],
    [
      'RetryInfo before all else',
      { message: 'Please retry in 9s.', details: [info('X', { quotaResetDelay: '8s' }), retryInfo('7s')] },
      { 'retry-after': '6' },
      7000,
    ],
    [
      'the time of reset',
      { details: [info('X', { quotaResetTimeStamp: '2026-11-21T00:01:00Z', quotaResetDelay: '8s' })] },
      undefined,
      60_000,
    ],
    ['a reset that has been', { details: [info('X', { quotaResetTimeStamp: '2026-11-20T00:00:00Z' })] }, undefined, 0],
    ['the delay of reset', { details: [info('X', { quotaResetDelay: '13h19m1.2s' })] }, undefined, 47_941_200],
    [
      'a long delay in seconds',
      { details: [info('X', { quotaResetDelay: '33740.910400305s' })] },
      undefined,
      33_740_911,
    ],
    ['a short one', { details: [info('X', { quotaResetDelay: '373.8ms' })] }, undefined, 374],
    ['words', { message: 'Please retry in 3.2s.' }, undefined, 3200],
    ['other words', { message: 'Your quota will reset after 3h12m4s.' }, undefined, 11_524_000],
    ['yet others', { message: 'Resets in 9h22m20s.' }, undefined, 33_740_000],
    ['a header', {}, { 'retry-after': '4' }, 4000],
    ['a header with a date', {}, { 'retry-after': 'Sat, 21 Nov 2026 00:00:05 GMT' }, 5000],
    ['nonsense in a header', {}, { 'retry-after': 'soon' }, undefined],
    ['300,000 years in a header', {}, { 'retry-after': '9467280000000' }, undefined],
    ['ten years in a header', {}, { 'retry-after': '315360000' }, undefined],
    ['a far date in a header', {}, { 'retry-after': 'Sat, 21 Nov 9026 00:00:05 GMT' }, undefined],
    ['300,000 years in RetryInfo', { details: [retryInfo('9467280000000s')] }, {}, undefined],
    ['a far time stamp', { details: [info('X', { quotaResetTimeStamp: '9026-11-21T00:00:00Z' })] }, {}, undefined],
    ['nonsense in details', { details: [retryInfo('later')] }, undefined, undefined],
    ['the minute, when that is the quota', { details: [quota('RequestsPerMinutePerUser')] }, undefined, 60_000],
    // In Los Angeles it is four in the afternoon.
    ['the new day, when that is the quota', { details: [quota('RequestsPerDay')] }, undefined, 8 * HOUR_MS],
    ['the new day, whatever is told', { details: [quota('RequestsPerDay'), retryInfo('34s')] }, {}, 8 * HOUR_MS],
    ['the new day, without any quota', { message: 'limit: 0, retry in 34s' }, { 'retry-after': '34' }, 8 * HOUR_MS],
    ['the new day, without a time', { details: [info('QUOTA_EXHAUSTED')] }, undefined, 8 * HOUR_MS],
    ['nothing', {}, undefined, undefined],
  ])('%s', async (_name, error, headers, expected) => {
    expect((await errorFor(429, error, headers)).retryAfterMs).toBe(expected);
  });
});

describe('429, 503 and 499: decided on reasons, not on words', () => {
  test.each<[string, number, object, object]>([
    [
      'a limit for now',
      429,
      { details: [info('RATE_LIMIT_EXCEEDED'), retryInfo('2s')] },
      { status: 429, reason: 'rate_limit_exceeded', tries: 3, retryable: undefined },
    ],
    [
      'a limit for now, without a delay',
      429,
      { details: [info('RATE_LIMIT_EXCEEDED')] },
      { reason: 'rate_limit_exceeded', tries: 2 },
    ],
    [
      'words of capacity with a reason that is none',
      429,
      { message: 'You have exhausted your capacity on this model.', details: [info('RATE_LIMIT_EXCEEDED')] },
      { reason: 'rate_limit_exceeded' },
    ],
    [
      'words of capacity without any reason',
      429,
      { message: 'You have exhausted your capacity on this model.' },
      { status: 503, reason: 'overloaded' },
    ],
    [
      'words of capacity that name a quota and its time (Code Assist, without details)',
      429,
      { message: 'You have exhausted your capacity on this model. Your quota will reset after 37s.' },
      { status: 429, reason: 'rate_limit_exceeded', tries: 1, retryAfterMs: 37_000, retryable: undefined },
    ],
    [
      'the same, back in a moment',
      429,
      { message: 'You have exhausted your capacity on this model. Your quota will reset after 4s.' },
      { status: 429, reason: 'rate_limit_exceeded', tries: 3, retryAfterMs: 4000 },
    ],
    [
      'the same for hours: a quota of the day',
      429,
      { message: 'You have exhausted your capacity on this model. Your quota will reset after 3h12m4s.' },
      { status: 429, reason: 'insufficient_quota', tries: 1, retryAfterMs: 11_524_000, retryable: false },
    ],
    [
      'the same without a time',
      429,
      { message: 'You have exhausted your capacity on this model. Your quota will reset later.' },
      { status: 429, reason: 'rate_limit_exceeded', tries: 2 },
    ],
    [
      'a limit for now, longer than the relay waits: the client may come back',
      429,
      { details: [info('RATE_LIMIT_EXCEEDED'), retryInfo('42s')] },
      { reason: 'rate_limit_exceeded', tries: 1, retryAfterMs: 42_000, retryable: undefined },
    ],
    [
      'a quota for the day',
      429,
      { details: [quota('RequestsPerDayPerProject')] },
      { status: 429, reason: 'insufficient_quota', tries: 1, retryable: false },
    ],
    [
      'another name of it',
      429,
      { details: [quota('DailyRequests'), retryInfo('1s')] },
      { reason: 'insufficient_quota', tries: 1 },
    ],
    [
      'a quota used up',
      429,
      { details: [info('QUOTA_EXHAUSTED')] },
      { reason: 'insufficient_quota', tries: 1, retryable: false },
    ],
    [
      'a quota that is back in a moment',
      429,
      { details: [info('QUOTA_EXHAUSTED', { quotaResetDelay: '373.8ms' })] },
      { reason: 'rate_limit_exceeded', tries: 3 },
    ],
    [
      'a quota that is back within the minute',
      429,
      { details: [info('QUOTA_EXHAUSTED', { quotaResetDelay: '37s' })] },
      { reason: 'rate_limit_exceeded', tries: 1, retryable: undefined },
    ],
    [
      'no credits',
      429,
      { details: [info('INSUFFICIENT_G1_CREDITS_BALANCE')] },
      { reason: 'insufficient_quota', tries: 1 },
    ],
    [
      'a limit of nothing',
      429,
      { message: 'Quota exceeded, limit: 0, model: x' },
      { reason: 'insufficient_quota', tries: 1 },
    ],
    ['a limit of something', 429, { message: 'Quota exceeded, limit: 05' }, { reason: 'rate_limit_exceeded' }],
    [
      'no capacity, as 429',
      429,
      { details: [info('MODEL_CAPACITY_EXHAUSTED')] },
      { status: 503, reason: 'overloaded', tries: 3 },
    ],
    [
      'no capacity, as 503',
      503,
      { details: [info('MODEL_CAPACITY_EXHAUSTED')] },
      { status: 503, reason: 'overloaded', tries: 3 },
    ],
    ['503 with a long delay is still tried', 503, { details: [retryInfo('60s')] }, { reason: 'overloaded', tries: 3 }],
    ['cancelled', 499, {}, { status: 500, reason: 'server_error', tries: 2 }],
  ])('%s', async (_name, status, error, expected) => {
    expect(await errorFor(status, error)).toMatchObject(expected);
  });
});

describe("the relay's own trouble", () => {
  test.each<[string, number, object, string, string]>([
    ['401', 401, {}, 'upstream_auth_error', 'log in anew'],
    ['403', 403, {}, 'upstream_auth_error', 'denies'],
    ['a scope', 403, { details: [info('ACCESS_TOKEN_SCOPE_INSUFFICIENT')] }, 'login_required', '--force'],
    [
      'a permission',
      403,
      { details: [info('IAM_PERMISSION_DENIED', { permission: 'aiplatform.endpoints.predict' })] },
      'config_error',
      'aiplatform.endpoints.predict',
    ],
    ['a project', 403, { details: [info('CONSUMER_INVALID')] }, 'config_error', 'GOOGLE_CLOUD_PROJECT'],
    ['a bill', 403, { details: [info('BILLING_DISABLED')] }, 'config_error', 'billing'],
    ['a client', 403, { details: [info('UNSUPPORTED_CLIENT')] }, 'account_ineligible', 'GEMINI_API_KEY'],
    ['a licence, in words', 403, { message: 'You must be a named user (#3501)' }, 'account_ineligible', 'licence'],
    ['a key, as Google says it', 400, { details: [info('API_KEY_INVALID')] }, 'config_error', 'GEMINI_API_KEY'],
    ['a blocked key', 403, { details: [info('API_KEY_SERVICE_BLOCKED')] }, 'config_error', 'GEMINI_API_KEY'],
    [
      'a key, in words',
      400,
      { message: 'API key not valid. Please pass a valid API key.' },
      'config_error',
      'GEMINI_API_KEY',
    ],
    [
      'a project not found',
      404,
      { details: [{ '@type': 'type.googleapis.com/google.rpc.ResourceInfo', resourceType: 'project' }] },
      'config_error',
      'project id',
    ],
  ])('%s', async (_name, status, error, reason, way) => {
    const found = await errorFor(status, error);
    expect(found).toMatchObject({ code: 'UNAVAILABLE', status: 503, reason, retryable: false, tries: 1, details: [] });
    expect(found.message).toContain(way);
    expect(found.message).toContain('Google says: ');
  });
});

describe('S12: what a client gets to read', () => {
  test.each([
    ['mail addresses', 'Denied for owner.name@example.com now.', 'Denied for [mail address] now.'],
    ['access tokens', 'Token ya29.a0Af_x-1.b refused.', 'Token [token] refused.'],
    ['refresh tokens', 'Token 1//0gAbCdEfGhIj-kl refused.', 'Token [token] refused.'],
    ['keys', 'Key AIzaSyA1234567890abcdefghij not valid.', 'Key [key] not valid.'],
    ['client secrets', 'Secret GOCSPX-abc_def refused.', 'Secret [secret] refused.'],
    ['identity tokens', 'Got eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.sig_1 here.', 'Got [token] here.'],
    ['bearers', 'Header Bearer abcdefgh12345 refused.', 'Header [token] refused.'],
    ['control characters and line breaks', 'a\u0000b\r\nc\u0085d\u2028e', 'a b c d e'],
  ])('%s', async (_name, message, expected) => {
    expect((await errorFor(409, { message })).message).toBe(expected);
  });

  test('one KiB', async () => {
    const { message } = await errorFor(409, { message: 'x'.repeat(5000) });
    expect(message.length).toBe(1024);
  });

  test('long text without an end costs nothing', async () => {
    const startedAt = processorNow();
    await errorFor(409, { message: 'a'.repeat(1_000_000) });
    await errorFor(409, { message: `{${','.repeat(60_000)}` });
    expect(processorNow() - startedAt).toBeLessThan(500);
  });

  test('details pass on without project numbers and mail addresses', async () => {
    const help = {
      '@type': 'type.googleapis.com/google.rpc.Help',
      links: [{ url: 'https://console.cloud.google.com/quotas?project=123456789012' }],
    };
    const details = [
      info('X', { consumer: 'projects/123456789012', user: 'me@example.com', project_number: '123456789012' }),
      help,
      retryInfo('7s'),
    ];
    const error = await errorFor(429, { details });
    const text = JSON.stringify(error.details);
    expect(text).not.toMatch(/123456789012|me@example/);
    expect(error.details[2]).toEqual(retryInfo('7s'));
  });

  test('details beyond measure do not', async () => {
    expect((await errorFor(409, { details: [info('X', { long: 'x'.repeat(20_000) })] })).details).toEqual([]);
  });
});

test.each<[string, number, object, object]>([
  [
    'a prompt too long',
    400,
    { message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).' },
    { status: 400, reason: 'context_length_exceeded', param: undefined },
  ],
  [
    'a place',
    400,
    { status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' },
    { code: 'FAILED_PRECONDITION', reason: 'unsupported_country_region_territory' },
  ],
  ['a model', 404, {}, { code: 'NOT_FOUND', reason: 'model_not_found', param: undefined }],
  ['too large', 413, {}, { status: 413, reason: 'request_too_large' }],
  ['422', 422, {}, { code: 'INVALID_ARGUMENT', status: 422 }],
  ['what only proxies say', 407, {}, { status: 502, reason: 'upstream_bad_response', doorCause: 'network' }],
  ['an odd 5xx', 599, {}, { status: 502, reason: 'server_error', tries: 1 }],
  ['a success that is none', 204, {}, { status: 502, reason: 'upstream_bad_response' }],
])('%s', async (_name, status, error, expected) => {
  expect(await errorFor(status, error)).toMatchObject(expected);
});

test('a 404 in no words of Google’s says that the address is wrong, and names nothing as gone', async () => {
  const error = await replyToError(replyWith(404, '<html><title>404 Not Found</title></html>'), NOW);
  expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404, reason: undefined, doorCause: undefined });
  expect(error.message).toContain('check its endpoint and proxy: `npm run health`');
});

describe('what it says about the door', () => {
  test.each<[string, number, object, string | undefined, string | undefined]>([
    ['a limit for now', 429, { details: [info('RATE_LIMIT_EXCEEDED')] }, 'rate_limit', 'model'],
    ['a quota of the day', 429, { details: [quota('RequestsPerDayPerProject')] }, 'daily_quota', 'model'],
    ['no quota at all', 429, { message: 'Quota exceeded, limit: 0, model: x' }, 'no_quota', 'model'],
    ['no capacity', 503, { details: [info('MODEL_CAPACITY_EXHAUSTED')] }, 'capacity', 'model'],
    ['a 500', 500, {}, 'server_error', 'door'],
    ['a 504', 504, {}, 'server_error', 'door'],
    ['a permission', 403, { details: [info('IAM_PERMISSION_DENIED')] }, 'permission', 'key'],
    ['a denial without a reason', 403, {}, 'permission', 'key'],
    ['a service that is off', 403, { details: [info('SERVICE_DISABLED')] }, 'permission', 'key'],
    ['a bill', 403, { details: [info('BILLING_DISABLED')] }, 'billing', 'key'],
    ['a key', 400, { details: [info('API_KEY_INVALID')] }, 'invalid_key', 'key'],
    ['a key, in words', 400, { message: 'API key not valid.' }, 'invalid_key', 'key'],
    ['a login', 401, {}, 'login', 'key'],
    ['a scope', 403, { details: [info('ACCESS_TOKEN_SCOPE_INSUFFICIENT')] }, 'login', 'key'],
    ['an account', 403, { details: [info('UNSUPPORTED_CLIENT')] }, 'ineligible', 'key'],
    [
      'a place',
      400,
      { status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' },
      'ineligible',
      'key',
    ],
    ['a refused request', 400, {}, undefined, undefined],
    ['an unknown model', 404, {}, undefined, undefined],
    ['a conflict', 409, {}, undefined, undefined],
  ])('%s', async (_name, status, error, cause, cools) => {
    const { doorCause } = await errorFor(status, error);
    expect(doorCause).toBe(cause);
    expect(doorCause && DOOR_CAUSES[doorCause].cools).toBe(cools);
  });
});
