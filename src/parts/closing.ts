import type { Logger } from '../log.ts';

interface Closing {
  close(): Promise<void>;
}

/** One after the other: what some hold others still write into. One that fails leaves no other open. */
export const closeInTurn = async (
  rooms: readonly (Closing | undefined)[],
  log: Pick<Logger, 'error'>,
): Promise<void> => {
  for (const room of rooms) {
    await room?.close().catch((error: unknown) => {
      log.error('something could not be closed', { error });
    });
  }
};
