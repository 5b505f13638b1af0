/** That what a request names is not there, for a client that knows it by a field of its own. */
import { failed, RelayError } from '../../errors.ts';
import type { Call } from '../../gemini/call.ts';
import { isHidden } from '../kept-error.ts';

/** The same error where it is about something else, and for Google's own clients, who know Google's words. */
export const inClientsFields = (error: unknown, { keptFields }: Call): unknown => {
  if (!keptFields || !(error instanceof RelayError)) return error;
  const isNoted = error.reason === 'resource_not_found';
  if (!isNoted && !isHidden(error)) return error;
  const [first, ...others] = keptFields.values();
  return failed('resource_not_found', `${placesOf(keptFields)}: ${isNoted ? error.problem : NOT_THERE}`, {
    fix: first?.fix,
    ...(first && others.length === 0 && { param: first.param }),
    ...(!isNoted && { told: error.problem }),
  });
};

/** The same for what no door of this relay could have. */
export const atFields = (error: RelayError, { keptFields }: Call): RelayError => {
  const [first] = keptFields?.values() ?? [];
  if (!keptFields || !first) return error;
  const { code, reason, problem } = error;
  return new RelayError(code, `${placesOf(keptFields)}: ${problem}`, { ...(reason && { reason }), param: first.param });
};

const NOT_THERE = "There is no such thing for this key. It was deleted, is too old, or is another key's.";

const placesOf = (keptFields: NonNullable<Call['keptFields']>): string =>
  [...keptFields.values()].map(({ param }) => `'${param}'`).join(', ');
