/** Google's two ways to write a stream: server-sent events, and one JSON array that grows. */
import type { IncomingHttpHeaders } from 'node:http';
import type { RelayError } from '../../errors.ts';
import type { Chunk } from '../../gemini/call.ts';
import type { StreamEncoder } from '../../http/stream.ts';
import { geminiErrorJson } from './errors.ts';

/**
 * Every event ends with a blank line, and nothing marks the end: `[DONE]` is OpenAI's, and Google's SDK would try to
 * parse it. After an error the connection is cut, so that a reader which skips the event still sees a failure.
 */
export const createSseEncoder = (): StreamEncoder<readonly Chunk[]> => ({
  contentType: 'text/event-stream',
  heartbeat: heartbeatFor,
  encode: (batch) => {
    let text = '';
    for (const { json, isOneLine } of batch) text += `data: ${isOneLine === true ? json : onOneLine(json)}\r\n\r\n`;
    return text;
  },
  end: () => '',
  fail: (error) => `data: ${geminiErrorJson(error)}\r\n\r\n`,
  cutAfterFailure: true,
});

/**
 * What a silent stream says. Google's SDKs for Python and Go, and what is built on them, take a comment for an event that
 * they cannot read, and LiteLLM ends without a word there: to those it says as little as a blank line.
 */
const heartbeatFor = (headers: IncomingHttpHeaders): string =>
  FAILS_ON_COMMENTS.test([headers['x-goog-api-client'], headers['user-agent']].join(' '))
    ? '\r\n\r\n'
    : ': keep-alive\r\n\r\n';

const FAILS_ON_COMMENTS = /\bgl-(?:python|go)\/|\blitellm\//i;

/** What a client without `alt=sse` reads: each element is sent as it comes, the array stays valid JSON also after an error. */
export const createArrayEncoder = (): StreamEncoder<readonly Chunk[]> => {
  let separator = '[';
  const element = (json: string): string => {
    const text = separator + json;
    separator = ',\r\n';
    return text;
  };
  const close = (): string => (separator === '[' ? '[]' : ']');
  return {
    contentType: 'application/json; charset=utf-8',
    heartbeat: () => '\n',
    encode: (batch) => {
      let text = '';
      for (const chunk of batch) text += element(chunk.json);
      return text;
    },
    end: close,
    fail: (error: RelayError) => element(geminiErrorJson(error)) + close(),
    cutAfterFailure: true,
  };
};

/** A line break in JSON can only stand between tokens, and would end the event's data line. */
const onOneLine = (json: string): string =>
  json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;
