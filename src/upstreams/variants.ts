/** Layer: what the suffixes of a model's name stand for (`-nothinking`, `-maxthinking`, `-search`). */
import type { Call, Layer } from '../gemini/call.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { applyVariants } from '../gemini/variants.ts';

export const withVariants =
  (catalogue: Pick<Catalogue, 'resolve'>): Layer =>
  (inner) => {
    const applied = (call: Call): Call => applyVariants(call, catalogue.resolve(call.model));
    return {
      generate: (call, signal) => inner.generate(call.row?.id === call.model ? call : applied(call), signal),
      countTokens: async (call, signal) => inner.countTokens(applied(call), signal),
      embed: async (call, signal) => inner.embed({ ...call, model: catalogue.resolve(call.model).id }, signal),
      models: (signal) => inner.models(signal),
    };
  };
