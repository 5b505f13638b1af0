/** Why no session of the Live API is opened. */
import type { Places } from '../../../callers/places.ts';
import { failed } from '../../../errors.ts';
import type { RelayError } from '../../../errors.ts';
import { needsKeyDoor, VERTEX_TOO } from '../../../gemini/kept.ts';
import { SESSIONS } from '../../../gemini/live.ts';

export const needsLiveDoor = (): RelayError => needsKeyDoor(SESSIONS, VERTEX_TOO);

export const noPlace = (places: Places, caller: string): RelayError =>
  failed(
    'server_overloaded',
    `Of the places for sessions of the Live API ${places.free} are free, and this key has ${places.of(caller)}: ` +
      'nobody has more than are left for others. Close one, or try again later.',
  );

export const needsSocket = (): RelayError =>
  failed(
    'invalid_http',
    'The Live API is a WebSocket: open one at this address, as ai.live.connect of the SDKs does.',
    {
      status: 426,
      headers: { upgrade: 'websocket' },
    },
  );
