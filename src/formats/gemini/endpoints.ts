import type { Family } from '../family.ts';

const MODEL = '/v1beta/models/{model}';

/** Only a door of the Gemini API has what Google keeps. */
const KEPT = [
  {
    method: 'POST',
    path: '/upload/v1beta/files',
    name: 'upload',
    does: 'a file to Google, in one request or in many',
  },
  { method: 'GET', path: '/v1beta/files', name: 'files', does: 'the files that the key has uploaded' },
  { method: 'GET', path: '/v1beta/files/{file}', name: 'file', does: 'one of them' },
  { method: 'DELETE', path: '/v1beta/files/{file}', name: 'file-delete', does: 'deletes it' },
  {
    method: 'GET',
    path: '/v1beta/files/{file}:download',
    query: 'alt=media',
    name: 'download',
    does: 'a file that Google made: of a batch, a video',
  },
  { method: 'POST', path: '/v1beta/cachedContents', name: 'cache-create', does: 'keeps contents for many requests' },
  { method: 'GET', path: '/v1beta/cachedContents', name: 'caches', does: 'those that the key has made' },
  { method: 'GET', path: '/v1beta/cachedContents/{cache}', name: 'cache', does: 'one of them' },
  { method: 'PATCH', path: '/v1beta/cachedContents/{cache}', name: 'cache-prolong', does: 'when it ends' },
  { method: 'DELETE', path: '/v1beta/cachedContents/{cache}', name: 'cache-delete', does: 'deletes it' },
  {
    method: 'POST',
    path: `${MODEL}:batchGenerateContent`,
    name: 'batch',
    does: 'many requests, answered within a day',
  },
  { method: 'POST', path: `${MODEL}:asyncBatchEmbedContent`, name: 'batch-vectors', does: 'many texts to vectors' },
  { method: 'GET', path: '/v1beta/batches', name: 'batches', does: 'the batches that the key has begun' },
  { method: 'GET', path: '/v1beta/batches/{batch}', name: 'batch-state', does: 'how far one is, and its answers' },
  { method: 'POST', path: '/v1beta/batches/{batch}:cancel', name: 'batch-cancel', does: 'calls it off' },
  { method: 'DELETE', path: '/v1beta/batches/{batch}', name: 'batch-delete', does: 'deletes it' },
  {
    method: 'POST',
    path: '/v1beta/interactions',
    name: 'interaction-create',
    does: 'the Interactions API, streamed or whole',
  },
  { method: 'GET', path: '/v1beta/interactions/{interaction}', name: 'interaction', does: 'one that Google stores' },
  {
    method: 'POST',
    path: '/v1beta/interactions/{interaction}/cancel',
    name: 'interaction-cancel',
    does: 'calls it off',
  },
  { method: 'DELETE', path: '/v1beta/interactions/{interaction}', name: 'interaction-delete', does: 'deletes it' },
  { method: 'POST', path: `${MODEL}:predictLongRunning`, name: 'video', does: 'begins a video' },
  { method: 'GET', path: `${MODEL}/operations/{operation}`, name: 'operation', does: 'how far it is' },
  {
    method: 'POST',
    path: `${MODEL}:fetchPredictOperation`,
    name: 'operation-look',
    does: 'the same, as Vertex AI is asked',
  },
] as const;

export const LIVE = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';

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
    { method: 'GET', path: LIVE, name: 'live', does: 'a live conversation by voice, over a WebSocket', isKept: true },
    ...KEPT.map((endpoint) => ({ ...endpoint, isKept: true }) as const),
  ],
};
