import { afterEach, describe, expect, test } from 'vitest';
import { candidate } from '../../../support/gemini-chunk.ts';
import { HI, serve, type Script, type Served } from '../serve.ts';

let served: Served | undefined;
const start = async (script?: Script): Promise<Served> => (served = await serve(script));
afterEach(() => served?.close());

const ASK = { model: 'gemini-2.5-flash', prompt: 'Once upon' };

describe('plain completions', () => {
  test('the prompt is what the user says, the answer is text', async () => {
    const { post, calls } = await start({
      answers: [[candidate([{ text: 'so', thought: true }, { text: ' a time' }], { finishReason: 'MAX_TOKENS' })]],
    });
    const response = await post('/v1/completions', { ...ASK, max_tokens: 4000, temperature: 0, best_of: 3 });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: expect.stringMatching(/^cmpl-[A-Za-z0-9]{24}$/) as string,
      object: 'text_completion',
      model: 'gemini-2.5-flash',
      choices: [{ text: ' a time', index: 0, logprobs: null, finish_reason: 'length' }],
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    });
    expect(calls[0]?.request).toMatchObject({
      contents: [{ role: 'user', parts: [{ text: 'Once upon' }] }],
      generationConfig: { temperature: 0, maxOutputTokens: 4000 },
    });
  });

  test('a stream of text, its end once, usage where asked for', async () => {
    const { post } = await start({ answers: [[candidate([{ text: 'H' }]), HI]] });
    const response = await post('/v1/completions', { ...ASK, stream: true, stream_options: { include_usage: true } });
    const events = (await response.text())
      .trimEnd()
      .split('\n\n')
      .map((event) => event.slice('data: '.length));
    expect(events.pop()).toBe('[DONE]');
    const chunks = events.map(
      (event) => JSON.parse(event) as { choices: { text: string; finish_reason: unknown }[]; usage: unknown },
    );
    expect(chunks.flatMap(({ choices }) => choices).map(({ text, finish_reason }) => [text, finish_reason])).toEqual([
      ['H', null],
      ['Hi', null],
      ['', 'stop'],
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 0 } });
  });

  test('more than five stops: the first five, since editors send a dozen', async () => {
    const { post, calls } = await start();
    const answer = await post('/v1/completions', { ...ASK, stop: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] });
    expect(calls[0]?.request.generationConfig).toMatchObject({ stopSequences: ['a', 'b', 'c', 'd', 'e'] });
    expect(answer.headers.get('x-relay-ignored')).toBe('stop');
  });

  test('what has no effect is told, what may be absent and is null is not', async () => {
    const { post } = await start();
    const sent = { echo: true, best_of: 3, logprobs: 2, logit_bias: { 1: 2 }, n: 1, suffix: null, odd: null };
    const told = (await post('/v1/completions', { ...ASK, ...sent })).headers.get('x-relay-ignored');
    expect(told?.split(', ').sort()).toEqual(['best_of', 'echo', 'logit_bias', 'logprobs']);
  });

  test.each([
    ['a suffix', { suffix: 'the end' }, 'unsupported_parameter', 'suffix'],
    ['tokens', { prompt: [1, 2] }, 'unsupported_value', 'prompt'],
    ['several prompts', { prompt: ['a', 'b'] }, 'unsupported_value', 'prompt'],
    ['no prompt', { prompt: null }, 'missing_required_parameter', 'prompt'],
  ])('%s: 400', async (_name, body, code, param) => {
    const { post, calls } = await start();
    const response = await post('/v1/completions', { ...ASK, ...body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param } });
    expect(calls).toEqual([]);
  });
});
