/** Cached contents and videos at Vertex AI: asked for in the Gemini API's form, and passed on in Vertex's. */
import { failed } from '../../errors.ts';
import type { Passage, PassageBody } from '../../gemini/kept.ts';
import type { System } from '../../system.ts';
import { authorized } from '../authorized.ts';
import type { BearerTokens } from '../authorized.ts';
import { replyToError } from '../google-error.ts';
import { aboutWhatIsKept } from '../kept-error.ts';
import { modelIdIn } from '../model-path.ts';
import type { Pass } from '../resources/ways.ts';
import type { Transport } from '../transport.ts';
import { headersOf, MODELS, placeOf } from './place.ts';
import type { VertexSettings } from './place.ts';

export interface VertexPassNeeds {
  readonly transport: Pick<Transport, 'send'>;
  readonly tokens: BearerTokens;
  readonly system: Pick<System, 'now'>;
}

interface Sent {
  readonly method: Passage['method'];
  /** Below the version. */
  readonly path: string;
  readonly body: PassageBody | undefined;
}

export const createVertexPass = (
  settings: VertexSettings,
  { transport, tokens, system }: VertexPassNeeds,
): Pass<'vertex'> => {
  const { base, name: place } = placeOf(settings);

  const toVertex = ({ method, path, body, model }: Passage): Sent => {
    const [, thing = ''] = PATH.exec(path) ?? [];
    if (CACHES.test(thing)) {
      const named = model?.named(`${place}/${MODELS}/${modelIdIn(model.name)}`);
      return { method, path: `${place}/${thing}`, body: named ?? body };
    }
    const begun = BEGIN.exec(thing)?.[1];
    if (method === 'POST' && begun !== undefined) return { method, path: `${place}/publishers/google/${begun}`, body };
    const operation = OPERATION.exec(thing)?.[1];
    if (method === 'GET' && operation !== undefined) {
      const named = `${place}/publishers/google/${operation}`;
      return {
        method: 'POST',
        path: `${named.slice(0, named.lastIndexOf('/operations/'))}:fetchPredictOperation`,
        body: JSON.stringify({ operationName: named }),
      };
    }
    throw failed('unsupported_value', `Vertex AI has nothing like ${method} /v1beta/${thing}. ${GEMINI_API_HAS}`);
  };

  return async (_key, passage, signal) => {
    const { method, path, body } = toVertex(passage);
    const { reply } = await authorized(
      tokens,
      signal,
      () => system.now(),
      (token) =>
        transport.send(method, `${base}/${path}`, {
          headers: {
            ...passage.headers,
            ...headersOf(token),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          body,
          signal,
        }),
    );
    if (reply.status === 200) return reply;
    throw aboutWhatIsKept(await replyToError(reply, system.now()));
  };
};

const GEMINI_API_HAS =
  'A door of the Gemini API has it: the owner of this relay can set GEMINI_API_KEY, and UPSTREAM=gemini-api (or a list ' +
  'with it).';

/** Behind the version. */
const PATH = /^\/v\w+\/(.+)$/;
const CACHES = /^cachedContents(?:\/[\w=~.-]+)?(?:\?.*)?$/;
const BEGIN = /^(models\/[\w.-]+:predictLongRunning)(?:\?.*)?$/;
const OPERATION = /^(models\/[\w.-]+\/operations\/[\w=~.-]+)(?:\?.*)?$/;
