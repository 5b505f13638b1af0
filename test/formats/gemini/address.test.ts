import { describe, expect, it } from 'vitest';
import { createAddressReader, readAddress } from '../../../src/formats/gemini/address.ts';
import { geminiFormat } from '../../../src/formats/gemini/gemini.ts';

const call = (model: string, verb = 'generateContent') => ({
  kind: 'call',
  route: `/v1beta/models/{model}:${verb}`,
  model,
  verb,
});
const MODELS = { kind: 'models', route: '/v1beta/models' };
const model = (name: string) => ({ kind: 'model', route: '/v1beta/models/{model}', model: name });
const LIVE = {
  kind: 'socket',
  route: '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
};
const unserved = (feature: string) => ({ kind: 'unserved', route: 'unmatched', feature });
const UNKNOWN = { kind: 'unknown', route: 'unmatched' };

describe('readAddress', () => {
  it.each([
    ['/v1beta/models/gemini-2.5-flash:generateContent', call('gemini-2.5-flash')],
    ['/v1/models/gemini-2.5-flash:generateContent', call('gemini-2.5-flash')],
    ['/v1alpha/models/m:streamGenerateContent', call('m', 'streamGenerateContent')],
    ['/models/m:countTokens', call('m', 'countTokens')],
    ['/v1beta/models/models/m:generateContent', call('m')],
    ['/v1beta/m:generateContent', call('m')],
    ['/v1beta/models/m/generateContent', call('m')],
    ['/v1beta/models/google/m:generateContent', call('google/m')],
    ['/v1beta/models/a:b:generateContent', call('a:b')],
    ['/v1beta1/publishers/google/models/m:generateContent', call('m')],
    ['/v1beta1/projects/p/locations/global/publishers/google/models/m:embedContent', call('m', 'embedContent')],
    ['/v1/v1beta/models/m:batchEmbedContents', call('m', 'batchEmbedContents')],
    ['/v1beta1/publishers/google/models/text-embedding-005:predict', call('text-embedding-005', 'predict')],
    ['/v1beta/models/imagen-4:predict', unserved('Prediction (Imagen and other models outside generateContent)')],
    ['/v1beta/models', MODELS],
    ['/v1beta/models/', MODELS],
    ['/v1/models', MODELS],
    ['/v1beta1/publishers/google/models', MODELS],
    ['/v1beta/models/gemini-2.5-flash', model('gemini-2.5-flash')],
    ['/v1beta/models/google/m', model('google/m')],
    ['/v1beta/models/m:nonsense', model('m:nonsense')],
    ['/v1beta', UNKNOWN],
    ['/v1beta/nonsense', UNKNOWN],
    ['/v1beta/constructor', UNKNOWN],
    ['/v1beta/files:register', unserved('Registering files of Cloud Storage')],
    ['/upload/v1beta/batches', UNKNOWN],
    ['/v1beta/tunedModels/x:generateContent', unserved('Model tuning')],
    ['/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent', LIVE],
    ['//ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent', LIVE],
    [
      '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateMusic',
      unserved('This WebSocket of Google'),
    ],
  ])('reads %s', (path, address) => {
    expect(readAddress(path)).toEqual(address);
  });
});

describe('what Google keeps', () => {
  it.each<[string, object]>([
    ['/v1/files', { path: 'files', version: 'v1', name: undefined, collection: 'files' }],
    ['/v1beta/files/abc', { path: 'files/abc', version: 'v1beta', name: 'files/abc', collection: 'files' }],
    ['/v1beta/files/abc:download', { path: 'files/abc:download', name: 'files/abc' }],
    ['/download/v1beta/files/abc:download', { service: 'download', name: 'files/abc' }],
    ['/upload/v1/files', { service: 'upload', version: 'v1', deeds: { POST: 'upload', PUT: 'upload' } }],
    ['/v1beta/cachedContents', { path: 'cachedContents', collection: 'cachedContents' }],
    ['/cachedContents/x', { version: 'v1beta', name: 'cachedContents/x' }],
    ['/v1beta1/projects/p/locations/l/cachedContents/1', { version: 'v1beta', path: 'cachedContents/1' }],
    ['/v1beta/batches/b:cancel', { name: 'batches/b', deeds: { POST: 'change', PATCH: 'change' } }],
    ['/v1beta/interactions/v1_a=/cancel', { name: 'interactions/v1_a=', deeds: { POST: 'change' } }],
    ['/v1beta/models/m:batchGenerateContent', { model: 'm', route: '/v1beta/models/{model}:batchGenerateContent' }],
    ['/v1beta/models/veo-3:predictLongRunning', { route: '/v1beta/models/{model}:predictLongRunning' }],
    ['/v1beta/models/veo-3/operations/o', { name: 'models/veo-3/operations/o', collection: 'operations' }],
    ['/v1beta/models/veo-3/operations', { collection: 'operations', deeds: { GET: 'list' } }],
    ['/v1beta/operations/o', { name: 'operations/o' }],
  ])('reads %s', (path, address) => {
    expect(readAddress(path)).toMatchObject({ kind: 'kept', ...address });
  });
});

describe('the paths of the family', () => {
  it.each([
    '/v1beta',
    '/v1beta/models',
    '/v1beta/anything',
    '/v1alpha/models/m:generateContent',
    '/v1beta1/publishers/google/models/m:generateContent',
    '/v1/models/m:generateContent',
    '/v1/models/m%3AgenerateContent',
    '/v1/models/m/generateContent',
    '/v1/v1beta/models',
    '/models/m:generateContent',
    '/v1/cachedContents',
    '/upload/v1beta/files',
  ])('has %s', (path) => {
    expect(geminiFormat.owns(path)).toBe(true);
  });

  it.each([
    '/',
    '/v1/models',
    '/v1/models/gemini-2.5-flash',
    '/v1/models/ft:gpt:x',
    '/v1/chat/completions',
    '/v1/files',
    '/v1/batches',
    '/v1beta/openai',
    '/v1beta/openai/models',
    '/v1beta/openai/chat/completions',
    '/v1betamax/models',
  ])('has not %s', (path) => {
    expect(geminiFormat.owns(path)).toBe(false);
  });
});

it('an address reads the same however often it comes, and whatever came between', () => {
  const read = createAddressReader(decodeURIComponent);
  for (let round = 0; round < 3; round += 1) {
    for (let index = 0; index < 700; index += 1) {
      const path = `/v1beta/models/m%2D${index}:generateContent`;
      const plain = readAddress(`/v1beta/models/m-${index}:generateContent`);
      expect(read(path)).toEqual({ ...plain, alt: '' });
      expect(read(`${path}?alt=sse`)).toEqual({ ...plain, alt: 'sse' });
    }
    expect(read('/v1beta/models')).toEqual(readAddress('/v1beta/models'));
    expect(() => read('/v1beta/models/%:generateContent')).toThrow(URIError);
  }
});

it.each([
  ['alt=sse', 'sse'],
  ['%61lt=sse&x=1', 'sse'],
  ['$alt=json;enum-encoding=int', 'json;enum-encoding=int'],
  ['$alt=json&alt=sse', 'sse'],
  ['alt=&$alt=sse', 'sse'],
  ['alt=sse&alt=json', 'sse'],
  ['alt=a?b', 'a?b'],
  ['alt=%', '%'],
  ['ALT=sse', ''],
  ['alt', ''],
  ['', ''],
])('the form of the answer is read of the query %s', (query, alt) => {
  expect(createAddressReader(decodeURIComponent)(`/v1beta/models/m:generateContent?${query}`)).toMatchObject({ alt });
});

it('the address of an upload alone is a right, and only with an id as Google makes them', () => {
  const id = 'ABPmPhT'.padEnd(100, 'x');
  expect(geminiFormat.rightAt?.('/upload/v1beta/files', { upload_id: id })).toBe(`uploads/${id}`);
  for (const path of ['/upload/v1beta/files/', '/v1beta/files', '/upload/v1beta/models', '/upload/v2/files']) {
    expect(geminiFormat.rightAt?.(path, { upload_id: id })).toBeUndefined();
  }
  for (const upload_id of ['', 'short', 'x'.repeat(513), `${id} `, `${id}/..`, [id, id], undefined]) {
    expect(geminiFormat.rightAt?.('/upload/v1beta/files', { upload_id })).toBeUndefined();
  }
});
