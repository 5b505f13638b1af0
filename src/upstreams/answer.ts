/** A reply of Google's as the answer it holds: events or a whole body, each piece as its text and its reading. */
import { RelayError, toRelayError } from '../errors.ts';
import type { Answer, Chunk } from '../gemini/call.ts';
import type { Candidate, GenerateContentResponse } from '../gemini/types.ts';
import { JsonError, isObject, parseJson, writeJson } from '../json.ts';
import { SseOverflow, createSseReader } from '../sse.ts';
import { createEventShapes } from './event-shapes.ts';
import { badResponse, isUnauthorized, valueToError } from './google-error.ts';
import type { Reply } from './transport.ts';

const EVENT_LIMIT_BYTES = 32 * 1024 * 1024;
export const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Takes an upstream's envelope off. `value` is the parsed `json`, and no error. */
export type Unwrap = (json: string, value: Readonly<Record<string, unknown>>) => Chunk;

/** The upstream that has no envelope. */
export const asItIs: Unwrap = (json, value) => ({ json, value });

export interface Received {
  readonly reply: Reply;
  readonly unwrap: Unwrap;
  /** Wall clock, for the delays in errors. */
  readonly now: () => number;
  /** The answer says 401 inside: its token is no good (R11). */
  readonly onUnauthorized?: (() => void) | undefined;
}

/** Ends only at a true end: a stream that stops without a finish reason throws (R18). */
export const readAnswer = (received: Received): Promise<Answer> =>
  received.reply.contentType === 'text/event-stream'
    ? Promise.resolve(readEvents(received.reply.body[Symbol.asyncIterator](), received))
    : readWhole(received);

const readWhole = (received: Received): Promise<Answer> => {
  const { reply } = received;
  switch (reply.contentType) {
    case 'application/json':
    case 'text/json':
    case '':
      return reply.text(BODY_LIMIT_BYTES).then((text) => understand(text.trim(), received));
    default:
      reply.discard();
      return Promise.reject(
        badResponse(`Google answered with ${reply.contentType}, where JSON or events are expected.`),
      );
  }
};

const understand = (json: string, received: Received): Answer => {
  if (json === '') throw emptyAnswer();
  // Peers have met whole answers that are written as events.
  if (json.startsWith('data:')) return readEvents([Buffer.from(json)].values(), received);
  return [elementsOf(json).map((element) => toChunk(element, received))];
};

interface Taken {
  readonly chunks: readonly Chunk[];
  readonly trouble?: RelayError;
}

/**
 * The events of each read together. An iterator by hand: in a paced stream each read is one event, and two generators
 * around it took as long as the event itself.
 */
const readEvents = (
  source: AsyncIterator<Buffer> | Iterator<Buffer>,
  received: Received,
): AsyncIterableIterator<readonly Chunk[], undefined> => {
  const reader = createSseReader({ eventBytes: EVENT_LIMIT_BYTES });
  const shapes = createEventShapes();
  const seen = { chunk: false, finish: false };

  const readOne = (payload: string): Chunk => {
    const alike = shapes.match(payload);
    if (alike) return alike;
    // Several data lines are one JSON text, in which a line break is only white space.
    const chunk = toChunk(payload.includes('\n') ? payload.replaceAll('\n', ' ') : payload, received);
    // What matches a shape is never an end, so that nobody needs to look.
    if (isFinished(chunk.value)) seen.finish = true;
    else shapes.learn(payload, chunk);
    return chunk;
  };

  /** What is whole in these payloads, and the error at the first that is not: the stream ends there. */
  const take = (payloads: readonly string[]): Taken => {
    const chunks: Chunk[] = [];
    for (const payload of payloads) {
      if (payload === '' || payload === '[DONE]') continue;
      try {
        chunks.push(readOne(payload));
        seen.chunk = true;
      } catch (error) {
        return { chunks, trouble: toRelayError(error) };
      }
    }
    return { chunks };
  };

  const takeLast = (): Taken => {
    const { chunks, trouble } = take(reader.end());
    // What stands at the very end without its blank line was cut off there.
    if (trouble) {
      return { chunks, trouble: trouble.reason === 'upstream_bad_response' ? incompleteAnswer(trouble) : trouble };
    }
    return seen.finish ? { chunks } : { chunks, trouble: seen.chunk ? incompleteAnswer() : emptyAnswer() };
  };

  let trouble: RelayError | undefined;
  let isOver = false;

  const next = async (): Promise<IteratorResult<readonly Chunk[], undefined>> => {
    if (isOver) return DONE;
    try {
      while (!trouble) {
        const read = await source.next();
        const taken = read.done === true ? takeLast() : take(pushed(reader, read.value));
        trouble = taken.trouble;
        isOver = read.done === true && !trouble;
        if (taken.chunks.length > 0) return { value: taken.chunks, done: false };
        if (isOver) return DONE;
      }
      throw trouble;
    } catch (error) {
      await close();
      throw error;
    }
  };
  const close = async (): Promise<IteratorReturnResult<undefined>> => {
    isOver = true;
    await source.return?.();
    return DONE;
  };

  const batches = { next, return: close, [Symbol.asyncIterator]: () => batches };
  return batches;
};

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

const pushed = (reader: ReturnType<typeof createSseReader>, bytes: Buffer): string[] => {
  try {
    return reader.push(bytes);
  } catch (error) {
    if (error instanceof SseOverflow) throw badResponse('Google sent a longer event than the relay accepts.', error);
    throw error;
  }
};

const toChunk = (json: string, received: Received): Chunk => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw badResponse('Google sent an answer that is not JSON.', error instanceof Error ? error.name : undefined);
  }
  if (Array.isArray(value) && value.length === 1)
    return toChunk(writeJson((parseJson(json) as unknown[])[0]), received);
  const error = valueToError(value, received.now);
  if (error) {
    if (isUnauthorized(error)) received.onUnauthorized?.();
    throw error;
  }
  if (!isObject(value)) throw badResponse('Google sent an answer that is no JSON object.');
  return received.unwrap(json, value);
};

/** The elements of an array, or the text itself. */
const elementsOf = (json: string): readonly string[] => {
  if (!json.startsWith('[')) return [json];
  try {
    const elements = parseJson(json);
    return Array.isArray(elements) ? elements.map(writeJson) : [json];
  } catch (error) {
    if (error instanceof JsonError) throw badResponse('Google sent an answer that is not JSON.', error.message);
    throw error;
  }
};

export const candidatesOf = ({ candidates }: GenerateContentResponse): readonly Candidate[] =>
  Array.isArray(candidates) ? (candidates as readonly Candidate[]) : [];

/** The answer says itself that it is at its end, for whatever reason. */
const isFinished = (value: GenerateContentResponse): boolean =>
  candidatesOf(value).some(({ finishReason }) => Boolean(finishReason)) || Boolean(value.promptFeedback?.blockReason);

/** Tried once more, where nothing has reached the client yet. */
export const emptyAnswer = (): RelayError =>
  new RelayError('UNAVAILABLE', 'Google sent an empty answer. Try again.', {
    status: 502,
    reason: 'upstream_empty_response',
    tries: 2,
  });

const incompleteAnswer = (cause?: unknown): RelayError =>
  new RelayError('UNAVAILABLE', "Google's answer broke off before its end. Try again.", {
    status: 502,
    reason: 'upstream_incomplete',
    tries: 2,
    cause,
  });
