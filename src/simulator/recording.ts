import type { IncomingHttpHeaders } from 'node:http';
import type { Door, Operation } from './exchange.ts';

/** A request as it arrived, and what became of it. It fills up while the request runs. */
export interface RecordedRequest {
  /** Counts from 1 over the simulator's life. */
  readonly number: number;
  /** Undefined for an address that leads nowhere. */
  readonly operation: Operation | undefined;
  readonly door: Door | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** When its head arrived, milliseconds since 1970. */
  readonly at: number;
  /** The body's own text, with number spelling and key order as sent. */
  text: string;
  /** Of a body that was received as it came. */
  bytes: number;
  /** The body read as JSON; undefined where it is none. */
  readonly body: unknown;
  /** The status that was sent; undefined before. */
  status: number | undefined;
  /** The other side left before its answer was complete. */
  aborted: boolean;
  abortedAt: number | undefined;
  /** The answer was sent to its end, or broken off by a fault that was asked for. */
  ended: boolean;
}

export type Arrival = Pick<RecordedRequest, 'operation' | 'door' | 'method' | 'path' | 'query' | 'headers'>;

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

export const createRecording = (now: () => number) => {
  const requests: RecordedRequest[] = [];
  let number = 0;
  return {
    requests,
    add: (arrival: Arrival): RecordedRequest => {
      number += 1;
      const request: RecordedRequest = {
        ...arrival,
        number,
        at: now(),
        text: '',
        bytes: 0,
        get body() {
          return readJson(this.text);
        },
        status: undefined,
        aborted: false,
        abortedAt: undefined,
        ended: false,
      };
      requests.push(request);
      return request;
    },
    clear: () => {
      requests.length = 0;
    },
  };
};

export type Recording = ReturnType<typeof createRecording>;
