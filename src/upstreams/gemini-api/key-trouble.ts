/** What Google's refusal of an API key means for whoever has to replace it. */
import { changed, failed } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import { AI_STUDIO, isRetiredForm, RETIRED_FORM } from '../../api-key-form.ts';
import type { DoorKey } from '../../gemini/call.ts';

const ONLY_KEY = 'GEMINI_API_KEY';

/** Undefined where it is not the key that is refused. */
export const keyTrouble = (
  error: RelayError,
  status: number,
  { apiKey, keyName = ONLY_KEY }: Pick<DoorKey, 'apiKey'> & Partial<DoorKey>,
): RelayError | undefined => {
  if (error.reason === 'upstream_bad_response') return undefined;
  // Nobody has logged in here: a 401 is about the key.
  const isDead = status === 401 || error.doorCause === 'invalid_key';
  if (isDead && isRetiredForm(apiKey)) {
    return failed('config_error', `Google refuses the API key of the relay: ${RETIRED_FORM}.`, {
      fix: `Make a new one in AI Studio (${AI_STUDIO}) and put it into ${keyName}.`,
      doorCause: 'retired_key',
      cause: error,
    });
  }
  if (status === 401) {
    return failed('config_error', 'Google refuses the API key of the relay.', {
      fix: `Check ${keyName}.`,
      doorCause: 'invalid_key',
      cause: error,
    });
  }
  // The fix speaks of the only key there is; of many it is this one.
  const fix = error.fix?.replace(ONLY_KEY, keyName);
  return fix === error.fix ? undefined : changed(error, { fix });
};
