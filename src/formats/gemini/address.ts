/**
 * What a path of the Gemini API asks for. The spellings in the field differ: SDKs put `/v1`, `/v1beta`, `/v1beta1` or a
 * project and a publisher in front, old ones write `/` for `:`, some people configure the version twice.
 */
import { createMemo } from '../../engine/memo.ts';
import { LIVE } from './endpoints.ts';
import { readKept } from './kept/address.ts';
import type { KeptAddress } from './kept/address.ts';

export type Verb =
  'generateContent' | 'streamGenerateContent' | 'countTokens' | 'embedContent' | 'batchEmbedContents' | 'predict';

/** `route`: as the log names it, whatever the spelling. */
export type Address =
  | CallAddress
  | KeptAddress
  | { readonly kind: 'models'; readonly route: string }
  | { readonly kind: 'model'; readonly route: string; readonly model: string }
  /** Of the Live API, asked for over plain HTTP. */
  | { readonly kind: 'socket'; readonly route: string }
  | { readonly kind: 'unserved'; readonly route: string; readonly feature: string }
  | { readonly kind: 'unknown'; readonly route: string };

interface CallAddress {
  readonly kind: 'call';
  readonly route: string;
  readonly model: string;
  readonly verb: Verb;
}

/** SDKs write a slash too many where the base address ends with one. Without a version it is Vertex AI's. */
export const LIVE_PATH =
  /^\/+ws\/google\.(?:ai\.generativelanguage\.(v1|v1beta|v1alpha)\.GenerativeService\.|cloud\.aiplatform\.v1(?:beta1)?\.LlmBidiService\/)BidiGenerateContent$/;

const SERVED: ReadonlySet<string> = new Set<Verb>([
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
  'predict',
]);

/** The models that are served at `predict`. */
const EMBEDS = /embed/i;

/** Methods of models that Google has and no upstream of ours can serve. */
const UNSERVED_VERBS: ReadonlyMap<string, string> = new Map([
  ['predict', 'Prediction (Imagen and other models outside generateContent)'],
  ['computeTokens', 'Token listing (computeTokens)'],
  ['bidiGenerateContent', 'The Live API over HTTP (it is a WebSocket of its own)'],
  ['generateAnswer', 'Attributed question answering'],
  ['generateMessage', 'The PaLM API'],
  ['generateText', 'The PaLM API'],
  ['embedText', 'The PaLM API'],
]);

const UNSERVED_COLLECTIONS: ReadonlyMap<string, string> = new Map([
  ['files:register', 'Registering files of Cloud Storage'],
  ['tunedModels', 'Model tuning'],
  ['tuningJobs', 'Model tuning'],
  ['endpoints', 'Calling tuned models'],
  ['fileSearchStores', 'File search'],
  ['ragStores', 'File search'],
  ['corpora', 'Semantic retrieval'],
  ['agents', 'The Agents API'],
  ['batchPredictionJobs', "Vertex's batch mode"],
  ['auth_tokens', 'Making short-lived tokens for the Live API (a key of the relay does it, with an end: npm run keys)'],
  ['ws', 'This WebSocket of Google'],
]);

/** Of files: they stand before the version. */
const SERVICES: ReadonlySet<string> = new Set(['upload', 'download']);

const VERSIONS: ReadonlySet<string> = new Set(['v1', 'v1beta', 'v1alpha', 'v1beta1']);

/** Collections of Google's alone; `/v1/files` and `/v1/batches` are OpenAI's as well. */
const GOOGLE_COLLECTIONS = [
  'projects|publishers|cachedContents|tunedModels|tuningJobs|fileSearchStores|corpora|interactions|operations|auth_tokens',
].join('|');

/**
 * The paths that are this family's alone: those under a version of Google's, and those under `/v1` or none that only
 * Google has: collections, and methods of models, known or not.
 */
export const GEMINI_PATHS: readonly RegExp[] = [
  /^(?:\/v1)*\/(?:v1beta1?|v1alpha)(?!\/openai(?:\/|$))(?:\/.*)?$/,
  /^\/(?:upload|download)\/v1(?:beta1?|alpha)?(?:\/.*)?$/,
  /^\/+ws\/google\..*$/,
  new RegExp(`^(?:/v1)*/(?:${GOOGLE_COLLECTIONS})(?:/.*)?$`),
  /^(?:\/v1)*\/models\/.+(?::|%3[Aa]|\/)(?:[a-z]+[A-Z][A-Za-z]*|predict)\/?$/,
  /^(?:\/v1)*\/(?:models|tunedModels)\/[^/]+\/operations(?:\/.*)?$/,
];

/** Addresses that other families have as well. */
export const SHARED_PATHS = /^(?:\/v1)*\/(?:models|files|batches)(?:\/.*)?$/;

const MODELS = '/v1beta/models';
const MODEL = `${MODELS}/{model}`;
const UNKNOWN: Address = { kind: 'unknown', route: 'unmatched' };

/** Reads a decoded path. */
export const readAddress = (path: string): Address => {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  if (LIVE_PATH.test(path)) return { kind: 'socket', route: LIVE };
  const service = SERVICES.has(segments[0] ?? '') && VERSIONS.has(segments[1] ?? '') ? (segments.shift() ?? '') : '';
  let version = 'v1beta';
  while (VERSIONS.has(segments[0] ?? '')) version = segments.shift() ?? '';
  const isVertexForm = version === 'v1beta1' || segments[0] === 'projects' || segments[0] === 'publishers';
  if (segments[0] === 'projects' && segments.length > 2) segments.splice(0, segments[2] === 'locations' ? 4 : 2);
  if (segments[0] === 'publishers') segments.splice(0, 2);
  const kept = readKept(segments, service, version === 'v1beta1' ? 'v1beta' : version, isVertexForm);
  if (kept) return kept;
  if (service !== '') return UNKNOWN;

  const feature = UNSERVED_COLLECTIONS.get(segments[0] ?? '');
  if (feature !== undefined) return unserved(feature);

  const isUnderModels = segments[0] === 'models';
  while (segments[0] === 'models') segments.shift();
  const rest = segments.join('/');
  if (rest === '') return isUnderModels ? { kind: 'models', route: MODELS } : UNKNOWN;

  const cut = Math.max(rest.lastIndexOf(':'), rest.lastIndexOf('/'));
  const verb = rest.slice(cut + 1);
  const model = rest.slice(0, cut);
  if (cut > 0 && isServed(verb, model)) return { kind: 'call', route: `${MODEL}:${verb}`, model, verb };
  const method = cut > 0 ? UNSERVED_VERBS.get(verb) : undefined;
  if (method !== undefined) return unserved(method);
  return isUnderModels ? { kind: 'model', route: MODEL, model: rest } : UNKNOWN;
};

const unserved = (feature: string): Address => ({ kind: 'unserved', route: UNKNOWN.route, feature });

const MOST_CALLS = 512;
const LONGEST_ADDRESS = 256;

/** With the form that its query asks for. */
export type AskedCall = CallAddress & { readonly alt: string };
export type Asked = Exclude<Address, CallAddress> | AskedCall;

/**
 * Reads addresses as they come, path and query. Clients call the same methods of the same models again and again: to take
 * such an address apart each time was an eighth of a short request.
 */
export const createAddressReader = (decode: (path: string) => string): ((url: string) => Asked) => {
  const calls = createMemo<Asked>(MOST_CALLS, LONGEST_ADDRESS);
  return (url) => {
    const known = calls.get(url);
    if (known) return known;
    const [path = ''] = url.split('?', 1);
    const address = readAddress(decode(path));
    if (address.kind !== 'call') return address;
    const query = url.slice(path.length);
    const call = { ...address, alt: altIn(query) };
    // What is another with each request fills no place of those that come again.
    return query === '' || query === ALT_SSE ? calls.keep(url, call) : call;
  };
};

const ALT_SSE = '?alt=sse';

/** What form of the answer is asked for. */
const altIn = (query: string): string => {
  const asked = new URLSearchParams(query);
  return asked.get('alt') || asked.get('$alt') || '';
};

const isServed = (verb: string, model: string): verb is Verb =>
  SERVED.has(verb) && (verb !== 'predict' || EMBEDS.test(model));
