/** Who is let in to the routes of clients: the owner's keys, those that the owner made, and sessions of the console. */
import { createCallers } from '../callers/caller.ts';
import type { Callers } from '../callers/caller.ts';
import { createAddressRights } from '../http/address-rights.ts';
import { createDoorkeeper } from '../http/authenticate.ts';
import type { Guesses } from '../http/guesses.ts';
import type { AppParts } from './app-parts.ts';

export const openDoorkeeper = (
  { keys, formats, formatParts, clients, console }: AppParts,
  guesses: Guesses,
): ReturnType<typeof createDoorkeeper> =>
  createDoorkeeper(createCallers(keys, bothOf(clients?.callers, console?.callers)), {
    clients: clients?.callers,
    guesses,
    rights: createAddressRights({
      nameAt: (path, query) =>
        formats.map((format) => format.rightAt?.(path, query)).find((name) => name !== undefined),
      ownerOf: (name) => formatParts.keeper.ownerOf(name),
      clients: clients?.callers,
      ownersName: keys[0]?.name ?? '',
    }),
  });

/** Who is known to the first need not be looked for further. */
const bothOf = (first: Callers | undefined, second: Callers | undefined): Callers | undefined =>
  first && second ? { find: (digest) => first.find(digest) ?? second.find(digest) } : (first ?? second);
