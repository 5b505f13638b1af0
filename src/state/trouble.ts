/** What is wrong with Redis, read off what it says, and what its owner can do. */
import { StateAway } from './state.ts';
import type { StateTrouble } from './state.ts';

/** Not answered in time. */
export class Late extends StateAway {}

/** The first word of an error of Redis' own. */
const WORDS: Readonly<Record<string, StateTrouble>> = {
  OOM: 'full',
  READONLY: 'read_only',
  MASTERDOWN: 'read_only',
  MISCONF: 'read_only',
  NOREPLICAS: 'read_only',
  LOADING: 'unreachable',
  BUSY: 'slow',
  MOVED: 'cluster',
  ASK: 'cluster',
  CROSSSLOT: 'cluster',
  CLUSTERDOWN: 'cluster',
  NOAUTH: 'refused',
  WRONGPASS: 'refused',
  NOPERM: 'refused',
  DENIED: 'refused',
  ERR: 'mistake',
  WRONGTYPE: 'mistake',
};

export const troubleIn = (error: unknown): StateTrouble => {
  if (error instanceof Late) return 'slow';
  const message = error instanceof Error ? error.message : '';
  if (/invalid (?:username-)?password|without any password|AUTH failed/i.test(message)) return 'refused';
  // What a script meets is told with the script's name before it or the error's own word.
  const word = /^(?:ERR )?(?:-)?([A-Z]{3,})\b/.exec(message)?.[1];
  return (word !== undefined && WORDS[word]) || 'unreachable';
};

export const WAY_OUT: Readonly<Record<StateTrouble, string>> = {
  unreachable: 'Redis cannot be reached: see that it runs, and that REDIS_URL leads to it.',
  slow: 'Redis takes too long to answer: it must stand near the relay and have time for it.',
  refused: 'Redis refuses the user or the password of REDIS_URL, or what this user may do.',
  full: 'The memory of Redis is full: give it more (maxmemory), or a policy that makes room (maxmemory-policy).',
  read_only: 'This Redis takes no writes now: REDIS_URL must lead to the one that does.',
  cluster:
    'REDIS_URL leads to a Redis Cluster, where keys lie on several servers: use one server, or one with replicas.',
  mistake: 'Redis refuses what the relay asks: the log has the details.',
};
