/** What a client sends on the WebSocket of Responses: a request, in an event that says so. */
import { refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';

export interface SentFrame {
  /** As the body of a POST. */
  readonly body: JsonObject;
  /** What is to come is only got ready: the model is not asked. */
  readonly isWarmUp: boolean;
}

export const readFrame = (event: unknown): SentFrame => {
  const { type, generate, stream_id: lane, ...body } = isObject(event) ? event : {};
  if (type !== 'response.create') {
    const said = typeof type === 'string' ? `, not '${type.slice(0, LONGEST_SAID)}'` : '';
    throw refusal('invalid_value', 'type', `'type' must be 'response.create'${said}: no other event is served here.`);
  }
  if (lane !== undefined && lane !== null) {
    const why = 'answers on a socket come one after the other; open a socket for each that runs beside others';
    throw refusal('unsupported_parameter', 'stream_id', `'stream_id' is not supported: ${why}.`);
  }
  if (generate !== undefined && generate !== null && typeof generate !== 'boolean') {
    throw refusal('invalid_type', 'generate', "'generate' must be true or false.");
  }
  return { body: { ...body, stream: true }, isWarmUp: generate === false };
};

const LONGEST_SAID = 64;
