import { afterEach, describe, expect, test } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import { KEY, serve, type Script, type Served } from './serve.ts';

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

describe('models', () => {
  const live = () =>
    Promise.resolve([
      { name: 'models/gemini-2.5-flash', supportedGenerationMethods: ['generateContent'] },
      {
        name: 'models/gemini-9-new',
        displayName: 'Gemini 9',
        inputTokenLimit: 10,
        outputTokenLimit: 5,
        supportedGenerationMethods: ['generateContent'],
      },
      { name: 'models/veo-4', supportedGenerationMethods: ['predictLongRunning'] },
    ]);

  test.each(['/v1/models', '/models', '/v1/v1/models', '/v1beta/openai/models'])('the list at %s', async (path) => {
    const { fetch } = await start();
    const body = await bodyOf(await fetch(path));
    expect(body['object']).toBe('list');
    const data = body['data'] as Record<string, unknown>[];
    expect(data.length).toBeGreaterThan(5);
    for (const row of data) {
      expect(row).toMatchObject({ object: 'model', owned_by: 'google' });
      expect(Number.isInteger(row['created'])).toBe(true);
      expect(row['context_length']).toBeGreaterThan(0);
      expect(row['max_output_tokens']).toBeGreaterThan(0);
    }
    const ids = data.map((row) => row['id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['gemini-2.5-pro', 'gemini-2.5-flash-nothinking']));
  });

  test('what Google lists beyond the catalogue is joined', async () => {
    const { fetch } = await start({ models: live });
    const data = (await bodyOf(await fetch('/v1/models')))['data'] as { id: string }[];
    expect(data.filter(({ id }) => id === 'gemini-2.5-flash')).toHaveLength(1);
    expect(data.find(({ id }) => id === 'gemini-9-new')).toMatchObject({
      display_name: 'Gemini 9',
      context_length: 10,
      max_output_tokens: 5,
    });
    expect(data.some(({ id }) => id === 'veo-4')).toBe(false);
    expect((await fetch('/v1/models/gemini-9-new')).status).toBe(200);
  });

  test('a list that cannot be had leaves the catalogue; trouble that the owner must fix is told', async () => {
    const failing = (retryable: boolean) => () =>
      Promise.reject(new RelayError('UNAVAILABLE', 'No.', { reason: 'login_required', retryable }));
    const weak = await start({ models: failing(true) });
    expect((await weak.fetch('/v1/models')).status).toBe(200);
    const lost = await start({ models: failing(false) });
    expect((await lost.fetch('/v1/models')).status).toBe(503);
  });

  test.each([
    'gemini-2.5-pro-maxthinking-search',
    'gemini-2.5-flash-search-nothinking',
    'models/gemini-2.5-flash',
    'models%2Fgemini-2.5-flash',
  ])('H11: one model, %s', async (id) => {
    const { fetch } = await start();
    const response = await fetch(`/v1/models/${id}`);
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toMatchObject({ id: decodeURIComponent(id), object: 'model' });
    expect((await fetch(`/v1beta/openai/models/${id}`)).status).toBe(200);
  });

  test.each(['nope', 'gemini-2.5-flahs', 'a/b:c', '%E0%A4%A'])('H11, T7: no model %s', async (id) => {
    const { fetch } = await start();
    const response = await fetch(`/v1/models/${id}`);
    expect(response.status).toBe(404);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(error?.message).toContain('gemini-2.5-flash');
  });

  test.each<[string, string, Record<string, string>]>([
    ['x-goog-api-key', '/v1/models', { 'x-goog-api-key': KEY }],
    ['x-goog-api-client', '/v1/models', { 'x-goog-api-client': 'google-genai-sdk/3.1.0' }],
    ['?key=', `/v1/models?key=${KEY}`, {}],
    ['x-goog-api-key, one model', '/v1/models/gemini-2.5-flash', { 'x-goog-api-key': KEY }],
  ])("Google's callers get Google's shape: %s", async (_name, path, headers) => {
    const { fetch } = await start();
    const body = await bodyOf(await fetch(path, { headers }));
    const [first = body] = (body['models'] ?? []) as Body[];
    expect(first['name']).toMatch(/^models\//);
  });
});
