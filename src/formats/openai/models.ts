/** Model lists in OpenAI's shape: the catalogue, and what the upstream's own list has beyond it. */
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { RelayError } from '../../errors.ts';
import type { ModelInfo } from '../../gemini/call.ts';
import type { Catalogue, Model, Variant } from '../../gemini/models.ts';
import { sendJson, signalOf } from '../../http/respond.ts';
import type { FormatParts } from '../format.ts';
import { isModelMethod, under } from './paths.ts';

export const mountModels = (router: Router, parts: FormatParts): void => {
  const list: Middleware = async (ctx, next): Promise<void> => {
    if (isGoogleCaller(ctx)) {
      await next();
      return;
    }
    const data = listModels(parts.catalogue, await liveModels(ctx, parts));
    sendJson(ctx, JSON.stringify({ object: 'list', data }));
  };
  const one: Middleware = async (ctx, next): Promise<void> => {
    if (isModelMethod(ctx.path) || isGoogleCaller(ctx)) {
      await next();
      return;
    }
    const id = idOf(ctx.path);
    const model = findModel(id, parts.catalogue, await liveModels(ctx, parts));
    if (!model) throw notFound(id, parts.catalogue);
    sendJson(ctx, JSON.stringify(model));
  };
  router.get(under('/models'), list);
  // Ids may hold slashes and colons.
  router.get(ONE_MODEL, one);
};

/** OpenAI's four fields, and three more that model pickers and agents read. */
export interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: 'google';
  readonly display_name: string;
  readonly context_length: number;
  readonly max_output_tokens: number;
}

export const listModels = (catalogue: Catalogue, live: readonly ModelInfo[]): readonly ListedModel[] => {
  const rows = catalogue.listed().map(({ id, model, variants }) => toRow(id, model, variants));
  const known = new Set(rows.map(({ id }) => id));
  const others = live.filter(isUsable).map((info) => liveRow(info, catalogue));
  return [...rows, ...others.filter(({ id }) => !known.has(id))];
};

export const findModel = (id: string, catalogue: Catalogue, live: readonly ModelInfo[]): ListedModel | undefined => {
  const bare = bareId(id);
  const listed = listModels(catalogue, live).find((row) => row.id === bare);
  if (listed) return { ...listed, id };
  const found = catalogue.find(id);
  return found && toRow(id, found.model, found.variants);
};

const ONE_MODEL = /^(?:\/v1beta\/openai)?(?:\/v1)*\/models\/.+$/;

/** Google's SDKs ask at `/v1/models` as well, and expect Google's shape. */
const isGoogleCaller = (ctx: Context): boolean =>
  !ctx.path.startsWith('/v1beta/openai/') &&
  (ctx.get('x-goog-api-key') !== '' || ctx.get('x-goog-api-client') !== '' || ctx.state.keyInUrl);

/** A picker is better served by what we know than by an error, unless the owner has to do something. */
const liveModels = async (ctx: Context, { upstream }: FormatParts): Promise<readonly ModelInfo[]> => {
  const signal = signalOf(ctx);
  try {
    return await upstream.models(signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof RelayError) || error.retryable === false || error.status < 500)
      throw error;
    return [];
  }
};

const idOf = (path: string): string => {
  const id = path.slice(path.indexOf('/models/') + '/models/'.length).replace(/\/$/, '');
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
};

const bareId = (id: string): string => id.replace(/^(?:models|google)\//, '');

const isUsable = ({ supportedGenerationMethods: methods }: ModelInfo): boolean =>
  !Array.isArray(methods) || methods.includes('generateContent') || methods.includes('embedContent');

const toRow = (id: string, model: Model, variants: readonly Variant[]): ListedModel => ({
  id,
  object: 'model',
  created: model.created,
  owned_by: 'google',
  display_name: variants.length === 0 ? model.displayName : `${model.displayName} (${variants.join(', ')})`,
  context_length: model.inputTokenLimit,
  max_output_tokens: model.outputTokenLimit,
});

/** A date is in none of Google's lists: one fixed day stands for those that the catalogue does not know. */
const UNKNOWN_DATE = 1_750_118_400;

const liveRow = (info: ModelInfo, catalogue: Catalogue): ListedModel => {
  const id = bareId(info.name);
  const { displayName, inputTokenLimit, outputTokenLimit } = info;
  const known = catalogue.find(id)?.model;
  return {
    id,
    object: 'model',
    created: known?.created ?? UNKNOWN_DATE,
    owned_by: 'google',
    display_name: typeof displayName === 'string' ? displayName : id,
    context_length: typeof inputTokenLimit === 'number' ? inputTokenLimit : (known?.inputTokenLimit ?? 1_048_576),
    max_output_tokens: typeof outputTokenLimit === 'number' ? outputTokenLimit : (known?.outputTokenLimit ?? 65_536),
  };
};

const notFound = (id: string, catalogue: Catalogue): RelayError =>
  new RelayError(
    'NOT_FOUND',
    `The model '${id}' does not exist. The nearest ids: ${catalogue.nearest(id).join(', ')}. GET /v1/models lists all.`,
    { reason: 'model_not_found', param: 'model', retryable: false },
  );
