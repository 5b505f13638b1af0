/** `GET events`: each request as it ends, each change of a door, to whoever watches. */
import type { Context } from 'koa';
import type { Deadline } from '../engine/deadlines.ts';
import { failed } from '../errors.ts';
import { keepAlive, sendStream } from '../http/stream.ts';
import type { StreamEncoder } from '../http/stream.ts';
import type { Route } from './route.ts';

export interface ConsoleEvent {
  readonly event: 'request' | 'door';
  readonly row: object;
}

/** Where events come from: calls with each, until the function that it gives is called. */
export type EventSource = (tell: (event: ConsoleEvent) => void) => () => void;

export interface Events {
  /** `isIn`: whether the session of who watches goes on. */
  readonly routes: (isIn: (ctx: Context) => boolean) => readonly Route[];
  /** Whether anybody watches. */
  readonly watchers: number;
  /** Ends all streams. */
  close(): void;
}

/** Of an owner with many devices and open tabs. */
const MOST_WATCHERS = 32;
/** Rows that wait for a reader; one who is further behind is cut, and asks for the list anew. */
const MOST_WAITING = 2000;
/** A session that was closed, here or at another relay, or whose time is over shows nothing any more. */
const LOOK_EVERY_MS = 1000;

export const createEvents = (sources: readonly EventSource[], heartbeatMs: () => number): Events => {
  const watchers = new Set<Watcher>();
  let isClosed = false;
  let stops: readonly (() => void)[] = [];

  const tell = (event: ConsoleEvent): void => {
    // Written once, however many watch; nobody builds a text that nobody reads.
    const frame = `event: ${event.event}\ndata: ${JSON.stringify(event.row)}\n\n`;
    for (const watcher of watchers) watcher.add(frame);
  };
  const enter = (watcher: Watcher): void => {
    watchers.add(watcher);
    if (watchers.size === 1) stops = sources.map((source) => source(tell));
  };
  const leave = (watcher: Watcher): void => {
    if (!watchers.delete(watcher) || watchers.size > 0) return;
    for (const stop of stops) stop();
    stops = [];
  };

  const watch = async (ctx: Context, isIn: (ctx: Context) => boolean): Promise<undefined> => {
    if (watchers.size >= MOST_WATCHERS) {
      throw failed('server_overloaded', `There are ${MOST_WATCHERS} open views of the console. Close one.`, {
        retryAfterMs: 10_000,
      });
    }
    const watcher = createWatcher();
    const leaves = (): void => {
      watcher.end();
    };
    ctx.state.signal.addEventListener('abort', leaves);
    const clock = ctx.state.server.deadlines(LOOK_EVERY_MS);
    let next: Deadline;
    const look = (): void => {
      next = clock.start(look);
      if (!isIn(ctx)) watcher.end();
    };
    next = clock.start(look);
    enter(watcher);
    try {
      if (isClosed) watcher.end();
      await sendStream(ctx, Promise.resolve(watcher.frames()), ENCODER, heartbeatMs());
    } finally {
      ctx.state.signal.removeEventListener('abort', leaves);
      clock.stop(next);
      leave(watcher);
    }
    return undefined;
  };

  return {
    routes: (isIn) => [{ method: 'GET', path: 'events', answer: (ctx) => watch(ctx, isIn) }],
    get watchers() {
      return watchers.size;
    },
    close: () => {
      isClosed = true;
      for (const watcher of watchers) watcher.end();
    },
  };
};

const ENCODER: StreamEncoder<string> = {
  contentType: 'text/event-stream; charset=utf-8',
  heartbeat: keepAlive,
  encode: (frames) => frames,
  end: () => '',
  fail: () => '',
  cutAfterFailure: true,
};

interface Watcher {
  add(frame: string): void;
  end(): void;
  /** Pulled at the reader's pace; throws for one who is too far behind. */
  frames(): AsyncGenerator<string>;
}

const createWatcher = (): Watcher => {
  // At once, so that the page knows that it is connected.
  let waiting: string[] = [': connected\n\n'];
  let isEnded = false;
  let isLate = false;
  let wake: (() => void) | undefined;
  const wakeUp = (): void => {
    wake?.();
    wake = undefined;
  };

  return {
    add: (frame) => {
      if (waiting.length < MOST_WAITING && !isLate) waiting.push(frame);
      else {
        // Nobody will read them, and the reader may stay away for as long as it likes.
        isLate = true;
        waiting = [];
      }
      wakeUp();
    },
    end: () => {
      isEnded = true;
      wakeUp();
    },
    frames: async function* () {
      for (;;) {
        if (isLate) throw failed('slow_reader', 'The reader of the events is too slow.');
        if (waiting.length > 0) {
          const frames = waiting.join('');
          waiting = [];
          yield frames;
        } else if (isEnded) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
};
