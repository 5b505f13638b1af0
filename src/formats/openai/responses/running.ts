import type { RelayError } from '../../../errors.ts';

/** An answer that is being streamed. */
export interface RunningAnswer {
  readonly holder: string;
  /** The response so far, in this state. */
  readonly told: (status: 'in_progress' | 'cancelled') => string;
  readonly stop: (reason: RelayError) => void;
}

/** Answers under way, for whoever asks how they are or calls them off. */
export class RunningAnswers {
  readonly #answers = new Map<string, RunningAnswer>();

  begin(id: string, answer: RunningAnswer): void {
    this.#answers.set(id, answer);
  }

  end(id: string): void {
    this.#answers.delete(id);
  }

  find(id: string, holder: string): RunningAnswer | undefined {
    const answer = this.#answers.get(id);
    return answer?.holder === holder ? answer : undefined;
  }
}
