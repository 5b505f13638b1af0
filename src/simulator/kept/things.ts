/** Caches, batches and videos. */
import type { Project } from '../api-keys.ts';
import type { GoogleError } from '../google-error.ts';
import { invalidArgument, notFound, permissionDenied } from '../google-error.ts';
import { findModel } from '../models.ts';
import { readMessage } from '../read-message.ts';
import { jsonReply } from '../reply.ts';
import type { Reply } from '../reply.ts';
import { fieldsListOf, fieldsOf, stringOf } from '../values.ts';
import type { Fields } from '../values.ts';
import { VOCABULARIES } from '../vocabulary.ts';
import { addFile } from './files.ts';
import { pageReply } from './needs.ts';
import type { KeptAsk, KeptNeeds } from './needs.ts';
import { newId, timeAfter } from './shelf.ts';
import type { KeptThing, Shelf } from './shelf.ts';

const read = (type: string, text: string): Fields => readMessage(VOCABULARIES['gemini-api'], type, text);

export const find = (
  shelf: Shelf<KeptThing>,
  name: string,
  project: Project,
  missing: () => GoogleError,
): KeptThing => {
  const thing = shelf.find(name, project);
  if (!thing) throw missing();
  return thing;
};

/** What takes its time is done when it is looked at for the second time. */
export const look = (thing: KeptThing): Fields => {
  if (thing.pending > 0) thing.pending -= 1;
  else if (thing.outcome && thing.fields.done !== true) thing.fields = { ...thing.fields, ...thing.outcome() };
  return thing.fields;
};

const noCache = (): GoogleError => permissionDenied('CachedContent not found (or permission denied)');
export const noEntity = (): GoogleError => notFound('Requested entity was not found.');

export const expiryIn = (body: Fields, now: number): string => {
  if (body.expireTime !== undefined && body.ttl !== undefined) {
    throw invalidArgument("Invalid value at 'cached_content' (oneof), oneof field 'expiration' is already set.");
  }
  if (typeof body.expireTime === 'string') return body.expireTime;
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(stringOf(body.ttl) || '3600s')?.[1];
  if (seconds === undefined)
    throw invalidArgument("Invalid value at 'cached_content.ttl' (type.googleapis.com/google.protobuf.Duration)");
  return timeAfter(now, Number(seconds) * 1000);
};

/** Of a cache that was just made, but what it weighs. */
export const newCacheFields = (name: string, body: Fields, now: number): Fields => ({
  name,
  model: body.model,
  ...(body.displayName !== undefined && { displayName: body.displayName }),
  createTime: timeAfter(now, 0),
  updateTime: timeAfter(now, 0),
  expireTime: expiryIn(body, now),
});

export const caches = {
  create: ({ kept, account, now }: KeptNeeds, { ask, project }: KeptAsk): Reply => {
    const body = read('CachedContent', ask.text);
    const model = stringOf(body.model);
    if (model === '') throw invalidArgument('* CreateCachedContentRequest.cached_content.model: model is required\n');
    if (!model.startsWith('models/') || !findModel('gemini-api', model.slice(7), account)) {
      throw notFound(`${model} is not found for API version v1beta, or is not supported for createCachedContent.`);
    }
    if (fieldsListOf(body.contents).length === 0 && body.systemInstruction === undefined) {
      throw invalidArgument('* CreateCachedContentRequest.cached_content: contents or system_instruction is needed\n');
    }
    const name = `cachedContents/${newId(40)}`;
    const fields = { ...newCacheFields(name, body, now()), usageMetadata: { totalTokenCount: 4096 } };
    kept.caches.put(name, { project, fields, pending: 0 });
    return jsonReply(fields);
  },
  get: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply =>
    jsonReply(find(kept.caches, name, project, noCache).fields),
  list: ({ kept }: KeptNeeds, { ask, project }: KeptAsk): Reply =>
    pageReply(
      'cachedContents',
      kept.caches.list(project).map(({ fields }) => fields),
      ask,
    ),
  update: ({ kept, now }: KeptNeeds, { ask, name, project }: KeptAsk): Reply => {
    const cache = find(kept.caches, name, project, noCache);
    cache.fields = {
      ...cache.fields,
      expireTime: expiryIn(read('CachedContent', ask.text), now()),
      updateTime: timeAfter(now(), 0),
    };
    return jsonReply(cache.fields);
  },
  delete: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply => {
    find(kept.caches, name, project, noCache);
    kept.caches.remove(name);
    return jsonReply({});
  },
};

/** Throws where a request names a cache that its project has not, or brings what stands in the cache. */
export const requireCache = (
  { kept }: Pick<KeptNeeds, 'kept'>,
  project: Project,
  model: string,
  request: Fields,
): void => {
  if (request.cachedContent === undefined) return;
  const cache = find(kept.caches, stringOf(request.cachedContent), project, noCache);
  if (cache.fields.model !== `models/${model}`) {
    throw invalidArgument(
      `Model used by GenerateContent request (models/${model}) and CachedContent (${stringOf(cache.fields.model)}) has to be the same.`,
    );
  }
  if (request.systemInstruction !== undefined || request.tools !== undefined || request.toolConfig !== undefined) {
    throw invalidArgument(
      'CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.',
    );
  }
};

const ANSWER = { candidates: [{ content: { role: 'model', parts: [{ text: 'Batched.' }] }, finishReason: 'STOP' }] };

/** A file that Google made of a batch or a video. */
const generated = (
  needs: KeptNeeds,
  project: Project,
  mimeType: string,
  piece: Buffer,
  sizeBytes = piece.length,
): string =>
  stringOf(
    addFile(needs, {
      project,
      metadata: {},
      mimeType,
      sizeBytes,
      sha256: Buffer.alloc(32),
      content: { piece, sizeBytes },
    }).name,
  );

export const batches = {
  create: (needs: KeptNeeds, { ask, name: model, project }: KeptAsk, isEmbedding: boolean): Reply => {
    const { kept, now } = needs;
    const batch = fieldsOf(
      read(isEmbedding ? 'AsyncBatchEmbedContentRequest' : 'BatchGenerateContentRequest', ask.text).batch,
    );
    const input = fieldsOf(batch.inputConfig);
    const inline = fieldsListOf(fieldsOf(input.requests).requests);
    const file = stringOf(input.fileName);
    if (file !== '' && !kept.files.find(file, project)) {
      throw permissionDenied(
        `You do not have permission to access the File ${file.replace('files/', '')} or it may not exist.`,
      );
    }
    if (file === '' && inline.length === 0)
      throw invalidArgument('* batch.input_config: requests or file_name is needed\n');
    if (stringOf(batch.displayName) === '')
      throw invalidArgument('* batch.display_name: display_name is not specified\n');
    needs.charge(project, model);
    const name = `batches/${newId(36)}`;
    const type = isEmbedding ? 'EmbedContentBatch' : 'GenerateContentBatch';
    const metadata: Fields = {
      '@type': `type.googleapis.com/google.ai.generativelanguage.v1main.${type}`,
      model: `models/${model}`,
      displayName: batch.displayName,
      createTime: timeAfter(now(), 0),
      updateTime: timeAfter(now(), 0),
      state: 'BATCH_STATE_PENDING',
      name,
    };
    const outcome = (): Fields => {
      const output: Fields =
        file === ''
          ? { inlinedResponses: { inlinedResponses: inline.map(() => ({ response: ANSWER })) } }
          : {
              responsesFile: generated(
                needs,
                project,
                'application/jsonl',
                Buffer.from(`${JSON.stringify({ key: '1', response: ANSWER })}\n`),
              ),
            };
      return {
        done: true,
        metadata: { ...metadata, state: 'BATCH_STATE_SUCCEEDED', endTime: timeAfter(now(), 0), output },
        response: { '@type': `type.googleapis.com/google.ai.generativelanguage.v1main.${type}Output`, ...output },
      };
    };
    kept.batches.put(name, { project, fields: { name, metadata }, pending: 1, outcome });
    return jsonReply({ name, metadata });
  },
  get: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply =>
    jsonReply(look(find(kept.batches, name, project, noEntity))),
  list: ({ kept }: KeptNeeds, { ask, project }: KeptAsk): Reply =>
    pageReply(
      'operations',
      kept.batches.list(project).map(({ fields }) => fields),
      ask,
    ),
  cancel: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply => {
    const batch = find(kept.batches, name, project, noEntity);
    kept.batches.put(name, {
      project,
      pending: 0,
      fields: { ...batch.fields, metadata: { ...fieldsOf(batch.fields.metadata), state: 'BATCH_STATE_CANCELLED' } },
    });
    return jsonReply({});
  },
  delete: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply => {
    find(kept.batches, name, project, noEntity);
    kept.batches.remove(name);
    return jsonReply({});
  },
};

const VIDEO_MODEL = /^veo-[\w.-]+$/;

export const videos = {
  create: (needs: KeptNeeds, { ask, name: model, project }: KeptAsk): Reply => {
    if (!VIDEO_MODEL.test(model)) {
      throw notFound(
        `models/${model} is not found for API version v1beta, or is not supported for predictLongRunning.`,
      );
    }
    const { instances } = read('PredictLongRunningRequest', ask.text);
    if (!Array.isArray(instances) || instances.length === 0)
      throw invalidArgument('* PredictLongRunningRequest.instances: instances is not specified\n');
    needs.charge(project, model);
    const name = `models/${model}/operations/${newId(12)}`;
    const outcome = (): Fields => {
      const file = generated(needs, project, 'video/mp4', Buffer.alloc(65_536, 'v'), 1_000_000);
      const uri = `https://generativelanguage.googleapis.com/v1beta/${file}:download?alt=media`;
      return {
        done: true,
        response: {
          '@type': 'type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse',
          generateVideoResponse: { generatedSamples: [{ video: { uri } }] },
        },
      };
    };
    needs.kept.operations.put(name, { project, fields: { name }, pending: 1, outcome });
    return jsonReply({ name });
  },
  get: ({ kept }: KeptNeeds, { name, project }: KeptAsk): Reply =>
    jsonReply(look(find(kept.operations, name, project, noEntity))),
};
