/** Layer: what the suffixes of a model's name stand for (`-nothinking`, `-maxthinking`, `-search`). */
import type { Layer } from '../gemini/call.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { applyVariants } from '../gemini/variants.ts';

export const withVariants =
  (catalogue: Pick<Catalogue, 'resolve'>): Layer =>
  (inner) => ({
    generate: (call, signal) => inner.generate(applyVariants(call, catalogue.resolve(call.model)), signal),
    countTokens: async (call, signal) => inner.countTokens(applyVariants(call, catalogue.resolve(call.model)), signal),
    embed: async (call, signal) => inner.embed({ ...call, model: catalogue.resolve(call.model).id }, signal),
    models: (signal) => inner.models(signal),
  });
