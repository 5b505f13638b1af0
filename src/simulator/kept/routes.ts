import { requireApiKey } from '../api-keys.ts';
import type { ApiKey, ApiKeys } from '../api-keys.ts';
import type { Ask, Operation, Router } from '../exchange.ts';
import { notFound, permissionDenied } from '../google-error.ts';
import type { Reply } from '../reply.ts';
import { continueUpload, deleteFile, downloadFile, getFile, listFiles, startUpload, uploadAtOnce } from './files.ts';
import { interactions } from './interactions.ts';
import type { KeptAsk, KeptNeeds } from './needs.ts';
import { batches, caches, videos } from './things.ts';

const DOOR = 'gemini-api';

type Answer = (needs: KeptNeeds, asked: KeptAsk) => Reply;

const ID = '[\\w.-]+';

/** Method and address below the version; the group is the name. */
const ROUTES: readonly (readonly [string, RegExp, Operation, Answer])[] = [
  ['GET', /^(files)$/, 'listFiles', listFiles],
  ['GET', new RegExp(`^(files/${ID}):download$`), 'downloadFile', downloadFile],
  ['GET', new RegExp(`^(files/${ID})$`), 'getFile', getFile],
  ['DELETE', new RegExp(`^(files/${ID})$`), 'deleteFile', deleteFile],
  ['POST', /^(cachedContents)$/, 'createCache', caches.create],
  ['GET', /^(cachedContents)$/, 'listCaches', caches.list],
  ['GET', new RegExp(`^(cachedContents/${ID})$`), 'getCache', caches.get],
  ['PATCH', new RegExp(`^(cachedContents/${ID})$`), 'updateCache', caches.update],
  ['DELETE', new RegExp(`^(cachedContents/${ID})$`), 'deleteCache', caches.delete],
  ['POST', new RegExp(`^models/(${ID}):batchGenerateContent$`), 'createBatch', (n, a) => batches.create(n, a, false)],
  ['POST', new RegExp(`^models/(${ID}):asyncBatchEmbedContent$`), 'createBatch', (n, a) => batches.create(n, a, true)],
  ['GET', /^(batches)$/, 'listBatches', batches.list],
  ['GET', new RegExp(`^(batches/${ID})$`), 'getBatch', batches.get],
  ['POST', new RegExp(`^(batches/${ID}):cancel$`), 'cancelBatch', batches.cancel],
  ['DELETE', new RegExp(`^(batches/${ID})$`), 'deleteBatch', batches.delete],
  ['POST', /^(interactions)$/, 'createInteraction', interactions.create],
  ['GET', new RegExp(`^(interactions/${ID})$`), 'getInteraction', interactions.get],
  ['POST', new RegExp(`^(interactions/${ID})/cancel$`), 'cancelInteraction', interactions.cancel],
  ['DELETE', new RegExp(`^(interactions/${ID})$`), 'deleteInteraction', interactions.delete],
  ['POST', new RegExp(`^models/(${ID}):predictLongRunning$`), 'predictLongRunning', videos.create],
  ['GET', new RegExp(`^(models/${ID}/operations/${ID})$`), 'getOperation', videos.get],
];

const PATH = /^(?:\/.+)?\/(?<version>v1(?:beta|alpha)?)\/(?<rest>.+)$/;
const UPLOAD = /^(?:\/.+)?\/upload\/v1(?:beta|alpha)?\/files$/;

/** What the Gemini API keeps. */
export const keptRoutes = (needs: KeptNeeds & { readonly apiKeys: ApiKeys }): Router => {
  const keyOf = ({ headers }: Ask): ApiKey => {
    const key = headers['x-goog-api-key'];
    if (typeof key !== 'string' || key === '') throw permissionDenied("Method doesn't allow unregistered callers.");
    return requireApiKey(needs.apiKeys, key);
  };

  const receive = (ask: Ask): Promise<Reply> | Reply => {
    const id = ask.query.get('upload_id');
    const project = id === null ? keyOf(ask).project : undefined;
    if (id !== null) {
      const session = [...needs.apiKeys.values()].map((key) => needs.kept.uploads.find(id, key.project)).find(Boolean);
      if (!session) throw notFound('Upload session is not found.');
      return continueUpload(needs, ask, session);
    }
    if (!project) throw permissionDenied("Method doesn't allow unregistered callers.");
    const asked = { ask, project, name: 'files' };
    switch (ask.headers['x-goog-upload-protocol'] ?? ask.query.get('uploadType')) {
      case 'resumable':
        return textOf(ask).then((text) => startUpload(needs, { ...asked, ask: { ...ask, text } }));
      case 'multipart':
        return uploadAtOnce(needs, asked, true);
      case 'raw':
      case 'media':
        return uploadAtOnce(needs, asked, false);
      default:
        throw notFound('X-Goog-Upload-Protocol is not known.');
    }
  };

  return (method, path) => {
    if (UPLOAD.test(path)) {
      return method === 'POST' || method === 'PUT'
        ? { operation: 'upload', door: DOOR, receive, reply: () => never() }
        : undefined;
    }
    const rest = PATH.exec(path.replace(/^\/download(?=\/v1)/, ''))?.groups?.['rest'];
    if (rest === undefined) return undefined;
    for (const [wanted, form, operation, answer] of ROUTES) {
      const name = wanted === method ? form.exec(rest)?.[1] : undefined;
      if (name === undefined) continue;
      return { operation, door: DOOR, reply: (ask) => answer(needs, { ask, name, project: keyOf(ask).project }) };
    }
    return undefined;
  };
};

const never = (): never => {
  throw new Error('an upload is received');
};

const textOf = async ({ body }: Ask): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of body ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};
