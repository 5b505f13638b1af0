import { Roll } from '../../../engine/roll.ts';
import type { Place } from '../../../engine/roll.ts';
import { failed } from '../../../errors.ts';
import type { ResponseStream } from './encode.ts';

/** An answer that is being streamed. */
export interface RunningAnswer {
  readonly id: string;
  readonly holder: string;
  readonly stream: Pick<ResponseStream, 'told'>;
  /** Of its request: for who calls it off. */
  readonly lifetime: AbortController;
}

/** Answers under way, for whoever asks how they are or calls them off: that is rare, and each comes and goes. */
export class RunningAnswers {
  readonly #answers = new Roll<RunningAnswer>();

  /** The place is what to end it by. */
  begin(answer: RunningAnswer): Place<RunningAnswer> {
    return this.#answers.enter(answer);
  }

  end(place: Place<RunningAnswer>): void {
    this.#answers.leave(place);
  }

  /** How far it is. */
  look(id: string, holder: string): string | undefined {
    return this.#find(id, holder)?.stream.told('in_progress');
  }

  /** How far it came. */
  callOff(id: string, holder: string): string | undefined {
    const answer = this.#find(id, holder);
    const told = answer?.stream.told('cancelled');
    answer?.lifetime.abort(failed('response_cancelled', 'The response was called off by its client.'));
    return told;
  }

  #find(id: string, holder: string): RunningAnswer | undefined {
    for (const answer of this.#answers) if (answer.id === id && answer.holder === holder) return answer;
    return undefined;
  }
}
