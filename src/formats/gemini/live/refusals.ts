/** Why no session of the Live API is opened. */
import { failed } from '../../../errors.ts';
import type { RelayError } from '../../../errors.ts';
import { needsKeyDoor } from '../../../gemini/kept.ts';

export const needsLiveDoor = (): RelayError => needsKeyDoor('Sessions of the Live API');

export const needsSocket = (): RelayError =>
  failed(
    'invalid_http',
    'The Live API is a WebSocket: open one at this address, as ai.live.connect of the SDKs does.',
    {
      status: 426,
      headers: { upgrade: 'websocket' },
    },
  );
