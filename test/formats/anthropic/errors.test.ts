import { expect, test } from 'vitest';
import { failed, RelayError } from '../../../src/errors.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { renderAnthropicError } from '../../../src/formats/anthropic/errors.ts';

test.each<[ErrorCode, object, number, string]>([
  ['INVALID_ARGUMENT', {}, 400, 'invalid_request_error'],
  ['INVALID_ARGUMENT', { status: 413 }, 413, 'request_too_large'],
  ['UNAUTHENTICATED', {}, 401, 'authentication_error'],
  ['PERMISSION_DENIED', {}, 403, 'permission_error'],
  ['NOT_FOUND', {}, 404, 'not_found_error'],
  ['NOT_FOUND', { status: 405 }, 405, 'not_found_error'],
  ['RESOURCE_EXHAUSTED', {}, 429, 'rate_limit_error'],
  ['UNAVAILABLE', {}, 529, 'overloaded_error'],
  ['UNAVAILABLE', { retryable: false }, 503, 'api_error'],
  ['ABORTED', {}, 529, 'overloaded_error'],
  ['DEADLINE_EXCEEDED', {}, 504, 'timeout_error'],
  ['INTERNAL', {}, 500, 'api_error'],
  ['CANCELLED', {}, 500, 'api_error'],
])('%s %j is %i %s', (code, more, status, type) => {
  const rendered = renderAnthropicError(new RelayError(code, 'What happened.', more), 'req_1');
  expect(rendered).toMatchObject({ status, headers: { 'request-id': 'req_1' } });
  expect(JSON.parse(rendered.body)).toEqual({
    type: 'error',
    error: { type, message: 'What happened.' },
    request_id: 'req_1',
  });
});

test('a conversation that is not kept is told in the way that the SDK decides on', () => {
  const { status, body } = renderAnthropicError(failed('thread_not_found', 'What happened.'), 'req_1');
  expect(status).toBe(404);
  expect(JSON.parse(body)).toMatchObject({
    error: { type: 'not_found_error', details: { error_code: 'thread_not_found' } },
  });
});

test('the wait is told in whole seconds, and one that is too long is no wait', () => {
  const headersFor = (retryAfterMs: number) =>
    renderAnthropicError(new RelayError('RESOURCE_EXHAUSTED', 'm', { retryAfterMs }), 'r').headers;
  expect(headersFor(2100)).toMatchObject({ 'retry-after': '3' });
  expect(headersFor(2100)).not.toHaveProperty('x-should-retry');
  expect(headersFor(90_000)).toMatchObject({ 'retry-after': '90', 'x-should-retry': 'false' });
});
