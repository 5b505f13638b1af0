/** What an address says of the things that Google keeps. */
import { CACHE, FILE, INTERACTION, OPERATION, OUTPUT } from '../../../gemini/kept-kinds.ts';
import { GEMINI_API_ONLY, VERTEX_FIRST, VERTEX_TOO } from '../../../gemini/kept.ts';
import type { KeepingKinds } from '../../../gemini/kept.ts';
import type { Made } from '../../../gemini/kept-kinds.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What is done there, by method. */
export type Deed =
  /** Bytes of a file. */
  | 'upload'
  | 'create'
  | 'list'
  | 'get'
  | 'change'
  | 'delete'
  /** Its name stands in the body. */
  | 'look';

export interface KeptAddress {
  readonly kind: 'kept';
  /** As the log names it. */
  readonly route: string;
  /** Below the version, as Google is asked for it. */
  readonly path: string;
  /** `upload` or `download`, which stand before the version. */
  readonly service: string;
  readonly version: string;
  readonly deeds: Readonly<Partial<Record<Method, Deed>>>;
  /** Of one thing: its name. */
  readonly name: string | undefined;
  /** Of a list: `files`. */
  readonly collection: string;
  /** Of something new: the model that stands in the address. */
  readonly model: string | undefined;
  /** Where it can be kept. */
  readonly kinds: KeepingKinds;
  readonly made: Made;
}

interface Row {
  readonly form: RegExp;
  readonly route: string;
  readonly deeds: KeptAddress['deeds'];
  readonly made: Made;
  readonly service?: string;
  /** Vertex AI has the same. */
  readonly isOnVertex?: true;
}

const ID = '[\\w=~.-]{1,256}';
const MODEL = '(?<model>(?:models|tunedModels)/[\\w.-]{1,128})';

const ROWS: readonly Row[] = [
  {
    form: /^files$/,
    service: 'upload',
    route: '/upload/v1beta/files',
    deeds: { POST: 'upload', PUT: 'upload' },
    made: FILE,
  },
  { form: /^files$/, route: '/v1beta/files', deeds: { GET: 'list', POST: 'create' }, made: FILE },
  {
    form: new RegExp(`^(?<name>files/${ID}):download$`),
    route: '/v1beta/files/{file}:download',
    deeds: { GET: 'get' },
    made: FILE,
  },
  {
    form: new RegExp(`^(?<name>files/${ID})$`),
    route: '/v1beta/files/{file}',
    deeds: { GET: 'get', DELETE: 'delete' },
    made: FILE,
  },
  {
    form: /^cachedContents$/,
    route: '/v1beta/cachedContents',
    deeds: { GET: 'list', POST: 'create' },
    made: CACHE,
    isOnVertex: true,
  },
  {
    form: new RegExp(`^(?<name>cachedContents/${ID})$`),
    route: '/v1beta/cachedContents/{cache}',
    deeds: { GET: 'get', PATCH: 'change', DELETE: 'delete' },
    made: CACHE,
    isOnVertex: true,
  },
  { form: /^batches$/, route: '/v1beta/batches', deeds: { GET: 'list' }, made: OPERATION },
  {
    form: new RegExp(`^(?<name>batches/${ID})$`),
    route: '/v1beta/batches/{batch}',
    deeds: { GET: 'get', DELETE: 'delete' },
    made: OUTPUT,
  },
  {
    form: new RegExp(`^(?<name>batches/${ID}):(?:cancel|updateGenerateContentBatch|updateEmbedContentBatch)$`),
    route: '/v1beta/batches/{batch}:cancel',
    deeds: { POST: 'change', PATCH: 'change' },
    made: OUTPUT,
  },
  { form: /^interactions$/, route: '/v1beta/interactions', deeds: { POST: 'create' }, made: INTERACTION },
  {
    form: new RegExp(`^(?<name>interactions/${ID})$`),
    route: '/v1beta/interactions/{interaction}',
    deeds: { GET: 'get', DELETE: 'delete' },
    made: INTERACTION,
  },
  {
    form: new RegExp(`^(?<name>interactions/${ID})[:/]cancel$`),
    route: '/v1beta/interactions/{interaction}/cancel',
    deeds: { POST: 'change' },
    made: INTERACTION,
  },
  {
    form: new RegExp(`^${MODEL}:(?:batchGenerateContent|asyncBatchEmbedContent)$`),
    route: '/v1beta/models/{model}:batchGenerateContent',
    deeds: { POST: 'create' },
    made: OPERATION,
  },
  {
    form: new RegExp(`^${MODEL}:predictLongRunning$`),
    route: '/v1beta/models/{model}:predictLongRunning',
    deeds: { POST: 'create' },
    made: OPERATION,
    isOnVertex: true,
  },
  {
    form: new RegExp(`^${MODEL}:fetchPredictOperation$`),
    route: '/v1beta/models/{model}:fetchPredictOperation',
    deeds: { POST: 'look' },
    made: OUTPUT,
    isOnVertex: true,
  },
  {
    form: new RegExp(`^(?:${MODEL}/)?operations$`),
    route: '/v1beta/operations',
    deeds: { GET: 'list' },
    made: OPERATION,
    isOnVertex: true,
  },
  {
    form: new RegExp(`^(?<name>(?:(?:models|tunedModels)/[\\w.-]{1,128}/)?operations/${ID})$`),
    route: '/v1beta/operations/{operation}',
    deeds: { GET: 'get', DELETE: 'delete' },
    made: OUTPUT,
    isOnVertex: true,
  },
  {
    form: new RegExp(`^(?<name>(?:(?:models|tunedModels)/[\\w.-]{1,128}/)?operations/${ID}):(?:cancel|wait)$`),
    route: '/v1beta/operations/{operation}:cancel',
    deeds: { POST: 'change' },
    made: OUTPUT,
  },
];

/** `segments` begin behind the versions; undefined for what is no such thing. */
export const readKept = (
  segments: readonly string[],
  service: string,
  version: string,
  isVertexForm = false,
): KeptAddress | undefined => {
  const path = segments.join('/');
  for (const { form, route, deeds, made, service: needed, isOnVertex } of ROWS) {
    if ((needed ?? '') !== (service === 'download' ? '' : service)) continue;
    const match = form.exec(path);
    if (!match) continue;
    const { name, model } = match.groups ?? {};
    return {
      kind: 'kept',
      route: verbOf(path, route),
      path,
      service,
      version,
      deeds,
      name,
      collection: (name ?? path).split('/').at(name === undefined ? -1 : -2) ?? '',
      model: model?.replace(/^models\//, ''),
      kinds: !isOnVertex ? GEMINI_API_ONLY : isVertexForm ? VERTEX_FIRST : VERTEX_TOO,
      made,
    };
  }
  return undefined;
};

/** The methods of models are told apart in the log. */
const verbOf = (path: string, route: string): string =>
  route.includes('{model}:') ? route.replace(/:\w+$/, path.slice(path.lastIndexOf(':'))) : route;
