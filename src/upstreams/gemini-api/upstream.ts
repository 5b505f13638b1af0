/** Models behind the Gemini API, reached with an AI Studio key. */
import { writeBody } from '../../gemini/written-body.ts';
import type { Call, DoorKey, EmbedCall, EmbedResponse, ModelInfo, Upstream } from '../../gemini/call.ts';
import { rowOf } from '../../gemini/call-row.ts';
import type { Catalogue } from '../../gemini/catalogue.ts';
import type { CountTokensResponse, JsonObject } from '../../gemini/types.ts';
import type { WrittenBody } from '../../engine/payloads.ts';
import type { Logger } from '../../log.ts';
import type { System } from '../../system.ts';
import { BODY_LIMIT_BYTES, createAnswerReader } from '../answer.ts';
import { asItIs } from '../answer-chunk.ts';
import { readJson } from '../authorized.ts';
import { replyToError } from '../google-error.ts';
import { modelPath } from '../model-path.ts';
import { countOf, embeddingsOf, joinEmbeddings } from '../readings.ts';
import type { Reply, Transport } from '../transport.ts';
import { baseAddress } from './base-address.ts';
import { toGeminiApi, toGeminiApiEmbedding } from './request.ts';
import { keyTrouble } from './key-trouble.ts';
import { createModelList } from './model-list.ts';

export interface GeminiApiSettings {
  /** May carry a path of its own: a gateway. */
  readonly endpoint: string;
  /** For calls that bring no key of their own. Asked each time. */
  readonly key: () => DoorKey;
}

export interface GeminiApiNeeds {
  readonly transport: Transport;
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly system: System;
  readonly log: Logger;
}

/** Google takes no more in one call. */
const EMBED_BATCH = 100;

export const createGeminiApi = (settings: GeminiApiSettings, needs: GeminiApiNeeds): Upstream => {
  const { transport, catalogue, system, log } = needs;
  const readAnswer = createAnswerReader({ unwrap: asItIs, now: () => system.now() });
  const base = `${baseAddress(settings.endpoint)}/v1beta`;

  /** The same object each time: the transport knows it again. */
  const known = new WeakMap<DoorKey, Readonly<Record<string, string>>>();
  const headersWith = (key: DoorKey): Readonly<Record<string, string>> => {
    const found = known.get(key);
    if (found) return found;
    // The key never stands in an address, where logs and proxies would see it.
    const headers = { 'x-goog-api-key': key.apiKey, 'content-type': 'application/json', accept: '*/*' };
    known.set(key, headers);
    return headers;
  };

  const checked = async (reply: Reply, key: DoorKey): Promise<Reply> => {
    if (reply.status === 200) return reply;
    const error = await replyToError(reply, system.now());
    throw keyTrouble(error, reply.status, key) ?? error;
  };

  const post = async (
    { model, visit }: Pick<Call, 'model' | 'visit'>,
    method: string,
    body: WrittenBody,
    signal: AbortSignal,
  ): Promise<Reply> => {
    const key = visit?.door.key ?? settings.key();
    const headers = headersWith(key);
    return checked(await transport.post(`${base}/${resourceOf(model)}:${method}`, { headers, body, signal }), key);
  };

  const postJson = async (
    call: Pick<Call, 'model' | 'visit' | 'payloads'>,
    method: string,
    body: JsonObject,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const written = await writeBody(body, call.payloads);
    return readJson(await post(call, method, written, signal), BODY_LIMIT_BYTES, system.now());
  };

  const list = createModelList({
    page: async (pageToken, signal) => {
      const query = new URLSearchParams({ pageSize: '1000', ...(pageToken !== undefined && { pageToken }) });
      const key = settings.key();
      const reply = await transport.get(`${base}/models?${query.toString()}`, { headers: headersWith(key), signal });
      return readJson(await checked(reply, key), BODY_LIMIT_BYTES, system.now());
    },
    system,
    log,
  });

  const embed = async (call: EmbedCall, signal: AbortSignal): Promise<EmbedResponse> => {
    const { model } = call;
    const requests = call.requests.map((request) => toGeminiApiEmbedding(request, call));
    const [only] = requests;
    if (requests.length === 1 && only) return embeddingsOf(await postJson(call, 'embedContent', only, signal), 1);
    const answers: EmbedResponse[] = [];
    for (let at = 0; at < requests.length; at += EMBED_BATCH) {
      const batch = requests.slice(at, at + EMBED_BATCH).map((request) => ({ ...request, model: `models/${model}` }));
      const answer = await postJson(call, 'batchEmbedContents', { requests: batch }, signal);
      answers.push(embeddingsOf(answer, batch.length));
    }
    return joinEmbeddings(answers);
  };

  return {
    generate: async (call, signal) => {
      const model = rowOf(call, catalogue);
      const method = call.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      const written = writeBody(toGeminiApi(call.request, model, call), call.payloads);
      const body = written instanceof Promise ? await written : written;
      const reply = await post(call, method, body, signal);
      return readAnswer(reply, call.native);
    },
    countTokens: async (call, signal): Promise<CountTokensResponse> => {
      const model = rowOf(call, catalogue);
      const request = toGeminiApi(call.request, model, undefined);
      // Contents alone are taken as they are; only the longer form knows of tools and instructions.
      const isPlain = Object.keys(request).every((field) => field === 'contents');
      const body = isPlain ? request : { generateContentRequest: { ...request, model: `models/${call.model}` } };
      return countOf(await postJson(call, 'countTokens', body, signal));
    },
    embed,
    models: (signal): Promise<readonly ModelInfo[]> => list.get(signal),
  };
};

/** Tuned models have a collection of their own. */
const resourceOf = (model: string): string =>
  model.startsWith('tunedModels/') ? modelPath(model) : `models/${modelPath(model)}`;
