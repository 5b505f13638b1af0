/** An answer as frames: each event of a stream is one, an error is one that says its status. */
import type { WebSocket } from 'ws';
import type { Headers } from '../head.ts';
import type { AnswerSink, SocketResponse } from './response.ts';

export const framesOf = (socket: WebSocket): AnswerSink => {
  let whole = '';
  let isFirst = true;

  return {
    write: (piece, answer, done) => {
      const text = piece.toString();
      if (!isStream(answer)) {
        whole += text;
        done();
        return;
      }
      const events = text.split('\n\n').filter((event) => event !== '');
      const last = events.pop();
      for (const event of events) send(event, answer);
      if (last === undefined || !send(last, answer, done)) done();
    },
    end: (answer, done) => {
      if (isStream(answer)) done();
      else socket.send(wholeFrame(whole, answer), done);
    },
    cut: () => {
      socket.terminate();
    },
  };

  /** False where nothing waits to be taken. */
  function send(event: string, answer: SocketResponse, done?: () => void): boolean {
    const at = event.indexOf(DATA);
    if (at === -1) {
      // A comment, so that nobody takes the silence for the end.
      if (socket.readyState === socket.OPEN) socket.ping();
      return false;
    }
    const json = event.slice(at + DATA.length);
    // What a head says over HTTP has no other place here.
    const frame = isFirst ? `${json.slice(0, -1)},"headers":${toldHeaders(answer.head)}}` : json;
    isFirst = false;
    socket.send(frame, done);
    return true;
  }
};

const DATA = 'data: ';

const isStream = ({ head }: SocketResponse): boolean => String(head['content-type']).startsWith('text/event-stream');

const wholeFrame = (json: string, { statusCode, head }: SocketResponse): string =>
  statusCode < 400
    ? json
    : `{"type":"error","status":${statusCode},${json.slice(1, -1)},"headers":${toldHeaders(head)}}`;

/** Those that clients decide on, and those by which the relay tells what it did. */
const TOLD = /^(?:x-r(?:elay|atelimit|equest-id)|x-should-retry$|retry-after)/;

const toldHeaders = (head: Readonly<Headers>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(head)
        .filter(([name]) => TOLD.test(name))
        .map(([name, value]) => [name, String(value)]),
    ),
  );
