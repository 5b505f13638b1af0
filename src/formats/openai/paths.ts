/** The addresses of this family. Base URLs are given in many ways; the same routes stand under all of them. */

/** Google's own OpenAI-compatible base, the usual one, none at all, and `/v1` given twice. */
const BASES = ['/v1', '/v1beta/openai', '', '/v1/v1', '/v1beta/openai/v1'];

export const under = (path: string): string[] => BASES.map((base) => base + path);

const RESPONSES: ReadonlySet<string> = new Set(under('/responses'));

/** Whether answers are made there, in the form of the Responses API. */
export const isResponsesPath = (path: string): boolean => RESPONSES.has(path.endsWith('/') ? path.slice(0, -1) : path);

/** What OpenAI has and this relay has not. */
export const UNSERVED = [
  'assistants',
  'audio/voice_consents',
  'audio/voices',
  'batches',
  'chatkit',
  'containers',
  'conversations',
  'edits',
  'engines',
  'evals',
  'fine-tunes',
  'fine_tuning',
  'images/variations',
  'moderations',
  'organization',
  'realtime',
  'skills',
  'threads',
  'uploads',
  'vector_stores',
  'videos',
];

/** `/models`, `/files`, `/batches` and `/skills` others have as well: there the caller's own words decide. */
const SHARED: readonly string[] = ['batches', 'files', 'skills'];
const SERVED = ['audio', 'chat', 'completions', 'embeddings', 'images', 'responses'];
const ALONE = [...SERVED, ...UNSERVED.filter((name) => !SHARED.includes(name))];

const OWN = new RegExp(`^(?:/v1beta/openai(?:/|$)|(?:/v1)*/(?:${ALONE.join('|')})(?:/|$))`);

/** Whether a path is this family's alone. */
export const isOpenAiPath = (path: string): boolean => OWN.test(path);
