import type { Door } from './exchange.ts';
import { invalidArgument, type GoogleError } from './google-error.ts';

const LEARN_MORE = 'Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini';

/** The same refusal in the words of the door: the two services of Google Cloud share theirs. */
export const unable = (door: Door, reason: string, field: string, ofField: string): GoogleError =>
  door === 'gemini-api'
    ? invalidArgument(`* GenerateContentRequest.${field}: ${ofField}\n`)
    : invalidArgument(`Unable to submit request because ${reason}. ${LEARN_MORE}`);
