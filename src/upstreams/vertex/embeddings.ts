/** Embeddings of Vertex AI: older models answer to `predict`, one text at a time, newer ones to `embedContent`. */
import { badResponse } from '../../errors/answers.ts';
import { refusal } from '../../errors/refusal.ts';
import type { EmbedCall, EmbedResponse } from '../../gemini/call.ts';
import type { Content, JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { only, trimmed } from '../left-out.ts';
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
    const { method, write, read } = ANSWERS_PREDICT.test(call.model) ? PREDICT : EMBED_CONTENT;
    // All are written before the first is sent: of a list of which one is refused, none is asked for.
    const bodies = call.requests.map((request, index) =>
      write(request, call, call.requests.length > 1 ? `requests[${index}].` : ''),
    );
    const one = async (body: JsonObject): Promise<EmbedResponse> => read(await postJson(call, method, body, signal));
    const answers: EmbedResponse[] = [];
    for (let at = 0; at < bodies.length; at += AT_ONCE) {
      answers.push(...(await Promise.all(bodies.slice(at, at + AT_ONCE).map(one))));
    }
    return joinEmbeddings(answers);
  };

const ANSWERS_PREDICT = /^(?:gemini-embedding-001|text-(?:multilingual-)?embedding-.*|textembedding-gecko.*)$/;

interface Way {
  readonly method: string;
  /** `place`: of the request among others, with its dot. */
  readonly write: (request: JsonObject, call: EmbedCall, place: string) => JsonObject;
  readonly read: (answer: unknown) => EmbedResponse;
}

const PREDICT: Way = {
  method: 'predict',
  write: (request, call, place) => {
    const { content, taskType, title, ...parameters } = trimmed(request, PREDICT_FIELDS, call);
    return {
      instances: [
        {
          content: textOf(content, call.model, place),
          ...(taskType !== undefined && { taskType }),
          ...(title !== undefined && { title }),
        },
      ],
      parameters,
    };
  },
  read: (answer) => {
    const [prediction] = isObject(answer) && Array.isArray(answer.predictions) ? (answer.predictions as unknown[]) : [];
    if (!isObject(prediction)) throw badResponse('Vertex AI sent an embedding that cannot be read.');
    return { embeddings: [toEmbedding(prediction.embeddings)] };
  },
};

const PREDICT_FIELDS = only('content', 'taskType', 'title', 'outputDimensionality', 'autoTruncate');

const EMBED_CONTENT: Way = {
  method: 'embedContent',
  // These two have their place in the settings alone.
  write: ({ documentOcr, audioTrackExtraction, ...request }) =>
    documentOcr === undefined && audioTrackExtraction === undefined
      ? request
      : { ...request, embedContentConfig: { documentOcr, audioTrackExtraction } },
  read: (answer) => embeddingsOf(answer, 1),
};

/** `predict` has a place for one text and nothing else. */
const textOf = (content: unknown, model: string, place: string): string => {
  const { parts = [] }: Content = isObject(content) ? content : {};
  return parts
    .map((part, index) => {
      const other = Object.keys(part).find((field) => field !== 'text' && isSet(part[field]));
      if (other === undefined) return part.text ?? '';
      const field = `${place}content.parts[${index}].${other}`;
      throw refusal('unsupported_value', field, `${field}: ${model} takes nothing but text on Vertex AI.`);
    })
    .join('');
};

const isSet = (value: unknown): boolean => value !== undefined && value !== null;
