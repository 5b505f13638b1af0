/** Layer: models that refuse a system instruction hear it from the user, whichever family the client speaks. */
import type { Call, Layer } from '../gemini/call.ts';
import { rowOf } from '../gemini/call-row.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { withSpokenInstruction } from '../gemini/spoken-instruction.ts';

export const withSpokenInstructions =
  (catalogue: Pick<Catalogue, 'resolve'>): Layer =>
  (inner) => {
    const spoken = (call: Call): Call => {
      if (call.request.systemInstruction === undefined || rowOf(call, catalogue).instruction) return call;
      return { ...call, request: withSpokenInstruction(call.request) };
    };
    return {
      ...inner,
      generate: (call, signal) => inner.generate(spoken(call), signal),
      countTokens: (call, signal) => inner.countTokens(spoken(call), signal),
    };
  };
