/** Embeddings of Vertex AI: older models answer to `predict`, one text at a time, newer ones to `embedContent`. */
import { badResponse } from '../../errors/answers.ts';
import type { EmbedCall, EmbedResponse } from '../../gemini/call.ts';
import type { Content, JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { embeddingsOf, joinEmbeddings, toEmbedding } from '../readings.ts';

export type PostJson = (
  call: Pick<EmbedCall, 'model' | 'payloads'>,
  method: string,
  body: JsonObject,
  signal: AbortSignal,
) => Promise<unknown>;

/** Vertex takes one text in a call; a list must not take as long as it is. */
const AT_ONCE = 8;

export const createEmbedder =
  (postJson: PostJson) =>
  async (call: EmbedCall, signal: AbortSignal): Promise<EmbedResponse> => {
    const { model, requests } = call;
    const one = ANSWERS_PREDICT.test(model)
      ? async (request: JsonObject) => predictionOf(await postJson(call, 'predict', toPrediction(request), signal))
      : async (request: JsonObject) => embeddingsOf(await postJson(call, 'embedContent', request, signal), 1);
    const answers: EmbedResponse[] = [];
    for (let at = 0; at < requests.length; at += AT_ONCE) {
      answers.push(...(await Promise.all(requests.slice(at, at + AT_ONCE).map(one))));
    }
    return joinEmbeddings(answers);
  };

const ANSWERS_PREDICT = /^(?:gemini-embedding-001|text-(?:multilingual-)?embedding-.*|textembedding-gecko.*)$/;

const toPrediction = ({ content, taskType, title, outputDimensionality, autoTruncate }: JsonObject): JsonObject => ({
  instances: [
    {
      content: textOf(content),
      ...(taskType !== undefined && { taskType }),
      ...(title !== undefined && { title }),
    },
  ],
  parameters: {
    ...(outputDimensionality !== undefined && { outputDimensionality }),
    ...(autoTruncate !== undefined && { autoTruncate }),
  },
});

const textOf = (content: unknown): string =>
  isObject(content) ? ((content as Content).parts ?? []).map(({ text }) => text ?? '').join('') : '';

const predictionOf = (value: unknown): EmbedResponse => {
  const [prediction] = isObject(value) && Array.isArray(value.predictions) ? (value.predictions as unknown[]) : [];
  if (!isObject(prediction)) throw badResponse('Vertex AI sent an embedding that cannot be read.');
  return { embeddings: [toEmbedding(prediction.embeddings)] };
};
