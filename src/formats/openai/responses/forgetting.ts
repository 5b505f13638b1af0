/** Makes all relays forget an answer, at once or when Redis is back. */
import { createPatience } from '../../../state/patience.ts';
import type { RedisState } from '../../../state/redis.ts';
import type { System } from '../../../system.ts';
import { ANSWER_KEY, FORGET_ANSWER, STORE_KEYS } from './answer-scripts.ts';
import { readShared } from './shared-answer.ts';

const TOPIC = 'forgotten';
/** Heard by relays that were away for a while, too. */
const MOST_TOLD = 2000;
/** While Redis is away. */
const MOST_OWED = 10_000;

/** `forgetHere`: whether it was there. So does what is returned. */
export const shareForgetting = (
  forgetHere: (id: string, holder: string) => boolean,
  state: Pick<RedisState, 'link' | 'health' | 'get' | 'publish' | 'follow' | 'onReady' | 'relays' | 'heardByAll'>,
  system: Pick<System, 'sleep' | 'monotonic'>,
): ((id: string, holder: string) => Promise<boolean>) => {
  const { unlessAway } = createPatience(state, system);
  /** Ids and holders, the oldest first. */
  const owed = new Map<string, string>();

  state.follow(TOPIC, (changes) => {
    for (const { field, value } of changes) forgetHere(field, value);
  });

  /** Whether anybody had it; undefined where nobody can be asked. */
  const forgetElsewhere = async (id: string, holder: string, isKnown: boolean): Promise<boolean | undefined> => {
    let wasThere = isKnown;
    return unlessAway(async () => {
      const shared = readShared(await state.get(ANSWER_KEY + id), holder);
      if (shared && (await state.link.run(FORGET_ANSWER, STORE_KEYS, [id, ...shared.itemIds])) === 1) wasThere = true;
      if (wasThere) await state.publish(TOPIC, [{ field: id, value: holder }], MOST_TOLD);
      return wasThere;
    });
  };

  const owe = (id: string, holder: string): void => {
    owed.set(id, holder);
    for (const oldest of owed.keys()) {
      if (owed.size <= MOST_OWED) return;
      owed.delete(oldest);
    }
  };

  const settle = async (): Promise<void> => {
    for (const [id, holder] of owed) {
      if ((await forgetElsewhere(id, holder, true)) === undefined) return;
      owed.delete(id);
    }
  };
  state.onReady(() => {
    if (owed.size > 0) void settle();
  });

  return async (id, holder) => {
    const wasHere = forgetHere(id, holder);
    const wasAnywhere = await forgetElsewhere(id, holder, wasHere);
    if (wasAnywhere === undefined) owe(id, holder);
    // Whoever is told that it is gone finds it nowhere.
    else if (wasAnywhere && state.relays() > 1) await unlessAway(() => state.heardByAll());
    return wasAnywhere ?? wasHere;
  };
};
