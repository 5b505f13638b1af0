import { describe, expect, test } from 'vitest';
import { HTTP_STATUS, RelayError } from '../../../src/errors.ts';
import type { ErrorCode, ErrorDetails } from '../../../src/errors.ts';
import { openAiErrorJson, renderOpenAiError } from '../../../src/formats/openai/errors.ts';

const render = (code: ErrorCode, more: ErrorDetails = {}, message = 'It went wrong.') => {
  const { status, headers, body } = renderOpenAiError(new RelayError(code, message, more));
  const { error } = JSON.parse(body) as { error: Record<string, unknown> };
  return { status, headers, error };
};

describe('status, type and code', () => {
  test.each<[string, ErrorCode, ErrorDetails, number, string, string | null, string | null]>([
    ['a wrong argument', 'INVALID_ARGUMENT', {}, 400, 'invalid_request_error', null, null],
    [
      'a wrong argument with its place',
      'INVALID_ARGUMENT',
      { reason: 'invalid_value', param: 'n' },
      400,
      'invalid_request_error',
      'invalid_value',
      'n',
    ],
    [
      'a body that is no JSON',
      'INVALID_ARGUMENT',
      { reason: 'invalid_json' },
      400,
      'invalid_request_error',
      null,
      null,
    ],
    [
      'too long a prompt',
      'INVALID_ARGUMENT',
      { reason: 'context_length_exceeded' },
      400,
      'invalid_request_error',
      'context_length_exceeded',
      'messages',
    ],
    [
      'a refused prompt',
      'INVALID_ARGUMENT',
      { reason: 'content_filter' },
      400,
      'invalid_request_error',
      'content_filter',
      'messages',
    ],
    [
      'a country without service',
      'FAILED_PRECONDITION',
      { reason: 'unsupported_country_region_territory' },
      403,
      'request_forbidden',
      'unsupported_country_region_territory',
      null,
    ],
    ['a wrong key', 'UNAUTHENTICATED', {}, 401, 'invalid_request_error', 'invalid_api_key', null],
    [
      'our own trouble with Google',
      'UNAVAILABLE',
      { reason: 'upstream_auth_error', retryable: false },
      503,
      'server_error',
      'upstream_auth_error',
      null,
    ],
    [
      'an unknown model',
      'NOT_FOUND',
      { reason: 'model_not_found' },
      404,
      'invalid_request_error',
      'model_not_found',
      'model',
    ],
    ['a wrong method', 'NOT_FOUND', { status: 405 }, 405, 'invalid_request_error', null, null],
    ['a conflict at Google', 'ABORTED', {}, 503, 'server_error', 'overloaded', null],
    [
      'too large a body',
      'INVALID_ARGUMENT',
      { status: 413, reason: 'request_too_large' },
      413,
      'invalid_request_error',
      'request_too_large',
      null,
    ],
    ['a rate limit', 'RESOURCE_EXHAUSTED', {}, 429, 'rate_limit_error', 'rate_limit_exceeded', null],
    [
      'no quota',
      'RESOURCE_EXHAUSTED',
      { reason: 'insufficient_quota' },
      429,
      'insufficient_quota',
      'insufficient_quota',
      null,
    ],
    ['no capacity', 'UNAVAILABLE', {}, 503, 'server_error', 'overloaded', null],
    ['a cancelled call whose client is still there', 'CANCELLED', {}, 500, 'server_error', 'server_error', null],
    ['a fault of Google’s', 'INTERNAL', { reason: 'server_error' }, 500, 'server_error', 'server_error', null],
    ['a fault of ours', 'INTERNAL', { reason: 'internal_error' }, 500, 'server_error', 'server_error', null],
    ['too late', 'DEADLINE_EXCEEDED', {}, 504, 'server_error', 'timeout', null],
    [
      'no way to Google',
      'UNAVAILABLE',
      { status: 502, reason: 'upstream_unreachable' },
      502,
      'server_error',
      'upstream_unreachable',
      null,
    ],
    ['a thing that does not exist', 'UNIMPLEMENTED', {}, 404, 'invalid_request_error', 'unsupported_endpoint', null],
  ])('%s', (_name, code, more, status, type, errorCode, param) => {
    const rendered = render(code, more);
    expect(rendered.status).toBe(status);
    expect(rendered.error).toMatchObject({ type, code: errorCode, param });
    expect(Object.keys(rendered.error)).toEqual(['message', 'type', 'param', 'code']);
  });

  test.each(Object.keys(HTTP_STATUS) as ErrorCode[])('%s has all four keys and no status that is a lie', (code) => {
    const { status, error } = render(code);
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
    expect([499, 501]).not.toContain(status);
  });
});

describe('when to come back', () => {
  test('H47: seconds are rounded up, milliseconds are exact, the message says it too', () => {
    const { headers, error } = render('RESOURCE_EXHAUSTED', { retryAfterMs: 12_500 }, 'Quota exceeded');
    expect(headers).toMatchObject({ 'retry-after': '13', 'retry-after-ms': '12500' });
    expect(headers).not.toHaveProperty('x-should-retry');
    expect(error['message']).toBe('Quota exceeded. Please try again in 12.5s.');
  });

  test('more than a minute: no milliseconds, and no retry by the SDK', () => {
    const { headers } = render('RESOURCE_EXHAUSTED', { retryAfterMs: 60_001 });
    expect(headers).toMatchObject({ 'retry-after': '61', 'x-should-retry': 'false' });
    expect(headers).not.toHaveProperty('retry-after-ms');
    expect(render('RESOURCE_EXHAUSTED', { retryAfterMs: 60_000 }).headers).not.toHaveProperty('x-should-retry');
  });

  test.each<[string, ErrorDetails]>([
    ['what would fail again', { retryable: false }],
    ['a used up quota', { reason: 'insufficient_quota' }],
  ])('%s is not to be repeated', (_name, more) => {
    expect(render('RESOURCE_EXHAUSTED', more).headers).toMatchObject({ 'x-should-retry': 'false' });
  });

  test('what a key has used of its day is a spent quota, at which agents stop: Codex would wait for hours', () => {
    const spent: ErrorDetails = { reason: 'key_limit_exceeded', retryAfterMs: 43_200_000 };
    const { headers, error } = render('RESOURCE_EXHAUSTED', spent, 'The key has used its 9 requests per day.');
    expect(headers).toMatchObject({ 'retry-after': '43200', 'x-should-retry': 'false' });
    expect(error).toMatchObject({
      ...{ type: 'insufficient_quota', code: 'insufficient_quota' },
      message: 'The key has used its 9 requests per day.',
    });
    const soon = render('RESOURCE_EXHAUSTED', { ...spent, retryAfterMs: 60_000 }, 'Used.');
    expect(soon.error).toMatchObject({
      ...{ type: 'rate_limit_error', code: 'rate_limit_exceeded' },
      message: 'Used. Please try again in 60s.',
    });
  });

  test.each<[string, string, ErrorDetails, RegExp]>([
    ['milliseconds', 'Slow down.', { retryAfterMs: 849.2 }, /^Slow down\. Please try again in 850ms\.$/],
    ['no time known', 'Slow down', {}, /try again in 20s/],
    ['already said', 'Please try again in 3s.', { retryAfterMs: 9000 }, /^Please try again in 3s\.$/],
    ['too much for ever', 'Too large alone.', { retryable: false }, /^Too large alone\.$/],
    ['no quota, no time', 'No quota.', { reason: 'insufficient_quota' }, /^No quota\.$/],
  ])('the phrase in the message: %s', (_name, message, more, expected) => {
    expect(render('RESOURCE_EXHAUSTED', more, message).error['message']).toMatch(expected);
  });

  test('no waiting time, no header; other headers are kept', () => {
    expect(render('NOT_FOUND', { status: 405, headers: { allow: 'POST' } }).headers).toEqual({
      allow: 'POST',
      'content-type': 'application/json; charset=utf-8',
    });
  });
});

test('an error is one line, fit for a stream', () => {
  expect(openAiErrorJson(new RelayError('INTERNAL', 'two\nlines'))).not.toContain('\n');
});
