import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { Roll } from '../engine/roll.ts';
import { askWhetherThere } from './half-closed.ts';
import type { Waited } from './half-closed.ts';
import { checkReader, createUnread } from './slow-readers.ts';
import type { Reader } from './slow-readers.ts';
import type { System } from '../system.ts';

/** Which requests are open, and what ends each. */
export interface Lifetimes {
  /** From `now` until the answer's connection is done with it; `ended` is told whether the client left early. */
  begin(res: ServerResponse, now: number, pulse: () => void, ended: (clientLeft: boolean) => void): AbortController;
  /** An answer that goes on as something else (a WebSocket) knows its own limits, and tells what waits of it. */
  readonly outlast: (res: object, waitingBytes: () => number) => void;
  /** The client has closed its half of this connection. */
  halfClosed(socket: Socket): void;
  /** What came of this request was no HTTP in the end, and has been answered beside it: why its connection closes. */
  readonly refused: (res: ServerResponse, why: RelayError) => void;
  /** Much of this answer was given to be sent, and waits to be taken. */
  readonly waits: (newest: ServerResponse) => void;
  readonly open: number;
  /** All that ever began. */
  readonly total: number;
  /** Ends all open requests for this reason. */
  abortAll(reason: RelayError): void;
  /** Resolves when none is open. */
  idle(): Promise<void>;
}

export interface LifetimeLimits {
  /** Read with each request: it may change. */
  readonly requestTimeoutMs: number;
  /** A reader that takes next to nothing for so long is cut. */
  readonly slowReaderMs: number;
  /** Of all answers together, so much may wait to be taken. */
  readonly maxUnreadBytes: number;
}

interface Timed {
  readonly limitMs: number;
  /** On the monotonic clock. */
  lateAt: number;
}

export const createLifetimes = (limits: LifetimeLimits, system: System): Lifetimes => {
  const { slowReaderMs } = limits;
  const open = new Roll<Reader & Waited & Timed>();
  const unread = createUnread(open, limits.maxUnreadBytes);
  /** Some before they begin: one of many that came at once waits for those before it. */
  const refusals = new WeakMap<ServerResponse, RelayError>();
  const waiting: (() => void)[] = [];
  let total = 0;

  let watching = false;

  /** When the next look is due: an order of those who are late first would cost each request, to look costs few. */
  const restMs = (): number => {
    let next = Infinity;
    for (const { lateAt } of open) next = Math.min(next, lateAt);
    return Math.max(0, Math.min(slowReaderMs / LOOKS, next - system.monotonic()));
  };

  const watch = async (): Promise<void> => {
    while (open.size > 0) {
      await system.sleep(restMs());
      // What came in while the program was busy with something else is in time: it is read in this turn.
      await turn();
      const now = system.monotonic();
      for (const one of open) {
        checkReader(one, slowReaderMs, now);
        if (now < one.lateAt) continue;
        one.lateAt = Infinity;
        one.controller.abort(tooLong(one.limitMs));
      }
    }
    watching = false;
  };

  return {
    begin: (res, now, pulse, ended) => {
      const controller = new AbortController();
      const { requestTimeoutMs: limitMs } = limits;
      const taken = { takenBytes: 0, takenAt: now, waitingBytes: undefined };
      const place = open.enter({ res, pulse, controller, limitMs, lateAt: now + limitMs, ...taken });
      if (!watching) {
        watching = true;
        void watch();
      }
      total += 1;
      const over = (): void => {
        open.leave(place);
        unread.forget(res);
        const clientLeft = !res.writableFinished;
        if (clientLeft) controller.abort(refusals.get(res) ?? left());
        ended(clientLeft);
        if (open.size === 0) for (const resolve of waiting.splice(0)) resolve();
      };
      // Once, without what `once` needs to see to that: it comes once. Before this, where a client has left at once.
      if (res.closed) process.nextTick(over);
      else res.on('close', over);
      // One of many that came at once may have closed its half while it waited for those before it.
      if (res.req.socket.readableEnded) void askWhetherThere(place.member, system);
      return controller;
    },
    outlast: (answer, waitingBytes) => {
      for (const lifetime of open) {
        if (lifetime.res !== answer) continue;
        lifetime.lateAt = Infinity;
        lifetime.waitingBytes = waitingBytes;
      }
    },
    halfClosed: (socket) => {
      for (const waited of open) if (waited.res.req.socket === socket) void askWhetherThere(waited, system);
    },
    refused: (res, why) => {
      refusals.set(res, why);
    },
    waits: unread.waits,
    get open() {
      return open.size;
    },
    get total() {
      return total;
    },
    abortAll: (reason) => {
      for (const { controller } of open) controller.abort(reason);
    },
    idle: () =>
      new Promise((resolve) => {
        if (open.size === 0) resolve();
        else waiting.push(resolve);
      }),
  };
};

/** How often slow readers are looked for within the time that they have. */
const LOOKS = 60;

const left = (): RelayError => failed('client_closed', 'The client closed the connection.');

const tooLong = (limitMs: number): RelayError =>
  failed('request_timeout', `The request took longer than the ${limitMs} ms of REQUEST_TIMEOUT_MS.`);
