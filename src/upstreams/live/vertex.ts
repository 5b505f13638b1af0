/** The Live API of Vertex AI: the token of the login lets in, models go by their whole names. */
import type { AccessToken } from '../../credentials/access-token.ts';
import type { JsonObject } from '../../gemini/types.ts';
import { isObject, writeJson } from '../../json.ts';
import type { System } from '../../system.ts';
import type { BearerTokens } from '../authorized.ts';
import type { CloudDoors } from '../doors/key-doors.ts';
import { replyToError } from '../google-error.ts';
import type { Transport } from '../transport.ts';
import { headersOf, MODELS, placeOf } from '../vertex/place.ts';
import type { VertexSettings } from '../vertex/place.ts';
import { closeToError } from './closes.ts';
import { liveKind } from './kinds.ts';
import type { LiveKind } from './kinds.ts';
import { openLine } from './socket.ts';

export interface VertexLiveNeeds {
  readonly transport: Pick<Transport, 'upgrade'>;
  readonly tokens: BearerTokens;
  readonly system: Pick<System, 'now'>;
}

export const vertexLive = (
  doors: () => CloudDoors,
  settings: VertexSettings,
  { transport, tokens, system }: VertexLiveNeeds,
): LiveKind => {
  const { host, name: place } = placeOf(settings);
  const url = `${host}/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent`;

  const openWith = (token: AccessToken, signal: AbortSignal): ReturnType<typeof openLine> =>
    openLine(transport, { url, headers: headersOf(token), signal });

  return liveKind('vertex', doors, () => ({
    open: async (_version, signal) => {
      const token = tokens.known() ?? (await tokens.get(signal));
      let line = await openWith(token, signal);
      if ('status' in line && line.status === 401) {
        line.discard();
        tokens.discard(token.token);
        line = await openWith(await tokens.get(signal), signal);
      }
      if ('status' in line) throw await replyToError(line, system.now());
      return line;
    },
    wordsOf: ({ fields, model }) =>
      writeJson({ setup: { ...withSound(fields), model: `${place}/${MODELS}/${model}` } }),
    meaningOf: (close) => closeToError(close, () => system.now()),
  }));
};

/** Where nothing is said, the Gemini API speaks, and Vertex AI writes. */
const withSound = (fields: JsonObject): JsonObject => {
  const name = fields['generation_config'] === undefined ? 'generationConfig' : 'generation_config';
  const config = fields[name] ?? {};
  if (!isObject(config) || 'responseModalities' in config || 'response_modalities' in config) return fields;
  return { ...fields, [name]: { ...config, responseModalities: ['AUDIO'] } };
};
