import type { IncomingHttpHeaders } from 'node:http';
import { keepAlive } from '../../http/stream.ts';

/**
 * What a silent stream says. OpenAI's SDK for Go (until 3.42) takes the blank line behind a comment for an event
 * without data, and fails on it: to that one the comment is said alone. Other programs in Go read each line by itself: LangChainGo
 * (until 0.1.13) takes a comment for JSON, go-openai for the beginning of an error, which it then cannot read; neither minds a
 * blank line.
 */
export const heartbeat = (headers: IncomingHttpHeaders): string => {
  if (headers['x-stainless-lang'] === 'go') return ': keep-alive\n';
  return headers['user-agent']?.startsWith('Go-http-client/') === true ? '\n' : keepAlive();
};
