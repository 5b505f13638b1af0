/** What the streams of speech and transcripts have in common: events of JSON, an error as one of them. */
import type { RelayError } from '../../../errors.ts';
import { EVENT_STREAM } from '../../../http/respond.ts';
import { openAiErrorJson } from '../errors.ts';
import { heartbeat } from '../heartbeat.ts';

export const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

export const EVENTS = {
  contentType: EVENT_STREAM,
  heartbeat,
  fail: (error: RelayError): string => `data: ${openAiErrorJson(error)}\n\n`,
  cutAfterFailure: false,
};
