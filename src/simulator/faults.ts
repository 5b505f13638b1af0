/** What can go wrong on the way, for `simulator.next(target, …)`. Google's own refusals are in `google-faults.ts`. */

import { gzipSync } from 'node:zlib';
import { answerInPieces, type ScriptedChunk } from './scripted.ts';
import type { Fault } from './fault-queue.ts';
import { GoogleError, type GoogleErrorSettings } from './google-error.ts';
import {
  bytes,
  chunksReply,
  event,
  htmlReply,
  redirectReply,
  wait,
  type Chunks,
  type Reply,
  type Step,
} from './reply.ts';

export type { ScriptedChunk } from './scripted.ts';

/** Changes an answer that was generated; a refusal passes as it is. */
const onChunks =
  (change: (chunks: Chunks, reply: Reply) => Reply): Fault =>
  async (_ask, honest) => {
    const reply = await honest();
    return reply.chunks ? change(reply.chunks, reply) : reply;
  };

/** Changes whatever is sent. */
const onReply =
  (change: (reply: Reply) => Reply): Fault =>
  async (_ask, honest) =>
    change(await honest());

const contentOf = (reply: Reply): Buffer =>
  Buffer.concat(reply.steps.flatMap((step) => (step.kind === 'bytes' ? [step.bytes] : [])));

/** Steps up to and with the `count`th that sends bytes. */
const firstBytes = (steps: readonly Step[], count: number): readonly Step[] => {
  let seen = 0;
  const end = steps.findIndex((step) => {
    if (step.kind === 'bytes') seen += 1;
    return seen > count;
  });
  return end < 0 ? steps : steps.slice(0, end);
};

const RESET: Step = { kind: 'reset' };
const STALL: Step = { kind: 'stall' };

/** A short wait in which what was written leaves the machine as a packet of its own. */
const APART = wait(2);

// Whole answers

/** These bytes and nothing else: for what no honest server sends. */
export const raw =
  (status: number, headers: Readonly<Record<string, string>>, ...steps: readonly (Step | string | Buffer)[]): Fault =>
  () => ({
    status,
    headers,
    steps: steps.map((step) => (typeof step === 'string' || Buffer.isBuffer(step) ? bytes(step) : step)),
  });

/** Exact chunks (plain GenerateContentResponses, as objects or JSON text) in place of the model's own. */
export const answering = (...chunks: readonly ScriptedChunk[]): Fault =>
  onChunks((honest) => chunksReply(answerInPieces(honest, chunks)));

export const failing =
  (settings: GoogleErrorSettings): Fault =>
  (ask) =>
    new GoogleError(settings).reply(ask.path.includes('stream'));

export const html =
  (status = 200, text = '<!DOCTYPE html><title>Sign in</title><p>Not what you asked for.'): Fault =>
  () =>
    htmlReply(text, status);

export const redirect =
  (location = 'https://accounts.google.com/'): Fault =>
  () =>
    redirectReply(location);

/** The honest body under another content type. */
export const contentType = (type: string): Fault =>
  onReply((reply) => ({ ...reply, headers: { ...reply.headers, 'content-type': type } }));

export const empty =
  (status = 200): Fault =>
  () => ({ status, headers: {}, steps: [] });

// Time and connection

/** `ms` before the status line. */
export const slowHeaders = (ms: number): Fault => onReply((reply) => ({ ...reply, before: [wait(ms)] }));

/** `ms` after the status line, before the first byte of the body. */
export const slowBody = (ms: number): Fault => onReply((reply) => ({ ...reply, steps: [wait(ms), ...reply.steps] }));

/** `ms` before each chunk. */
export const slowChunks = (ms: number): Fault => onChunks((chunks) => chunksReply({ ...chunks, paceMs: ms }));

export const stallBeforeHeaders = (): Fault => onReply((reply) => ({ ...reply, before: [STALL] }));

/** Sends so many pieces of the body, then nothing, for as long as the other side waits. */
export const stallAfter = (pieces: number): Fault =>
  onReply((reply) => ({ ...reply, steps: [...firstBytes(reply.steps, pieces), STALL] }));

export const resetBeforeHeaders = (): Fault => onReply((reply) => ({ ...reply, before: [RESET] }));

/** Sends so many pieces of the body, then resets the connection. 0: right after the status line. */
export const resetAfter = (pieces: number): Fault =>
  onReply((reply) => ({ ...reply, steps: [...firstBytes(reply.steps, pieces), wait(10), RESET] }));

/** The body some bytes at a time. */
export const dripping = (size: number, everyMs: number): Fault =>
  onReply((reply) => {
    const content = contentOf(reply);
    const count = Math.ceil(content.length / size);
    const pieces = Array.from({ length: count }, (_, index) => content.subarray(index * size, (index + 1) * size));
    return { ...reply, steps: pieces.flatMap((piece) => [bytes(piece), wait(everyMs)]) };
  });

/** The body cut at these byte positions, each piece a packet of its own. */
export const splitAt = (...positions: readonly number[]): Fault =>
  onReply((reply) => {
    const content = contentOf(reply);
    const ends = [...positions.filter((position) => position > 0 && position < content.length), content.length];
    const pieces = ends.map((end, index) => content.subarray(ends[index - 1] ?? 0, end));
    return { ...reply, steps: pieces.flatMap((piece) => [bytes(piece), APART]) };
  });

/** Cut between the bytes of every character that has several. */
export const splitInsideCharacters = (): Fault => async (ask, honest) => {
  const reply = await honest();
  const content = contentOf(reply);
  const inside = [...content.keys()].filter((index) => ((content[index] ?? 0) & 0xc0) === 0x80);
  return splitAt(...inside)(ask, () => Promise.resolve(reply));
};

/** The body ends after so many of its bytes, as if it were whole. */
export const truncated = (bytesKept: number): Fault =>
  onReply((reply) => ({ ...reply, steps: [bytes(contentOf(reply).subarray(0, bytesKept))] }));

export const gzipped = ({ cutBytes = 0, bombBytes = 0, bomb = ' ' } = {}): Fault =>
  onReply((reply) => {
    const content = bombBytes > 0 ? Buffer.alloc(bombBytes, bomb) : contentOf(reply);
    const packed = gzipSync(content);
    return {
      ...reply,
      headers: { ...reply.headers, 'content-encoding': 'gzip' },
      steps: [bytes(packed.subarray(0, packed.length - cutBytes))],
    };
  });

// Streams

/** The stream ends in good order after so many chunks, without a finish reason. */
export const cutAfter = (chunks: number): Fault =>
  onChunks((honest) => chunksReply({ ...honest, texts: honest.texts.slice(0, chunks) }));

/** All chunks, and none says why the answer ended. */
export const withoutFinishReason = (): Fault =>
  onChunks((honest) => {
    const strip = (text: string): string =>
      JSON.stringify(JSON.parse(text), (key, value: unknown) => (key === 'finishReason' ? undefined : value));
    return chunksReply({ ...honest, texts: honest.texts.map(strip) });
  });

/** So many honest chunks, then these texts in events of their own, then nothing. */
export const breakingWith = (chunks: number, ...texts: readonly string[]): Fault =>
  onChunks((honest) => chunksReply({ ...honest, texts: [...honest.texts.slice(0, chunks), ...texts] }));

export const garbageAfter = (chunks: number): Fault => breakingWith(chunks, '{"candidates": [{"content": {"pa');

/** A Google error as an event, after so many chunks of text. 0: it is the first event. */
export const errorInStream = (chunks: number, settings: GoogleErrorSettings): Fault =>
  breakingWith(chunks, JSON.stringify(new GoogleError(settings).body));

/** Each event as `frame` writes it. */
export const framed = (frame: (text: string, index: number, count: number) => string): Fault =>
  onChunks((chunks, reply) => ({
    ...reply,
    steps: chunks.texts.map((text, index) => bytes(frame(text, index, chunks.texts.length))),
  }));

/** `\n`, `\r` or `\r\n` at the ends of lines. */
export const lineEnds = (end: string): Fault => framed((text) => event(text, end));

export const withoutBlankAfterTheColon = (): Fault => framed((text) => event(text).replace('data: ', 'data:'));

export const withoutLastBlankLine = (): Fault =>
  framed((text, index, count) => (index === count - 1 ? `data: ${text}` : event(text)));

/** Comments, unknown fields and a byte order mark between the events. */
export const withComments = (): Fault =>
  framed(
    (text, index) =>
      `${index === 0 ? '\uFEFF' : ''}: comment\r\n\r\nevent: message\r\nid: ${index}\r\nretry: 10\r\n${event(text)}`,
  );

/** Each chunk's JSON printed over several lines, each a `data:` line of one event. */
export const overSeveralLines = (): Fault =>
  framed((text) => {
    const lines = JSON.stringify(JSON.parse(text), null, 2).split('\n');
    return `${lines.map((line) => `data: ${line}`).join('\r\n')}\r\n\r\n`;
  });

/** Ends with the mark of OpenAI's streams, which Google does not send. */
export const withDone = (): Fault =>
  framed((text, index, count) => `${event(text)}${index === count - 1 ? event('[DONE]') : ''}`);

/** Code Assist's chunks without their envelope. */
export const unwrapped = (): Fault =>
  onChunks((honest) =>
    chunksReply({
      ...honest,
      texts: honest.texts.map((text) => {
        const { response } = JSON.parse(text) as { response?: unknown };
        return response === undefined ? text : JSON.stringify(response);
      }),
    }),
  );

/** Each chunk, or the whole answer, in an array of one. */
export const inArrays = (): Fault =>
  onChunks((honest) => chunksReply({ ...honest, texts: honest.texts.map((text) => `[${text}]`) }));

/** One chunk whose text has so many bytes. */
export const hugeChunk = (size: number): Fault =>
  answering({
    candidates: [{ content: { role: 'model', parts: [{ text: 'x'.repeat(size) }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: size / 4, totalTokenCount: size / 4 + 1 },
  });

/** A body of so many bytes in pieces of 64 KB, without end of line. */
export const hugeBody = (size: number): Fault =>
  onReply((reply) => {
    const piece = Buffer.alloc(65_536, 'x');
    return { ...reply, steps: Array.from({ length: Math.ceil(size / piece.length) }, () => bytes(piece)) };
  });
