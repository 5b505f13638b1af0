/** Models behind Vertex AI, in a project of the owner's own. */
import { writeBody } from '../../gemini/written-body.ts';
import type { EmbedCall, EmbedResponse, Upstream } from '../../gemini/call.ts';
import type { CountTokensResponse } from '../../gemini/types.ts';
import type { WrittenBody } from '../../engine/payloads.ts';
import type { System } from '../../system.ts';
import { BODY_LIMIT_BYTES, createAnswerReader } from '../answer.ts';
import { asItIs } from '../answer-chunk.ts';
import { authorized, readJson } from '../authorized.ts';
import type { AuthorizedReply, BearerTokens } from '../authorized.ts';
import { replyToError } from '../google-error.ts';
import { modelPath } from '../model-path.ts';
import { countOf } from '../readings.ts';
import type { Transport } from '../transport.ts';
import { headersOf, MODELS, placeOf } from './place.ts';
import type { VertexSettings } from './place.ts';
import { toVertexCount, toVertex, withPlace } from './request.ts';
import { createEmbedder } from './embeddings.ts';
import type { PostJson } from './embeddings.ts';
import { missingModel } from './missing-model.ts';

export interface VertexNeeds {
  readonly transport: Transport;
  readonly tokens: BearerTokens;
  readonly system: Pick<System, 'now'>;
}

export const createVertex = (settings: VertexSettings, { transport, tokens, system }: VertexNeeds): Upstream => {
  const { location } = settings;
  const readAnswer = createAnswerReader({ unwrap: asItIs, now: () => system.now() });
  const place = placeOf(settings);
  const models = `${place.base}/${place.name}/${MODELS}`;

  const post = async (
    model: string,
    method: string,
    body: WrittenBody,
    signal: AbortSignal,
  ): Promise<AuthorizedReply> => {
    const answered = await authorized(
      tokens,
      signal,
      () => system.now(),
      (token) =>
        transport.post(`${models}/${modelPath(model)}:${method}`, {
          headers: {
            ...headersOf(token),
            'content-type': 'application/json',
            accept: '*/*',
          },
          body,
          signal,
        }),
    );
    if (answered.reply.status === 200) return answered;
    throw missingModel(await replyToError(answered.reply, system.now()), model, location);
  };

  const postJson: PostJson = async ({ model, payloads }, method, body, signal) => {
    const { reply } = await post(model, method, await writeBody(body, payloads), signal);
    return readJson(reply, BODY_LIMIT_BYTES, system.now());
  };

  const embedAll = createEmbedder(postJson);

  return {
    generate: async (call, signal) => {
      const method = call.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      const written = writeBody(withPlace(toVertex(call.request, call), place.name), call.payloads);
      const body = written instanceof Promise ? await written : written;
      const { reply, refuseToken } = await post(call.model, method, body, signal);
      return readAnswer(reply, call.native, refuseToken);
    },
    countTokens: async (call, signal): Promise<CountTokensResponse> =>
      countOf(await postJson(call, 'countTokens', toVertexCount(call.request), signal)),
    embed: (call: EmbedCall, signal): Promise<EmbedResponse> => embedAll(call, signal),
    models: () => Promise.resolve([]),
  };
};
