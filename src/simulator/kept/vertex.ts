/** What Vertex AI keeps for a project: cached contents, and videos while they are made. */
import type { Account } from '../account.ts';
import { newProject } from '../api-keys.ts';
import { requireBearer } from '../bearer.ts';
import type { Ask, Operation, Router } from '../exchange.ts';
import type { GoogleError } from '../google-error.ts';
import { invalidArgument, notFound } from '../google-error.ts';
import { readMessage } from '../read-message.ts';
import { jsonReply } from '../reply.ts';
import type { Reply } from '../reply.ts';
import type { Tokens } from '../tokens.ts';
import { fieldsListOf, stringOf } from '../values.ts';
import type { Fields } from '../values.ts';
import { modelAt, requirePermission, resourceOf, SERVICE } from '../vertex-place.ts';
import type { Place } from '../vertex-place.ts';
import { VOCABULARIES } from '../vocabulary.ts';
import { pageReply } from './needs.ts';
import type { Kept } from './shelf.ts';
import { newId, timeAfter } from './shelf.ts';
import { expiryIn, look, newCacheFields } from './things.ts';

export interface VertexKeptNeeds {
  readonly account: Account;
  readonly tokens: Tokens;
  readonly kept: Kept;
  readonly now: () => number;
}

/** One for all: projects are told apart by the names, in which they stand. */
const ANY = newProject('vertex');
/** In names Vertex writes the project's number, whatever it was asked for by. */
const NUMBER = '123456789012';

interface Asked {
  readonly ask: Ask;
  readonly place: Place;
  /** Of a thing, its id; empty for the collection. */
  readonly id: string;
}

type Answer = (needs: VertexKeptNeeds, asked: Asked) => Reply;

const read = (type: string, { text }: Ask): Fields => readMessage(VOCABULARIES.vertex, type, text);

const cacheName = ({ location }: Pick<Place, 'location'>, id: string): string =>
  `projects/${NUMBER}/locations/${location}/cachedContents/${id}`;

const noCache = (id: string): GoogleError => notFound(`Not found: cached content metadata for ${id}.`);

const findCache = ({ kept }: Pick<VertexKeptNeeds, 'kept'>, place: Pick<Place, 'location'>, id: string) => {
  const cache = kept.vertexCaches.find(cacheName(place, id), ANY);
  if (!cache) throw noCache(id);
  return cache;
};

const createCache: Answer = ({ account, kept, now }, { ask, place }) => {
  const body = read('CachedContent', ask);
  const model = stringOf(body.model);
  const [, project, location, id] = MODEL_NAME.exec(model) ?? [];
  if (project === undefined || id === undefined || location !== place.location) {
    throw invalidArgument(
      `Invalid model: ${model}. The model must be projects/{project}/locations/${place.location}/publishers/google/models/{model}.`,
    );
  }
  modelAt(account, { project, location: place.location, id });
  if (fieldsListOf(body.contents).length === 0 && body.systemInstruction === undefined) {
    throw invalidArgument('The cached content must have contents or a system instruction.');
  }
  const name = cacheName(place, String(BigInt(`0x${Buffer.from(newId(8)).toString('hex')}`)));
  const fields = { ...newCacheFields(name, body, now()), usageMetadata: { totalTokenCount: 4096, textCount: 16384 } };
  kept.vertexCaches.put(name, { project: ANY, fields, pending: 0 });
  return jsonReply(fields);
};

const listCaches: Answer = ({ kept }, { ask }) =>
  pageReply(
    'cachedContents',
    kept.vertexCaches.list(ANY).map(({ fields }) => fields),
    ask,
  );

const updateCache: Answer = (needs, { ask, place, id }) => {
  const cache = findCache(needs, place, id);
  const now = needs.now();
  cache.fields = {
    ...cache.fields,
    expireTime: expiryIn(read('CachedContent', ask), now),
    updateTime: timeAfter(now, 0),
  };
  return jsonReply(cache.fields);
};

const deleteCache: Answer = (needs, { place, id }) => {
  findCache(needs, place, id);
  needs.kept.vertexCaches.remove(cacheName(place, id));
  return jsonReply({});
};

/** Throws where a request names a cache that is not there, or brings what stands in the cache. */
export const requireVertexCache = (kept: Kept, place: Place, request: Fields): void => {
  if (request.cachedContent === undefined) return;
  const [, location, id] = CACHE_NAME.exec(stringOf(request.cachedContent)) ?? [];
  if (location !== place.location || id === undefined)
    throw invalidArgument('Invalid resource field value in the request.');
  const { fields } = findCache({ kept }, place, id);
  if (stringOf(fields.model).split('/').at(-1) !== place.id) {
    throw invalidArgument('The model of the request and of the cached content must be the same.');
  }
  if (request.systemInstruction !== undefined || request.tools !== undefined || request.toolConfig !== undefined) {
    throw invalidArgument(
      'Tool config, tools and system instruction should not be set in the request when using cached content.',
    );
  }
};

const beginVideo: Answer = ({ kept }, { ask, place }) => {
  const { instances } = read('PredictLongRunningRequest', ask);
  if (fieldsListOf(instances).length === 0) throw invalidArgument('Instances is empty');
  const name = `${resourceOf(place)}/operations/${newId(32)}`;
  const video = { bytesBase64Encoded: Buffer.alloc(3000, 'v').toString('base64'), mimeType: 'video/mp4' };
  const outcome = (): Fields => ({
    done: true,
    response: {
      '@type': 'type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse',
      raiMediaFilteredCount: 0,
      videos: [video],
    },
  });
  kept.operations.put(name, { project: ANY, fields: { name }, pending: 1, outcome });
  return jsonReply({ name });
};

const fetchVideo: Answer = ({ kept }, { ask, place }) => {
  const { operationName } = read('FetchPredictOperationRequest', ask);
  const name = stringOf(operationName);
  if (!name.startsWith(`${resourceOf(place)}/operations/`)) {
    throw invalidArgument(`Operation ${name} does not belong to ${resourceOf(place)}.`);
  }
  const operation = kept.operations.find(name, ANY);
  if (!operation) throw notFound(`Operation ${name} is not found.`);
  return jsonReply(look(operation));
};

const MODEL_NAME = /^projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/([^/]+)$/;
const CACHE_NAME = /^projects\/[^/]+\/locations\/([^/]+)\/cachedContents\/([^/]+)$/;
const CACHES = /^(?:\/.+)?\/v1(?:beta1)?\/projects\/([^/]+)\/locations\/([^/]+)\/cachedContents(?:\/(\w+))?$/;
const VIDEOS =
  /^(?:\/.+)?\/v1(?:beta1)?\/projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/(veo-[\w.-]+):(\w+)$/;

const CACHE_METHODS: Readonly<Record<string, readonly [Operation, Answer]>> = {
  POST: ['createCache', createCache],
  GET: ['listCaches', listCaches],
};
const ONE_CACHE: Readonly<Record<string, readonly [Operation, Answer]>> = {
  GET: ['getCache', (needs, { place, id }) => jsonReply(findCache(needs, place, id).fields)],
  PATCH: ['updateCache', updateCache],
  DELETE: ['deleteCache', deleteCache],
};
const VIDEO_METHODS: Readonly<Record<string, readonly [Operation, Answer]>> = {
  predictLongRunning: ['predictLongRunning', beginVideo],
  fetchPredictOperation: ['getOperation', fetchVideo],
};

const ofOwn = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export const vertexKeptRoutes = (needs: VertexKeptNeeds): Router => {
  const route = (found: readonly [Operation, Answer] | undefined, place: Place, id = '') => {
    if (!found) return undefined;
    const [operation, answer] = found;
    return {
      operation,
      door: 'vertex',
      reply: (ask: Ask): Reply => {
        requireBearer(ask, needs.tokens, SERVICE);
        requirePermission(needs.account, place);
        return answer(needs, { ask, place, id });
      },
    } as const;
  };
  return (method, path) => {
    const [, project = '', location = '', id] = CACHES.exec(path) ?? [];
    if (project !== '')
      return route(ofOwn(id === undefined ? CACHE_METHODS : ONE_CACHE, method), { project, location, id: '' }, id);
    const [, owner = '', region = '', model = '', verb = ''] = VIDEOS.exec(path) ?? [];
    if (owner === '' || method !== 'POST') return undefined;
    return route(ofOwn(VIDEO_METHODS, verb), { project: owner, location: region, id: model });
  };
};
