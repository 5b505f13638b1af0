/** The load: a fixed number of requests, so many at a time, over warm connections. Counts what is wrong with answers. */
import { Pool } from 'undici';

export interface Load {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly streamed: boolean;
  /** What a whole answer must contain near its end. */
  readonly endMark: string;
}

export interface Outcome {
  readonly count: number;
  readonly wallMs: number;
  /** Milliseconds of each whole answer, sorted. */
  readonly totals: readonly number[];
  /** Milliseconds until the first byte of each body, sorted. */
  readonly firsts: readonly number[];
  readonly errors: number;
  readonly endless: number;
}

const TAIL = 256;
const nothing = (): void => undefined;

const askOnce = (pool: Pool, load: Load): Promise<{ firstMs: number; totalMs: number; ok: boolean; ended: boolean }> =>
  new Promise((resolve) => {
    const began = performance.now();
    let firstMs = 0;
    let tail = '';
    let status = 0;
    const finish = (): void => {
      resolve({
        firstMs,
        totalMs: performance.now() - began,
        ok: status === 200,
        ended: tail.includes(load.endMark),
      });
    };
    pool.dispatch(
      { method: 'POST', path: load.path, headers: { ...load.headers }, body: load.body },
      {
        onRequestStart: nothing,
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: (_controller, bytes) => {
          if (firstMs === 0) firstMs = performance.now() - began;
          tail = (tail + bytes.toString('latin1', Math.max(0, bytes.length - TAIL))).slice(-TAIL);
        },
        onResponseEnd: finish,
        onResponseError: () => {
          status = 0;
          finish();
        },
      },
    );
  });

const ascending = (a: number, b: number): number => a - b;

/** Connections that stay open between loads. */
export interface Lines {
  drive(load: Load, count: number): Promise<Outcome>;
  close(): Promise<void>;
}

export const openLines = (url: string, concurrency: number): Lines => {
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  return {
    drive: async (load, count) => {
      const totals: number[] = [];
      const firsts: number[] = [];
      let errors = 0;
      let endless = 0;
      let left = count;
      const began = performance.now();
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          const { firstMs, totalMs, ok, ended } = await askOnce(pool, load);
          totals.push(totalMs);
          firsts.push(firstMs);
          if (!ok) errors += 1;
          else if (!ended) endless += 1;
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      const wallMs = performance.now() - began;
      return { count, wallMs, totals: totals.sort(ascending), firsts: firsts.sort(ascending), errors, endless };
    },
    close: () => pool.close(),
  };
};

export const drive = async (url: string, load: Load, count: number, concurrency: number): Promise<Outcome> => {
  const lines = openLines(url, concurrency);
  try {
    return await lines.drive(load, count);
  } finally {
    await lines.close();
  }
};

/** Opens streams, waits until each has had its first bytes, and gives back how to leave. */
export const holdStreams = async (url: string, load: Load, count: number): Promise<() => Promise<void>> => {
  const pool = new Pool(url, { connections: count, pipelining: 1 });
  await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<void>((resolve, reject) => {
          pool.dispatch(
            { method: 'POST', path: load.path, headers: { ...load.headers }, body: load.body },
            {
              onRequestStart: nothing,
              onResponseStart: nothing,
              onResponseEnd: nothing,
              onResponseData: () => {
                resolve();
              },
              onResponseError: (_controller, error) => {
                reject(error);
              },
            },
          );
        }),
    ),
  );
  return () => pool.destroy();
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort(ascending);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
};
