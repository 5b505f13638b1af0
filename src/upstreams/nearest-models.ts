import { RelayError, changed } from '../errors.ts';
import type { Layer } from '../gemini/call.ts';
import type { Catalogue, Model } from '../gemini/catalogue.ts';

/**
 * Layer: ids that we do not know go to Google as they are; where Google knows none either, it was a slip of the pen. So
 * is a model of the other kind: one that generates makes no embeddings. Named are those that this door has,
 * and others only where it has none of their kind.
 */
export const withNearestModels =
  (catalogue: Pick<Catalogue, 'find' | 'nearest'>, serves: (model: Model) => boolean): Layer =>
  (inner) => {
    const advice = (model: string, kind: Model['kind']): string => {
      const here = catalogue.nearest(model, kind, serves);
      return here.length > 0
        ? `The nearest ids: ${here.join(', ')}. GET /v1/models lists them.`
        : `The nearest ids: ${catalogue.nearest(model, kind).join(', ')}, with UPSTREAM=gemini-api.`;
    };
    const fail = (error: unknown, model: string, kind: Model['kind']): never => {
      const isSlip = isUnknown(error) && catalogue.find(model)?.model.kind !== kind;
      throw isSlip ? named(error, advice(model, kind)) : error;
    };
    return {
      ...inner,
      generate: (call, signal) =>
        inner.generate(call, signal).catch((error: unknown) => fail(error, call.model, 'generate')),
      countTokens: (call, signal) =>
        inner.countTokens(call, signal).catch((error: unknown) => fail(error, call.model, 'generate')),
      embed: (call, signal) => inner.embed(call, signal).catch((error: unknown) => fail(error, call.model, 'embed')),
    };
  };

const isUnknown = (error: unknown): error is RelayError =>
  error instanceof RelayError && error.code === 'NOT_FOUND' && error.reason === 'model_not_found';

const named = (error: RelayError, advice: string): RelayError =>
  changed(error, { fix: error.fix === undefined ? advice : `${error.fix} ${advice}`, cause: error });
