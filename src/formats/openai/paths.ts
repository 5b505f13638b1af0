/** The addresses of this family. Base URLs are given in many ways; the same routes stand under all of them. */

/** Google's own OpenAI-compatible base, the usual one, none at all, and `/v1` given twice. */
const BASES = ['/v1', '/v1beta/openai', '', '/v1/v1', '/v1beta/openai/v1'];

export const under = (path: string): string[] => BASES.map((base) => base + path);

/** What OpenAI has and this relay has not. */
export const UNSERVED = [
  'assistants',
  'audio',
  'batches',
  'chatkit',
  'complete',
  'containers',
  'conversations',
  'edits',
  'engines',
  'evals',
  'files',
  'fine-tunes',
  'fine_tuning',
  'images/edits',
  'images/variations',
  'messages',
  'moderations',
  'organization',
  'realtime',
  'responses',
  'skills',
  'threads',
  'uploads',
  'vector_stores',
  'videos',
];

const SERVED = ['chat', 'completions', 'embeddings', 'images', 'models'];

const OWN = new RegExp(
  `^(?:/v1beta/openai(?:/|$)|(?:/v1)+/?$|(?:/v1)*/(?:${[...SERVED, ...UNSERVED].join('|')})(?:/|$))`,
);

/** `/v1/models/x:generateContent` and its older spelling: Google's, under an address that looks like ours. */
const MODEL_METHOD = /^(?:(?!\/models\/).)*\/models\/.+(?::|%3[Aa]|\/)(?:[a-z]+[A-Z][A-Za-z]*|predict)\/?$/;

export const isOpenAiPath = (path: string): boolean => OWN.test(path) && !MODEL_METHOD.test(path);

export const isModelMethod = (path: string): boolean => MODEL_METHOD.test(path);

export const ADDRESSES =
  'The OpenAI API is served at POST /v1/chat/completions, POST /v1/completions, POST /v1/embeddings, ' +
  'POST /v1/images/generations, GET /v1/models and GET /v1/models/{model}.';
