import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { failed } from '../errors.ts';

/** An answer, and how much of what was sent of it its reader had taken, and when that was. */
export interface Reader {
  readonly res: ServerResponse;
  readonly controller: AbortController;
  /** What waits to be taken, where the answer does not know it. */
  waitingBytes?: (() => number) | undefined;
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
  const { res, waitingBytes } = reader;
  const takenBytes = takenOf(res.socket);
  const waits = (waitingBytes?.() ?? res.writableLength) > 0 && takenBytes !== undefined;
  if (!waits || takenBytes - reader.takenBytes >= LEAST_BYTES) {
    reader.takenBytes = takenBytes ?? 0;
    reader.takenAt = now;
  } else if (now - reader.takenAt >= limitMs) {
    cut(reader, `The client took next to nothing of the answer for ${limitMs} ms.`);
  }
};

/**
 * What waits for readers is bounded, for all of them together: whoever has taken nothing for the longest is cut. Never the
 * newest, of which nothing could be taken so far.
 */
export interface Unread {
  /** Much of this answer waits. */
  readonly waits: (newest: ServerResponse) => void;
  /** It is over. */
  readonly forget: (res: ServerResponse) => void;
}

export const createUnread = (readers: Iterable<Reader>, limitBytes: number): Unread => {
  /** As it was when it was told, or looked at last: since then it can only have become less. */
  const known = new Map<ServerResponse, number>();
  let most = 0;

  const note = (res: ServerResponse): void => {
    most += res.writableLength - (known.get(res) ?? 0);
    known.set(res, res.writableLength);
  };

  /** All are looked at only where what is known of them could be too much: else each that waits would look at all others. */
  const makeRoom = (newest: ServerResponse): void => {
    const waiting: Reader[] = [];
    for (const reader of readers) {
      if (reader.res.writableLength === 0 && !known.has(reader.res)) continue;
      note(reader.res);
      if (reader.res !== newest && reader.res.writableLength > 0) waiting.push(reader);
    }
    if (most <= limitBytes) return;
    for (const reader of waiting.sort((one, other) => one.takenAt - other.takenAt)) {
      forget(reader.res);
      cut(reader, 'Answers that wait to be taken fill the memory, and this one waited for the longest.');
      if (most <= limitBytes) return;
    }
  };

  const forget = (res: ServerResponse): void => {
    if (known.size === 0) return;
    most -= known.get(res) ?? 0;
    known.delete(res);
  };

  return {
    forget,
    waits: (newest) => {
      note(newest);
      if (most > limitBytes) makeRoom(newest);
    },
  };
};

const cut = ({ res, controller }: Reader, why: string): void => {
  controller.abort(failed('slow_reader', why));
  res.destroy();
};

/** What the operating system has not yet taken is told by the handle alone: a write counts as waiting until all of it is. */
export const takenOf = (socket: Socket | null): number | undefined => {
  const { _handle: handle } = (socket ?? {}) as { readonly _handle?: Handle | null };
  return handle ? handle.bytesWritten - handle.writeQueueSize : undefined;
};

interface Handle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}
