import { expect, test } from 'vitest';
import type { Chunk } from '../../src/gemini/call.ts';
import { candidate, toChunk } from '../support/gemini-chunk.ts';
import { collectGarbage } from '../support/garbage.ts';
import { serve } from './openai/serve.ts';

/** One piece of text, then silence until the client leaves. */
const unending = async function* (signal: AbortSignal): AsyncGenerator<readonly Chunk[]> {
  yield [toChunk(candidate([{ text: 'Once upon a time' }]))];
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
};

test.each([
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Tell me a long story.' }], stream: true }],
  ['/v1/responses', { input: 'Tell me a long story.', stream: true }],
  ['/v1/completions', { prompt: 'Tell me a long story.', stream: true }],
  ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', { contents: [{ parts: [{ text: 'A story.' }] }] }],
  ['/v1beta/models/gemini-2.5-flash:streamGenerateContent', { contents: [{ parts: [{ text: 'A story.' }] }] }],
])('an open stream at %s keeps nothing of what was asked', async (path, body) => {
  const asked: WeakRef<object>[] = [];
  const served = await serve({
    generate: (call, signal) => {
      asked.push(new WeakRef(call.request));
      return Promise.resolve(unending(signal));
    },
  });
  try {
    const response = await served.post(path, path.startsWith('/v1/') ? { model: 'gemini-2.5-flash', ...body } : body);
    await response.body?.getReader().read();
    await collectGarbage();
    expect(asked.map((request) => request.deref())).toEqual([undefined]);
  } finally {
    await served.close();
  }
});
