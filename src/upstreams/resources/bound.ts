/** Layer: a request that names what Google keeps goes to the door that has it, and only for who made it. */
import type { Call, Layer } from '../../gemini/call.ts';
import { GEMINI_API_ONLY, needsKeyDoor, VERTEX_TOO } from '../../gemini/kept.ts';
import type { KeepingKinds } from '../../gemini/kept.ts';
import { collectionOf, resourcesIn, shortName } from '../../gemini/resources.ts';
import type { Resources } from '../../gemini/resources.ts';
import type { GenerateContentRequest } from '../../gemini/types.ts';
import { atFields, inClientsFields } from './missing.ts';
import { createDoorOf } from './whose.ts';

export const withBoundResources = (
  resources: Pick<Resources, 'find' | 'ownerOf'>,
  /** Whether there is a door that keeps such things. */
  isOpen: (kinds: KeepingKinds) => boolean,
): Layer => {
  const doorOf = createDoorOf(resources);

  const bound = <Result>(call: Call, ask: (call: Call) => Promise<Result>): Promise<Result> => {
    const names = resourcesIn(call.request);
    if (names.length === 0) return ask(call);
    const kinds = names.every((name) => collectionOf(name) === 'cachedContents') ? VERTEX_TOO : GEMINI_API_ONLY;
    if (!isOpen(kinds)) return Promise.reject(atFields(needsKeyDoor('Files and cached contents', kinds), call));
    return doorOf(names, call.origin.caller)
      .then((door) => ask(door === undefined ? call : { ...call, boundTo: door, request: withShortName(call.request) }))
      .catch((error: unknown) => {
        throw inClientsFields(error, call);
      });
  };

  return (inner) => ({
    ...inner,
    generate: (call, signal) => bound(call, (asked) => inner.generate(asked, signal)),
    countTokens: (call, signal) => bound(call, (asked) => inner.countTokens(asked, signal)),
  });
};

/** The door that has it says the rest of the name by itself. */
const withShortName = (request: GenerateContentRequest): GenerateContentRequest =>
  typeof request['cachedContent'] === 'string' && request['cachedContent'] !== shortName(request['cachedContent'])
    ? { ...request, cachedContent: shortName(request['cachedContent']) }
    : request;
