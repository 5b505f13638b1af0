import { hash, timingSafeEqual } from 'node:crypto';
import type { Limits } from './limits.ts';

/** Who is let in, and what the key may do. Plain data, as it stood when the request came in. */
export interface Caller {
  /** Whom it stands for: the same for all of the owner's keys, of a client key its id. */
  readonly id: string;
  /** Of the key that let the caller in, never the key. */
  readonly name: string;
  /** Globs; undefined for all. */
  readonly models?: readonly string[] | undefined;
  /** Ids of the doors that it may take; undefined for all. */
  readonly doors?: readonly string[] | undefined;
  /** Of a client key, also where none is set. Undefined for the owner, who is not counted. */
  readonly limits?: Limits | undefined;
}

/** A caller whose use is counted. */
export type CountedCaller = Caller & { readonly limits: Limits };

export const isCounted = (caller: Caller): caller is CountedCaller => caller.limits !== undefined;

/** Before anybody has been let in, and at the addresses that need no key. */
export const NOBODY: Caller = { id: '', name: '', models: undefined, doors: undefined, limits: undefined };

export interface OwnerKey {
  readonly name: string;
  readonly value: string;
}

export interface Callers {
  /** By `digestOf` the key; undefined where it is nobody's, or its time is over. */
  find(digest: string): Caller | undefined;
}

/** Those that come and go while the relay serves. */
export interface ClientCallers extends Callers {
  /** Why a key that is somebody's lets nobody in. */
  closed(digest: string): ClosedKey | undefined;
  /** The same for who was let in before, and is still here; `digests` of what was presented then. */
  closedFor(caller: Caller, digests: readonly string[]): ClosedKey | undefined;
  /** The caller of that id, where its key lets anybody in. */
  withId(id: string): Caller | undefined;
  /** Resolves once all keys are known; false where they cannot be known now. */
  known(signal: AbortSignal): Promise<boolean>;
}

export interface ClosedKey {
  readonly name: string;
  readonly why: 'disabled' | 'expired' | 'rotated' | 'removed';
}

/** Whom all of the owner's keys stand for. */
export const OWNER = 'owner';
const DIGEST_LENGTH = 64;

/** What every client key begins with, so that people and scanners of repositories know one. */
export const CLIENT_KEY_PREFIX = 'gcr_';

/** All that is kept or compared of a key. */
export const digestOf = (key: string): string => hash('sha256', key);

/** The owner's keys by their digests, an empty one is nobody's; then those of the clients. */
export const createCallers = (keys: readonly OwnerKey[], clients?: Callers): Callers => {
  const owners = keys
    .filter(({ value }) => value.trim() !== '')
    .map(({ name, value }) => ({
      caller: { ...NOBODY, id: OWNER, name },
      digest: Buffer.from(digestOf(value), 'latin1'),
    }));
  /** One for all: a buffer for each would take longer than the digest itself. */
  const asked = Buffer.alloc(DIGEST_LENGTH);

  return {
    // All of the owner's are compared always, so that the time tells nothing about which was nearly right. Those of
    // clients are looked up: whoever tries keys knows nothing of their digests, so time tells nothing there either.
    find: (digest) => {
      if (digest.length !== DIGEST_LENGTH) return undefined;
      asked.write(digest, 'latin1');
      let found: Caller | undefined;
      for (const owner of owners) if (timingSafeEqual(owner.digest, asked)) found ??= owner.caller;
      return found ?? clients?.find(digest);
    },
  };
};
