import { editDistance } from '../slips.ts';
import { failed } from '../errors.ts';
import { createMemo } from '../engine/memo.ts';
import { MODELS, guessModel } from './model-rows.ts';
import type { Model, ModelKind } from './model-rows.ts';
import { wrongKind } from './wrong-kind.ts';

export type { Model, ModelKind, ThinkingLevel, ThinkingSpec } from './model-rows.ts';

export type Variant = 'nothinking' | 'maxthinking' | 'search';

export interface ResolvedModel {
  /** As the client wrote it: answers echo it. */
  readonly requested: string;
  /** The id that Google knows. */
  readonly id: string;
  /** Thinking first, then search. */
  readonly variants: readonly Variant[];
  /** `id` and the suffixes of its variants, in that order: what goes into `Call.model`. */
  readonly name: string;
  /** The client asked for another name (`MODEL_ALIASES`). */
  readonly isAlias?: boolean;
  /** Guessed from the id where the catalogue has no row. */
  readonly model: Model;
}

export interface ListedModel {
  readonly id: string;
  readonly model: Model;
  readonly variants: readonly Variant[];
}

/**
 * Names of models. `resolve` is for requests that go upstream: an id that only looks like one of Google's passes as it
 * is, because new models appear weekly, and Google's own 404 comes back if it was a typo. Suffixes work on such an id
 * too. Anything else is refused here, with the nearest ids. `find` is for the pages of single models: only what is
 * listed, and variants of it, is found. Where it is known what a model is for, `kind` says of which kind ids are offered,
 * and a model that is known to be of another is refused.
 */
export interface Catalogue {
  resolve(name: string, kind?: ModelKind): ResolvedModel;
  find(name: string): ResolvedModel | undefined;
  /** The row of exactly this id, or the guess for one that looks like Google's. */
  rowOf(id: string): Model | undefined;
  /** `MODELS` included; without a kind those that generate. */
  list(kind?: ModelKind): readonly Model[];
  /** Of every kind. */
  all(): readonly Model[];
  /** What `MODELS` names: offered whatever an upstream's own list says. */
  configured(): readonly Model[];
  /** What model lists show: the base ids first, then their variants where those make a difference. */
  listed(): readonly ListedModel[];
  /** Up to three listed ids that look most like the name, of the kind that is asked for or that the name speaks of. */
  nearest(name: string, kind?: ModelKind, serves?: (model: Model) => boolean): readonly string[];
}

export const createCatalogue = (moreIds: readonly string[]): Catalogue => {
  // Maps, not objects: `constructor` and `__proto__` are names like any other here.
  const rows = new Map(MODELS.map((model) => [model.id, model]));
  const configured: Model[] = [];
  for (const id of moreIds.map((more) => withoutPrefixes(more.trim()))) {
    if (id === '') continue;
    const row = rows.get(id.toLowerCase()) ?? guessModel(id);
    rows.set(id.toLowerCase(), row);
    if (!configured.includes(row)) configured.push(row);
  }
  const byKind = Map.groupBy(rows.values(), ({ kind }) => kind);
  const list = (kind: ModelKind = 'generate'): readonly Model[] => byKind.get(kind) ?? [];
  const models = list();
  const listed = [...models.map((model) => ({ id: model.id, model, variants: [] })), ...models.flatMap(listedVariants)];

  const nearest = (name: string, kind = kindIn(name), serves?: (model: Model) => boolean): readonly string[] => {
    const alike =
      kind === 'generate' && PAINTS.test(name) ? models.filter(({ outputsImages }) => outputsImages) : list(kind);
    const rivals = serves ? alike.filter(serves) : alike;
    const wanted = withoutPrefixes(name.trim()).toLowerCase().slice(0, MAX_NAME_LENGTH);
    const ranked = rivals
      .map(({ id }) => ({ id, distance: editDistance(wanted, id.toLowerCase()) }))
      // Of few, all are worth naming.
      .filter(({ id, distance }) => rivals.length <= MOST_NAMED || distance * 2 <= Math.max(id.length, wanted.length))
      .sort((one, other) => one.distance - other.distance);
    const ids = ranked.slice(0, MOST_NAMED).map(({ id }) => id);
    return ids.length > 0 ? ids : rivals.slice(0, MOST_NAMED).map(({ id }) => id);
  };

  const notFound = (requested: string, why: string, kind?: ModelKind) =>
    failed(
      'model_not_found',
      `The model '${requested}' does not exist: ${why}. The nearest ids: ${nearest(requested, kind).join(', ')}. ` +
        'GET /v1/models lists them all.',
      { param: 'model', retryable: false },
    );

  /** The row of an exact name, else of the name without its suffixes; undefined where no row is known or guessed. */
  const match = (name: string, guess: boolean): { model: Model; variants: readonly Variant[] } | string => {
    const variants: Variant[] = [];
    for (let base = name; ;) {
      // An id that itself ends in a modifier's word is known by it, so the exact match comes first.
      const model = rows.get(base.toLowerCase());
      const suffix = SUFFIXES.find((word) => base.toLowerCase().endsWith(`-${word}`));
      if (model || suffix === undefined) {
        const row = model ?? (guess ? guessed(base) : undefined);
        if (!row) return 'no model has this id';
        if (variants.length > 0 && row.kind !== 'generate') return 'only models that answer have variants';
        return { model: row, variants: CANONICAL.filter((variant) => variants.includes(variant)) };
      }
      if (variants.includes(suffix)) return `it says -${suffix} twice`;
      variants.push(suffix);
      if (variants.includes('nothinking') && variants.includes('maxthinking')) {
        return '-nothinking and -maxthinking exclude each other';
      }
      base = base.slice(0, -suffix.length - 1);
    }
  };

  const resolveWith = (requested: string, guess: boolean): ResolvedModel | string => {
    const written = requested.trim();
    const exact = rows.get(written.toLowerCase());
    const found = exact ? { model: exact, variants: [] } : match(withoutPrefixes(written), guess);
    if (typeof found === 'string') return found;
    const { model, variants } = found;
    return { requested, id: model.id, variants, name: nameOf(model.id, variants), model };
  };

  const resolve = (name: string, kind?: ModelKind): ResolvedModel => {
    checkSpelling(name);
    const resolved = resolveWith(name, true);
    if (typeof resolved === 'string') throw notFound(name.trim(), resolved, kind);
    return resolved;
  };
  /** Of what is only guessed Google decides. */
  const checkKind = (resolved: ResolvedModel, kind: ModelKind | undefined): ResolvedModel => {
    const { id, requested, model } = resolved;
    if (kind !== undefined && model.kind !== kind && rows.has(id.toLowerCase()))
      throw wrongKind(requested, model, kind, list(kind));
    return resolved;
  };
  /** Each request asks several times, and clients use few names. */
  const resolvedNames = createMemo<ResolvedModel>(MOST_NAMES, MAX_NAME_LENGTH);

  return {
    resolve: (name, kind) => checkKind(resolvedNames.get(name) ?? resolvedNames.keep(name, resolve(name, kind)), kind),
    find: (name) => {
      const resolved = isWellSpelled(name.trim()) ? resolveWith(name, false) : undefined;
      return typeof resolved === 'string' ? undefined : resolved;
    },
    rowOf: (id) => rows.get(id.toLowerCase()) ?? guessed(id),
    list,
    all: () => [...rows.values()],
    configured: () => configured,
    listed: () => listed,
    nearest,
  };
};

const MOST_NAMES = 256;
/** Of the nearest ids. */
const MOST_NAMED = 3;

/** A slip of the pen looks like what it was to be. */
const kindIn = (name: string): ModelKind => (/embed/i.test(name) ? 'embed' : guessModel(name).kind);

/** The same for models that make images. */
const PAINTS = /ima?g|banana/i;

/** The variants of a model that make a difference, as lists show them. */
export const listedVariants = (model: Model): readonly ListedModel[] =>
  usefulVariants(model).map((variants) => ({ id: nameOf(model.id, variants), model, variants }));

const MAX_NAME_LENGTH = 200;
const CANONICAL = ['nothinking', 'maxthinking', 'search'] as const;
/** Longest first: none may hide another. */
const SUFFIXES = ['maxthinking', 'nothinking', 'search'] as const;
/** As LiteLLM, Aider and others write them before an id. */
const PREFIXES = ['models/', 'google/', 'gemini/', 'openai/', 'vertex_ai/'];
/** What may be a model of Google's that this catalogue does not know yet. */
const GOOGLE_ID =
  /^(?:gemini|gemma|learnlm|veo|embedding|text-embedding|text-multilingual-embedding)-[a-z\d](?:[a-z\d._@-]*[a-z\d])?$/i;

const guessed = (id: string): Model | undefined =>
  id.length <= MAX_NAME_LENGTH && GOOGLE_ID.test(id) ? guessModel(id) : undefined;

const nameOf = (id: string, variants: readonly Variant[]): string => [id, ...variants].join('-');

export const isNewer = (one: Model, other: Model): boolean =>
  one.generation === other.generation ? one.created > other.created : one.generation > other.generation;

export const withoutPrefixes = (name: string): string => {
  let rest = name;
  for (;;) {
    const prefix = PREFIXES.find((start) => rest.slice(0, start.length).toLowerCase() === start);
    if (prefix === undefined) return rest;
    rest = rest.slice(prefix.length);
  }
};

/** A name with and without the suffixes at its end, the barest first. */
export const splitVariants = (
  name: string,
): readonly { readonly base: string; readonly suffixes: readonly string[] }[] => {
  const suffix = SUFFIXES.find((word) => name.endsWith(`-${word}`));
  if (suffix === undefined) return [{ base: name, suffixes: [] }];
  const barer = splitVariants(name.slice(0, -suffix.length - 1));
  return [
    ...barer.map(({ base, suffixes }) => ({ base, suffixes: [...suffixes, suffix] })),
    { base: name, suffixes: [] },
  ];
};

/** The name becomes part of an upstream address or body: nothing that could lead elsewhere gets through. */
const isWellSpelled = (name: string): boolean =>
  name.length <= MAX_NAME_LENGTH && /^[\w.:@/-]+$/.test(name) && !name.includes('..');

const checkSpelling = (name: string): void => {
  const spelled = name.trim();
  if (spelled === '') {
    throw failed('missing_required_parameter', "The model is missing: name one, for example 'gemini-2.5-flash'.", {
      param: 'model',
    });
  }
  if (isWellSpelled(spelled)) return;
  throw failed(
    'invalid_value',
    `This is no name of a model: it has at most ${MAX_NAME_LENGTH} letters, digits and . _ - : @ /, and never two dots in a row.`,
    { param: 'model' },
  );
};

const usefulVariants = (model: Model): readonly (readonly Variant[])[] => {
  const thinking: readonly (readonly Variant[])[] = model.thinking ? [['nothinking'], ['maxthinking']] : [];
  if (!model.search) return thinking;
  return [...thinking, ['search'], ...thinking.map((variants): readonly Variant[] => [...variants, 'search'])];
};
