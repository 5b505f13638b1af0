/** Code Assist counts the tokens of contents and of nothing else, so everything else is counted as contents. */
import { writeBody } from '../../gemini/written-body.ts';
import { RelayError } from '../../errors.ts';
import type { WrittenBody } from '../../engine/payloads.ts';
import type { Call, Layer } from '../../gemini/call.ts';
import { countable, estimateTokens, isMedia } from '../../gemini/estimate.ts';
import type { CountTokensResponse, GenerateContentRequest, Part } from '../../gemini/types.ts';
import { countOf } from '../readings.ts';
import { toWireModel } from './envelope.ts';

export const countBody = ({ model, request, payloads }: Call): WrittenBody | Promise<WrittenBody> =>
  writeBody({ request: { model: `models/${toWireModel(model)}`, contents: countable(request) } }, payloads);

export const readCount = (value: unknown, request: GenerateContentRequest): CountTokensResponse => {
  const { totalTokens } = countOf(value);
  return partsOf(request).some(isMedia)
    ? { totalTokens }
    : { totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] };
};

/** Layer: where Code Assist cannot count, an estimate, marked as one. Trouble of the account's own is told as it is. */
export const withEstimate: Layer = (inner) => ({
  ...inner,
  countTokens: async (call, signal) => {
    try {
      return await inner.countTokens(call, signal);
    } catch (error) {
      if (
        call.exact === true ||
        signal.aborted ||
        !(error instanceof RelayError) ||
        error.retryable === false ||
        error.code === 'NOT_FOUND'
      ) {
        throw error;
      }
      return { totalTokens: estimateTokens(call.request), estimated: true };
    }
  },
});

const partsOf = (request: GenerateContentRequest): readonly Part[] =>
  (request.contents ?? []).flatMap(({ parts }) => parts ?? []);
