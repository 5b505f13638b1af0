/**
 * Who made what at Google, and where it is: the newest in memory, all of it in the database. A resource is bound to the
 * key or login that has it, and not to what its owner calls the door.
 */
import { failed } from '../../errors.ts';
import { collectionOf } from '../../gemini/resources.ts';
import type { Resource, Resources } from '../../gemini/resources.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import type { System } from '../../system.ts';
import { createResourceTable } from './resource-table.ts';
import type { KeptResource } from './resource-table.ts';

export interface ResourceNeeds {
  readonly store: Pick<Store, 'kind' | 'read' | 'write' | 'onReady'>;
  /** What a door's key or login is told apart by. */
  readonly identityOf: (door: string) => string | undefined;
  /** The door whose key or login that is; undefined where there is none any more. */
  readonly doorOf: (identity: string) => string | undefined;
  readonly system: Pick<System, 'now'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** In memory. The database has all. */
const MOST_KNOWN = 10_000;
const COUNTED = 'counted';
/** That wait for a database to come back. */
const MOST_UNSAVED = 10_000;

export const createResources = ({ store, identityOf, doorOf, system, log }: ResourceNeeds): Resources => {
  const table = store.kind === 'none' ? undefined : createResourceTable(store);
  /** The oldest first. */
  const known = new Map<string, KeptResource>();
  let unsaved = new Map<string, KeptResource>();

  const know = (kept: KeptResource): void => {
    known.delete(kept.name);
    known.set(kept.name, kept);
    for (const [oldest] of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
  };

  const save = async (kept: readonly KeptResource[]): Promise<void> => {
    try {
      await table?.save(kept, system.now());
    } catch (error) {
      if (unsaved.size === 0) log.warn('who made what at Google cannot be kept; it is tried again', { error });
      for (const one of kept) if (unsaved.size < MOST_UNSAVED) unsaved.set(one.name, one);
    }
  };

  const toResource = (kept: KeptResource | undefined): Resource | undefined => {
    if (!kept || kept.endsAt <= system.now()) return undefined;
    const door = doorOf(kept.identity);
    return door === undefined
      ? undefined
      : { name: kept.name, door, owner: kept.owner, endsAt: kept.endsAt, note: kept.note };
  };

  const lookUp = async (name: string): Promise<KeptResource | undefined> => {
    const here = known.get(name);
    if (here || !table) return here;
    try {
      const found = await table.load(name);
      if (found) know(found);
      return found;
    } catch (error) {
      throw failed(
        'resources_unavailable',
        `Whose '${name}' is cannot be known now: the database is away. Try again.`,
        {
          cause: error,
        },
      );
    }
  };

  table?.onReady(() => {
    const waiting = [...unsaved.values()];
    unsaved = new Map();
    if (waiting.length > 0) void save(waiting);
  });

  return {
    bind: async ({ name, door, owner, endsAt, note }) => {
      const identity = identityOf(door);
      if (identity === undefined) return;
      const before = known.get(name);
      const madeAt = before?.identity === identity && before.owner === owner ? before.madeAt : system.now();
      const kept = {
        name,
        identity,
        owner,
        endsAt,
        madeAt,
        note: note ?? before?.note,
        collection: collectionOf(name),
      };
      know(kept);
      await save([kept]);
    },
    find: async (name, owner) => {
      const found = await lookUp(name);
      return found?.owner === owner ? toResource(found) : undefined;
    },
    ownerOf: async (name) => (await lookUp(name))?.owner,
    list: async (owner, collection) => {
      const all = table
        ? await table.list(owner, collection).catch((error: unknown) => {
            throw failed(
              'resources_unavailable',
              'What is whose cannot be known now: the database is away. Try again.',
              {
                cause: error,
              },
            );
          })
        : [...known.values()].filter((one) => one.owner === owner && one.collection === collection).reverse();
      return all.map(toResource).filter((found) => found !== undefined);
    },
    countOnce: async (name, owner) => {
      const here = known.get(name);
      if (here && (here.owner !== owner || here.note !== undefined)) return false;
      const counted = here && { ...here, note: COUNTED };
      // Before the database is asked: somebody else may come meanwhile.
      if (counted) know(counted);
      try {
        return table ? await table.noteFirst(name, owner, COUNTED) : counted !== undefined;
      } catch {
        // What this relay knows goes on.
        if (counted) unsaved.set(name, counted);
        return counted !== undefined;
      }
    },
    forget: async (name) => {
      known.delete(name);
      unsaved.delete(name);
      // Google has it no longer: a row that stays for a while leads to its own 404.
      await table?.forget(name).catch((error: unknown) => {
        log.warn('what was deleted at Google cannot be forgotten yet', { error });
      });
    },
  };
};
