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
  const running = new UpgradingExchange(request);
  dispatch(dispatcher, request, running, protocol);
  return Promise.race([running.opened, running.reply]);
};

class UpgradingExchange extends RunningExchange {
  readonly opened: Promise<Upgraded>;
  readonly #open: (upgraded: Upgraded) => void;

  constructor(request: Exchange) {
    super(request);
    const { promise, resolve } = Promise.withResolvers<Upgraded>();
    this.opened = promise;
    this.#open = resolve;
  }

  onRequestUpgrade(_controller: unknown, _status: number, headers: ReplyHeaders, socket: Duplex): void {
    // Who asked has left meanwhile.
    if (!this.leave()) socket.destroy();
    this.#open({ headers, socket });
  }
}
