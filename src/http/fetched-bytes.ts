/** What a request had fetched for it is in memory like its body: within MAX_BODY_BYTES, and the memory of all. */
import type { Context } from 'koa';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { takeWorkMemory } from './body-work.ts';
import { holdBytes } from './held-bytes.ts';
import { SMALL_BYTES } from './memory-budget.ts';

export interface FetchedBytes {
  /** Of what has come. Throws RelayError where it is too much, for a request or for the memory. */
  hold(bytes: number): void;
  /** All has come: resolves when there is memory for what is made of it. Then the bytes are needed no more. */
  ready(): Promise<void>;
}

/** Their base64, what is written of it, and what the writer holds meanwhile. */
const WORK_OF_A_BYTE = (3 * 4) / 3;

export const fetchedBytes = (ctx: Context): FetchedBytes => {
  const { state } = ctx;
  const { bodies, limits } = state.server;
  const { maxBodyBytes } = limits;
  let total = 0;
  return {
    hold: (bytes) => {
      if (total + bytes > maxBodyBytes) throw tooMuch(maxBodyBytes);
      holdBytes(ctx, bytes, total + bytes);
      total += bytes;
    },
    ready: async () => {
      await takeWorkMemory(ctx, { isHeavy: false, workBytes: total > SMALL_BYTES ? total * WORK_OF_A_BYTE : 0 });
      const held = Math.min(total, state.bodyBytes);
      bodies.give(held);
      state.bodyBytes -= held;
    },
  };
};

const tooMuch = (limit: number): RelayError =>
  failed(
    'request_too_large',
    `What the request links to is larger than the ${limit} bytes that this relay accepts of one request (MAX_BODY_BYTES).`,
    { fix: 'Link to less, or raise the limit.' },
  );
