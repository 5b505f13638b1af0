import type { Account } from './account.ts';
import { requireBearer } from './bearer.ts';
import { embedContentsOf, embeddingOf, predictionOf } from './embeddings.ts';
import type { Ask, Operation, Router } from './exchange.ts';
import { formOf, generate } from './generate.ts';
import { errorInfo, GoogleError, invalidArgument, notFound, permissionDenied } from './google-error.ts';
import { findModel, MODELS, type Model } from './models.ts';
import { readMessage } from './read-message.ts';
import { jsonReply, type Reply } from './reply.ts';
import { tokensOfRequest, tokensOfText } from './token-count.ts';
import type { Tokens } from './tokens.ts';
import { fieldsListOf, fieldsOf, stringOf, type Fields } from './values.ts';
import { VOCABULARIES } from './vocabulary.ts';

const DOOR = 'vertex';
const SERVICE = 'aiplatform.googleapis.com';

export interface VertexNeeds {
  readonly account: Account;
  readonly tokens: Tokens;
}

interface Place {
  readonly project: string;
  readonly location: string;
  readonly id: string;
}

const read = (type: string, ask: Ask): Fields => readMessage(VOCABULARIES[DOOR], type, ask.text);

const resourceOf = ({ project, location, id }: Place): string =>
  `projects/${project}/locations/${location}/publishers/google/models/${id}`;

const LOCATIONS = ['global', 'us', 'eu', 'us-central1', 'us-east1', 'europe-west1', 'europe-west4', 'asia-northeast1'];

const requirePermission = (account: Account, place: Place): void => {
  const isOurs = [account.project, ...account.ownProjects].includes(place.project);
  if (isOurs && account.vertexPermission) return;
  const permission = 'aiplatform.endpoints.predict';
  const resource = `//aiplatform.googleapis.com/${resourceOf(place)}`;
  throw permissionDenied(`Permission '${permission}' denied on resource '${resource}' (or it may not exist).`, [
    errorInfo('IAM_PERMISSION_DENIED', SERVICE, { permission, resource: resourceOf(place) }),
  ]);
};

const modelAt = (account: Account, place: Place): Model => {
  const model = findModel(DOOR, place.id, account);
  if (!LOCATIONS.includes(place.location)) throw invalidArgument(`Unsupported region for Vertex AI: ${place.location}`);
  if (model && (place.location === 'global' || !model.globalOnly)) return model;
  throw notFound(
    `Publisher Model \`${resourceOf(place)}\` was not found or your project does not have access to it. ` +
      'Please ensure you are using a valid model version. For more information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions',
  );
};

const unsupportedFor = (model: Model, method: string): GoogleError =>
  new GoogleError({
    code: 400,
    status: 'FAILED_PRECONDITION',
    message: `${model.id} is not supported in the ${method} API.`,
  });

const generateContent = (model: Model, ask: Ask, isStream: boolean): Reply => {
  if (model.kind === 'embedding') throw unsupportedFor(model, 'generateContent');
  const request = read('GenerateContentRequest', ask);
  if (request.cachedContent !== undefined) throw notFound('Not found: cached content metadata for 0.');
  return generate({ door: DOOR, model, request }, formOf(ask, isStream), (text) => text);
};

const countTokens = (_model: Model, ask: Ask): Reply => {
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
const predict = (model: Model, ask: Ask): Reply => {
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

const embedContent = (model: Model, ask: Ask): Reply => {
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

const METHODS: Readonly<Record<string, readonly [Operation, (model: Model, ask: Ask) => Reply]>> = {
  generateContent: ['generateContent', (model, ask) => generateContent(model, ask, false)],
  streamGenerateContent: ['streamGenerateContent', (model, ask) => generateContent(model, ask, true)],
  countTokens: ['countTokens', countTokens],
  predict: ['predict', predict],
  embedContent: ['embedContent', embedContent],
};

const MODEL_PATH =
  /^(?:\/.+)?\/v1(?:beta1)?\/projects\/([^/]+)\/locations\/([^/]+)\/publishers\/google\/models\/([^/:]+):(\w+)$/;
const LIST_PATH = /^(?:\/.+)?\/v1beta1\/publishers\/google\/models$/;

/** Vertex AI in a project of the user's own. */
export const vertexRoutes = ({ account, tokens }: VertexNeeds): Router => {
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
      return reply(modelAt(account, place), ask);
    });
  };
};
