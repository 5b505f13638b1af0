import type { Account } from './account.ts';
import { requireBearer } from './bearer.ts';
import { embedContentsOf, embeddingOf, predictionOf } from './embeddings.ts';
import type { Ask, Operation, Router } from './exchange.ts';
import { formOf, generate } from './generate.ts';
import { GoogleError, invalidArgument } from './google-error.ts';
import type { Kept } from './kept/shelf.ts';
import { requireVertexCache } from './kept/vertex.ts';
import { findModel, MODELS, type Model } from './models.ts';
import { readMessage } from './read-message.ts';
import { jsonReply, type Reply } from './reply.ts';
import { tokensOfRequest, tokensOfText } from './token-count.ts';
import type { Tokens } from './tokens.ts';
import { fieldsListOf, fieldsOf, stringOf, type Fields } from './values.ts';
import { modelAt, requirePermission, SERVICE } from './vertex-place.ts';
import type { Place } from './vertex-place.ts';
import { VOCABULARIES } from './vocabulary.ts';

const DOOR = 'vertex';
export interface VertexNeeds {
  readonly account: Account;
  readonly tokens: Tokens;
  readonly kept: Kept;
}

interface Asked {
  readonly ask: Ask;
  readonly place: Place;
  readonly kept: Kept;
}

const read = (type: string, ask: Ask): Fields => readMessage(VOCABULARIES[DOOR], type, ask.text);

const unsupportedFor = (model: Model, method: string): GoogleError =>
  new GoogleError({
    code: 400,
    status: 'FAILED_PRECONDITION',
    message: `${model.id} is not supported in the ${method} API.`,
  });

const generateContent = (model: Model, { ask, place, kept }: Asked, isStream: boolean): Reply => {
  if (model.kind === 'embedding') throw unsupportedFor(model, 'generateContent');
  const request = read('GenerateContentRequest', ask);
  requireVertexCache(kept, place, request);
  return generate({ door: DOOR, model, request }, formOf(ask, isStream), (text) => text);
};

const countTokens = (_model: Model, { ask }: Asked): Reply => {
  const request = read('CountTokensRequest', ask);
  const contents = fieldsListOf(request.contents);
  if (contents.length === 0) {
    throw invalidArgument('Unable to submit request because at least one contents field is required.');
  }
  if (contents.some(({ role }) => role !== 'user' && role !== 'model')) {
    throw invalidArgument('Please use a valid role: user, model.');
  }
  const totalTokens = tokensOfRequest(request);
  return jsonReply({
    totalTokens,
    totalBillableCharacters: totalTokens * 4,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }],
  });
};

/** gemini-embedding-001 is asked by `predict`, one text at a time; the models after it by `embedContent`. */
const predict = (model: Model, { ask }: Asked): Reply => {
  if (model.id !== 'gemini-embedding-001') throw unsupportedFor(model, 'predict');
  const { instances, parameters } = read('PredictRequest', ask);
  const list = fieldsListOf(instances);
  const [instance] = list;
  if (!instance) throw invalidArgument('Instances is empty');
  if (list.length > 1) {
    throw invalidArgument(`${list.length} instance(s) is larger than the maximum allowed for this model, which is 1.`);
  }
  const text = stringOf(instance.content);
  if (text === '') throw invalidArgument('The text content is empty.');
  return jsonReply({ predictions: [predictionOf(instance, fieldsOf(parameters), tokensOfText(text))] });
};

const embedContent = (model: Model, { ask }: Asked): Reply => {
  if (model.kind !== 'embedding' || model.id === 'gemini-embedding-001') throw unsupportedFor(model, 'embedContent');
  const [request] = embedContentsOf([read('EmbedContentRequest', ask)]);
  const tokens = tokensOfRequest({ contents: [fieldsOf(request).content] });
  return jsonReply({
    embedding: { values: embeddingOf(fieldsOf(request)) },
    usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens },
    truncated: false,
  });
};

const listModels = (account: Account): Reply =>
  jsonReply({
    publisherModels: MODELS.flatMap(({ id }) => findModel(DOOR, id, account) ?? []).map(({ id }) => ({
      name: `publishers/google/models/${id}`,
      versionId: 'default',
      launchStage: id.includes('preview') ? 'PUBLIC_PREVIEW' : 'GA',
    })),
  });

const METHODS: Readonly<Record<string, readonly [Operation, (model: Model, asked: Asked) => Reply]>> = {
  generateContent: ['generateContent', (model, asked) => generateContent(model, asked, false)],
  streamGenerateContent: ['streamGenerateContent', (model, asked) => generateContent(model, asked, true)],
  countTokens: ['countTokens', countTokens],
  predict: ['predict', predict],
  embedContent: ['embedContent', embedContent],
};

const MODEL_PATH =
  /^(?:\/.+)?\/v1(?:beta1)?\/projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/([^/:]+):(\w+)$/;
const LIST_PATH = /^(?:\/.+)?\/v1beta1\/publishers\/google\/models$/;

/** Vertex AI in a project of the user's own. */
export const vertexRoutes = ({ account, tokens, kept }: VertexNeeds): Router => {
  const guarded = (operation: Operation, reply: (ask: Ask) => Reply) =>
    ({
      operation,
      door: DOOR,
      reply: (ask: Ask): Reply => {
        requireBearer(ask, tokens, SERVICE);
        return reply(ask);
      },
    }) as const;

  return (method, path) => {
    if (method === 'GET' && LIST_PATH.test(path)) return guarded('listModels', () => listModels(account));
    const [, project, location, id, name] = MODEL_PATH.exec(path) ?? [];
    const known = name !== undefined && Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method !== 'POST' || !known || project === undefined || location === undefined || id === undefined) {
      return undefined;
    }
    const [operation, reply] = known;
    return guarded(operation, (ask) => {
      const place = { project, location, id };
      requirePermission(account, place);
      return reply(modelAt(account, place), { ask, place, kept });
    });
  };
};
