import { hash, timingSafeEqual } from 'node:crypto';

/** Who is let in. What a key may do (models, limits, until when) belongs here as well. */
export interface Caller {
  /** Whom it stands for: the same for all of the owner's keys. */
  readonly id: string;
  /** Of the key that let the caller in, never the key. */
  readonly name: string;
}

/** Before anybody has been let in, and at the addresses that need no key. */
export const NOBODY: Caller = { id: '', name: '' };

export interface OwnerKey {
  readonly name: string;
  readonly value: string;
}

export interface Callers {
  /** By `digestOf` the key; undefined where it is nobody's. */
  find(digest: string): Caller | undefined;
}

const OWNER = 'owner';
const DIGEST_LENGTH = 64;

/** All that is kept or compared of a key. */
export const digestOf = (key: string): string => hash('sha256', key);

/** The owner's keys by their digests. An empty one is nobody's. */
export const createCallers = (keys: readonly OwnerKey[]): Callers => {
  const owners = keys
    .filter(({ value }) => value.trim() !== '')
    .map(({ name, value }) => ({ caller: { id: OWNER, name }, digest: Buffer.from(digestOf(value), 'latin1') }));
  /** One for all: a buffer for each would take longer than the digest itself. */
  const asked = Buffer.alloc(DIGEST_LENGTH);

  return {
    // All are compared always, so that the time tells nothing about which was nearly right.
    find: (digest) => {
      if (digest.length !== DIGEST_LENGTH) return undefined;
      asked.write(digest, 'latin1');
      let found: Caller | undefined;
      for (const owner of owners) if (timingSafeEqual(owner.digest, asked)) found ??= owner.caller;
      return found;
    },
  };
};
