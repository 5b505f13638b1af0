/** A request that goes to the Gemini API as the client wrote it, with the key of a door; the answer comes back as it is. */
import type { DoorKey } from '../../gemini/call.ts';
import type { System } from '../../system.ts';
import { replyToError } from '../google-error.ts';
import type { Reply, Transport } from '../transport.ts';
import { baseAddress } from './base-address.ts';
import { aboutWhatIsKept } from '../kept-error.ts';
import { modelIdIn } from '../model-path.ts';
import type { Pass } from '../resources/ways.ts';
import { keyTrouble } from './key-trouble.ts';

export interface PassNeeds {
  readonly endpoint: string;
  readonly transport: Pick<Transport, 'send'>;
  readonly system: Pick<System, 'now'>;
}

/** Of a download from one place of Google's to another. */
const MOST_MOVES = 3;
/** An upload by the older protocol is to go on. */
const RESUME = 308;

export const createPass = ({ endpoint, transport, system }: PassNeeds): Pass<DoorKey> => {
  const base = baseAddress(endpoint);

  return async (key, { method, path, headers, body: written, model }, signal) => {
    const { apiKey } = key;
    const body = model && VERTEX_MODELS.test(model.name) ? model.named(`models/${modelIdIn(model.name)}`) : written;
    const first = base + path;
    let reply = await transport.send(method, first, {
      headers: { ...headers, 'x-goog-api-key': apiKey },
      body,
      signal,
    });
    for (let moves = 0, from = first; isMoved(reply) && method === 'GET' && moves < MOST_MOVES; moves += 1) {
      const to = placeOf(reply, from);
      if (to === undefined) break;
      reply.discard();
      // Nobody but the API itself is shown the key.
      const own = to.origin === new URL(first).origin ? { 'x-goog-api-key': apiKey } : {};
      from = to.href;
      reply = await transport.send(method, from, { headers: { ...headers, ...own }, signal });
    }
    if ((reply.status >= 200 && reply.status < 300) || reply.status === RESUME) return reply;
    const error = await replyToError(reply, system.now());
    throw keyTrouble(error, reply.status, key) ?? aboutWhatIsKept(error);
  };
};

/** As Vertex AI spells them. */
const VERTEX_MODELS = /^(?:projects|publishers)\//;

const isMoved = ({ status }: Reply): boolean => status === 301 || status === 302 || status === 303 || status === 307;

/** Undefined where it is not Google that it leads to. */
const placeOf = ({ headers: { location } }: Reply, from: string): URL | undefined => {
  const to = typeof location === 'string' ? URL.parse(location, from) : null;
  if (!to) return undefined;
  const isGoogles = to.protocol === 'https:' && /\.(?:googleapis|googleusercontent)\.com$/.test(to.hostname);
  return isGoogles || to.origin === new URL(from).origin ? to : undefined;
};
