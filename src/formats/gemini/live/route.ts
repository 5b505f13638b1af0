/** The Live API at Google's own address; read when the first session is asked for. */
import { createPlaces } from '../../../callers/places.ts';
import { VERTEX_FIRST, VERTEX_TOO } from '../../../gemini/kept.ts';
import { signalOf } from '../../../http/respond.ts';
import type { SocketRoute } from '../../../http/sockets/upgrades.ts';
import { askerOf } from '../../asker.ts';
import type { FormatParts } from '../../format.ts';
import { LIVE_PATH } from '../address.ts';
import { LIVE } from '../endpoints.ts';
import { needsLiveDoor, noPlace } from './refusals.ts';
import { openTunnel } from './tunnel.ts';

/** At a time, of which one caller alone may hold half. Each may have some megabytes on their way. */
const MOST_SESSIONS = 512;
/** Of a message: a picture, some seconds of sound. */
const LONGEST_MESSAGE_BYTES = 16 * 1024 * 1024;

export const createLiveSessions = (parts: FormatParts): SocketRoute['open'] => {
  const { live, catalogue } = parts;
  const places = createPlaces(MOST_SESSIONS);

  return async (ctx, _handshake, accept) => {
    const version = LIVE_PATH.exec(ctx.path)?.[1];
    ctx.state.notes.route = LIVE;
    if (!live.isOpen()) throw needsLiveDoor();
    const { caller } = ctx.state;
    const leave = places.take(caller.id);
    if (!leave) throw noPlace(places, caller.id);
    ctx.res.on('close', leave);
    const over = new AbortController();
    const asker = { ...askerOf(ctx), signal: AbortSignal.any([signalOf(ctx), over.signal]) };
    const form = version === undefined ? 'vertex' : 'gemini-api';
    const kinds = form === 'vertex' ? VERTEX_FIRST : VERTEX_TOO;
    const call = await live.connect({ version: version ?? 'v1beta', kinds }, asker);
    try {
      ctx.state.notes.stream = true;
      const client = await accept({ maxMessageBytes: LONGEST_MESSAGE_BYTES, isOneRequest: true });
      return openTunnel({ ctx, client, over, call, asker, form, live, catalogue });
    } catch (error) {
      call.leave();
      throw error;
    }
  };
};
