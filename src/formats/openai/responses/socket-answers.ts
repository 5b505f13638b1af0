/** Answers that a client goes on from on the WebSocket that brought them: as long as it is open, whatever `store` says. */
import { turn } from '../../../engine/turns.ts';
import type { FrameConnection } from '../../../http/sockets/frame-request.ts';
import type { System } from '../../../system.ts';
import { createKeptAnswers, MOST_KEPT_BYTES } from './kept.ts';
import type { KeptAnswer } from './kept.ts';

export interface SocketAnswers {
  put(connection: FrameConnection, answer: Omit<KeptAnswer, 'holder'>): void;
  find(connection: FrameConnection, id: string): KeptAnswer | undefined;
  findItem(connection: FrameConnection, itemId: string): KeptAnswer | undefined;
}

export const createSocketAnswers = (system: Pick<System, 'monotonic'>): SocketAnswers => {
  const kept = createKeptAnswers({ ageMs: Infinity, bytes: MOST_KEPT_BYTES }, system);
  const idsOf = new WeakMap<FrameConnection, string[]>();

  const idsFor = (connection: FrameConnection): string[] => {
    const known = idsOf.get(connection);
    if (known) return known;
    const ids: string[] = [];
    idsOf.set(connection, ids);
    connection.closed.addEventListener('abort', () => {
      void forget(ids, connection.id);
    });
    return ids;
  };

  /** There may be thousands: others get turns. */
  const forget = async (ids: readonly string[], holder: string): Promise<void> => {
    for (const [at, id] of ids.entries()) {
      kept.remove(id, holder);
      if (at % FEW === FEW - 1) await turn();
    }
  };

  return {
    put: (connection, answer) => {
      if (connection.closed.aborted) return;
      idsFor(connection).push(answer.id);
      kept.put({ ...answer, holder: connection.id });
    },
    find: (connection, id) => kept.find(id, connection.id),
    findItem: (connection, itemId) => kept.findItem(itemId, connection.id),
  };
};

const FEW = 100;
