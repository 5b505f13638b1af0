/**
 * The connection to Redis. Who asks gets an answer within a deadline, or StateAway: at once while Redis is known to be
 * away. It is looked at several times a second from here, so that requests rarely are the first to notice.
 */
import { createHash } from 'node:crypto';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { StateAway } from './state.ts';
import type { StateHealth, StateTrouble } from './state.ts';
import { Late, troubleIn, WAY_OUT } from './trouble.ts';

/** What Redis does in one go. */
export interface Script {
  readonly text: string;
  readonly digest: string;
}

export const script = (text: string): Script => ({ text, digest: createHash('sha1').update(text).digest('hex') });

export type RedisAnswer = string | number | null | readonly RedisAnswer[];

export interface Link {
  /** Nobody waits longer for an answer. */
  readonly longestMs: number;
  /** Keys are given without the prefix. Rejects with StateAway. */
  run(script: Script, keys: readonly string[], values: readonly (string | number)[]): Promise<RedisAnswer>;
  health(): StateHealth;
  awayMs(): number;
  /** Called whenever it is there (again). */
  onReady(listener: () => void): void;
  /** Resolves once it was tried to reach it, well or not. */
  opened(): Promise<void>;
  close(): Promise<void>;
}

export interface LinkNeeds {
  readonly url: string;
  readonly prefix: string;
  readonly system: System;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly patience?: Patience | undefined;
  /** Those that are run often: known to Redis before anybody waits for them. */
  readonly scripts?: readonly Script[];
  /** Asked first of all, and then again and again: it must write, so that a Redis that takes no writes is known. */
  readonly beat: (link: Pick<Link, 'run'>) => Promise<void>;
}

export interface Patience {
  /** Redis is away when nothing comes from it for so long though something was asked. */
  readonly silenceMs: number;
  /** Busy, it may answer later: a request waits no longer. */
  readonly longestMs: number;
}

const PATIENCE: Patience = { silenceMs: 22, longestMs: 45 };
const CONNECT_MS = 1000;
const BEAT_EVERY_MS = 250;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

/** What is used of the client. */
interface Client {
  readonly isOpen: boolean;
  sendCommand<Reply>(words: readonly string[]): Promise<Reply>;
  destroy(): void;
}

interface Open {
  readonly client: Client;
  readonly lost: PromiseWithResolvers<unknown>;
  /** Aborted then. */
  readonly isLost: AbortController;
  /** When it last said anything. */
  heardAt: number;
}

export const openLink = ({ url, prefix, system, log, patience = PATIENCE, scripts = [], beat }: LinkNeeds): Link => {
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  let open: Open | undefined;
  /** Undefined before the first attempt has ended. */
  let trouble: StateTrouble | undefined;
  let isReady = false;
  let lostAt = -Infinity;
  let timesReady = 0;
  const first = Promise.withResolvers<undefined>();

  const lose = (lost: Open, error: unknown): void => {
    if (open === lost) {
      open = undefined;
      isReady = false;
      lostAt = system.monotonic();
    }
    if (lost.client.isOpen) lost.client.destroy();
    lost.lost.resolve(error);
    lost.isLost.abort();
  };

  const send = async (
    to: Open,
    asked: Script,
    keys: readonly string[],
    values: readonly string[],
  ): Promise<RedisAnswer> => {
    const rest = [String(keys.length), ...keys.map((key) => prefix + key), ...values];
    const ask = async (how: string, what: string): Promise<RedisAnswer> => {
      const answer = await to.client.sendCommand<RedisAnswer>([how, what, ...rest]);
      to.heardAt = system.monotonic();
      return answer;
    };
    try {
      return await ask('EVALSHA', asked.digest);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      // It has forgotten its scripts, and said so: that is no silence.
      to.heardAt = system.monotonic();
      return ask('EVAL', asked.text);
    }
  };

  const askOf = async (
    to: Open,
    asked: Script,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<RedisAnswer> => {
    const sent = system.monotonic();
    try {
      return await within(patience.longestMs, send(to, asked, keys, values.map(String)), {
        afterMs: patience.silenceMs,
        isSilent: () => to.heardAt < sent,
      });
    } catch (error) {
      const found = troubleIn(error);
      if (found === 'mistake') log.error('Redis refuses what the relay asks', { error });
      // Who is answering others is busy, not away.
      else if (!(error instanceof Late) || to.heardAt < sent) lose(to, error);
      throw error instanceof StateAway ? error : new StateAway('Redis is in trouble', { cause: error });
    }
  };

  const connect = async (): Promise<Open> => {
    const { createClient } = await import('@redis/client');
    const client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
    });
    const opened: Open = { client, lost: Promise.withResolvers(), isLost: new AbortController(), heardAt: 0 };
    client.on('error', (error: unknown) => {
      lose(opened, error);
    });
    try {
      // `connect` is over when Redis has answered its greeting, too: one that hangs takes the connection and is silent.
      await within(CONNECT_MS, client.connect());
      const load = scripts.map(({ text }) => client.sendCommand<string>(['SCRIPT', 'LOAD', text]));
      await within(CONNECT_MS, Promise.all(load));
    } catch (error) {
      lose(opened, error);
      throw error;
    }
    return opened;
  };

  /** From its connection to its loss. Resolves to what was the matter. */
  const serve = async (): Promise<unknown> => {
    const opened = await connect();
    const own = {
      run: (asked: Script, keys: readonly string[], values: readonly (string | number)[]) =>
        askOf(opened, asked, keys, values),
    };
    const stop = (): void => {
      lose(opened, closing.signal.reason);
    };
    closing.signal.addEventListener('abort', stop, { once: true });
    // It may have been closed while it was connecting.
    if (closing.signal.aborted) stop();
    try {
      if (!closing.signal.aborted) await beat(own);
      if (!closing.signal.aborted) well(opened);
      while (open === opened) {
        // Not a race with `lost`: that promise is as old as the connection, and would remember each beat.
        await system.sleep(BEAT_EVERY_MS, opened.isLost.signal).catch(() => undefined);
        if (open === opened) await beat(own);
      }
      return await opened.lost.promise;
    } finally {
      closing.signal.removeEventListener('abort', stop);
      lose(opened, undefined);
    }
  };

  const well = (opened: Open): void => {
    open = opened;
    isReady = true;
    timesReady += 1;
    if (trouble !== undefined) log.info('Redis is back');
    trouble = undefined;
    for (const listener of listeners) listener();
    first.resolve(undefined);
  };
  const broken = (error: unknown): void => {
    const cause = error instanceof StateAway && error.cause !== undefined ? error.cause : error;
    const found = troubleIn(cause);
    if (found === trouble || closing.signal.aborted) return;
    trouble = found;
    log.warn('Redis in trouble; the relay goes on with what it knows itself', {
      trouble: found,
      error: cause,
      fix: WAY_OUT[found],
    });
  };

  const keepServing = async (): Promise<void> => {
    let waitMs = FIRST_WAIT_MS;
    while (!closing.signal.aborted) {
      const before = timesReady;
      broken(await serve().catch((error: unknown) => error));
      first.resolve(undefined);
      waitMs = timesReady > before ? FIRST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
      await system.sleep(waitMs * (1 + system.random() / 4), closing.signal).catch(() => undefined);
    }
  };
  const serving = keepServing();

  return {
    longestMs: patience.longestMs,
    run: (asked, keys, values) =>
      open ? askOf(open, asked, keys, values) : Promise.reject(new StateAway('Redis is away')),
    awayMs: () => (isReady ? 0 : system.monotonic() - lostAt),
    health: () =>
      isReady
        ? { ok: true }
        : {
            ok: false,
            trouble: trouble ?? 'unreachable',
            message: trouble === undefined ? 'Redis is being connected to.' : WAY_OUT[trouble],
          },
    onReady: (listener) => {
      listeners.add(listener);
      if (isReady) listener();
    },
    opened: () => first.promise,
    close: async () => {
      closing.abort();
      await serving;
    },
  };
};

interface Silence {
  readonly afterMs: number;
  /** Then nobody waits any longer. */
  readonly isSilent: () => boolean;
}

/** A wait is over when the process has looked so often whether the answer is there. */
const LOOKS = 3;

/**
 * The answer, or Late. A process that was busy, or that others kept from its work, may not even have sent its question when
 * the time is over: only time in which it looks for the answer counts.
 */
const within = <Value>(ms: number, promise: Promise<Value>, silence?: Silence): Promise<Value> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const giveUp = (): void => {
      reject(new Late(`no answer within ${ms} ms`));
    };
    const wait = (forMs: number, over: () => void, looks = LOOKS): void => {
      const stepMs = Math.ceil(forMs / looks);
      const look = (): void => {
        if (isOver) return;
        if (looks > 1) wait(forMs - stepMs, over, looks - 1);
        else over();
      };
      timer = setTimeout(() => setImmediate(look), stepMs);
    };
    wait(
      silence?.afterMs ?? ms,
      silence
        ? () => {
            if (silence.isSilent()) giveUp();
            else wait(ms - silence.afterMs, giveUp);
          }
        : giveUp,
    );
    promise.then(resolve, reject).finally(() => {
      isOver = true;
      clearTimeout(timer);
    });
  });
