/** `GET models`: what is offered, over which doors, how much of it, and for how much. */
import { NOBODY } from '../callers/caller.ts';
import type { Upstream } from '../gemini/call.ts';
import type { Catalogue, Model } from '../gemini/catalogue.ts';
import { offeredModels } from '../gemini/offered-models.ts';
import { signalOf } from '../http/respond.ts';
import type { System } from '../system.ts';
import { ratesOf } from '../usage/prices.ts';
import type { Route } from './route.ts';
import type { Quota } from './status.ts';

export interface ModelsNeeds {
  /** With the aliases. */
  readonly catalogue: Catalogue;
  readonly upstream: Pick<Upstream, 'models'>;
  /** Names that clients may ask for instead; `*` in them stands for anything. */
  readonly aliases: () => readonly string[];
  /** Kinds of doors that have it. */
  readonly doorsOf: (model: Model) => readonly string[];
  readonly quota: () => readonly Quota[];
  readonly system: Pick<System, 'now'>;
}

export const modelsRoutes = (needs: ModelsNeeds): readonly Route[] => [
  {
    method: 'GET',
    path: 'models',
    answer: async (ctx) => {
      // Where Google cannot be asked, the catalogue says what it would.
      const live = await needs.upstream.models(signalOf(ctx)).catch(() => []);
      const aliases = aliasesByModel(needs);
      const quota = Map.groupBy(needs.quota(), ({ model }) => model);
      const models = offeredModels(needs.catalogue, live, NOBODY)
        .filter(({ variants }) => variants.length === 0)
        .map(({ id, model }) => ({
          id,
          name: model.displayName,
          kind: model.kind,
          description: model.description,
          doors: needs.doorsOf(model),
          input_token_limit: model.inputTokenLimit,
          output_token_limit: model.outputTokenLimit,
          price: priceOf(id, needs.system.now()),
          aliases: aliases.get(id) ?? [],
          thinking: model.thinking !== undefined,
          search: model.search,
          images_in: model.sees,
          images_out: model.outputsImages,
          audio_in: model.hears,
          audio_out: model.speaks || model.kind === 'live',
          quota: (quota.get(id) ?? []).map(({ door, remaining_fraction, reset_at }) => ({
            door,
            remaining_fraction,
            reset_at,
          })),
        }));
      return { models };
    },
  },
];

/** Dollars for a million tokens; null where nobody knows. */
const priceOf = (id: string, now: number): object | null => {
  const rates = ratesOf(id, now);
  return rates ? { input_usd: rates.input, cached_usd: rates.cached, output_usd: rates.output } : null;
};

/** An alias belongs to the model that serves the shortest name that it fits. */
const aliasesByModel = ({ aliases, catalogue }: ModelsNeeds): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const asked of aliases()) {
    const id = catalogue.find(asked.replaceAll('*', ''))?.id;
    if (id === undefined) continue;
    const known = found.get(id) ?? [];
    known.push(asked);
    found.set(id, known);
  }
  return found;
};
