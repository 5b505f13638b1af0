import { afterEach, describe, expect, test } from 'vitest';
import { serve, type Script, type Served } from './serve.ts';

const open: Served[] = [];
const start = async (script?: Script): Promise<Served> => {
  const served = await serve(script);
  open.push(served);
  return served;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

interface Body {
  readonly error?: { readonly message: string; readonly type: string; readonly param: unknown; readonly code: unknown };
  readonly [field: string]: unknown;
}
const bodyOf = async (response: Response): Promise<Body> => (await response.json()) as Body;

describe('methods and addresses', () => {
  test.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['DELETE', '/v1/models', 'GET'],
    ['POST', '/v1beta/openai/models', 'GET'],
    ['GET', '/v1/embeddings', 'POST'],
    ['GET', '/v1/images/generations', 'POST'],
  ])('%s %s: 405 that names %s', async (method, path, allow) => {
    const { fetch } = await start();
    const response = await fetch(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain(allow);
    expect((await bodyOf(response)).error).toMatchObject({ type: 'invalid_request_error', param: null });
  });

  test.each([
    ['POST', '/v1/audio/voices'],
    ['POST', '/v1/moderations'],
    ['POST', '/v1/batches'],
    ['GET', '/v1/skills'],
    ['POST', '/v1/fine_tuning/jobs'],
    ['POST', '/v1/threads/t/runs'],
    ['GET', '/v1/realtime'],
    ['POST', '/v1/images/variations'],
    ['GET', '/v1/chat/completions/chatcmpl-1'],
    ['GET', '/v1/nothing/here'],
  ])('%s %s: 404 that says what there is', async (method, path) => {
    const { fetch } = await start();
    const response = await fetch(path, { method });
    expect(response.status).toBe(404);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'unsupported_endpoint', param: null });
    expect(error?.message).toContain('/v1/chat/completions');
  });

  test.each([
    ['batches', 'POST /v1beta/models/{model}:batchGenerateContent'],
    ['batches/batch_1/cancel', 'POST /v1beta/models/{model}:batchGenerateContent'],
    ['images/variations', 'POST /v1/images/edits'],
    ['realtime/sessions', 'BidiGenerateContent'],
    ['uploads', 'POST /v1/files'],
    ['videos', 'POST /v1beta/models/{model}:predictLongRunning'],
  ])('/v1/%s: what there is in its place comes first', async (path, instead) => {
    const { fetch } = await start();
    const { error } = await bodyOf(await fetch(`/v1/${path}`, { method: 'POST' }));
    expect(error?.message.split('The OpenAI API is served at')[0]).toContain(instead);
  });

  test("a wrong key is told in this family's envelope", async () => {
    const { fetch } = await start();
    const response = await fetch('/v1/chat/completions', { method: 'POST', headers: { authorization: 'Bearer nope' } });
    expect(response.status).toBe(401);
    expect((await bodyOf(response)).error).toMatchObject({
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    });
  });
});

test.each(['variations'])('/v1/images/%s is what is missing, not /v1/images', async (what) => {
  const { fetch } = await start();
  const { error } = await bodyOf(await fetch(`/v1/images/${what}`, { method: 'POST' }));
  expect(error?.message).toContain(`/v1/images/${what} is not available`);
  expect(error?.message).toContain('POST /v1/images/generations');
});
