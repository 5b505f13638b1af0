import type { Account } from './account.ts';
import { requireApiKey } from './api-keys.ts';
import type { ApiKey, ApiKeys, Meter, Project } from './api-keys.ts';
import { embedContentsOf, embeddingOf } from './embeddings.ts';
import type { Ask, Operation, Router } from './exchange.ts';
import { formOf, generate } from './generate.ts';
import type { GoogleError } from './google-error.ts';
import { invalidArgument, notFound, permissionDenied } from './google-error.ts';
import { findModel, MODELS, type Model } from './models.ts';
import { readMessage } from './read-message.ts';
import { jsonReply, type Reply } from './reply.ts';
import { requireFiles } from './kept/files.ts';
import type { Kept } from './kept/shelf.ts';
import { requireCache } from './kept/things.ts';
import { tokensOfRequest } from './token-count.ts';
import { fieldsListOf, fieldsOf, stringOf, type Fields } from './values.ts';
import { VOCABULARIES } from './vocabulary.ts';

const DOOR = 'gemini-api';

export interface GeminiApiNeeds {
  readonly account: Account;
  readonly apiKeys: ApiKeys;
  readonly meter: Meter;
  readonly kept: Kept;
}

/** The header is the only way in: a key in the address ends up in logs. */
const requireKey = ({ apiKeys }: GeminiApiNeeds, ask: Ask): ApiKey => {
  const key = ask.headers['x-goog-api-key'];
  if (typeof key !== 'string' || key === '') {
    throw permissionDenied(
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    );
  }
  return requireApiKey(apiKeys, key);
};

const read = (type: string, ask: Ask): Fields => readMessage(VOCABULARIES[DOOR], type, ask.text);

const GENERATING = ['generateContent', 'streamGenerateContent', 'countTokens'];

const methodsOf = ({ kind }: Model): readonly string[] => {
  if (kind === 'embedding') return ['embedContent', 'batchEmbedContents', 'countTokens'];
  if (kind === 'live') return ['bidiGenerateContent'];
  return kind === 'film' ? ['predictLongRunning'] : [...GENERATING, 'batchGenerateContent'];
};

const unsupported = (id: string, method: string): GoogleError =>
  notFound(
    `models/${id} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
  );

const modelFor = ({ account }: GeminiApiNeeds, id: string, method: string): Model => {
  const model = findModel(DOOR, id, account);
  if (!model || !methodsOf(model).includes(method)) throw unsupported(id, method);
  return model;
};

const generateContent = (model: Model, { ask, project, kept }: Asked, isStream: boolean): Reply => {
  const request = read('GenerateContentRequest', ask);
  requireCache({ kept }, project, model.id, request);
  requireFiles({ kept }, project, request);
  return generate({ door: DOOR, model, request }, formOf(ask, isStream), (text) => text);
};

const countTokens = (model: Model, ask: Ask): Reply => {
  const body = read('CountTokensRequest', ask);
  const whole = body.generateContentRequest;
  if (whole !== undefined && body.contents !== undefined) {
    throw invalidArgument('* CountTokensRequest: only one of contents and generate_content_request may be set\n');
  }
  if (whole !== undefined && fieldsOf(whole).model !== `models/${model.id}`) {
    throw invalidArgument('* CountTokensRequest.generate_content_request.model: must be the model of the address\n');
  }
  const request = whole === undefined ? body : fieldsOf(whole);
  if (fieldsListOf(request.contents).length === 0) {
    throw invalidArgument('* CountTokensRequest.contents: contents is not specified\n');
  }
  const totalTokens = tokensOfRequest(request);
  return jsonReply({ totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] });
};

const embedContent = (ask: Ask): Reply => {
  const [request] = embedContentsOf([read('EmbedContentRequest', ask)]);
  return jsonReply({ embedding: { values: embeddingOf(fieldsOf(request)) } });
};

const batchEmbedContents = (model: Model, ask: Ask): Reply => {
  const requests = fieldsListOf(read('BatchEmbedContentsRequest', ask).requests);
  if (requests.length === 0) throw invalidArgument('* BatchEmbedContentsRequest.requests: requests is not specified\n');
  if (requests.length > 100) {
    throw invalidArgument('* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n');
  }
  requests.forEach((request, index) => {
    if (stringOf(request.model) === `models/${model.id}`) return;
    throw invalidArgument(`* BatchEmbedContentsRequest.requests[${index}].model: must be the model of the address\n`);
  });
  return jsonReply({ embeddings: embedContentsOf(requests).map((request) => ({ values: embeddingOf(request) })) });
};

const infoOf = (model: Model): Fields => ({
  name: `models/${model.id}`,
  version: '001',
  displayName: model.id,
  description: `Simulated ${model.id}`,
  inputTokenLimit: model.inputLimit,
  outputTokenLimit: model.outputLimit,
  supportedGenerationMethods: methodsOf(model),
  ...(model.kind !== 'embedding' && { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2 }),
  ...(model.thinking && { thinking: true }),
});

const PAGE_SIZE = 50;
const LARGEST_PAGE = 1000;

const listModels = ({ account }: GeminiApiNeeds, { query }: Ask): Reply => {
  const all = MODELS.flatMap(({ id }) => findModel(DOOR, id, account) ?? []);
  const size = Number(query.get('pageSize') ?? 0);
  const start = query.has('pageToken') ? Number(query.get('pageToken')?.replace(/^page-/, '') ?? NaN) : 0;
  if (!Number.isInteger(size) || size < 0) throw invalidArgument("Invalid value at 'page_size' (TYPE_INT32)");
  if (!Number.isInteger(start) || start < 0 || start > all.length) throw invalidArgument('Invalid page token.');
  const end = start + Math.min(size || PAGE_SIZE, LARGEST_PAGE);
  return jsonReply({
    models: all.slice(start, end).map(infoOf),
    ...(end < all.length && { nextPageToken: `page-${end}` }),
  });
};

interface Asked {
  readonly ask: Ask;
  readonly project: Project;
  readonly kept: Kept;
}

const METHODS: Readonly<Record<string, readonly [Operation, (model: Model, asked: Asked) => Reply]>> = {
  generateContent: ['generateContent', (model, asked) => generateContent(model, asked, false)],
  streamGenerateContent: ['streamGenerateContent', (model, asked) => generateContent(model, asked, true)],
  countTokens: ['countTokens', (model, { ask }) => countTokens(model, ask)],
  embedContent: ['embedContent', (_model, { ask }) => embedContent(ask)],
  batchEmbedContents: ['batchEmbedContents', (model, { ask }) => batchEmbedContents(model, ask)],
};

/** `/v1beta/models…`, below any prefix: users put gateways in front of it. */
const PATH = /^(?:\/.+)?\/v1(?:beta|alpha)?\/models(?:\/([^/:]+)(?::(\w+))?)?$/;

/** The Gemini API of AI Studio keys. */
export const geminiApiRoutes = (needs: GeminiApiNeeds): Router => {
  const guarded = (operation: Operation, reply: (ask: Ask, key: ApiKey) => Reply) =>
    ({
      operation,
      door: DOOR,
      reply: (ask: Ask): Reply => {
        return reply(ask, requireKey(needs, ask));
      },
    }) as const;

  return (method, path) => {
    const match = PATH.exec(path);
    if (!match) return undefined;
    const [, id, name] = match;
    if (method === 'GET' && id === undefined) return guarded('listModels', (ask) => listModels(needs, ask));
    if (method === 'GET' && id !== undefined && name === undefined) {
      return guarded('getModel', () => {
        const model = findModel(DOOR, id, needs.account);
        if (!model) throw notFound(`Model is not found: models/${id} for api version v1beta`);
        return jsonReply(infoOf(model));
      });
    }
    const known = name !== undefined && Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method !== 'POST' || id === undefined || name === undefined || !known) return undefined;
    const [operation, reply] = known;
    return guarded(operation, (ask, { project }) => {
      const model = modelFor(needs, id, name);
      // Counting tokens costs nothing.
      if (operation !== 'countTokens') needs.meter.charge(project, model.id);
      return reply(model, { ask, project, kept: needs.kept });
    });
  };
};
