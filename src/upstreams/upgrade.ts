/** A request that leaves HTTP: the bare connection once Google agrees, and an ordinary reply where it does not. */
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { dispatch } from './dispatch.ts';
import type { Exchange } from './dispatch.ts';
import { RunningExchange } from './exchange.ts';
import type { Reply, ReplyHeaders } from './reply.ts';

export interface Upgraded {
  readonly headers: ReplyHeaders;
  /** Its reader is who takes it: nothing of it is read before. */
  readonly socket: Duplex;
}

export const upgrade = (dispatcher: Dispatcher, request: Exchange, protocol: string): Promise<Upgraded | Reply> => {
  if (request.signal.aborted) return Promise.reject(request.signal.reason as Error);
  const running = new RunningExchange(request);
  const opened = Promise.withResolvers<Upgraded>();
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (controller) => {
      running.onRequestStart(controller);
    },
    onRequestUpgrade: (_controller, _status, headers, socket) => {
      // Who asked has left meanwhile.
      if (!running.leave()) socket.destroy();
      opened.resolve({ headers, socket });
    },
    onResponseStart: (controller, status, headers) => {
      running.onResponseStart(controller, status, headers);
    },
    onResponseData: (controller, bytes) => {
      running.onResponseData(controller, bytes);
    },
    onResponseEnd: () => {
      running.onResponseEnd();
    },
    onResponseError: (controller, error) => {
      running.onResponseError(controller, error);
    },
  };
  const fail = (error: unknown): void => {
    running.onResponseError(undefined, error);
  };
  dispatch(dispatcher, request, handler, fail, protocol);
  return Promise.race([opened.promise, running.reply]);
};
