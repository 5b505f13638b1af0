/** What Google keeps, for clients: made at a door, bound to it and to who made it, and from then on asked for there. */
import type { RelayError } from '../../errors.ts';
import { failed } from '../../errors.ts';
import { discard, GEMINI_API_ONLY, needsKeyDoor, VERTEX_TOO } from '../../gemini/kept.ts';
import type { Asker, Creation, KeepingKinds, Keeper, Listed, Passage, Passed } from '../../gemini/kept.ts';
import type { Made } from '../../gemini/kept-kinds.ts';
import { notThere } from '../../gemini/resources.ts';
import type { Resource, Resources } from '../../gemini/resources.ts';
import type { TokenUsage } from '../../gemini/usage.ts';
import type { System } from '../../system.ts';
import { atAnyDoor, pickOf } from '../doors/any-door.ts';
import { isHidden } from '../kept-error.ts';
import type { Reply } from '../reply.ts';
import { bindAll } from './binding.ts';
import type { Counting } from './binding.ts';
import type { Way, WayIn } from './ways.ts';
import { createDoorOf } from './whose.ts';

export interface KeeperNeeds {
  readonly resources: Resources;
  readonly ways: readonly Way[];
  /** Whether a caller whose use is counted may go ahead with something new. Rejects where not. */
  readonly admit: (asker: Asker, creation: Creation) => Promise<void>;
  /** What was used in the background, and is known only now. */
  readonly spent: (asker: Asker, used: TokenUsage) => void;
  readonly system: Pick<System, 'now'>;
}

/** Of a list, so many are asked for at a time. */
const AHEAD = 8;

export const createKeeper = ({ resources, ways, admit, spent, system }: KeeperNeeds): Keeper => {
  const doorOf = createDoorOf(resources);
  const binding = { resources, now: () => system.now() };

  const isOpen = (kinds: KeepingKinds = GEMINI_API_ONLY): boolean =>
    ways.some((way) => kinds.includes(way.kind) && way.any());

  const find = (id: string): WayIn | undefined => ways.map((way) => way.find(id)).find((door) => door !== undefined);

  const send = (door: WayIn, passage: Passage, { record, signal }: Asker): Promise<Reply> => {
    record.door = door.id;
    return door.send(passage, signal);
  };

  /** Once, by whichever request Google tells of them first. */
  const countingNew = ({ caller, record }: Asker): Counting => {
    let usage: TokenUsage | undefined;
    record.tokens.push({ usage: () => usage });
    return {
      soFar: (counted) => {
        usage = counted;
      },
      whole: async (name) => {
        if (!(await resources.countOnce(name, caller.id))) usage = undefined;
      },
    };
  };

  const countingLater = (asker: Asker): Counting => ({
    soFar: () => undefined,
    whole: async (name, usage, model) => {
      const { caller, record } = asker;
      if (!(await resources.countOnce(name, caller.id))) return;
      if (model !== undefined) record.servedModel = model;
      record.tokens.push({ usage: () => usage });
      spent(asker, usage);
    },
  });

  const told = (reply: Reply, made: Made, door: string, { caller }: Asker, counting: Counting | undefined): Passed =>
    withBody(reply, bindAll(reply.body, made, { door, owner: caller.id }, binding, counting));

  const doorWith = async (name: string, { caller }: Asker): Promise<WayIn> => {
    if (!isOpen(VERTEX_TOO)) throw needsKeyDoor(NAMES_OF_ALL);
    const found = await resources.find(name, caller.id);
    const door = found && find(found.door);
    if (!door) throw notThere(name);
    return door;
  };

  const askThere = async (name: string, passage: Passage, asker: Asker): Promise<{ door: WayIn; reply: Reply }> => {
    const door = await doorWith(name, asker);
    return { door, reply: await send(door, passage, asker) };
  };

  /** What Google has no longer is forgotten. To those whose it is not, nothing is said and nothing done. */
  const sendOrForget = async (door: WayIn, name: string, passage: Passage, asker: Asker): Promise<Reply> => {
    try {
      return await send(door, passage, asker);
    } catch (error) {
      if (isGone(error)) await resources.forget(name);
      throw error;
    }
  };

  const makeAnywhere = (passage: Passage, kinds: KeepingKinds, asker: Asker): Promise<{ door: WayIn; reply: Reply }> =>
    atAnyDoor(asker, {
      what: NAMES_OF_ALL,
      pick: (tried) => pickOf(kinds, ways, asker, tried),
      isRepeatable: isRepeatable(passage),
      make: async (door) => ({ door, reply: await send(door, passage, asker) }),
    });

  const makeAt = async (id: string, passage: Passage, asker: Asker): Promise<{ door: WayIn; reply: Reply }> => {
    const door = find(id);
    if (!door) throw needsKeyDoor(NAMES_OF_ALL);
    return { door, reply: await send(door, passage, asker) };
  };

  return {
    isOpen,
    create: async (passage, creation, asker) => {
      const { kinds = GEMINI_API_ONLY } = creation;
      if (!isOpen(kinds)) throw needsKeyDoor(NAMES_OF_ALL);
      await refuseTaken(creation.claims, asker, resources);
      const bound = await doorOf(creation.names, asker.caller);
      await admit(asker, creation);
      const model = creation.model ?? creation.agent;
      if (model !== undefined) {
        asker.record.servedModel = model;
        // Of a batch, a cache, a video Google tells no tokens then: what it costs is not known, which is no 0.
        if (creation.made.isCounted !== true) asker.record.tokens.push({ usage: () => undefined });
      }
      const { door, reply } = await (bound === undefined
        ? makeAnywhere(passage, kinds, asker)
        : makeAt(bound, passage, asker));
      const counting = creation.made.isCounted === true ? countingNew(asker) : undefined;
      return told(reply, creation.made, door.id, asker, counting);
    },
    ask: async (name, passage, asker, made) => {
      const { door, reply } = await askThere(name, passage, asker);
      const counting = made?.isCounted === true ? countingLater(asker) : undefined;
      return made ? told(reply, made, door.id, asker, counting) : reply;
    },
    remove: async (name, passage, asker) => {
      const door = await doorWith(name, asker);
      const reply = await sendOrForget(door, name, passage, asker);
      await resources.forget(name);
      return reply;
    },
    own: (collection, { caller }) => {
      if (!isOpen(VERTEX_TOO)) return Promise.reject(needsKeyDoor(NAMES_OF_ALL));
      return resources.list(caller.id, collection);
    },
    each: async function* (list, passageOf, asker, most): AsyncGenerator<Listed> {
      const asked: Promise<Listed | undefined>[] = [];
      const ask = async (resource: Resource): Promise<Listed | undefined> => {
        const { name } = resource;
        try {
          const door = await doorWith(name, asker);
          return { resource, passed: await sendOrForget(door, name, passageOf(name), asker) };
        } catch (error) {
          if (isGone(error) || isHidden(error)) return undefined;
          throw error;
        }
      };
      try {
        let count = 0;
        for (let next = 0; asked.length > 0 || (next < list.length && count < most);) {
          for (; next < list.length && asked.length < Math.min(AHEAD, most - count); next += 1) {
            const resource = list[next];
            if (!resource) break;
            const answer = ask(resource);
            answer.catch(() => undefined);
            asked.push(answer);
          }
          const listed = await asked.shift();
          if (!listed) continue;
          count += 1;
          yield listed;
        }
      } finally {
        for (const answer of asked)
          void answer.then(
            (listed) => listed && discard(listed.passed),
            () => undefined,
          );
      }
    },
    keep: (resource) => resources.bind(resource),
    ownerOf: (name) => resources.ownerOf(name),
  };
};

const NAMES_OF_ALL = 'Files, cached contents, batches, interactions and operations';

/** What came in pieces is gone. */
const isRepeatable = ({ body }: Passage): boolean =>
  body === undefined || typeof body === 'string' || Array.isArray(body);

const isGone = (error: unknown): boolean => reasonOf(error) === 'resource_not_found';

const reasonOf = (error: unknown): string | undefined => (error as Partial<RelayError>).reason;

/** At another door of Google's it could be called the same, and nobody could tell the two apart. */
const refuseTaken = async (
  name: string | undefined,
  { caller }: Asker,
  resources: Pick<Resources, 'ownerOf'>,
): Promise<void> => {
  const owner = name === undefined ? undefined : await resources.ownerOf(name);
  if (owner === undefined || owner === caller.id) return;
  throw failed('name_taken', `The name '${name}' is taken. Choose another one, or leave it to Google.`);
};

const withBody = (reply: Reply, body: AsyncIterable<Buffer>): Passed => ({
  status: reply.status,
  headers: reply.headers,
  body,
  text: async (limitBytes) => {
    let size = 0;
    const pieces: Buffer[] = [];
    for await (const piece of body) {
      size += piece.length;
      if (size > limitBytes)
        throw failed('upstream_bad_response', 'Google sent a longer answer than the relay accepts.');
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  },
});
