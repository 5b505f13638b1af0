/**
 * What the model lists offer, in the words of whichever family asks: what can be called, the variants of it, and what
 * `MODELS` names. Where the upstream has a list, it decides; the catalogue adds what that list does not say.
 */
import { NOBODY } from '../callers/caller.ts';
import type { Caller } from '../callers/caller.ts';
import { mayUse, modelNotAllowed } from '../callers/models.ts';
import { RelayError } from '../errors.ts';
import type { ModelInfo, Upstream } from './call.ts';
import type { JsonObject } from './types.ts';
import { listedVariants } from './catalogue.ts';
import type { Catalogue, ListedModel, Model } from './catalogue.ts';

export interface OfferedModel extends ListedModel {
  /** What the upstream says of the base model; undefined where it has no list, or not this model. */
  readonly info: ModelInfo | undefined;
}

/** How it is told of: by the upstream's own words and limits where it has them. */
export const describeOffered = ({
  model,
  variants,
  info,
}: Pick<OfferedModel, 'model' | 'variants' | 'info'>): OfferedDescription => {
  const { displayName, inputTokenLimit, outputTokenLimit }: JsonObject = info ?? {};
  const name = typeof displayName === 'string' ? displayName : model.displayName;
  return {
    name: variants.length === 0 ? name : `${name} (${variants.join(', ')})`,
    inputTokens: typeof inputTokenLimit === 'number' ? inputTokenLimit : model.inputTokenLimit,
    outputTokens: typeof outputTokenLimit === 'number' ? outputTokenLimit : model.outputTokenLimit,
  };
};

export interface OfferedDescription {
  readonly name: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The base models first: a first page, or a picker that cuts off, shows them all. Only what the caller may use. */
export const offeredModels = (
  catalogue: Catalogue,
  live: readonly ModelInfo[],
  caller: Caller,
): readonly OfferedModel[] => {
  const bases = basesOf(catalogue, live);
  const all = [
    ...bases.map(({ model, info }) => ({ id: model.id, model, variants: [], info })),
    ...bases.flatMap(({ model, info }) => listedVariants(model).map((listed) => ({ ...listed, info }))),
  ];
  if (caller.models === undefined) return all;
  return [...aliasesOf(caller.models, catalogue, bases), ...all.filter((offered) => isAllowed(caller, offered))];
};

/** Aliases are served without being listed, but for who may use a model by that name alone. */
const aliasesOf = (names: readonly string[], catalogue: Catalogue, bases: readonly Base[]): readonly OfferedModel[] =>
  names.flatMap((id) => {
    const found = /[*?]/.test(id) ? undefined : catalogue.find(id);
    const base = found?.isAlias === true ? bases.find(({ model }) => model.id === found.id) : undefined;
    return found && base ? [{ id, model: found.model, variants: found.variants, info: base.info }] : [];
  });

/** One of them by any of its names. Throws where the caller may not use it. */
export const findOffered = (
  catalogue: Catalogue,
  live: readonly ModelInfo[],
  name: string,
  caller: Caller,
): OfferedModel | undefined => {
  const found = findAny(catalogue, live, name);
  if (found && !mayUse(caller, bareId(name)) && !isAllowed(caller, found)) throw modelNotAllowed(caller, bareId(name));
  return found;
};

const isAllowed = (caller: Caller, { id, model }: OfferedModel): boolean => mayUse(caller, id, model.id);

const findAny = (catalogue: Catalogue, live: readonly ModelInfo[], name: string): OfferedModel | undefined => {
  const offered = offeredModels(catalogue, live, NOBODY);
  const bare = bareId(name);
  const exact = offered.find(({ id }) => id === bare);
  if (exact) return exact;
  const found = catalogue.find(bare);
  if (!found) return undefined;
  // A variant that makes no difference is in no list, and works nevertheless.
  const base = offered.find(({ model }) => model.id === found.id);
  return (
    offered.find(({ id }) => id === found.name) ??
    (base && { id: found.name, model: found.model, variants: found.variants, info: base.info })
  );
};

/** The upstream's list. A passing trouble leaves the catalogue; one that the owner must fix is told. */
export const askForModels = async (
  upstream: Upstream,
  { doors }: Pick<Caller, 'doors'>,
  signal: AbortSignal,
): Promise<readonly ModelInfo[]> => {
  try {
    return await upstream.models(signal, doors);
  } catch (error) {
    const isPassing = error instanceof RelayError && error.status >= 500 && error.retryable !== false;
    if (signal.aborted || !isPassing) throw error;
    return [];
  }
};

/** `models/x`, LiteLLM's `google/x`, and Vertex's `publishers/google/models/x`. */
export const bareId = (name: string): string => name.replace(/^(?:publishers\/[^/]+\/)?(?:(?:models|google)\/)*/, '');

interface Base {
  readonly model: Model;
  readonly info: ModelInfo | undefined;
}

const basesOf = (catalogue: Catalogue, live: readonly ModelInfo[]): readonly Base[] => {
  const all = catalogue.all();
  if (live.length === 0) return all.map((model) => ({ model, info: undefined }));
  const bases = new Map<string, Base>();
  for (const info of live) {
    const model = isServed(info) ? catalogue.rowOf(bareId(info.name)) : undefined;
    if (model && !bases.has(model.id)) bases.set(model.id, { model, info });
  }
  for (const model of catalogue.configured()) {
    if (!bases.has(model.id)) bases.set(model.id, { model, info: undefined });
  }
  return [...bases.values()];
};

/** What has other methods alone is not to be had through the relay. */
const isServed = ({ supportedGenerationMethods: methods }: ModelInfo): boolean =>
  !Array.isArray(methods) || SERVED.some((method) => methods.includes(method));

const SERVED = ['generateContent', 'embedContent', 'bidiGenerateContent', 'predictLongRunning'];
