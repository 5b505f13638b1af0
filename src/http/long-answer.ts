/**
 * A whole answer that may be longer than is good for one text: what is long of it is kept as bytes, which count with
 * those of all bodies, is written with turns for others in between, and goes out at its client's pace.
 */
import type { Context } from 'koa';
import { LONG_BYTES, turn } from '../engine/turns.ts';
import { failed } from '../errors.ts';
import { holdMore } from './held-bytes.ts';
import { sendJson, sendJsonPieces } from './respond.ts';

/** Shorter ones wait for what follows. */
const PIECE_BYTES = 64 * 1024;

export class LongAnswer {
  readonly #ctx: Context;
  readonly #mostBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #text = '';
  #sinceTurn = 0;

  /** What is longer than `mostBytes` fails: nobody has asked for so much. */
  constructor(ctx: Context, mostBytes: number) {
    this.#ctx = ctx;
    this.#mostBytes = mostBytes;
  }

  /** JSON that stands behind what was added before. A promise where it is time for others. */
  add(json: string): Promise<void> | undefined {
    this.#text += json;
    if (this.#text.length < PIECE_BYTES) return undefined;
    const piece = this.#take();
    this.#sinceTurn += piece.length;
    if (this.#sinceTurn < LONG_BYTES) return undefined;
    this.#sinceTurn = 0;
    return turn();
  }

  send(): Promise<void> | undefined {
    if (this.#bytes === 0) {
      sendJson(this.#ctx, this.#text);
      return undefined;
    }
    this.#take();
    return sendJsonPieces(this.#ctx, this.#pieces, this.#bytes);
  }

  #take(): Buffer {
    const piece = Buffer.from(this.#text);
    this.#text = '';
    this.#bytes += piece.length;
    if (this.#bytes > this.#mostBytes) {
      throw failed('upstream_bad_response', 'Google sent more than this relay puts into one answer.', {
        fix: 'Ask for less in one request.',
      });
    }
    holdMore(this.#ctx, piece.length, this.#bytes);
    this.#pieces.push(piece);
    return piece;
  }
}
