import { afterEach, describe, expect, test } from 'vitest';
import { candidate } from '../../support/gemini-chunk.ts';
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

describe('images', () => {
  const PAINTED = candidate([{ text: 'Here. ' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }], {
    finishReason: 'STOP',
  });

  const TEXT = { modality: 'TEXT', tokenCount: 3 };

  test('F15: a prompt becomes pictures of an image model, each by a call of its own', async () => {
    const { post, calls } = await start({
      answers: [
        [PAINTED, { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9, promptTokensDetails: [TEXT] } }],
      ],
    });
    const response = await post('/v1/images/generations', { prompt: 'A cat', n: 2, size: '1792x1024' });
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toEqual({
      created: expect.any(Number) as number,
      data: [{ b64_json: 'AAAA' }, { b64_json: 'AAAA' }],
      usage: {
        input_tokens: 6,
        output_tokens: 18,
        total_tokens: 24,
        input_tokens_details: { text_tokens: 6, image_tokens: 0 },
      },
    });
    expect(calls).toHaveLength(2);
    expect(calls[0]?.model).toContain('-image');
    expect(calls[0]?.request).toMatchObject({
      contents: [{ parts: [{ text: 'A cat' }] }],
      generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: '16:9' } },
    });
    const asUrl = await post('/v1/images/generations', { prompt: 'A cat', response_format: 'url' });
    expect((await bodyOf(asUrl))['data']).toEqual([{ url: 'data:image/png;base64,AAAA' }]);
  });

  test.each([
    ['nothing', {}, { text_tokens: 30, image_tokens: 0 }, undefined],
    [
      'the pictures',
      { promptTokensDetails: [TEXT], candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 70 }] },
      { text_tokens: 30, image_tokens: 0 },
      { text_tokens: 20, image_tokens: 80 },
    ],
    [
      'all',
      {
        promptTokensDetails: [TEXT, { modality: 'IMAGE', tokenCount: 27 }],
        candidatesTokensDetails: [
          { modality: 'IMAGE', tokenCount: 70 },
          { modality: 'TEXT', tokenCount: 10 },
        ],
      },
      { text_tokens: 3, image_tokens: 27 },
      { text_tokens: 30, image_tokens: 70 },
    ],
  ])('words and pictures are both counted where Google tells %s apart', async (_name, told, input, output) => {
    const counts = { promptTokenCount: 30, candidatesTokenCount: 80, thoughtsTokenCount: 20 };
    const { post } = await start({ answers: [[PAINTED, { usageMetadata: { ...counts, ...told } }]] });
    const { usage } = await bodyOf(await post('/v1/images/generations', { prompt: 'A cat' }));
    expect(usage).toEqual({
      ...{ input_tokens: 30, output_tokens: 100, total_tokens: 130 },
      input_tokens_details: input,
      ...(output && { output_tokens_details: output }),
    });
  });

  test('F11: a picture that Google refuses is a 400 with the reason', async () => {
    const { post } = await start({
      answers: [[{ candidates: [{ finishReason: 'IMAGE_SAFETY', finishMessage: 'Unsafe.' }] }]],
    });
    const response = await post('/v1/images/generations', { prompt: 'x' });
    expect(response.status).toBe(400);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ code: 'content_filter', param: 'prompt' });
    expect(error?.message).toContain('Unsafe.');
  });

  test('words instead of a picture are no picture', async () => {
    const { post } = await start();
    const response = await post('/v1/images/generations', { prompt: 'x', n: 3 });
    expect(response.status).toBe(502);
    expect((await bodyOf(response)).error).toMatchObject({ code: 'upstream_empty_response' });
  });

  test.each([
    ['no prompt', {}, 'missing_required_parameter', 'prompt'],
    ['an empty prompt', { prompt: '' }, 'invalid_value', 'prompt'],
    ['an odd size', { prompt: 'x', size: 'large' }, 'invalid_value', 'size'],
    ['too many', { prompt: 'x', n: 11 }, 'invalid_value', 'n'],
    ['a stream', { prompt: 'x', stream: true }, 'unsupported_value', 'stream'],
    ['a model without pictures', { prompt: 'x', model: 'gemini-2.5-pro' }, 'invalid_value', 'model'],
  ])('%s: 400', async (_name, body, code, param) => {
    const { post, calls } = await start();
    const response = await post('/v1/images/generations', body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({ code, param });
    expect(calls).toEqual([]);
  });
});
