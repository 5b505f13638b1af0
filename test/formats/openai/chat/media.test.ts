import { describe, expect, test } from 'vitest';
import { candidate } from '../../../support/gemini-chunk.ts';
import { STOP, streamChoice, wholeChoice } from './encoding.ts';

describe('what is no text', () => {
  const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const URL = 'data:image/png;base64,AAAA';

  test('H143: images in a field of their own, with their signatures', async () => {
    const chunks = [candidate([{ text: 'see' }, { ...image, thoughtSignature: 'QUJD' }, image]), STOP];
    const images = [
      {
        type: 'image_url',
        index: 0,
        image_url: { url: URL },
        extra_content: { google: { thought_signature: 'QUJD' } },
      },
      { type: 'image_url', index: 1, image_url: { url: URL } },
    ];
    expect(streamChoice(chunks)).toMatchObject({ images, content: 'see' });
    expect((await wholeChoice(chunks)).message).toMatchObject({ images, content: 'see' });
    expect((await wholeChoice([candidate([image], { finishReason: 'STOP' })])).message['content']).toBe('');
  });

  test('H143: images as markdown, with a blank line around', () => {
    const chunks = [candidate([{ text: 'see' }, image, { text: 'there' }, image]), STOP];
    expect(streamChoice(chunks, { imagesAs: 'markdown' }).content).toBe(
      `see\n\n![image](${URL})\n\nthere\n\n![image](${URL})`,
    );
  });

  test('other media is a link', () => {
    const sound = { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } };
    expect(streamChoice([candidate([sound]), STOP]).content).toBe('[audio/wav](data:audio/wav;base64,AAAA)');
  });

  test('code and its result are fenced blocks', () => {
    const parts = [
      { text: 'Run:' },
      { executableCode: { language: 'PYTHON', code: 'print("```")' } },
      { codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: 'no\n' } },
      { text: 'Sorry.' },
    ];
    expect(streamChoice([candidate(parts), STOP]).content).toBe(
      'Run:\n\n````python\nprint("```")\n````\n\n```output\nno\n```\n(failed)\n\nSorry.',
    );
  });

  test('logprobs, chosen and top', async () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'é', tokenId: 1, logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'é', logProbability: -0.5 },
            { token: 'e', logProbability: -2 },
          ],
        },
      ],
    };
    const expected = [
      {
        token: 'é',
        logprob: -0.5,
        bytes: [195, 169],
        top_logprobs: [
          { token: 'é', logprob: -0.5, bytes: [195, 169] },
          { token: 'e', logprob: -2, bytes: [101] },
        ],
      },
    ];
    const chunks = [
      candidate([{ text: 'é' }], { logprobsResult }),
      candidate([], { logprobsResult, finishReason: 'STOP' }),
    ];
    expect((await wholeChoice(chunks, { logprobs: true })).logprobs).toEqual({
      content: [...expected, ...expected],
      refusal: null,
    });
    expect(streamChoice(chunks, { logprobs: true }).logprobs).toEqual([...expected, ...expected]);
    expect((await wholeChoice(chunks)).logprobs).toBeNull();
  });
});
