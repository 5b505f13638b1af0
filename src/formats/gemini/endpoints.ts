import type { Family } from '../family.ts';

const MODEL = '/v1beta/models/{model}';

export const GEMINI: Family = {
  name: 'gemini',
  title: 'The Gemini API',
  base: 'base URL without a path',
  endpoints: [
    { method: 'GET', path: '/v1beta/models', name: 'models', does: 'the models' },
    { method: 'GET', path: MODEL, name: 'model', does: 'one model' },
    { method: 'POST', path: `${MODEL}:generateContent`, name: 'generate', does: 'an answer, whole' },
    {
      method: 'POST',
      path: `${MODEL}:streamGenerateContent`,
      query: 'alt=sse',
      name: 'stream',
      does: 'an answer as events; without alt=sse as one array that grows',
    },
    { method: 'POST', path: `${MODEL}:countTokens`, name: 'count', does: 'how many tokens a request has' },
    { method: 'POST', path: `${MODEL}:embedContent`, name: 'embed', does: 'a text to a vector' },
    { method: 'POST', path: `${MODEL}:batchEmbedContents`, name: 'batch-embed', does: 'texts to vectors' },
  ],
};
