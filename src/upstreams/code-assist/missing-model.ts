/** Models that Google has and Code Assist has not: its own 404 names neither the model nor the way out. */
import { RelayError } from '../../errors.ts';
import type { Model } from '../../gemini/catalogue.ts';

/** The error itself where the model may be behind this door. */
export const missingModel = (error: RelayError, model: Model): RelayError =>
  error.code === 'NOT_FOUND' && !model.codeAssist ? servedElsewhere(model, error) : error;

export const servedElsewhere = (model: Model, cause?: RelayError): RelayError => {
  const { what, them, method } = wordsFor(model);
  const doors = model.vertex ? 'UPSTREAM=gemini-api or UPSTREAM=vertex' : 'UPSTREAM=gemini-api';
  return new RelayError(
    'NOT_FOUND',
    `models/${model.id} is not found for API version v1beta, or is not supported for ${method}.`,
    {
      fix: `Code Assist has no ${what}; the relay has ${them} with ${doors}.`,
      reason: 'model_not_found',
      param: 'model',
      details: cause?.details ?? [],
      cause,
    },
  );
};

const wordsFor = ({ id, kind, outputsImages, speaks }: Model) => {
  if (kind === 'embed') return { what: 'embeddings', them: 'them', method: 'embedContent' };
  const method = 'generateContent';
  if (speaks) return { what: 'models that speak', them: 'them', method };
  return outputsImages
    ? { what: 'models that make images', them: 'them', method }
    : { what: `model ${id}`, them: 'it', method };
};
