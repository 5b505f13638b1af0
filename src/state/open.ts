import { createMemoryState } from './memory.ts';
import type { LinkNeeds } from './link.ts';
import { openRedisState } from './redis.ts';
import type { RedisState } from './redis.ts';
import type { State } from './state.ts';

/** What this relay knows itself, and what it shares where there is a Redis. */
export interface States {
  readonly own: State;
  readonly shared: RedisState | undefined;
  close(): Promise<void>;
}

type OpenNeeds = Omit<LinkNeeds, 'url' | 'prefix' | 'beat'>;

/** Waits for the first word of Redis, which is never long in coming. */
export const openStates = async (
  address: Pick<LinkNeeds, 'url' | 'prefix'> | undefined,
  needs: OpenNeeds,
): Promise<States> => {
  const own = createMemoryState(needs.system);
  const shared = address && openRedisState({ ...address, ...needs });
  await shared?.opened();
  return {
    own,
    shared,
    close: async () => {
      await shared?.close();
    },
  };
};
