/** A reply of Google's as the answer it holds: events or a whole body, each piece as its text and its reading. */
import { turn } from '../engine/turns.ts';
import { emptyAnswer, foreignAnswer, incompleteAnswer } from '../errors/answers.ts';
import { isLong, refuseHeavy } from '../gemini/answer-bounds.ts';
import type { Answer, Chunk } from '../gemini/call.ts';
import { elementsOf, readAhead, toChunk } from './answer-chunk.ts';
import type { AnswerForm } from './answer-chunk.ts';
import { hasCandidates, isWholeAnswer } from './answer-end.ts';
import { EventStream } from './answer-events.ts';
import type { Received } from './answer-events.ts';
import { createEventShapes } from './event-shapes.ts';
import type { Reply } from './transport.ts';

export const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Reads a reply as the answer it holds. Ends only at a true end: a stream that stops without a finish reason throws
 * (R18). `native`: the client reads Google's own form. `onUnauthorized`: the answer says 401 inside, its token is no good (R11).
 */
export type ReadAnswer = (reply: Reply, native: boolean, onUnauthorized?: () => void) => Answer | Promise<Answer>;

/** One for all answers of an upstream: what the events of one stream teach serves the next. */
export const createAnswerReader = (form: AnswerForm): ReadAnswer => {
  const shapes = createEventShapes();
  return (reply, native, onUnauthorized) => {
    const received = { ...form, reply, native, shapes, onUnauthorized };
    return reply.contentType === 'text/event-stream'
      ? new EventStream(reply.body[Symbol.asyncIterator](), received)
      : readWhole(received);
  };
};

const readWhole = (received: Received): Answer | Promise<Answer> => {
  const { reply } = received;
  switch (reply.contentType) {
    case 'application/json':
    case 'text/json':
    case '': {
      const text = reply.textNow?.(BODY_LIMIT_BYTES);
      if (text !== undefined) return readText(text, received);
      return reply.text(BODY_LIMIT_BYTES).then((whole) => readText(whole, received));
    }
    default:
      reply.discard();
      throw foreignAnswer(`Google answered with ${reply.contentType}, where JSON or events are expected.`);
  }
};

const readText = (text: string, received: Received): Answer | Promise<Answer> =>
  isLong(text) ? understandLong(text, received) : understand(text.trim(), received);

/**
 * To read it, to understand it and to write it for the client each hold up the others: not all at one stretch. It counts
 * as held until then, for many may wait for their turns.
 */
const understandLong = async (text: string, received: Received): Promise<Answer> => {
  const { reply } = received;
  // It is all there already: nothing is to be waited for.
  void reply.holds?.(text.length);
  try {
    await turn();
    const json = text.trim();
    if (isEvents(json)) return understand(json, received);
    refuseHeavy(json);
    await turn();
    const chunks = chunksOf(json, received);
    await turn();
    const ahead = readAhead(chunks, received);
    if (ahead !== chunks) await turn();
    return [ahead];
  } finally {
    void reply.holds?.(0);
  }
};

const understand = (json: string, received: Received): Answer => {
  if (json === '') throw emptyAnswer();
  if (isEvents(json)) return new EventStream(slicesOf(Buffer.from(json)), received);
  refuseHeavy(json);
  return [chunksOf(json, received)];
};

/** Peers have met whole answers that are written so. */
const isEvents = (text: string): boolean => text.startsWith('data:');

const chunksOf = (json: string, received: Received): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  for (const element of elementsOf(json)) chunks.push(toChunk(element, received));
  if (!isWholeAnswer(chunks)) throw chunks.some(hasCandidates) ? incompleteAnswer() : emptyAnswer();
  return chunks;
};

/** As much at a time as a network read brings. */
const SLICE_BYTES = 256 * 1024;

async function* slicesOf(bytes: Buffer): AsyncGenerator<Buffer, undefined> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await turn();
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
}
