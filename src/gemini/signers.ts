/** Who made which thought signature: none is sent to Google as one of another door's. */

/** A signature is no good for another family of models or another account. */
export interface Signer {
  readonly family: string;
  readonly account: string;
}

export interface Signers {
  note(signature: string, from: Signer): void;
  knowsOthersThan(from: Signer): boolean;
  /** False for one that nobody here has seen. */
  isAnothers(signature: string, from: Signer): boolean;
}

/** 200 bytes each. */
const MOST = 50_000;

export const createSigners = (): Signers => {
  const makers = new Map<string, string>();
  /** How many of those are each maker's. */
  const counts = new Map<string, number>();

  const count = (maker: string, by: 1 | -1): void => {
    const all = (counts.get(maker) ?? 0) + by;
    if (all === 0) counts.delete(maker);
    else counts.set(maker, all);
  };
  const forget = (mark: string, maker: string): void => {
    makers.delete(mark);
    count(maker, -1);
  };

  return {
    note: (signature, from) => {
      const mark = markOf(signature);
      const before = makers.get(mark);
      if (before !== undefined) forget(mark, before);
      const maker = nameOf(from);
      makers.set(mark, maker);
      count(maker, 1);
      if (makers.size <= MOST) return;
      const [oldest] = makers;
      if (oldest) forget(...oldest);
    },
    knowsOthersThan: (from) => counts.size > 1 || (counts.size === 1 && !counts.has(nameOf(from))),
    isAnothers: (signature, from) => {
      const maker = makers.get(markOf(signature));
      return maker !== undefined && maker !== nameOf(from);
    },
  };
};

const nameOf = ({ family, account }: Signer): string => `${family} ${account}`;

/**
 * What tells signatures apart: they are ciphers, so that each piece of one is as good as any other. Clients write the
 * bytes again in their own way: in the other alphabet, without the padding.
 */
const markOf = (signature: string): string => {
  let end = signature.length;
  while (signature[end - 1] === '=') end -= 1;
  return `${end} ${signature
    .slice(Math.max(0, end - MARK_LENGTH), end)
    .replaceAll('-', '+')
    .replaceAll('_', '/')}`;
};

const MARK_LENGTH = 40;
