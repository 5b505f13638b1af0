/** Layer for a place that has no list of its models: those of the catalogue that are known to be there. */
import type { Layer } from '../gemini/call.ts';
import type { Catalogue, Model } from '../gemini/catalogue.ts';

export const withKnownModels =
  (catalogue: Pick<Catalogue, 'all'>, isThere: (model: Model) => boolean): Layer =>
  (inner) => ({
    ...inner,
    models: () =>
      Promise.resolve(
        catalogue
          .all()
          .filter(isThere)
          .map(({ id }) => ({ name: `models/${id}` })),
      ),
  });
