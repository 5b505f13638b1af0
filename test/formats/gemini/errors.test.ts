import { describe, expect, it } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import { renderGeminiError } from '../../../src/formats/gemini/errors.ts';

const envelope = (error: RelayError): unknown => JSON.parse(renderGeminiError(error).body);

describe('renderGeminiError', () => {
  it('is Google’s envelope, without details for a wrong key', () => {
    const error = new RelayError('UNAUTHENTICATED', 'Wrong key.', { reason: 'invalid_api_key' });
    expect(envelope(error)).toEqual({ error: { code: 401, message: 'Wrong key.', status: 'UNAUTHENTICATED' } });
  });

  it('names reason and field in Google’s forms', () => {
    const error = new RelayError('INVALID_ARGUMENT', 'tools: a list.', { reason: 'invalid_type', param: 'tools' });
    expect(envelope(error)).toEqual({
      error: {
        code: 400,
        message: 'tools: a list.',
        status: 'INVALID_ARGUMENT',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'INVALID_TYPE', domain: 'gemini-cli-relay' },
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'tools', description: 'tools: a list.' }],
          },
        ],
      },
    });
  });

  it('passes Google’s own details on, and says when to come back', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' }];
    const error = new RelayError('RESOURCE_EXHAUSTED', 'Slow down.', {
      retryAfterMs: 12_500,
      details,
      reason: 'rate_limit_exceeded',
    });
    const rendered = renderGeminiError(error);
    expect(rendered.status).toBe(429);
    expect(rendered.headers).toMatchObject({ 'retry-after': '13' });
    expect(rendered.headers).not.toHaveProperty('x-should-retry');
    expect(envelope(error)).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } });
  });

  it.each([
    [{ retryable: false }, 'false'],
    [{ retryAfterMs: 61_000 }, 'false'],
    [{ retryAfterMs: 60_000 }, undefined],
    [{}, undefined],
  ])('says whether to retry: %j', (more, expected) => {
    expect(renderGeminiError(new RelayError('UNAVAILABLE', 'm', more)).headers['x-should-retry']).toBe(expected);
  });

  it.each([
    [new RelayError('CANCELLED', 'm'), 500, 'INTERNAL'],
    [new RelayError('UNAVAILABLE', 'm', { status: 502 }), 502, 'UNAVAILABLE'],
    [new RelayError('NOT_FOUND', 'm', { status: 405, headers: { allow: 'POST' } }), 405, 'NOT_FOUND'],
    [new RelayError('UNIMPLEMENTED', 'm'), 501, 'UNIMPLEMENTED'],
  ])('has one status in line and body: %s', (error, code, status) => {
    const rendered = renderGeminiError(error);
    expect(rendered.status).toBe(code);
    expect(rendered.headers).toMatchObject(error.headers);
    expect(envelope(error)).toMatchObject({ error: { code, status } });
  });
});
