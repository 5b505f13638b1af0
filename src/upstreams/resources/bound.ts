/** Layer: a request that names what Google keeps goes to the door that has it, and only for who made it. */
import type { Call, Layer } from '../../gemini/call.ts';
import { needsKeyDoor } from '../../gemini/kept.ts';
import { resourcesIn } from '../../gemini/resources.ts';
import type { Resources } from '../../gemini/resources.ts';
import { createDoorOf } from './whose.ts';

export const withBoundResources = (
  resources: Pick<Resources, 'find' | 'ownerOf'>,
  /** Whether there is a door that keeps anything. */
  isOpen: () => boolean,
): Layer => {
  const doorOf = createDoorOf(resources);

  const bound = <Result>(call: Call, ask: (call: Call) => Promise<Result>): Promise<Result> => {
    const names = resourcesIn(call.request);
    if (names.length === 0) return ask(call);
    if (!isOpen()) return Promise.reject(needsKeyDoor('Files and cached contents'));
    return doorOf(names, call.origin.caller).then((door) =>
      ask(door === undefined ? call : { ...call, boundTo: door }),
    );
  };

  return (inner) => ({
    ...inner,
    generate: (call, signal) => bound(call, (asked) => inner.generate(asked, signal)),
    countTokens: (call, signal) => bound(call, (asked) => inner.countTokens(asked, signal)),
  });
};
