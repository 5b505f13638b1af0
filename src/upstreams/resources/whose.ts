/** The door that has what a request names, and only for who made it. */
import { isCounted } from '../../callers/caller.ts';
import type { Caller } from '../../callers/caller.ts';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import { notThere } from '../../gemini/resources.ts';
import type { Resource, Resources } from '../../gemini/resources.ts';

/** Undefined where no door is more right than another. */
export type DoorOf = (names: readonly string[], caller: Caller) => Promise<string | undefined>;

export const createDoorOf = (resources: Pick<Resources, 'find' | 'ownerOf'>): DoorOf => {
  const find = async (name: string, caller: Caller): Promise<Resource | undefined> => {
    if (isCounted(caller)) {
      const found = await resources.find(name, caller.id);
      if (!found) throw notThere(name);
      return found;
    }
    // The owner may have made it with the same key elsewhere, and a database that is away is no reason to refuse: Google
    // knows.
    const found = await resources.find(name, caller.id).catch(() => undefined);
    if (!found && (await resources.ownerOf(name).catch(() => undefined)) !== undefined) throw notThere(name);
    return found;
  };

  return async (names, caller) => {
    const doors = new Set<string>();
    for (const name of names) {
      const found = await find(name, caller);
      if (found) doors.add(found.door);
    }
    if (doors.size > 1) throw keptApart(names, [...doors]);
    return [...doors][0];
  };
};

const keptApart = (names: readonly string[], doors: readonly string[]): RelayError =>
  failed(
    'invalid_value',
    `${names.join(', ')} are kept at different doors to Google (${doors.join(', ')}), and no request can name them ` +
      'together. Upload them again, one after the other.',
  );
