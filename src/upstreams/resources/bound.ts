/** Layer: a request that names what Google keeps goes to the door that has it, and only for who made it. */
import { isCounted } from '../../callers/caller.ts';
import type { Caller } from '../../callers/caller.ts';
import { failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { Call, Layer } from '../../gemini/call.ts';
import { notThere, resourcesIn } from '../../gemini/resources.ts';
import type { Resource, Resources } from '../../gemini/resources.ts';

export const withBoundResources = (resources: Pick<Resources, 'find' | 'isSomebodys'>): Layer => {
  const find = async (name: string, caller: Caller): Promise<Resource | undefined> => {
    if (isCounted(caller)) {
      const found = await resources.find(name, caller.id);
      if (!found) throw notThere(name);
      return found;
    }
    // The owner may have made it with the same key elsewhere, and a database that is away is no reason to refuse: Google
    // knows.
    const found = await resources.find(name, caller.id).catch(() => undefined);
    if (!found && (await resources.isSomebodys(name).catch(() => false))) throw notThere(name);
    return found;
  };

  /** Undefined where no door is more right than another. */
  const doorFor = async (names: readonly string[], { caller }: Call['origin']): Promise<string | undefined> => {
    const doors = new Set<string>();
    for (const name of names) {
      const found = await find(name, caller);
      if (found) doors.add(found.door);
    }
    if (doors.size > 1) throw keptApart(names, [...doors]);
    return [...doors][0];
  };

  const bound = <Result>(call: Call, ask: (call: Call) => Promise<Result>): Promise<Result> => {
    const names = resourcesIn(call.request);
    if (names.length === 0) return ask(call);
    return doorFor(names, call.origin).then((door) => ask(door === undefined ? call : { ...call, boundTo: door }));
  };

  return (inner) => ({
    ...inner,
    generate: (call, signal) => bound(call, (asked) => inner.generate(asked, signal)),
    countTokens: (call, signal) => bound(call, (asked) => inner.countTokens(asked, signal)),
  });
};

const keptApart = (names: readonly string[], doors: readonly string[]): RelayError =>
  failed(
    'invalid_value',
    `${names.join(', ')} are kept at different doors to Google (${doors.join(', ')}), and no request can name them ` +
      'together. Upload them again, one after the other.',
  );
