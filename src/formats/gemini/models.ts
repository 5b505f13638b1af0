/** Model lists in Google's shape: what Google's own list says where there is one, the catalogue's words for all else. */
import type { Caller } from '../../callers/caller.ts';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { ModelInfo } from '../../gemini/call.ts';
import type { Catalogue, Model, Variant } from '../../gemini/catalogue.ts';
import { USUAL_SAMPLING } from '../../gemini/model-rows.ts';
import { bareId, findOffered, offeredModels } from '../../gemini/offered-models.ts';
import type { OfferedModel } from '../../gemini/offered-models.ts';
import type { JsonObject } from '../../gemini/types.ts';
import { pageIn } from './paging.ts';
import type { PageQuery } from './paging.ts';

export interface ModelPage {
  readonly models: readonly JsonObject[];
  readonly nextPageToken?: string;
}

/** `live` is the upstream's own list; empty where it has none. */
export const listModels = (catalogue: Catalogue, live: readonly ModelInfo[], caller: Caller): readonly JsonObject[] =>
  offeredModels(catalogue, live, caller).map(describe);

/** One model by any of its names; a RelayError NOT_FOUND that names it, and the nearest, where it is not offered. */
export const findModel = (
  catalogue: Catalogue,
  live: readonly ModelInfo[],
  name: string,
  caller: Caller,
): JsonObject => {
  const found = findOffered(catalogue, live, name, caller);
  if (!found) throw notFound(catalogue, name);
  return describe(found);
};

const SIZES = { usual: 50, largest: 1000 };

/** One page of a list, by the query's `pageSize` and `pageToken`. */
export const pageOf = (models: readonly JsonObject[], query: PageQuery): ModelPage => {
  const { items, nextPageToken } = pageIn(models, query, SIZES);
  return { models: items, ...(nextPageToken !== undefined && { nextPageToken }) };
};

/** Of a variant, Google's list knows the limits; the rest is said of the base model. */
const describe = ({ id, model, variants, info }: OfferedModel): JsonObject => ({
  name: `models/${id}`,
  baseModelId: model.id,
  version: String(model.generation),
  displayName: model.displayName + variants.map((variant) => `, ${VARIANT_NAMES[variant]}`).join(''),
  description: variants.length === 0 ? model.description : `${model.description} ${descriptionOf(variants)}`.trim(),
  inputTokenLimit: info?.inputTokenLimit ?? model.inputTokenLimit,
  outputTokenLimit: info?.outputTokenLimit ?? model.outputTokenLimit,
  supportedGenerationMethods: METHODS[model.kind],
  ...(model.kind === 'generate' && { ...USUAL_SAMPLING, maxTemperature: 2 }),
  thinking: model.thinking !== undefined,
  ...(variants.length === 0 && { ...info, name: `models/${id}` }),
});

const METHODS = {
  generate: ['generateContent', 'streamGenerateContent', 'countTokens'],
  embed: ['embedContent', 'batchEmbedContents'],
  live: ['bidiGenerateContent'],
  film: ['predictLongRunning'],
} satisfies Record<Model['kind'], readonly string[]>;

const VARIANT_NAMES = {
  nothinking: 'no thinking',
  maxthinking: 'most thinking',
  search: 'with search',
} satisfies Record<Variant, string>;

const descriptionOf = (variants: readonly Variant[]): string =>
  `Variant of this relay: ${variants.map((variant) => VARIANT_NAMES[variant]).join(', ')}.`;

const notFound = (catalogue: Catalogue, name: string): RelayError =>
  failed(
    'model_not_found',
    `models/${bareId(name)} is not found. The nearest: ${catalogue.nearest(name).join(', ')}. ` +
      'GET /v1beta/models lists all.',
    { param: 'model', retryable: false },
  );
