import type { LinkNeeds } from './link.ts';
import { openRedisState } from './redis.ts';
import type { RedisState } from './redis.ts';

type OpenNeeds = Omit<LinkNeeds, 'url' | 'prefix' | 'beat'>;

/** What relays share, where there is a Redis. Waits for its first word, which is never long in coming. */
export const openShared = async (
  address: Pick<LinkNeeds, 'url' | 'prefix'> | undefined,
  needs: OpenNeeds,
): Promise<RedisState | undefined> => {
  const shared = address && openRedisState({ ...address, ...needs });
  await shared?.opened();
  return shared;
};
