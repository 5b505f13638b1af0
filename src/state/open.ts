import type { LinkNeeds } from './link.ts';
import { openRedisState } from './redis.ts';
import type { RedisState } from './redis.ts';

/** What relays share, where there is a Redis. */
export interface States {
  readonly shared: RedisState | undefined;
  close(): Promise<void>;
}

type OpenNeeds = Omit<LinkNeeds, 'url' | 'prefix' | 'beat'>;

/** Waits for the first word of Redis, which is never long in coming. */
export const openStates = async (
  address: Pick<LinkNeeds, 'url' | 'prefix'> | undefined,
  needs: OpenNeeds,
): Promise<States> => {
  const shared = address && openRedisState({ ...address, ...needs });
  await shared?.opened();
  return {
    shared,
    close: async () => {
      await shared?.close();
    },
  };
};
