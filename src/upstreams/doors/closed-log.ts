/** One line of the log for each door that closes. What only its owner can put right has Google's reason and the way out. */
import { toRelayError } from '../../errors.ts';
import { troubleWith } from '../../reasons.ts';
import type { Trouble } from '../causes.ts';

export interface ClosedLog {
  warn(message: string, fields?: object): void;
}

export const logClosed = (
  log: ClosedLog,
  door: string,
  model: string,
  { cause, scope }: Trouble,
  failure: unknown,
): void => {
  log.warn('a door is closed', {
    door,
    cause,
    ...(scope === 'model' && { model }),
    ...(troubleWith(cause).cools === 'key' && { problem: toRelayError(failure).message }),
  });
};
