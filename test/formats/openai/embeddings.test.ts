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

describe('embeddings', () => {
  test('texts in order, as numbers; tokens are counted where Google counts', async () => {
    const { post, embeds } = await start({
      embed: ({ requests }) =>
        Promise.resolve({
          embeddings: requests.map((_, index) => ({ values: [index, 0.5] })),
          usageMetadata: { promptTokenCount: 9 },
        }),
    });
    const response = await post('/v1/embeddings', { model: 'gemini-embedding-001', input: ['a', 'b'], dimensions: 2 });
    expect(await bodyOf(response)).toEqual({
      object: 'list',
      model: 'gemini-embedding-001',
      data: [
        { object: 'embedding', index: 0, embedding: [0, 1] },
        { object: 'embedding', index: 1, embedding: [expect.closeTo(0.8944, 3), expect.closeTo(0.4472, 3)] },
      ],
      usage: { prompt_tokens: 9, total_tokens: 9 },
    });
    expect(embeds).toMatchObject([
      {
        model: 'gemini-embedding-001',
        requests: [
          { content: { parts: [{ text: 'a' }] }, outputDimensionality: 2 },
          { content: { parts: [{ text: 'b' }] }, outputDimensionality: 2 },
        ],
      },
    ]);
  });

  test('one text, as base64 of little-endian floats; without a count, an estimate', async () => {
    const { post } = await start();
    const body = await bodyOf(
      await post('/v1/embeddings', { model: 'gemini-embedding-001', input: 'abcdefgh', encoding_format: 'base64' }),
    );
    const [row] = body['data'] as { embedding: string }[];
    const bytes = Buffer.from(row?.embedding ?? '', 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0, 0.5]);
    expect(body['usage']).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  });

  test('many texts go in calls of a hundred', async () => {
    const { post, embeds } = await start();
    const input = Array.from({ length: 250 }, (_, index) => `text ${index}`);
    const body = await bodyOf(await post('/v1/embeddings', { model: 'gemini-embedding-001', input }));
    expect(embeds.map(({ requests }) => requests.length)).toEqual([100, 100, 50]);
    expect((body['data'] as { index: number }[]).map(({ index }) => index)).toEqual(input.map((_, index) => index));
  });

  test.each([
    ['token arrays', { input: [1, 2, 3] }, 'unsupported_value', 'input'],
    ['lists of token arrays', { input: [[1, 2], [3]] }, 'unsupported_value', 'input'],
    ['nothing', {}, 'missing_required_parameter', 'input'],
    ['an empty list', { input: [] }, 'empty_array', 'input'],
    ['more texts than OpenAI takes', { input: Array.from({ length: 2049 }, () => 'a') }, 'invalid_value', 'input'],
    ['an empty text', { input: ['a', ''] }, 'invalid_value', 'input[1]'],
    ['another type', { input: [{}] }, 'invalid_type', 'input[0]'],
    ['another format', { input: 'a', encoding_format: 'hex' }, 'invalid_value', 'encoding_format'],
    ['no dimensions', { input: 'a', dimensions: 0 }, 'invalid_value', 'dimensions'],
    ['a model that chats', { input: 'a', model: 'gemini-2.5-flash' }, 'invalid_value', 'model'],
  ])('%s: 400', async (_name, body, code, param) => {
    const { post, embeds } = await start();
    const response = await post('/v1/embeddings', { model: 'gemini-embedding-001', ...body });
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({ code, param });
    expect(embeds).toEqual([]);
  });
});
