/** The frames of every other route that takes JSON: where a client may put as many values as it likes. */
import type { Load } from './heavy.ts';

const MODEL = 'gemini-2.5-flash';
const EMBEDDING = 'gemini-embedding-001';
const NATIVE = `/v1beta/models/${MODEL}`;
const HELLO = '"messages":[{"role":"user","content":"Hi"}]';
const CONSOLE = '/console/api/';

type Frame = readonly [path: string, before: string, after: string];

const FRAMES: readonly Frame[] = [
  ['/v1/completions', `{"model":"${MODEL}","prompt":[`, ']}'],
  ['/v1/completions', `{"model":"${MODEL}","prompt":"Hi","stop":[`, ']}'],
  ['/v1/embeddings', `{"model":"${EMBEDDING}","input":[`, ']}'],
  ['/v1/embeddings', `{"model":"${EMBEDDING}","input":"Hi","unknown":[`, ']}'],
  ['/v1/images/generations', '{"model":"gemini-2.5-flash-image","prompt":[', ']}'],
  ['/v1/images/generations', '{"model":"gemini-2.5-flash-image","prompt":"Hi","unknown":[', ']}'],
  ['/v1/audio/speech', '{"model":"gemini-2.5-flash-preview-tts","input":"Hi","voice":"Kore","unknown":[', ']}'],
  ['/v1/responses/input_tokens', `{"model":"${MODEL}","input":[`, ']}'],
  ['/v1/responses/input_tokens', `{"model":"${MODEL}","input":"Hi","tools":[`, ']}'],
  ['/v1/responses/compact', `{"model":"${MODEL}","input":[`, ']}'],
  ['/v1/messages/count_tokens', `{"model":"${MODEL}","messages":[`, ']}'],
  ['/v1/messages/count_tokens', `{"model":"${MODEL}",${HELLO},"tools":[`, ']}'],
  [`${NATIVE}:streamGenerateContent`, '{"contents":[', ']}'],
  [`${NATIVE}:countTokens`, '{"contents":[', ']}'],
  [`${NATIVE}:countTokens`, '{"generateContentRequest":{"contents":[', ']}}'],
  [`/v1beta/models/${EMBEDDING}:embedContent`, '{"content":{"parts":[', ']}}'],
  [`/v1beta/models/${EMBEDDING}:batchEmbedContents`, '{"requests":[', ']}'],
  [`/v1beta/models/${EMBEDDING}:asyncBatchEmbedContent`, '{"batch":{"inputConfig":{"requests":{"requests":[', ']}}}}'],
  [`${NATIVE}:batchGenerateContent`, '{"batch":{"inputConfig":{"requests":{"requests":[', ']}}}}'],
  ['/v1beta/models/veo-3.1-generate-preview:predictLongRunning', '{"instances":[', ']}'],
  ['/v1beta/models/veo-3.1-generate-preview:fetchPredictOperation', '{"operationName":[', ']}'],
  ['/v1beta/cachedContents', `{"model":"models/${MODEL}","contents":[`, ']}'],
  ['/v1beta/interactions', `{"model":"${MODEL}","input":[`, ']}'],
  ['/v1beta/interactions', `{"model":"${MODEL}","input":"Hi","tools":[`, ']}'],
  ['/upload/v1beta/files', '{"file":{"x":[', ']}}'],
  [`${CONSOLE}session`, '{"x":[', ']}'],
  [`${CONSOLE}keys`, '{"name":"x","models":[', ']}'],
  [`${CONSOLE}keys`, '{"name":"x","limits":{"x":[', ']}}'],
  [`${CONSOLE}login/finish`, '{"address":[', ']}'],
];

const MOST_VALUES = 99_000;
/** The smallest values there are. */
const ITEMS = ['1', '{}', '[]', '""', '"a"', 'null', '{"":0}', '{"text":"a"}', '{"role":"user","content":"a"}'];

const filled = ([path, before, after]: Frame, item: string): Load => ({
  name: `${item} in ${before.slice(-50)} of ${path}`,
  path,
  make: (bytes) =>
    before +
    `${item},`.repeat(Math.floor((bytes - before.length - after.length) / (item.length + 1)) - 1) +
    item +
    after,
});

/** Each frame with each item. */
export const ROUTE_LOADS: readonly Load[] = FRAMES.flatMap((frame) => ITEMS.map((item) => filled(frame, item)));
/** As many values as a body may hold: each frame once, each item as often as any other. */
export const FEW_ROUTE_LOADS: readonly Load[] = FRAMES.map((frame, index) => {
  const item = ITEMS[index % ITEMS.length] ?? '';
  const values = 1 + item.replace(/[^,{[]/g, '').length;
  return { ...filled(frame, item), make: () => filled(frame, item).make((MOST_VALUES / values) * (item.length + 1)) };
});

/** The paths of this table with names in braces. */
export const ROUTE_PATHS: ReadonlySet<string> = new Set(
  FRAMES.map(([path]) => path.replace(/\/models\/[\w.-]+/, '/models/{model}')),
);

const MULTIPART = 'multipart/form-data; boundary=x';
const PART = '--x\r\ncontent-disposition: form-data; name=';
const END = '--x--\r\n';
const FORM_PATHS = ['/v1/files', '/v1/images/edits', '/v1/audio/transcriptions'];
const form = (name: string, make: (bytes: number) => string): readonly Load[] =>
  FORM_PATHS.map((path) => ({ name: `${name} in a form of ${path}`, path, type: MULTIPART, make }));

/** Forms of the smallest parts there are, and of the largest names. */
export const FORMS: readonly Load[] = [
  ...form('100 000 fields', () => `${`${PART}"a"\r\n\r\n\r\n`.repeat(100_000)}${END}`),
  ...form('100 000 files', () => `${`${PART}"file"; filename="a"\r\n\r\n\r\n`.repeat(100_000)}${END}`),
  ...form('100 000 headers', () => `${PART}"file"; filename="a"\r\n${'a:b\r\n'.repeat(100_000)}\r\nx\r\n${END}`),
  ...form('a name of 1 MiB', (bytes) => `${PART}"${'a'.repeat(Math.min(bytes, 1 << 20))}"\r\n\r\nx\r\n${END}`),
  ...form('a file name of 1 MiB', () => `${PART}"file"; filename="${'a'.repeat(1 << 20)}"\r\n\r\nx\r\n${END}`),
  ...form('a file name of escapes', () => `${PART}"file"; filename="${'\\"'.repeat(1 << 18)}"\r\n\r\nx\r\n${END}`),
  ...form('parameters', () => `${PART}"file"${'; a=b'.repeat(100_000)}\r\n\r\nx\r\n${END}`),
  ...form('half boundaries', (bytes) => `${PART}"file"; filename="a"\r\n\r\n${'\r\n--'.repeat(bytes / 4)}\r\n${END}`),
  ...form('line breaks', (bytes) => `${PART}"file"; filename="a"\r\n\r\n${'\r\n'.repeat(bytes / 2)}\r\n${END}`),
  ...form('a long text', (bytes) => `${PART}"purpose"\r\n\r\n${'a'.repeat(bytes)}\r\n${END}`),
];

/** Each form once, each path as often as any other. */
export const FEW_FORMS: readonly Load[] = FORMS.filter(
  (_, index) => index % FORM_PATHS.length === Math.floor(index / FORM_PATHS.length) % FORM_PATHS.length,
);
