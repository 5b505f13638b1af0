/** A request that goes to the Gemini API as the client wrote it, with the key of a door; the answer comes back as it is. */
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { Passage } from '../../gemini/kept.ts';
import type { System } from '../../system.ts';
import type { KeyDoor } from '../doors/key-doors.ts';
import { replyToError } from '../google-error.ts';
import type { Reply, Transport } from '../transport.ts';
import { baseAddress } from './base-address.ts';
import { keyTrouble } from './key-trouble.ts';

/** The door is told what came of it; an answer of failure is thrown. */
export type Pass = (door: KeyDoor, passage: Passage, signal: AbortSignal) => Promise<Reply>;

export interface PassNeeds {
  readonly endpoint: string;
  readonly transport: Pick<Transport, 'send'>;
  readonly system: Pick<System, 'now'>;
}

/** Of a download from one place of Google's to another. */
const MOST_MOVES = 3;
/** An upload by the older protocol is to go on. */
const RESUME = 308;

export const createPass = ({ endpoint, transport, system }: PassNeeds): Pass => {
  const base = baseAddress(endpoint);

  const send = async (door: KeyDoor, { method, path, headers, body }: Passage, signal: AbortSignal): Promise<Reply> => {
    const { apiKey } = door.key;
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
    throw keyTrouble(error, reply.status, door.key) ?? aboutWhatIsKept(error);
  };

  return (door, passage, signal) =>
    send(door, passage, signal).then(
      (reply) => {
        door.ended();
        return reply;
      },
      (error: unknown) => {
        door.ended(error);
        throw error;
      },
    );
};

const isMoved = ({ status }: Reply): boolean => status === 301 || status === 302 || status === 303 || status === 307;

/** Undefined where it is not Google that it leads to. */
const placeOf = ({ headers: { location } }: Reply, from: string): URL | undefined => {
  const to = typeof location === 'string' ? URL.parse(location, from) : null;
  if (!to) return undefined;
  const isGoogles = to.protocol === 'https:' && /\.(?:googleapis|googleusercontent)\.com$/.test(to.hostname);
  return isGoogles || to.origin === new URL(from).origin ? to : undefined;
};

/** There is no model in these addresses that could be missing, or the client wrote it itself. */
const aboutWhatIsKept = (error: RelayError): RelayError =>
  error.reason === 'model_not_found' ? failed('resource_not_found', error.message, { details: error.details }) : error;
