/** Answers that another relay is streaming. All are asked: the one that has it answers. */
import { createPatience } from '../../../state/patience.ts';
import type { RedisState } from '../../../state/redis.ts';
import { HEARD_WITHIN_MS } from '../../../state/state.ts';
import type { System } from '../../../system.ts';
import type { RunningAnswers } from './running.ts';

export interface RunningElsewhere {
  /** As RunningAnswers do. Undefined: nobody has it, or nobody can be asked. */
  look(id: string, holder: string): Promise<string | undefined>;
  callOff(id: string, holder: string): Promise<string | undefined>;
}

export const NOTHING_ELSEWHERE: RunningElsewhere = {
  look: () => Promise.resolve(undefined),
  callOff: () => Promise.resolve(undefined),
};

interface Question {
  readonly id: string;
  readonly holder: string;
  readonly ask: keyof RunningElsewhere;
}

const TOPIC = 'running';
/** Those that nobody has heard yet, and more. */
const MOST_QUESTIONS = 1000;
const ANSWER_KEY = 'told:';
const ANSWER_MS = 5000;
const AGAIN_MS = 25;

export const shareRunning = (
  running: RunningAnswers,
  state: Pick<RedisState, 'id' | 'health' | 'get' | 'put' | 'publish' | 'follow' | 'relays'>,
  system: Pick<System, 'sleep' | 'monotonic' | 'newId'>,
): RunningElsewhere => {
  const { unlessAway, soon } = createPatience(state, system);

  state.follow(TOPIC, (changes) => {
    for (const { field, value } of changes) {
      const { id, holder, ask } = JSON.parse(value) as Question;
      const told = ask === 'callOff' ? running.callOff(id, holder) : running.look(id, holder);
      if (told !== undefined) void soon(() => state.put(ANSWER_KEY + field, told, ANSWER_MS));
    }
  });

  const askAll = async (question: Question): Promise<string | undefined> => {
    if (state.relays() === 1) return undefined;
    const number = system.newId('');
    await state.publish(TOPIC, [{ field: number, value: JSON.stringify(question) }], MOST_QUESTIONS);
    const until = system.monotonic() + 2 * HEARD_WITHIN_MS;
    for (;;) {
      const told = await state.get(ANSWER_KEY + number);
      if (told !== undefined || system.monotonic() > until) return told;
      await system.sleep(AGAIN_MS);
    }
  };

  return {
    look: (id, holder) => unlessAway(() => askAll({ id, holder, ask: 'look' })),
    callOff: (id, holder) => unlessAway(() => askAll({ id, holder, ask: 'callOff' })),
  };
};
