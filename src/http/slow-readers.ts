import type { ServerResponse } from 'node:http';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';

/** An answer, and how much of what was sent of it its reader had taken, and when that was. */
export interface Reader {
  readonly res: ServerResponse;
  readonly controller: AbortController;
  takenBytes: number;
  takenAt: number;
}

/** Less than this in the time is nothing: drop by drop an answer could be held open for ever. */
const LEAST_BYTES = 16 * 1024;

/**
 * Cuts the answer off where much of it waits for its reader for too long. Only what leaves this machine counts: a socket's
 * own idle time takes every byte that the client sends for a sign of life.
 */
export const checkReader = (reader: Reader, limitMs: number, now: number): void => {
  const { res, controller } = reader;
  const takenBytes = takenOf(res);
  const waits = res.writableLength > 0 && takenBytes !== undefined;
  if (!waits || takenBytes - reader.takenBytes >= LEAST_BYTES) {
    reader.takenBytes = takenBytes ?? 0;
    reader.takenAt = now;
  } else if (now - reader.takenAt >= limitMs) {
    controller.abort(tooSlow(limitMs));
    res.destroy();
  }
};

/** What the operating system has not yet taken is told by the handle alone: a write counts as waiting until all of it is. */
const takenOf = ({ socket }: ServerResponse): number | undefined => {
  const { _handle: handle } = (socket ?? {}) as { readonly _handle?: Handle | null };
  return handle ? handle.bytesWritten - handle.writeQueueSize : undefined;
};

interface Handle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

const tooSlow = (limitMs: number): RelayError =>
  failed('slow_reader', `The client took next to nothing of the answer for ${limitMs} ms.`);
