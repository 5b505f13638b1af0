/** Addresses that are a right by themselves: an upload goes on where its first answer led to, without any key. */
import type { Context } from 'koa';
import { NOBODY, OWNER } from '../callers/caller.ts';
import type { Caller, ClientCallers } from '../callers/caller.ts';

export interface AddressRightNeeds {
  /** Name of what an address is the right to; undefined for all other addresses. */
  readonly nameAt: (path: string, query: Context['query']) => string | undefined;
  /** Whose it is, by id. */
  readonly ownerOf: (name: string) => Promise<string | undefined>;
  readonly clients: Pick<ClientCallers, 'known' | 'withId'> | undefined;
  /** As whom the owner comes in: the name of a key. */
  readonly ownersName: string;
}

/** Undefined where the address is no right; resolves with nobody where it is one to nothing. */
export type AddressRights = (ctx: Context) => Promise<Caller | undefined> | undefined;

export const createAddressRights = ({ nameAt, ownerOf, clients, ownersName }: AddressRightNeeds): AddressRights => {
  const callerWith = async (name: string, signal: AbortSignal): Promise<Caller | undefined> => {
    const id = await ownerOf(name);
    if (id === undefined) return undefined;
    if (id === OWNER) return { ...NOBODY, id: OWNER, name: ownersName };
    await clients?.known(signal);
    return clients?.withId(id);
  };
  return (ctx) => {
    const name = nameAt(ctx.state.path, ctx.query);
    return name === undefined ? undefined : callerWith(name, ctx.state.signal);
  };
};
